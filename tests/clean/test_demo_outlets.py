"""The six demo outlets: every page of theirs comes out as its paragraphs, its title and its day."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from pipeline.clean import clean_page
from pipeline.models import Article, ContentFrom, FetchedPage, PublishedFrom, make_item_id

DEMO = Path(__file__).parents[2] / "seeds" / "demo"
OUTLETS = sorted(path.stem for path in DEMO.glob("*.toml"))
DATED_BY_FEED_ONLY = {"capital-desk"}  # its page shows nothing but today's date
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def render_page(outlet: str, site: dict[str, Any], entry: dict[str, Any], paragraphs: list[str]) -> str:
    template = (DEMO / "templates" / f"{outlet}.html").read_text(encoding="utf-8")
    at = entry["published"]
    article = {
        "title": entry["title"],
        "slug": entry["slug"],
        "byline": entry.get("byline", ""),
        "paragraphs": paragraphs,
        "published": at.isoformat(),
        "posted": f"{at:%B} {at.day}, {at.year} at {at:%I:%M %p}",
    }
    page = Environment(autoescape=True).from_string(template)
    return page.render(article=article, site=site, today="March 9, 2026", today_iso="2026-03-09")


@pytest.mark.parametrize("outlet", OUTLETS)
def test_outlet(outlet: str) -> None:
    site = tomllib.loads((DEMO / f"{outlet}.toml").read_text(encoding="utf-8"))
    for entry in site["article"]:
        paragraphs = [text.strip() for text in entry["text"].strip().split("\n\n")]
        url = f"http://127.0.0.1/{outlet}/{entry['slug']}"
        html = render_page(outlet, site, entry, paragraphs)
        article = clean_page(FetchedPage(make_item_id(url), url, NOW, NOW, ContentFrom.PAGE, html=html), now=NOW)
        assert isinstance(article, Article), article
        assert article.title == entry["title"]
        assert article.text.split("\n\n") == paragraphs
        if outlet in DATED_BY_FEED_ONLY:
            assert article.published_from is PublishedFrom.FIRST_SEEN
        else:
            assert article.published_at.date() == entry["published"].date()
