"""Builders for pages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.bounded import BoundedCleaner
from pipeline.clean import SiteMemory, clean_page
from pipeline.models import Article, ContentFrom, FeedHints, FetchedPage, Rejection, make_item_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST_SEEN = datetime(2026, 2, 28, 6, tzinfo=UTC)
CleanHtml = Callable[..., Article | Rejection]

PARAGRAPHS = (
    "The two transport ministers opened the rebuilt bridge at Karsk on Tuesday, eighteen months after the flood that "
    "carried away its middle span and cut the only paved road along the northern shore of the lake.",
    "Freight trains will use the lower deck from the first of June, the rail operator said, while the upper deck takes "
    "lorries of up to forty tonnes in both directions and a cycle path on the western side.",
    "“We were told that it would take four years,” the mayor, Ilse Brandt, said at the ceremony. “It has taken less "
    "than two, and nobody was hurt, which is more than we dared to hope for.”",
    "The work cost 212 million euros, of which the regional fund paid two thirds; the rest comes from tolls that will "
    "be collected until 2041 under the agreement that both governments signed last autumn.",
)


def make_page(
    html: str | None = None, text: str | None = None, url: str = "", hints: FeedHints | None = None
) -> FetchedPage:
    url = url or "https://lakeside.example/news/bridge"
    return FetchedPage(
        item_id=make_item_id(url),
        url=url,
        fetched_at=NOW,
        first_seen_at=FIRST_SEEN,
        content_from=ContentFrom.PAGE,
        html=html,
        text=text,
        hints=hints,
    )


@pytest.fixture(scope="session")
def paragraphs() -> tuple[str, ...]:
    """Four paragraphs of an article about a bridge."""
    return PARAGRAPHS


@pytest.fixture(scope="session")
def clean_html() -> CleanHtml:
    """clean_html(body, head="", **page fields): an article page with that body after its four paragraphs' heading."""

    def clean(
        body: str,
        head: str = "<title>Bridge at Karsk opens</title>",
        memory: SiteMemory | None = None,
        **fields: Any,
    ) -> Article | Rejection:
        markup = f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{body}</body></html>"
        return clean_page(make_page(html=markup, **fields), now=NOW, memory=memory)

    return clean


@pytest.fixture(scope="session")
def clean_text() -> CleanHtml:
    """clean_text(text, **page fields)."""

    def clean(text: str, **fields: Any) -> Article | Rejection:
        return clean_page(make_page(text=text, **fields), now=NOW)

    return clean


@pytest.fixture(scope="session")
def article_html() -> str:
    """The four paragraphs as HTML."""
    return "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


@pytest.fixture(scope="module")
def cleaner() -> Iterator[BoundedCleaner]:
    """The room in a process of its own, with the usual bounds."""
    with BoundedCleaner() as bounded:
        yield bounded
