"""The verdict on one article of a story: a development, a correction, or nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.detect.correction import LEAD_SENTENCES, measure_correction
from pipeline.detect.gate import measure_article, squash, weigh
from pipeline.detect.novelty import ToldIndex, measure_sentence
from pipeline.detect.reasons import explain_news
from pipeline.detect.told import Told
from pipeline.facts import ArticleView
from pipeline.models import Development, ItemId, Label, StoryId

MAX_NEW_FACTS = 3


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Thresholds of the novelty decision, as probabilities."""

    tell_at: float = 0.65  # an article is worth telling
    correct_at: float = 0.3  # it takes back what was told
    show_at: float = 0.03  # a further sentence is worth showing
    edit_at: float = 0.4  # a sentence that came into an article with an edit is worth telling


def detect_development(
    view: ArticleView, story_id: StoryId, told: Told | None, settings: DetectSettings
) -> Development:
    """The label of an article that is no copy; `told` is None when the story has had no article yet."""
    item_id = ItemId(view.item_id)
    if told is None:
        lead = tuple(s.text for s in view.sentences[:2])
        return Development(item_id, story_id, Label.NEW_STORY, lead, "first report of this story", 0.6)
    index = ToldIndex(told, view)
    found = [index.find_new(s) for s in view.sentences]
    scores = [
        squash(weigh(measure_sentence(s, new, index, n), "sentence"))
        for n, (s, new) in enumerate(zip(view.sentences, found, strict=True))
    ]
    worth = squash(weigh(measure_article(view, scores, found, index), "article"))
    if worth < settings.tell_at:
        return Development(item_id, story_id, Label.REPEAT, (), "tells nothing that was not told", round(worth, 3))
    order = _rank(scores, settings.show_at)
    takes_back = squash(weigh(measure_correction(view, found[:LEAD_SENTENCES]), "correction"))
    label = Label.CORRECTION if takes_back >= settings.correct_at else Label.DEVELOPMENT
    sentences = tuple(view.sentences[n].text for n in order)
    news = [(view.sentences[n], found[n]) for n in order]
    because = explain_news(news, told, title=(view.title, index.find_new(view.title)))
    return Development(item_id, story_id, label, sentences, because, round(worth, 3))


def _rank(scores: Sequence[float], show_at: float) -> list[int]:
    """The sentences to show, best first: the best one always, others when they are worth it."""
    order = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return [n for rank, n in enumerate(order[:MAX_NEW_FACTS]) if rank == 0 or scores[n] >= show_at]
