"""An edited article against what it said before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.facts.dateline import strip_slug
from pipeline.facts.read import read_report
from pipeline.facts.views import ArticleView, SentenceView
from pipeline.models import Report
from pipeline.text import find_words, fold_text

SAME_ARTICLE = 0.5  # of the words of the shorter text stand in the other: less is another article at this address
SAME_SENTENCE = 0.6  # of the words of a sentence stand in the one it replaces
LEAST_WORDS = 4
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*$")


@dataclass(frozen=True, slots=True)
class EditedSentence:
    """A sentence that the earlier version did not have in the same words."""

    sentence: SentenceView
    was: SentenceView | None  # what stood in its place; None: it was added
    is_headline: bool = False


@lru_cache(maxsize=512)  # every room asks for it, and some twice
def read_earlier(report: Report) -> ArticleView | None:
    """What the article said before it was edited.

    None for a first version, and where the page holds another article by now, as a page "latest news" does.
    """
    if report.earlier is None:
        return None
    earlier = read_report(replace(report, title=report.earlier.title, text=report.earlier.text, earlier=None))
    first, second = _list_stems(read_report(report)), _list_stems(earlier)
    shorter = min(len(first), len(second))
    return earlier if len(first & second) >= SAME_ARTICLE * shorter else None


def find_edited(view: ArticleView, earlier: ArticleView) -> list[EditedSentence]:
    """The headline and the sentences that are new or say something else, in order; captions and labels are left out."""
    said = {_list_words(sentence) for sentence in earlier.sentences}
    gone = [s for s in earlier.sentences if _list_words(s) not in set(map(_list_words, view.sentences))]
    edited = []
    if has_new_headline(view, earlier) and _list_headline(view) not in said:
        edited.append(EditedSentence(view.title, earlier.title, is_headline=True))
    said.add(_list_headline(earlier))
    for sentence in view.sentences:
        words = _list_words(sentence)
        if words not in said and len(words) >= LEAST_WORDS and _SENTENCE_END.search(fold_text(sentence.text)):
            edited.append(EditedSentence(sentence, _find_replaced(sentence, gone)))
    return edited


def has_new_headline(view: ArticleView, earlier: ArticleView) -> bool:
    """True when the headline has other words; case, marks and slugs ("UPDATE 2-") make no other headline."""
    return _list_headline(view) != _list_headline(earlier)


def _list_headline(view: ArticleView) -> tuple[str, ...]:
    return tuple(find_words(strip_slug(fold_text(view.title.text))))


def _find_replaced(sentence: SentenceView, gone: list[SentenceView]) -> SentenceView | None:
    words = set(sentence.stems)
    share, place = max(((len(words & set(old.stems)), -n) for n, old in enumerate(gone)), default=(0, 0))
    return gone[-place] if words and share >= SAME_SENTENCE * len(words) else None


def _list_stems(view: ArticleView) -> set[str]:
    return {stem for sentence in (view.title, *view.sentences) for stem in sentence.stems}


def _list_words(sentence: SentenceView) -> tuple[str, ...]:
    return tuple(find_words(fold_text(sentence.text)))
