"""Do two versions of an article say the same?"""

from __future__ import annotations

import re

from pipeline.models import Article
from pipeline.text import find_words, fold_text

_SENTENCE_END = re.compile(r"[.!?\u3002][\"')\u201d\u2019\u00bb]*$")
_DIGITS = re.compile(r"\d+")


def has_same_words(article: Article, earlier: Article) -> bool:
    """True when headline and text have the same words in the same order.

    Of a line that is no sentence ("Updated 14:05", "Views: 1,204") the numbers do not count.
    """
    return _list_words(article) == _list_words(earlier)


def _list_words(article: Article) -> list[list[str]]:
    lines = [find_words(fold_text(_level(line.strip()))) for line in article.text.split("\n")]
    return [find_words(fold_text(article.title)), *filter(None, lines)]


def _level(line: str) -> str:
    return line if _SENTENCE_END.search(line) else _DIGITS.sub("0", line)
