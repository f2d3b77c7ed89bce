"""A backfill stores and groups, and says nothing: no alert, no change to threads whose stories stay whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from pipeline import steps
from pipeline.models import Source, SourceId, SourceKind
from pipeline.store.database import Database
from pipeline.store.tables import outbox, story_members
from tests.site_server import serve_site
from tests.slack_server import SlackServer
from tests.walk.conftest import OpenWalk

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
PAGE = (
    "<html lang='en'><head><meta property='article:published_time' content='{at}'></head><body><article>"
    "<h1>{title}</h1><p>{text}</p></article></body></html>"
)
FIRST = (
    "Quillon and Osterby signed a contract for the sale of 24 Marlin anti-ship missiles, ministers said on Wednesday. "
    "The arms deal covers missiles, ammunition and training, the defence ministries of Quillon and Osterby said."
)
LATER = (
    "Quillon and Osterby have raised the sale of Marlin anti-ship missiles from 24 to 36, ministers said on Thursday. "
    "The larger arms deal adds twelve missiles and a second launcher, the defence ministry of Osterby said."
)


def test_a_backfill_queues_neither_alerts_nor_updates_of_threads(
    tmp_path: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None], slack: SlackServer
) -> None:
    with serve_site(tmp_path) as base:
        watch(Source(SourceId("n"), "N", "N", SourceKind.RSS, f"{base}/feed.xml"), now=NOW)
        publish(tmp_path, "Quillon signs Marlin missile sale", FIRST)
        with walk_at(NOW) as walk:
            steps.run_walk(walk)
        told = (len(slack.keys()), read_outbox(database))
        assert told[0] == 1

        publish(tmp_path, "Quillon raises Marlin missile sale", FIRST, LATER)
        with walk_at(NOW + timedelta(hours=1)) as walk:
            funnel = steps.run_walk(replace(walk, is_backfill=True))
    assert funnel.count("alerted") == 0
    with database.begin() as tx:
        members = tx.execute(select(func.count(), func.count(story_members.c.story_id.distinct()))).one()
    assert tuple(members) == (2, 1), "the later article was stored and grouped with the first"
    assert (len(slack.keys()), read_outbox(database)) == told


def publish(site: Path, title: str, *texts: str) -> None:
    """A feed of one article for each text; all but the last keep what they were."""
    items = ""
    for n, text in enumerate(texts):
        at = (NOW + timedelta(minutes=n)).isoformat()
        page = site / f"{n}.html"
        if not page.exists():
            page.write_text(PAGE.format(at=at, title=title, text=text))
        items += f"<item><title>x</title><link>BASE/{n}.html</link></item>"
    (site / "feed.xml").write_text(f"<rss version='2.0'><channel><title>N</title>{items}</channel></rss>")


def read_outbox(database: Database) -> list[tuple[str, int, str]]:
    with database.begin() as tx:
        rows = tx.execute(select(outbox.c.key, outbox.c.revision, outbox.c.state).order_by(outbox.c.sequence))
        return [(row.key, row.revision, row.state) for row in rows]
