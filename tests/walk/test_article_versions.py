"""A page that its source says was edited: read again, politely, as a new version of the same article."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pipeline import steps
from pipeline.cli.life import describe_life
from pipeline.models import Entry, FeedHints, RunId, Source, SourceCheck, SourceId, SourceKind, make_item_id
from pipeline.steps import run_walk
from pipeline.store.database import Database
from pipeline.store.reports import read_desk, read_item_life
from pipeline.store.runs import start_run
from pipeline.store.sources import add_source, remove_source, save_checks
from pipeline.store.stories import read_members
from pipeline.store.tables import articles, developments, items, metadata, story_members
from pipeline.store.versions import NewVersion, find_former_files, open_version, read_known
from tests.site_server import serve_site
from tests.slack_server import SlackServer
from tests.walk.conftest import OpenWalk

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SALE = (
    "Quillon will sell Osterby 24 Marlin anti-ship missiles and their launchers, the defence ministry of Quillon said "
    "on Monday after the contract was signed by envoys Ilse Marant and Bastien Corre.",
    "The arms deal covers missiles, ammunition and the training of crews, and the first launchers are to be handed "
    "over next spring, the ministry said in a statement.",
    "Osterby has looked for a coastal defence system since its old guns were scrapped twelve years ago.",
)


class Outlet:
    """One article at one address, listed by a feed, and runs of the desk that watches it."""

    def __init__(self, site: Path, address: str, walk_at: OpenWalk) -> None:
        self.address, self._site, self._walk_at = f"{address}/sale.html", site, walk_at

    def publish(
        self, *paragraphs: str, said: str = "", extra: str = "", title: str = "Quillon sells Marlin missiles to Osterby"
    ) -> None:
        """Write the page; the feed says what is given, by default the lead."""
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        head = f"<meta property='article:published_time' content='{NOW.isoformat()}'>"
        page = f"<article><h1>{title}</h1>{extra}{body}</article>"
        (self._site / "sale.html").write_text(f"<html lang='en'><head>{head}</head><body>{page}</body></html>")
        told = f"<description>{said or paragraphs[0]}</description>"
        item = f"<item><title>{title}</title><link>BASE/sale.html</link>{told}</item>"
        (self._site / "feed.xml").write_text(f"<rss version='2.0'><channel><title>N</title>{item}</channel></rss>")

    def walk(self, hours: float) -> dict[str, int]:
        """One run so many hours after publication; returns its outcomes."""
        with self._walk_at(NOW + hours * HOUR) as walk:
            funnel = run_walk(walk)
        return {f"{room} {outcome}": count for room, outcome, count in funnel.outcomes}


@pytest.fixture
def outlet(tmp_path: Path, walk_at: OpenWalk, watch: Callable[..., None]) -> Iterator[Outlet]:
    with serve_site(tmp_path) as base:
        watch(Source(SourceId("n"), "N", "N", SourceKind.RSS, f"{base}/feed.xml"), now=NOW)
        yield Outlet(tmp_path, base, walk_at)


def count_rows(database: Database) -> dict[str, int]:
    with database.begin() as tx:
        return {
            name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("runs", "source_checks")
        }


def read_labels(database: Database) -> list[tuple[int, str]]:
    """Version and label of everything that was judged, in order."""
    with database.begin() as tx:
        rows = tx.execute(
            select(items.c.version, developments.c.label)
            .join(developments, developments.c.item_id == items.c.id)
            .order_by(items.c.version)
        )
        return [(row.version, row.label) for row in rows]


def list_versions(database: Database, item_id: str) -> list[str]:
    """The lines of `wirewatch why` about versions."""
    with database.begin() as tx:
        life = read_item_life(tx, [item_id])
    assert life
    lines = describe_life(life).splitlines()
    return [line for line in lines if line.strip().startswith(("version ", "the same"))]


def test_an_article_edited_three_times_is_one_article_and_one_more_alert(
    outlet: Outlet, database: Database, slack: SlackServer
) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    outlet.publish(*SALE[:2], SALE[2].replace("twelve", "a dozen"), said="A first look.")
    outlet.walk(2)
    outlet.publish(SALE[0].replace("24", "36"), *SALE[1:])
    outlet.walk(4)
    outlet.publish(SALE[0].replace("24", "36").replace("signed by", "signed there by"), *SALE[1:])
    outlet.walk(6)
    before = count_rows(database)
    assert outlet.walk(8) == {}
    assert count_rows(database) == before
    assert read_labels(database) == [(1, "new_story"), (2, "repeat"), (3, "development"), (4, "repeat")]
    assert len(slack.keys()) == 2
    with database.begin() as tx:
        assert tx.execute(select(func.count(story_members.c.story_id.distinct()))).scalar_one() == 1
        story_id = tx.execute(select(story_members.c.story_id).limit(1)).scalar_one()
        members = read_members(tx, story_id)
    assert len({member.copy_of for member in members}) == 2  # the versions go back to the first
    assert "24 -&gt; 36" in str(slack.messages[-1])
    with database.begin() as tx:
        (story,) = read_desk(tx).stories
    assert (len(story.alerts), story.held) == (2, ())  # on the page the versions that told nothing do not count
    told = list_versions(database, next(iter(members)).item_id)
    assert [line.partition(": ")[2] for line in told] == [
        "new_story: first report of this story",
        "repeat: edited, nothing new",
        "development: edited: Marlin anti-ship missiles 24 -> 36",
        "repeat: edited, nothing new",
    ]


def test_a_headline_that_says_more_than_its_text_is_told(
    outlet: Outlet, database: Database, slack: SlackServer
) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    outlet.publish(*SALE, said="Look 2", title="UPDATE 1-Quillon Sells Marlin Missiles to Osterby")
    outlet.walk(2)
    outlet.publish(*SALE, said="Look 3", title="Quillon suspends sale of Marlin missiles to Osterby")
    outlet.walk(4)
    outlet.publish(*SALE, said="Look 4", title="Quillon suspends Marlin missile sale")
    outlet.walk(6)
    assert read_labels(database) == [(1, "new_story"), (2, "near_duplicate"), (3, "development"), (4, "repeat")]
    assert len(slack.keys()) == 2
    assert "suspends sale of Marlin missiles" in str(slack.messages[-1])


def test_an_edit_is_read_after_an_hour_however_often_it_is_announced(outlet: Outlet, database: Database) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    for minutes in (10, 20, 30):
        outlet.publish(*SALE, f"Version of {minutes}.", said=f"Edited at {minutes}")
        assert outlet.walk(minutes / 60) == {}
    assert outlet.walk(1)["fetch fetched"] == 1
    assert outlet.walk(2) == {}
    assert count_rows(database)["items"] == 2


def test_a_page_whose_words_stay_the_same_is_no_version_and_is_left_alone_after_a_while(
    outlet: Outlet, database: Database, slack: SlackServer
) -> None:
    reads = 0
    for hour in (0, 1, 2, 3, 5, 8, 12, 20, 40, 71, 90):
        counter = f"<p class='views'>Views: {hour * 37}</p><p>Updated {hour}:05</p><!-- {hour} -->"
        outlet.publish(*SALE, said=f"Look {hour}", extra=counter)
        counted = outlet.walk(hour)
        reads += counted.get("fetch fetched", 0)
        assert counted.get("clean unchanged", 0) == (counted.get("fetch fetched", 0) if hour else 0)
    assert reads == 7  # at 0, 1, 3, 8, 20, 40 and 90 hours: the pause doubles, and what is noticed later is left alone
    with database.begin() as tx:
        assert tx.execute(select(func.count()).select_from(articles)).scalar_one() == 1
    assert len(slack.keys()) == 1


def test_the_same_page_is_not_even_cleaned_and_why_tells_it(outlet: Outlet, database: Database) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    outlet.publish(*SALE, said="Other words.")
    assert outlet.walk(1) == {"fetch unchanged": 1}
    outlet.publish(*SALE[:2], said="The same once more, shorter.")
    outlet.walk(2)
    first, same, waits = list_versions(database, make_item_id(outlet.address))
    assert "version 1, this one" in first
    assert "the same, " in same
    assert waits.endswith("waits for fetch")


def test_an_old_article_is_not_read_again(outlet: Outlet, database: Database) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    outlet.publish(SALE[0].replace("24", "36"), *SALE[1:])
    assert outlet.walk(73) == {}
    assert count_rows(database)["items"] == 1
    assert outlet.walk(74) == {}


def test_a_backfill_tells_nobody_of_an_edit(
    outlet: Outlet, walk_at: OpenWalk, slack: SlackServer, database: Database
) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    outlet.publish(SALE[0].replace("24", "36"), *SALE[1:])
    with walk_at(NOW + 2 * HOUR) as walk:
        run_walk(replace(walk, is_backfill=True))
    assert outlet.walk(4) == {}
    assert read_labels(database) == [(1, "new_story"), (2, "development")]
    assert len(slack.keys()) == 1


def test_a_page_is_not_read_again_while_it_waits_for_a_room(
    outlet: Outlet, walk_at: OpenWalk, database: Database
) -> None:
    outlet.publish(*SALE)
    with walk_at(NOW) as walk:
        for batch in steps.plan_run(walk):
            steps.fetch_sources(walk, batch)
    outlet.publish(SALE[0].replace("24", "36"), *SALE[1:])
    with walk_at(NOW + 2 * HOUR) as walk:
        for batch in steps.plan_run(walk):
            assert "fetched" not in steps.fetch_sources(walk, batch)
    outlet.walk(3)  # takes the first through all rooms
    outlet.walk(4)
    assert read_labels(database) == [(1, "new_story"), (2, "development")]


def test_an_edited_file_of_a_folder_is_a_new_version(
    tmp_path: Path, walk_at: OpenWalk, watch: Callable[..., None], database: Database, slack: SlackServer
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    watch(Source(SourceId("f"), "F", "F", SourceKind.FOLDER, str(folder)), now=NOW)
    for hours, text in enumerate((SALE, (SALE[0].replace("24", "36"), *SALE[1:]), SALE)):
        (folder / "sale.txt").write_text("Quillon sells Marlin missiles to Osterby\n\n" + "\n\n".join(text))
        with walk_at(NOW + hours * HOUR) as walk:
            run_walk(walk)
    assert read_labels(database) == [(1, "new_story"), (2, "development")]  # the third is the first again
    assert len(slack.keys()) == 2


def test_a_folder_may_hold_more_files_than_a_statement_has_parameters(database: Database) -> None:
    source = Source(SourceId("f"), "F", "F", SourceKind.FOLDER, "/nowhere")
    names = [f"file:///{n}.txt?sha256={{}}" for n in range(70_000)]
    with database.begin() as tx:
        start_run(tx, RunId("r"), NOW, False, started_at=NOW)
        add_source(tx, source, NOW)
        ids = [make_item_id(name) for name in names]
        assert read_known(tx, ids) == set()
        assert find_former_files(tx, source.id, names) == {}


def test_what_another_feed_says_of_an_article_is_no_edit(
    outlet: Outlet, tmp_path: Path, watch: Callable[..., None], database: Database
) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    other = (tmp_path / "feed.xml").read_text().replace("<description>", "<description>In short: ")
    (tmp_path / "other.xml").write_text(other)
    watch(Source(SourceId("o"), "O", "O", SourceKind.RSS, outlet.address.replace("sale.html", "other.xml")), now=NOW)
    assert outlet.walk(2) == {}
    assert outlet.walk(4) == {}
    assert count_rows(database)["items"] == 1


def test_of_an_article_from_before_versions_were_kept_the_next_look_is_the_first(
    outlet: Outlet, database: Database
) -> None:
    outlet.publish(*SALE)
    outlet.walk(0)
    with database.begin() as tx:
        tx.execute(items.update().values(hints_key=""))
    outlet.publish(*SALE, said="Other words.")
    assert outlet.walk(2) == {}
    outlet.publish(SALE[0].replace("24", "36"), *SALE[1:], said="Other words again.")
    assert outlet.walk(4)["detect development"] == 1


def test_a_source_can_be_removed_while_a_first_version_waits_again(database: Database) -> None:
    source = Source(SourceId("s"), "S", "S", SourceKind.RSS, "https://s.example/feed")
    url = "https://s.example/1"
    entry = Entry(make_item_id(url), source.id, url, url, FeedHints(), NOW)
    with database.begin() as tx:
        start_run(tx, RunId("r"), NOW, False, started_at=NOW)
        add_source(tx, source, NOW)
        save_checks(tx, RunId("r"), [(source, SourceCheck(source.id, NOW, "ok", entries=(entry,)))])
        open_version(tx, RunId("r"), NewVersion(entry, source, 2, NOW))
        tx.execute(items.update().where(items.c.version == 2).values(waiting_for=None))
        assert remove_source(tx, "s") == 1
        assert tx.execute(select(items.c.version)).scalars().all() == [2]
