"""Two addresses of one article are one item, and never two articles one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.models import Source, SourceId, SourceKind
from pipeline.steps import fetch_sources, plan_run
from pipeline.store.database import Database
from pipeline.store.tables import items, outcomes, pages
from tests.fetch.build import NOW, make_rss
from tests.site_server import serve_site
from tests.walk.conftest import OpenWalk

FERRY = "<p>The ferry line between the islands reopens on Monday, the harbour office said on Sunday.</p>"
BRIDGE = "<p>The new bridge over the sound will cost twice what the council was told in spring.</p>"


def write(site: Path, name: str, canonical: str, text: str) -> None:
    page = f'<html><head><link rel="canonical" href="{canonical}"></head><body>{text}</body></html>'
    (site / name).write_text(page)


def fetch(tmp_path: Path, walk_at: OpenWalk, database: Database, watch: object, *names: str) -> list[tuple[str, str]]:
    """Address and outcome of each item of a feed of these pages, in the order of the feed."""
    with serve_site(tmp_path) as base:
        (tmp_path / "feed.xml").write_text(make_rss(*(f"{base}/{name}" for name in names)))
        watch(Source(SourceId("a"), "A", "A", SourceKind.RSS, f"{base}/feed.xml"), now=NOW)  # type: ignore[operator]
        for _ in range(2):  # once more changes nothing
            with walk_at(NOW) as walk:
                plan_run(walk)
                fetch_sources(walk, ["a"])
    with database.begin() as tx:
        rows = tx.execute(items.join(outcomes).select()).all()
        kept = {row.item_id for row in tx.execute(pages.select())}
    assert kept == {row.id for row in rows if row.passed}
    return sorted((row.url.rpartition("/")[2], row.outcome) for row in rows)


def count(found: list[tuple[str, str]]) -> list[str]:
    return sorted(outcome for _, outcome in found)


@pytest.mark.parametrize("canonical", ["/a.html", "/b.html", "/elsewhere.html"])
def test_two_addresses_of_one_article_are_one_item(
    tmp_path: Path, walk_at: OpenWalk, database: Database, watch: object, canonical: str
) -> None:
    for name in ("a.html", "b.html", "c.html"):
        write(tmp_path, name, canonical, FERRY)
    found = fetch(tmp_path, walk_at, database, watch, "a.html", "b.html", "c.html")
    assert count(found) == ["fetched", "twin", "twin"]


def test_one_address_on_every_page_of_a_site_merges_nothing(
    tmp_path: Path, walk_at: OpenWalk, database: Database, watch: object
) -> None:
    write(tmp_path, "a.html", "/a.html", FERRY)
    write(tmp_path, "b.html", "/a.html", BRIDGE)
    assert count(fetch(tmp_path, walk_at, database, watch, "a.html", "b.html")) == ["fetched", "fetched"]


def test_pages_that_name_each_other_are_not_both_lost(
    tmp_path: Path, walk_at: OpenWalk, database: Database, watch: object
) -> None:
    write(tmp_path, "a.html", "/b.html", FERRY)
    write(tmp_path, "b.html", "/a.html", FERRY)
    assert count(fetch(tmp_path, walk_at, database, watch, "a.html", "b.html")) == ["fetched", "twin"]


def test_the_same_text_without_a_common_name_stays_two_items(
    tmp_path: Path, walk_at: OpenWalk, database: Database, watch: object
) -> None:
    write(tmp_path, "a.html", "/a.html", FERRY)
    write(tmp_path, "b.html", "/b.html", FERRY)
    assert count(fetch(tmp_path, walk_at, database, watch, "a.html", "b.html")) == ["fetched", "fetched"]
