"""Why a page is no article."""

from typing import Any

import pytest

from pipeline.clean import CleanSettings, clean_page
from pipeline.models import Rejection

LINKS = "".join(f"<li><a href='/{n}'>Headline number {n} of the day about the lake</a></li>" for n in range(30))


@pytest.mark.parametrize(
    ("reason", "head", "body"),
    [
        ("error_page", "<title>404 Not Found</title>", "<h1>Not found</h1><p>The page you wanted is not here.</p>"),
        ("error_page", "<title>Just a moment...</title>", "<p>Checking your browser before you go on.</p>"),
        (
            "wall",
            "<title>Bridge opens</title>",
            "<h1>Bridge opens</h1><p>Subscribe to continue reading this story.</p>",
        ),
        (
            "video_only",
            "<title>Bridge opens</title>",
            "<h1>Bridge opens</h1><div class='video-player'>Play video 01:20</div>",
        ),
        ("listing", "<title>World news</title>", f"<h1>World news</h1><ul>{LINKS}</ul>"),
        ("stub", "<title>Bridge opens</title>", "<h1>Bridge opens</h1><p>The mayor spoke at noon.</p>"),
        ("too_short", "", "<p>More follows soon here.</p>"),
        ("not_an_article", "", "<div></div>"),
        ("not_an_article", "<title>Lakeside</title>", ""),
    ],
)
def test_rejection(clean_html: Any, reason: str, head: str, body: str) -> None:
    outcome = clean_html(body, head=head)
    assert isinstance(outcome, Rejection), outcome
    assert outcome.reason == reason


def test_teaser_before_a_wall_is_a_wall(clean_html: Any, paragraphs: tuple[str, ...]) -> None:
    outcome = clean_html(f"<article><p>{paragraphs[0]}</p><p>To continue reading, subscribe or log in.</p></article>")
    assert isinstance(outcome, Rejection)
    assert outcome.reason == "wall"


def test_section_page_with_teasers_is_a_listing(clean_html: Any, paragraphs: tuple[str, ...]) -> None:
    teasers = "".join(
        f"<h3><a href='/{n}'>Headline {n} of the lake</a></h3><p>{n}: {paragraphs[1]}</p>" for n in range(9)
    )
    outcome = clean_html(f"<h1>World news</h1><div>{teasers}</div>", head="<title>World news</title>")
    assert isinstance(outcome, Rejection)
    assert outcome.reason == "listing"


def test_front_page_is_a_listing(clean_html: Any, article_html: str) -> None:
    body = f"<h1>Lakeside Courier</h1><div>{article_html}</div><ul>{LINKS}</ul>"
    outcome = clean_html(body, head="<title>Lakeside Courier</title>", url="https://lakeside.example/")
    assert isinstance(outcome, Rejection)
    assert outcome.reason == "listing"


def test_language_that_was_not_asked_for(article_html: str) -> None:
    from datetime import UTC, datetime

    from pipeline.models import ContentFrom, FetchedPage, ItemId

    now = datetime(2026, 1, 1, tzinfo=UTC)
    page = FetchedPage(ItemId("x"), "https://a.example/", now, now, ContentFrom.PAGE, html=f"<p>{article_html}</p>")
    outcome = clean_page(page, CleanSettings(languages=("de",)), now=now)
    assert isinstance(outcome, Rejection)
    assert (outcome.reason, outcome.detail) == ("unsupported_language", "en")


def test_rejection_lists_what_was_dropped(clean_html: Any) -> None:
    outcome = clean_html("<h1>Bridge opens</h1><p>Subscribe to continue reading this story.</p>")
    assert ("wall", "Subscribe to continue reading this story.") in [(item.rule, item.text) for item in outcome.dropped]
