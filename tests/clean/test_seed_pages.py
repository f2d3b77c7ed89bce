"""The five real articles, as HTML and as text: everything that must go is gone, everything that must stay is there."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.clean import clean_page
from pipeline.models import Article, ContentFrom, FetchedPage, PublishedFrom, make_item_id

SHARED = Path(__file__).parents[2].parent / "shared"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = {
    "000_df32ef510ba669f3": "friday/article/2024/putin-hanoi.html",
    "001_7359b282372563b3": "nya360/2024/06/putins-motorcade-arrives-in-hanoi/index.html",
    "002_e9e1df0c1fccae5e": "frontline/world/kim-jong-un-train-enters-russia-20230912.html",
    "003_5f7e7f06f41d1e97": "timenews/2023/09/12/kim-jong-un-arrived-in-russia/index.html",
    "004_aa954623e1d8c68c": "blade/2023/kim-jong-un-military-industrial-complex.html",
}
DAY_IN_PAGE = {name for name in PAGES if not name.startswith("000")}  # 000 is dated by its feed only
DAY_IN_TEXT = {"003_5f7e7f06f41d1e97", "004_aa954623e1d8c68c"}

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the five real articles are not beside this repository")


def read_gold(name: str) -> dict[str, Any]:
    gold: dict[str, dict[str, Any]] = json.loads((SHARED / "seeds" / "gold.json").read_text(encoding="utf-8"))
    return gold[name]


def clean(name: str, *, as_text: bool) -> Article:
    path = SHARED / "seeds" / f"{name}.txt" if as_text else SHARED / "seed_site" / PAGES[name]
    content = path.read_text(encoding="utf-8")
    url = path.as_uri() if as_text else f"http://127.0.0.1/{PAGES[name]}"
    page = FetchedPage(
        item_id=make_item_id(url),
        url=url,
        fetched_at=NOW,
        first_seen_at=NOW,
        content_from=ContentFrom.PAGE,
        html=None if as_text else content,
        text=content if as_text else None,
    )
    article = clean_page(page, now=NOW)
    assert isinstance(article, Article), article
    return article


@pytest.mark.parametrize("as_text", [False, True], ids=["html", "text"])
@pytest.mark.parametrize("name", PAGES)
def test_furniture_goes_and_paragraphs_stay(name: str, as_text: bool) -> None:
    gold, article = read_gold(name), clean(name, as_text=as_text)
    paragraphs = article.text.split("\n\n")
    assert [line for line in gold["must_drop"] if line in article.text] == []
    assert [line for line in gold["must_keep"] if line not in paragraphs] == []
    if gold["title_contains"] and not (as_text and name.startswith("002")):
        assert gold["title_contains"] in article.title


@pytest.mark.parametrize("name", PAGES)
def test_day_of_the_page(name: str) -> None:
    article = clean(name, as_text=False)
    if name in DAY_IN_PAGE:
        assert article.published_at.date().isoformat() == read_gold(name)["published"]
    else:
        assert article.published_from is PublishedFrom.FIRST_SEEN


@pytest.mark.parametrize("name", PAGES)
def test_day_of_the_text(name: str) -> None:
    article = clean(name, as_text=True)
    if name in DAY_IN_TEXT:
        assert article.published_at.date().isoformat() == read_gold(name)["published"]
    else:
        assert article.published_from is PublishedFrom.FIRST_SEEN
