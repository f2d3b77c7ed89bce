"""The verdict on one article of a story: a development, a correction, or nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.detect.told import Told
from pipeline.facts import ArticleView, Quantity, SentenceView
from pipeline.facts.names import find_skeleton
from pipeline.facts.numbers import is_same_value
from pipeline.models import Development, ItemId, Label, StoryId

MAX_NEW_FACTS = 3


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Thresholds of the novelty decision."""

    new_sentence: float = 2.0
    development: float = 2.5


def detect_development(
    view: ArticleView, story_id: StoryId, told: Told | None, settings: DetectSettings
) -> Development:
    """The label of an article that is no copy; `told` is None when the story has had no article yet."""
    item_id = ItemId(view.item_id)
    if told is None:
        lead = tuple(s.text for s in view.sentences[:2])
        return Development(item_id, story_id, Label.NEW_STORY, lead, "first report", 0.6)
    scored = _score_sentences(view, told)
    new = [(score, s) for score, s in scored if score >= settings.new_sentence]
    if not new or new[0][0] < settings.development:
        return Development(item_id, story_id, Label.REPEAT, (), "nothing that was not told")
    sentences = tuple(s.text for _, s in new[:MAX_NEW_FACTS])
    because = _explain(new[0][1], told)
    return Development(item_id, story_id, Label.DEVELOPMENT, sentences, because, min(1.0, new[0][0] / 10))


def _score_sentences(view: ArticleView, told: Told) -> list[tuple[float, SentenceView]]:
    scored = [(_score(s, told), -n, s) for n, s in enumerate(view.sentences)]
    return [(score, s) for score, _, s in sorted(scored, key=lambda x: (-x[0], -x[1]))]


def _score(sentence: SentenceView, told: Told) -> float:
    if set(sentence.marks) & {"boilerplate", "question"}:
        return 0.0
    score = 1.5 * len(_find_new_quantities(sentence.quantities, told))
    score += 1.0 * len(_find_new_names(sentence.names, told))
    score += 1.0 * len([s for s in sentence.stages if s not in told.stages])
    score += 1.0 * len([d for d in sentence.dates if d not in told.dates])
    if "today" in sentence.marks:
        score += 1.0
    if set(sentence.marks) & {"opinion", "background"}:
        score -= 1.5
    return score


def _find_new_quantities(quantities: Sequence[Quantity], told: Told) -> list[Quantity]:
    return [q for q in quantities if not any(is_same_value(q, t) for t in told.quantities)]


def _find_new_names(names: Sequence[str], told: Told) -> list[str]:
    known = {find_skeleton(n) for n in told.names}
    return [n for n in names if n not in told.names and find_skeleton(n) not in known]


def _explain(sentence: SentenceView, told: Told) -> str:
    parts = [f"{q.text} {q.subject}".strip() for q in _find_new_quantities(sentence.quantities, told)]
    parts += _find_new_names(sentence.names, told)
    parts += [s for s in sentence.stages if s not in told.stages]
    return "new: " + ", ".join(parts[:4])
