"""Whatever a site or an operator does wrong ends in a named outcome or one clear line, and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.models import Source, SourceId, SourceKind
from pipeline.steps import run_walk
from pipeline.store.database import Database
from pipeline.store.reports import read_item_life
from pipeline.store.sources import list_sources
from tests.site_server import serve_site
from tests.slack_server import SlackServer
from tests.walk.conftest import OpenWalk

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

_FEED = '<rss version="2.0"><channel><title>{name}</title><link>BASE/</link>{items}</channel></rss>'
_ITEM = "<item><title>{title}</title><link>BASE/{path}</link><pubDate>Mon, 02 Mar 2026 09:00:00 +0000</pubDate></item>"
_STORY = """<html lang="en"><head><title>Ferry to Skarvholm stopped after engine fire</title></head><body><article>
<h1>Ferry to Skarvholm stopped after engine fire</h1>
<p>The car ferry between Lindvik and Skarvholm was taken out of service on Monday after a fire in its engine room,
the port authority said. All 214 passengers were brought ashore unhurt within two hours.</p>
<p>The operator said a replacement vessel would arrive from the mainland on Wednesday, and that cars already booked
would be carried by the northern line at no extra cost until the repairs are finished.</p>
</article></body></html>"""


def make_source(name: str, kind: SourceKind, address: str) -> Source:
    return Source(SourceId(name), name, name, kind, address)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with one good article and several bad corners."""
    feeds = {
        "good": [("Ferry to Skarvholm stopped after engine fire", "ferry.html")],
        "empty": [],
        "broken": [("A page that is gone", "gone.html"), ("A page without text", "bare.html")],
    }
    for name, entries in feeds.items():
        listed = "".join(_ITEM.format(title=title, path=path) for title, path in entries)
        (tmp_path / f"{name}.xml").write_text(_FEED.format(name=name, items=listed))
    (tmp_path / "ferry.html").write_text(_STORY)
    (tmp_path / "bare.html").write_text("<html><body><img src='x.png'></body></html>")
    (tmp_path / "html.xml").write_text("<html><body><h1>We moved</h1><p>Nothing to see here.</p></body></html>")
    return tmp_path


def test_each_bad_source_has_a_named_outcome_and_the_good_one_arrives(
    site: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None], slack: SlackServer
) -> None:
    with serve_site(site) as base:
        watch(
            make_source("good", SourceKind.RSS, f"{base}/good.xml"),
            make_source("empty", SourceKind.RSS, f"{base}/empty.xml"),
            make_source("html", SourceKind.RSS, f"{base}/html.xml"),
            make_source("missing", SourceKind.RSS, f"{base}/nowhere.xml"),
            make_source("dead", SourceKind.RSS, "http://127.0.0.1:2/feed.xml"),
            make_source("unknown", SourceKind.RSS, "http://no-such-host.invalid/feed.xml"),
            make_source("folder", SourceKind.FOLDER, str(site / "no-such-folder")),
            make_source("broken", SourceKind.RSS, f"{base}/broken.xml"),
            now=NOW,
        )
        funnels = []
        for _ in range(3):  # a page that is not there is given three runs: servers have moods
            with walk_at(NOW) as walk:
                funnels.append(run_walk(walk))
    funnel = funnels[0]
    with database.begin() as tx:
        outcomes = {state.source.id: state.last_outcome for state in list_sources(tx)}
        gone = read_item_life(tx, [f"{base}/gone.html"])
        bare = read_item_life(tx, [f"{base}/bare.html"])
    assert outcomes == {
        "good": "unchanged",  # in the second and third run
        "empty": "empty",
        "html": "not_a_feed",
        "missing": "http_404",
        "dead": "unreachable",
        "unknown": "dns_failure",
        "folder": "folder_missing",
        "broken": "unchanged",
    }
    assert gone is not None
    assert [(a.room, a.outcome, a.reason.split(":")[0]) for a in gone.answers] == [("fetch", "failed", "http_404")]
    assert bare is not None
    assert [(a.room, a.outcome) for a in bare.answers] == [("fetch", "fetched"), ("clean", "rejected")]
    assert funnel.count("articles") == 1
    assert ("alert", "queued", 1) in funnel.outcomes, funnel.outcomes
    assert len(slack.keys()) == 1


def test_a_page_that_does_not_arrive_is_tried_in_three_runs_then_given_up(
    site: Path, database: Database, walk_at: OpenWalk, watch: Callable[..., None]
) -> None:
    (site / "late.xml").write_text(
        _FEED.format(name="late", items=_ITEM.format(title="Nobody home", path="x")).replace(
            "BASE/x", "http://127.0.0.1:2/story.html"
        )
    )
    with serve_site(site) as base:
        watch(make_source("late", SourceKind.RSS, f"{base}/late.xml"), now=NOW)
        waits = []
        for _ in range(4):
            with walk_at(NOW) as walk:
                run_walk(walk)
            with database.begin() as tx:
                life = read_item_life(tx, ["http://127.0.0.1:2/story.html"])
            assert life is not None
            waits.append((life.waiting_for, life.fetch_attempts))
    assert waits == [("fetch", 1), ("fetch", 2), (None, 2), (None, 2)]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgresql+psycopg://nobody:hidden@127.0.0.1:2/none", "cannot be used"),
        ("DATABASE_URL", "mysql://x/y", "must begin with postgresql"),
        ("HOST_DELAY_SECONDS", "soon", "WIREWATCH_HOST_DELAY_SECONDS"),
        ("FRESHNESS_HOURS", "-1", "WIREWATCH_FRESHNESS_HOURS"),
    ],
)
def test_a_wrong_setting_is_one_clear_line_and_status_2(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"WIREWATCH_{name}", value)
    done = CliRunner().invoke(main, ["run"])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "hidden" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_run_without_sources_says_what_to_do(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DATABASE_URL", database_url)
    done = CliRunner().invoke(main, ["run"])
    assert done.exit_code != 0
    assert "wirewatch sources add" in done.stderr
