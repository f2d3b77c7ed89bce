"""`wirewatch clean`, one line at a time."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.bounded import BoundedCleaner
from pipeline.filters.clean import answer_clean
from pipeline.filters.lines import LineError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://lakeside.example/bridge"


def test_article(cleaner: BoundedCleaner, article_html: str, paragraphs: tuple[str, ...]) -> None:
    body = f"<article><h1>Bridge opens</h1><p>Posted on 4 March 2024</p>{article_html}</article>"
    html = f"<title>Bridge opens</title>{body}"
    answer = answer_clean({"id": "a", "url": URL, "html": html}, cleaner, now=NOW)
    assert answer["id"] == "a"
    assert (answer["outcome"], answer["reason"], answer["title"]) == ("article", "", "Bridge opens")
    assert answer["text"] == "\n\n".join(paragraphs)
    assert (answer["published_at"], answer["published_from"]) == ("2024-03-04T00:00:00+00:00", "visible")
    assert (answer["authors"], answer["language"]) == ([], "en")
    assert {"text": "Posted on 4 March 2024", "rule": "posted_on"} in answer["dropped"]


def test_no_date_is_null(cleaner: BoundedCleaner, article_html: str) -> None:
    answer = answer_clean({"id": "a", "url": URL, "html": article_html}, cleaner, now=NOW)
    assert (answer["published_at"], answer["published_from"]) == (None, "first_seen")


def test_fetched_at_is_the_fallback_and_the_bound(cleaner: BoundedCleaner, article_html: str) -> None:
    html = f"<meta name='date' content='2025-01-01'>{article_html}"
    answer = answer_clean({"id": "a", "url": URL, "html": html, "fetched_at": "2024-03-04T10:00:00Z"}, cleaner, now=NOW)
    assert (answer["published_at"], answer["published_from"]) == ("2024-03-04T10:00:00+00:00", "first_seen")


def test_feed_gives_the_date(cleaner: BoundedCleaner, article_html: str) -> None:
    feed = {"title": "Bridge opens", "published_at": "2024-03-04T10:00:00+02:00", "summary": ""}
    answer = answer_clean({"id": "a", "url": URL, "html": article_html, "feed": feed}, cleaner, now=NOW)
    assert (answer["published_at"], answer["published_from"]) == ("2024-03-04T10:00:00+02:00", "feed")
    assert answer["title"] == "Bridge opens"


def test_rejection(cleaner: BoundedCleaner) -> None:
    answer = answer_clean({"id": "a", "url": URL, "html": ""}, cleaner, now=NOW)
    assert (answer["outcome"], answer["text"], answer["published_at"]) == ("rejected", "", None)
    assert answer["reason"].startswith("not_an_article")


@pytest.mark.parametrize("name", ["page.html", "page.html.gz"])
def test_file_in_its_own_encoding(cleaner: BoundedCleaner, tmp_path: Path, article_html: str, name: str) -> None:
    data = f"<meta charset='windows-1252'><p>Brücke. {article_html}</p>".encode("cp1252")
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    answer = answer_clean({"id": "a", "url": URL, "html_path": str(path)}, cleaner, now=NOW)
    assert answer["outcome"] == "article"


@pytest.mark.parametrize(
    "record",
    [
        {"id": "a", "url": URL},
        {"id": "a", "url": URL, "html": "<p>", "text": "x"},
        {"id": "a", "url": URL, "html_path": "/no/such/file.html"},
        {"id": "a", "url": URL, "text": "x", "fetched_at": "tomorrow"},
    ],
)
def test_line_that_cannot_be_answered(cleaner: BoundedCleaner, record: dict[str, str]) -> None:
    with pytest.raises(LineError):
        answer_clean(record, cleaner, now=NOW)


def test_file_that_is_not_gzip(cleaner: BoundedCleaner, tmp_path: Path) -> None:
    path = tmp_path / "page.html.gz"
    path.write_bytes(b"plain")
    with pytest.raises(LineError):
        answer_clean({"id": "a", "url": URL, "html_path": str(path)}, cleaner, now=NOW)
