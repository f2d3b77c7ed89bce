"""Whether a route wants a development, and why or why not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.alert.routes import Route
from pipeline.models import Article, DeskWishes, Development, StoryMember, TopicMatch
from pipeline.text import find_words, fold_text, stem_word

TOPIC_SHARE = 0.2  # of the importance is lost where the topic does not fit at all


@dataclass(frozen=True, slots=True)
class Candidate:
    """A development with everything that routes look at."""

    development: Development
    article: Article
    source: str  # the name of the source that carried it
    publisher: str
    story_title: str
    topics: tuple[TopicMatch, ...]  # of the whole story, surest first
    members: tuple[StoryMember, ...] = ()  # of the story, in order of publication
    told_routes: frozenset[str] = frozenset()  # that have told an earlier development of the story
    wishes: DeskWishes = field(default_factory=DeskWishes)

    @property
    def is_followed(self) -> bool:
        """Whether the desk wants every word about its story."""
        return self.development.story_id in self.wishes.follows


@dataclass(frozen=True, slots=True)
class RouteAnswer:
    """What one route says to one candidate; `reason` names what was met, or the first thing that was not."""

    route: Route
    is_match: bool
    reason: str
    is_below: bool = False  # only the importance was missing
    importance: float = 0.0  # to this route


def weigh_topics(route: Route, candidate: Candidate) -> tuple[float, float]:
    """The importance of a development to a route, and how well the topic fits it, both 0..1.

    The probability of the surest topic that the route asks for weighs TOPIC_SHARE. Nothing is taken off where a route
    finds its stories by words, places or sources alone.
    """
    wanted = [match.probability for match in candidate.topics if not route.topics or match.topic in route.topics]
    is_by_topic = bool(route.topics) or not (route.words or route.places or route.sources)
    fit = max(wanted, default=0.0) if is_by_topic else 1.0
    return candidate.development.importance * (1 - TOPIC_SHARE * (1 - fit)), fit


def ask_route(route: Route, candidate: Candidate) -> RouteAnswer:
    """Every condition of a route must be met, by one of its values each; a story that it has told stays with it."""
    met: list[str] = []
    if route.name in candidate.told_routes:
        met.append("it told this story before")
    else:
        for name, wanted, found in _find_all(route, candidate):
            if not found:
                return RouteAnswer(route, False, f"{name}: none of {', '.join(wanted)}" if wanted else "no topic")
            met.append(f"{name}: {', '.join(found)}")
    importance, fit = weigh_topics(route, candidate)
    lowered = f" ({candidate.development.importance:.2f} by its facts, topic {fit:.2f})" if fit < 1 else ""
    compared = f"importance {importance:.2f}{lowered}, asked for {route.minimum_importance:.2f}"
    if importance >= route.minimum_importance:
        return RouteAnswer(route, True, "; ".join([*met, compared]), importance=importance)
    if candidate.is_followed:
        reason = "; ".join([*met, f"{compared}, but the story is followed"])
        return RouteAnswer(route, True, reason, importance=importance)
    return RouteAnswer(route, False, compared, is_below=True, importance=importance)


def _find_all(route: Route, candidate: Candidate) -> Iterable[tuple[str, Sequence[str], list[str]]]:
    """Each condition: its name, the values it asks for, and those that the candidate has."""
    topics = [match.topic for match in candidate.topics]
    article = candidate.article
    if route.topics or not (route.words or route.places or route.sources):
        yield "topic", route.topics, [topic for topic in topics if not route.topics or topic in route.topics]
    if route.words:
        stems = [stem_word(word) for word in find_words(fold_text(f"{article.title}\n{article.text}"))]
        yield "word", route.words, [word for word in route.words if _holds(stems, _list_stems(word))]
    if route.places:
        words = _list_names(f"{article.title}\n{article.text}")
        yield "place", route.places, [place for place in route.places if _holds(words, _list_names(place))]
    if route.sources:
        known = {candidate.source.casefold(), candidate.publisher.casefold()}
        yield "source", route.sources, [source for source in route.sources if source.casefold() in known]


def _list_stems(text: str) -> list[str]:
    return [stem_word(word) for word in find_words(fold_text(text))]


def _list_names(text: str) -> list[str]:
    """Words as written but for accents: 'nice' is no place."""
    folded = fold_text(text).replace("'s ", " ")
    return "".join(mark if mark.isalnum() else " " for mark in folded).split()


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `wanted` stands in `words`, one right after the other."""
    length = len(wanted)
    return bool(wanted) and any(words[n : n + length] == list(wanted) for n in range(len(words) - length + 1))
