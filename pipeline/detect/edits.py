"""The verdict on an edited article: only what its earlier version did not say can be news."""

from __future__ import annotations

from dataclasses import replace

from pipeline.detect.changes import make_change
from pipeline.detect.correction import measure_correction
from pipeline.detect.gate import squash, weigh
from pipeline.detect.headline import keep_telling
from pipeline.detect.novelty import NewFacts, ToldIndex, measure_sentence
from pipeline.detect.reasons import gather_findings
from pipeline.detect.timeless import is_timeless
from pipeline.detect.told import Told, start_telling, tell_article
from pipeline.detect.verdict import MAX_NEW_FACTS, DetectSettings, write_development
from pipeline.facts import ArticleView, Quantity
from pipeline.facts.edits import EditedSentence, find_edited
from pipeline.facts.numbers import is_same_value
from pipeline.models import Development, ItemId, Label, StoryId

NOTHING_NEW = "edited, nothing new"


def detect_edit(
    view: ArticleView, earlier: ArticleView, story_id: StoryId, told: Told | None, settings: DetectSettings
) -> Development:
    """The label of a new version: a development or correction when an edited sentence carries a fact not told yet.

    Where in the article it was put says nothing, so each counts like a lead. A number in the place of another is told
    however its sentence speaks: the newsroom itself found it worth changing. Of the headline see `keep_telling`.
    """
    told = told or tell_article(start_telling(story_id, view.published_at), earlier)
    index = ToldIndex(told, view)
    found = [(each, _find_news(each, view, earlier, index)) for each in find_edited(view, earlier)]
    features = [measure_sentence(each.sentence, new, index, 0) for each, new in found]
    scores = [squash(weigh(each, "sentence")) for each in features]
    scored = [
        (_raise_told(score, each, new, settings), each, new)
        for score, (each, new) in zip(scores, found, strict=True)
        if _holds_fact(new)
    ]
    ranked = sorted((one for one in scored if one[0] >= settings.edit_at), key=lambda one: -one[0])[:MAX_NEW_FACTS]
    if not ranked:
        best = round(max((score for score, _, _ in scored), default=0.0), 3)
        return Development(ItemId(view.item_id), story_id, Label.REPEAT, (), NOTHING_NEW, certainty=best)
    news = [(each.sentence, new) for _, each, new in ranked]
    changes = [
        make_change(old, now, each.sentence) for _, each, new in ranked for old, now in _list_replaced(each, new)
    ]
    takes_back = squash(weigh(measure_correction(view.title, features, scores), "correction"))
    label = Label.CORRECTION if takes_back >= settings.correct_at else Label.DEVELOPMENT
    certainty = round(max(settings.tell_at, ranked[0][0]), 3)
    verdict = write_development(view, label, news, gather_findings(news, told, edits=changes), told, certainty)
    return replace(verdict, because=f"edited: {verdict.because}")


def _find_news(edited: EditedSentence, view: ArticleView, earlier: ArticleView, index: ToldIndex) -> NewFacts:
    new = _find_new(edited, earlier, index)
    if edited.is_headline:
        return keep_telling(new, view, earlier.title, index.told)
    return NewFacts() if edited.was is None and is_timeless(edited.sentence, new) else new


def _find_new(edited: EditedSentence, earlier: ArticleView, index: ToldIndex) -> NewFacts:
    """What the sentence says that the story has not had; a number is compared with the one in whose place it came."""
    new = index.find_new(edited.sentence)
    if edited.was is None:
        return new
    kept = edited.sentence.quantities
    gone = [old for old in edited.was.quantities if not any(is_same_value(old, now) for now in kept)]
    replaced = [(old, now) for now in new.quantities for old in gone if _counts_same(old, now)]
    own = {quantity for said in (earlier.title, *earlier.sentences) for quantity in said.quantities}
    others = {now: told for told, now in new.changed if told not in own}
    overtaken = {now for old, now in replaced if now in others and _lies_between(now, old, others[now])}
    return replace(
        new,
        quantities=tuple(q for q in new.quantities if q not in overtaken),
        changed=tuple((old, now) for old, now in (replaced[:1] or new.changed) if now not in overtaken),
    )


def _list_replaced(edited: EditedSentence, new: NewFacts) -> list[tuple[Quantity, Quantity]]:
    """The values that the edit itself put in the place of others."""
    was = edited.was.quantities if edited.was else ()
    return [(old, now) for old, now in new.changed if old in was]


def _lies_between(now: Quantity, old: Quantity, told: Quantity) -> bool:
    """True for a value on its way to one that the story has reached already: this outlet is late."""
    return min(old.value, told.value) < now.value < max(old.value, told.value)


def _counts_same(old: Quantity, now: Quantity) -> bool:
    return old.unit == now.unit and (not old.subject or not now.subject or old.subject == now.subject)


def _holds_fact(new: NewFacts) -> bool:
    return bool(new.quantities or new.names or new.stages or new.dates)


def _raise_told(score: float, edited: EditedSentence, new: NewFacts, settings: DetectSettings) -> float:
    """A headline, and a number in the place of another, are told whatever the gate says."""
    is_told = edited.is_headline or (new.changed and edited.was is not None)
    return max(score, settings.edit_at) if is_told else score
