"""Pages in the manner of the systems that news sites run on come out as their paragraphs."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

PAGES = tomllib.loads((Path(__file__).parent / "cms_pages.toml").read_text("utf-8"))["page"]
STANDFIRST = "The bridge at Karsk carries traffic again, eighteen months after the flood took its middle span away."


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page["name"])
def test_page(clean_html: Any, paragraphs: tuple[str, ...], page: dict[str, Any]) -> None:
    true = (STANDFIRST, *paragraphs[1:])
    markup = page["html"]
    for number, text in enumerate(true):
        markup = markup.replace(f"{{{number}}}", text)
    article = clean_html(markup, head=f"<title>{page['title']}</title>")
    assert [text for text in article.text.split("\n\n") if text not in page.get("headings", [])] == list(true)
    assert article.published_at.date().isoformat() == "2026-02-27"
