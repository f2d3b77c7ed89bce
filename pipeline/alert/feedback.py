"""What a reaction to a message says, and what follows from it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from pipeline.models import Given, Verdict

MUTE_SPAN = timedelta(days=7)  # of a story that is muted by a reaction

# Names of emoji as Slack gives them, without their skin tone (https://docs.slack.dev/reference/methods/reactions.get).
_VERDICTS = {
    "+1": Verdict.USEFUL,
    "thumbsup": Verdict.USEFUL,
    "repeat": Verdict.REPEAT,
    "label": Verdict.WRONG_TOPIC,
    "twisted_rightwards_arrows": Verdict.WRONG_STORY,
    "mute": Verdict.MUTE,
}
_SHOWN = ("+1", "repeat", "label", "twisted_rightwards_arrows", "mute")
HINT = "   ".join(f":{name}: {_VERDICTS[name].replace('_', ' ')}" for name in _SHOWN)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji under a message, and the ids of the readers who gave it."""

    name: str
    readers: tuple[str, ...]


def read_reactions(reactions: Iterable[Reaction]) -> frozenset[Given]:
    """Who gave which verdict; an emoji without a meaning of ours says that its reader has seen the message."""
    return frozenset(
        Given(_VERDICTS.get(reaction.name.partition("::")[0], Verdict.SEEN), reader)
        for reaction in reactions
        for reader in reaction.readers
    )


def derive_topics(given: Collection[Given], own_topics: tuple[str, ...]) -> tuple[str, ...] | None:
    """The topics of an article by its readers: its own where more of them find it useful than wrongly sorted,
    none of them where more say wrong topic; None: they say nothing about that, or do not agree.
    """
    votes = Counter(each.verdict for each in given)
    useful, wrong = votes[Verdict.USEFUL], votes[Verdict.WRONG_TOPIC]
    if useful == wrong:
        return None
    return own_topics if useful > wrong else ()
