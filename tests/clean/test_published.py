"""When an article was published, and who says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.clean.dates import find_written_date, parse_when
from pipeline.models import FeedHints, PublishedFrom

HEADLINE = "<h1>Bridge at Karsk opens</h1>"


def ld(**fields: str) -> str:
    pairs = ", ".join(f'"{key}": "{value}"' for key, value in fields.items())
    item = f'{{"@type": "NewsArticle", "headline": "Bridge at Karsk opens", {pairs}}}'
    return f'<script type="application/ld+json">{item}</script>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-06-20T03:10:00+07:00", "2024-06-20T03:10:00+07:00"),
        ("2024-06-20T03:10:00Z", "2024-06-20T03:10:00+00:00"),
        ("2024-06-20", "2024-06-20T00:00:00+00:00"),
        ("20240620", "2024-06-20T00:00:00+00:00"),
        ("Thu, 20 Jun 2024 03:10:00 +0700", "2024-06-20T03:10:00+07:00"),
        ("1718827800", "2024-06-19T20:10:00+00:00"),
        ("June 20, 2024 3:10 pm EST", "2024-06-20T15:10:00-05:00"),
        ("20 June 2024", "2024-06-20T00:00:00+00:00"),
        ("20. Juni 2024, 15:10 Uhr", "2024-06-20T15:10:00+00:00"),
        ("le 20 juin 2024 à 15h10", "2024-06-20T15:10:00+00:00"),
        ("20 de junio de 2024", "2024-06-20T00:00:00+00:00"),
        ("20 июня 2024, 15:10 МСК", "2024-06-20T15:10:00+00:00"),
        ("2024年6月20日", "2024-06-20T00:00:00+00:00"),
        ("20.06.2024", "2024-06-20T00:00:00+00:00"),
        ("6/20/2024", "2024-06-20T00:00:00+00:00"),
        ("20/06/2024", "2024-06-20T00:00:00+00:00"),
    ],
)
def test_written_time(text: str, expected: str) -> None:
    when = parse_when(text)
    assert when is not None
    assert when.isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "2024", "June 2024", "31 February 2024", "in 2007", "99999999999999", "yesterday"]
)
def test_no_full_day_is_no_date(text: str) -> None:
    assert parse_when(text) is None
    assert find_written_date(text) is None


def test_json_ld_comes_first_and_keeps_its_zone(clean_html: Any, article_html: str) -> None:
    head = (
        ld(datePublished="2024-06-20T03:10:00+07:00") + '<meta property="article:published_time" content="2024-01-01">'
    )
    article = clean_html(f"<article>{HEADLINE}{article_html}</article>", head=head)
    assert article.published_at.isoformat() == "2024-06-20T03:10:00+07:00"
    assert article.published_from is PublishedFrom.JSON_LD


def test_meta_comes_before_the_feed(clean_html: Any, article_html: str) -> None:
    head = '<meta property="article:published_time" content="2024-06-20T03:10:00+07:00">'
    hints = FeedHints(published_at=datetime(2024, 6, 21, tzinfo=UTC))
    article = clean_html(f"<article>{HEADLINE}{article_html}</article>", head=head, hints=hints)
    assert article.published_from is PublishedFrom.META


def test_feed_comes_before_the_visible_line(clean_html: Any, article_html: str) -> None:
    hints = FeedHints(title="Bridge at Karsk opens", published_at=datetime(2024, 6, 21, tzinfo=UTC))
    article = clean_html(f"<article>{HEADLINE}<p>Posted on June 20, 2024</p>{article_html}</article>", hints=hints)
    assert article.published_from is PublishedFrom.FEED


def test_visible_line_comes_before_the_url(clean_html: Any, article_html: str) -> None:
    article = clean_html(
        f"<article>{HEADLINE}<p>Posted on June 20, 2024 at 2:17 pm.</p>{article_html}</article>",
        url="https://lakeside.example/2024/06/25/bridge",
    )
    assert article.published_at == datetime(2024, 6, 20, 14, 17, tzinfo=UTC)
    assert article.published_from is PublishedFrom.VISIBLE
    assert "Posted on" not in article.text


def test_url_comes_last(clean_html: Any, article_html: str) -> None:
    article = clean_html(
        f"<article>{HEADLINE}{article_html}</article>", url="https://lakeside.example/2024/06/25/bridge"
    )
    assert (article.published_at.date().isoformat(), article.published_from) == ("2024-06-25", PublishedFrom.URL)


@pytest.mark.parametrize("path", ["/2024/06/bridge", "/id/20241399/bridge", "/2024/13/45/bridge", "/bridge-2024"])
def test_part_of_a_date_in_the_url_is_none(clean_html: Any, article_html: str, path: str) -> None:
    article = clean_html(f"<article>{HEADLINE}{article_html}</article>", url=f"https://lakeside.example{path}")
    assert article.published_from is PublishedFrom.FIRST_SEEN


def test_first_seen_is_the_marked_fallback(clean_html: Any, article_html: str) -> None:
    article = clean_html(f"<article>{HEADLINE}{article_html}</article>")
    assert article.published_at == datetime(2026, 2, 28, 6, tzinfo=UTC)
    assert article.published_from is PublishedFrom.FIRST_SEEN


def test_today_in_the_page_header_is_no_date(clean_html: Any, article_html: str) -> None:
    header = "<header><div class='date'>February 27, 2026</div><h1 class='site'>Lakeside Courier</h1></header>"
    article = clean_html(f"{header}<main><h2>Bridge at Karsk opens</h2>{article_html}</main>")
    assert article.published_from is PublishedFrom.FIRST_SEEN


def test_date_in_the_text_is_no_date(clean_html: Any, article_html: str) -> None:
    body = "<p>On June 20, 2012 the old bridge was closed to lorries, and nobody thought that it would be for good.</p>"
    article = clean_html(f"<article>{HEADLINE}{article_html}{body}{article_html.replace('The', 'Then the')}</article>")
    assert article.published_from is PublishedFrom.FIRST_SEEN


@pytest.mark.parametrize("when", ["2026-03-02T15:00:00Z", "2031-01-01", "1970-01-01T00:00:00Z"])
def test_the_future_and_the_epoch_are_no_dates(clean_html: Any, article_html: str, when: str) -> None:
    article = clean_html(f"<article>{HEADLINE}{article_html}</article>", head=ld(datePublished=when))
    assert article.published_from is PublishedFrom.FIRST_SEEN


def test_modified_is_kept_apart(clean_html: Any, article_html: str) -> None:
    head = ld(datePublished="2024-06-20T08:00:00Z", dateModified="2024-06-22T09:00:00Z")
    article = clean_html(f"<article>{HEADLINE}{article_html}</article>", head=head)
    assert article.published_at == datetime(2024, 6, 20, 8, tzinfo=UTC)
    assert article.modified_at == datetime(2024, 6, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "Published June 20, 2024, updated June 22, 2024",
        "Updated June 22, 2024 / Published June 20, 2024",
        "Aktualisiert: 22. Juni 2024, veröffentlicht: 20. Juni 2024",
    ],
)
@pytest.mark.parametrize("head", ["", ld(datePublished="2024-06-20T08:00:00Z", dateModified="2024-06-22T09:00:00Z")])
def test_line_with_two_dates(clean_html: Any, article_html: str, line: str, head: str) -> None:
    article = clean_html(f"<article>{HEADLINE}<p>{line}</p>{article_html}</article>", head=head)
    assert article.published_at.date().isoformat() == "2024-06-20"


@pytest.mark.parametrize("line", ["Updated June 22, 2024", "June 22, 2024"])
def test_day_of_the_last_change_is_all_that_readers_see(clean_html: Any, article_html: str, line: str) -> None:
    head = ld(datePublished="2023-06-20T08:00:00Z", dateModified="2024-06-22T09:00:00Z")
    article = clean_html(f"<article>{HEADLINE}<p>{line}</p>{article_html}</article>", head=head)
    assert (article.published_at.date().isoformat(), article.published_from) == ("2024-06-22", PublishedFrom.VISIBLE)


def test_the_feed_knows_better_than_an_updated_line(clean_html: Any, article_html: str) -> None:
    head = ld(datePublished="2024-06-20T08:00:00Z", dateModified="2024-06-22T09:00:00Z")
    hints = FeedHints(published_at=datetime(2024, 6, 20, 8, tzinfo=UTC))
    page = f"<article>{HEADLINE}<p>Updated June 22, 2024</p>{article_html}</article>"
    assert clean_html(page, head=head, hints=hints).published_at == datetime(2024, 6, 20, 8, tzinfo=UTC)


def test_updated_line_that_agrees_with_nothing_counts_for_nothing(clean_html: Any, article_html: str) -> None:
    head = ld(datePublished="2024-06-20T08:00:00Z")
    article = clean_html(f"<article>{HEADLINE}<p>Updated June 22, 2024</p>{article_html}</article>", head=head)
    assert article.published_at == datetime(2024, 6, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "shown", "expected"),
    [
        ("2024-06-20T02:10:00Z", "June 19, 2024", "2024-06-19T23:10:00-03:00"),
        ("2024-06-20T22:10:00Z", "June 21, 2024", "2024-06-21T00:10:00+02:00"),
        ("2024-06-20T14:10:00Z", "June 19, 2024", "2024-06-20T14:10:00+00:00"),
        ("2024-06-20T02:10:00+07:00", "June 19, 2024", "2024-06-20T02:10:00+07:00"),
    ],
)
def test_day_on_the_page_places_a_time_in_utc(
    clean_html: Any, article_html: str, when: str, shown: str, expected: str
) -> None:
    line = f"<div class='byline'>{shown}</div>"
    article = clean_html(f"<article>{HEADLINE}{line}{article_html}</article>", head=ld(datePublished=when))
    assert article.published_at.isoformat() == expected


def test_local_time_on_the_page_gives_the_offset(clean_html: Any, article_html: str) -> None:
    line = "<div class='byline'><span>June 19, 2024</span> <span>8:48 p.m.</span></div>"
    article = clean_html(
        f"<article>{HEADLINE}{line}{article_html}</article>", head=ld(datePublished="2024-06-20T00:48:00Z")
    )
    assert article.published_at.isoformat() == "2024-06-19T20:48:00-04:00"
    assert article.published_at.utcoffset() == timedelta(hours=-4)


def test_day_without_a_clock_gives_no_offset(clean_html: Any, article_html: str) -> None:
    line = "<div class='byline'>June 20, 2024</div>"
    head = ld(datePublished="2024-06-20T10:00:00Z")
    article = clean_html(f"<article>{HEADLINE}{line}{article_html}</article>", head=head)
    assert article.published_at.isoformat() == "2024-06-20T10:00:00+00:00"
