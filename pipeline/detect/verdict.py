"""The verdict on one article of a story: a development, a correction, or nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.detect.correction import LEAD_SENTENCES, measure_correction
from pipeline.detect.gate import measure_article, squash, weigh
from pipeline.detect.importance import weigh_news
from pipeline.detect.novelty import ToldIndex, measure_sentence
from pipeline.detect.reasons import Findings, Said, explain_findings, gather_findings
from pipeline.detect.told import Told, start_telling
from pipeline.facts import ArticleView
from pipeline.models import Development, ItemId, Label, StoryId

MAX_NEW_FACTS = 3
OPENING_SENTENCES = 2


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
        return _open_story(view, story_id)
    index = ToldIndex(told, view)
    found = [index.find_new(s) for s in view.sentences]
    scores = [
        squash(weigh(measure_sentence(s, new, index, n), "sentence"))
        for n, (s, new) in enumerate(zip(view.sentences, found, strict=True))
    ]
    worth = round(squash(weigh(measure_article(view, scores, found, index), "article")), 3)
    if worth < settings.tell_at:
        return Development(item_id, story_id, Label.REPEAT, (), "tells nothing that was not told", certainty=worth)
    news = [(view.sentences[n], found[n]) for n in _rank(scores, settings.show_at)]
    takes_back = squash(weigh(measure_correction(view, found[:LEAD_SENTENCES]), "correction"))
    label = Label.CORRECTION if takes_back >= settings.correct_at else Label.DEVELOPMENT
    findings = gather_findings(news, told, title=(view.title, index.find_new(view.title)))
    return write_development(view, label, news, findings, told, worth)


def write_development(
    view: ArticleView, label: Label, news: Sequence[Said], findings: Findings, told: Told, certainty: float
) -> Development:
    """The verdict that an article tells something, with its reason and its importance."""
    voices = len({*told.publishers, view.publisher})
    weighed = weigh_news(findings, label, certainty, voices)
    return Development(
        ItemId(view.item_id),
        told.story_id,
        label,
        tuple(sentence.text for sentence, _ in news),
        explain_findings(findings),
        weighed.importance,
        certainty,
        weighed.because,
    )


def _open_story(view: ArticleView, story_id: StoryId) -> Development:
    """The first report: what its lead says weighs like news of which nobody doubts that it is new."""
    told = start_telling(story_id, view.published_at)
    index = ToldIndex(told, view)
    lead = [(sentence, index.find_new(sentence)) for sentence in view.sentences[:OPENING_SENTENCES]]
    opening = write_development(view, Label.NEW_STORY, lead, gather_findings(lead, told), told, 1.0)
    return replace(opening, because="first report of this story")


def _rank(scores: Sequence[float], show_at: float) -> list[int]:
    """The sentences to show, best first: the best one always, others when they are worth it."""
    order = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return [n for rank, n in enumerate(order[:MAX_NEW_FACTS]) if rank == 0 or scores[n] >= show_at]
