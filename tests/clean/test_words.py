"""Which edits of a page change the words of its article."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.clean.words import has_same_words
from pipeline.models import Article, ItemId, PublishedFrom

TEXT = "Twelve people died, the fire service said.\n\nUpdated 14:05\n\nThe market reopens on Monday."


def make_article(text: str, title: str = "Crane falls") -> Article:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Article(ItemId("a"), "https://a.example/1", title, text, at, PublishedFrom.META)


@pytest.mark.parametrize(
    ("old", "new"), [("14:05", "15:40"), ("died, the", "died,  the"), ("service said", "service \u201csaid\u201d")]
)
def test_marks_and_the_numbers_of_mere_lines_do_not_count(old: str, new: str) -> None:
    assert has_same_words(make_article(TEXT.replace(old, new)), make_article(TEXT))


@pytest.mark.parametrize(("old", "new"), [("Twelve", "Thirteen"), ("Monday.", "Tuesday."), ("\n\nThe", "\n\nOnly the")])
def test_another_word_in_a_sentence_counts(old: str, new: str) -> None:
    assert not has_same_words(make_article(TEXT.replace(old, new)), make_article(TEXT))


def test_another_headline_counts() -> None:
    assert not has_same_words(make_article(TEXT, "Crane falls, 12 dead"), make_article(TEXT))
