"""The verdict on one article of a story: a development, a correction, or nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.detect.correction import measure_correction
from pipeline.detect.gate import squash, weigh
from pipeline.detect.importance import weigh_news
from pipeline.detect.novelty import ToldIndex
from pipeline.detect.opening import weigh_opening
from pipeline.detect.reading import read_against
from pipeline.detect.reasons import Findings, Said, explain_findings, gather_findings
from pipeline.detect.told import Told, Waiting, start_telling
from pipeline.detect.waiting import find_confirmed, hold_news
from pipeline.facts import ArticleView
from pipeline.models import Development, ItemId, Label, StoryId

MAX_NEW_FACTS = 3  # sentences that give the reason
MOST_SHOWN = 5  # sentences of an alert; most have two or three that are worth it
OPENING_SENTENCES = 2
NOTHING_NEW = "tells nothing that was not told"
RETOLD = "opens a story in the manner of a column or a retelling, and hardly adds to what the nearest one has told"


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Thresholds of the novelty decision, as probabilities."""

    tell_at: float = 0.55  # an article is worth telling
    correct_at: float = 0.4  # it takes back what was told
    open_at: float = 0.2  # an article that opens a story near another one is a report
    show_at: float = 0.14  # a further sentence is worth showing
    wait_at: float = 0.5  # from here on, up to tell_at, it waits for an independent publisher that says the same
    wait_hours: float = 6.0
    edit_at: float = 0.2  # a sentence that came into an article with an edit is worth telling


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is, and what that changes for the news that waits for a second publisher."""

    development: Development
    held: Waiting | None = None  # waits from now on
    confirmed: ItemId | None = None  # waits no more


def detect_development(
    view: ArticleView, story_id: StoryId, told: Told | None, settings: DetectSettings, near: Told | None = None
) -> Verdict:
    """The label of an article that is no copy; `told` is None when nobody has heard of the story yet.

    `near` is what the story nearest to a new one has told.
    """
    if told is None:
        return Verdict(_open_story(view, story_id, near, settings))
    read = read_against(view, told)
    news = [(view.sentences[n], read.found[n]) for n in choose_shown(read.scores, settings.show_at)]
    if read.worth < settings.tell_at:
        return _answer_unsure(view, news[:MAX_NEW_FACTS], read.index, read.worth, settings)
    takes_back = squash(weigh(measure_correction(view.title, read.features, read.scores), "correction"))
    label = Label.CORRECTION if takes_back >= settings.correct_at else Label.DEVELOPMENT
    findings = gather_findings(news[:MAX_NEW_FACTS], told, title=(view.title, read.index.find_new(view.title)))
    return Verdict(write_development(view, label, news, findings, told, read.worth))


def _answer_unsure(
    view: ArticleView, news: Sequence[Said], index: ToldIndex, worth: float, settings: DetectSettings
) -> Verdict:
    """Below the threshold an article may confirm what another one said, or wait itself, or tell nothing."""
    told = index.told
    confirmation = find_confirmed(view, told, settings.wait_hours)
    if confirmation and confirmation.is_in_time:
        first = confirmation.waiting
        shown = [(sentence, index.find_new(sentence)) for sentence in confirmation.sentences[:MAX_NEW_FACTS]]
        certainty = round(1 - (1 - worth) * (1 - first.certainty), 3)
        told_by = write_development(view, Label.DEVELOPMENT, shown, gather_findings(shown, told), told, certainty)
        because = f"confirmed by a second publisher, after {first.publisher}: {first.because}"
        return Verdict(replace(told_by, because=because), confirmed=first.item_id)
    if confirmation:
        because = (
            f"{NOTHING_NEW}; waited {settings.wait_hours:g} h for a second publisher: {confirmation.waiting.because}"
        )
        return Verdict(_write_repeat(view, told, because, worth))
    if worth >= settings.wait_at and settings.wait_hours > 0:
        because = explain_findings(gather_findings(news, told, title=(view.title, index.find_new(view.title))))
        held = hold_news(view, news, because, worth)
        if held:
            because = f"waits up to {settings.wait_hours:g} h for a second publisher: {because}"
            return Verdict(_write_repeat(view, told, because, worth), held=held)
    return Verdict(_write_repeat(view, told, NOTHING_NEW, worth))


def _write_repeat(view: ArticleView, told: Told, because: str, worth: float) -> Development:
    return Development(ItemId(view.item_id), told.story_id, Label.REPEAT, (), because, certainty=worth)


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


def _open_story(view: ArticleView, story_id: StoryId, near: Told | None, settings: DetectSettings) -> Development:
    """The first report: what its lead says weighs like news of which nobody doubts that it is new."""
    told = start_telling(story_id, view.published_at)
    if near is not None and (worth := weigh_opening(view, near)) < settings.open_at:
        return _write_repeat(view, told, RETOLD, worth)
    index = ToldIndex(told, view)
    lead = [(sentence, index.find_new(sentence)) for sentence in view.sentences[:OPENING_SENTENCES]]
    opening = write_development(view, Label.NEW_STORY, lead, gather_findings(lead, told), told, 1.0)
    return replace(opening, because="first report of this story")


def choose_shown(scores: Sequence[float], show_at: float) -> list[int]:
    """The sentences to show, best first: the best one always, others when they are worth it."""
    order = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return [n for rank, n in enumerate(order[:MOST_SHOWN]) if rank == 0 or scores[n] >= show_at]
