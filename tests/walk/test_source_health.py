"""A source played over many days in a real database: its states, and the one digest of a day."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pipeline import steps
from pipeline.models import (
    Entry,
    FeedHints,
    Source,
    SourceCheck,
    SourceId,
    SourceKind,
    Validators,
    make_item_id,
)
from pipeline.steps.health import watch_sources
from pipeline.store import health, runs, sources
from pipeline.store.database import Database
from pipeline.store.tables import outbox, source_changes, source_checks
from tests.slack_server import SlackServer
from tests.walk.conftest import OpenWalk

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WORDS = {"304": "unchanged", "404": "http_404", "403": "http_403", "503": "http_503"}
HARBOUR = Source(SourceId("harbour"), "Harbour Post", "Harbour Post", SourceKind.RSS, "https://harbour.example/feed")

Play = Callable[..., datetime]


def make_check(source: Source, outcome: str, items: int, now: datetime) -> SourceCheck:
    urls = [f"https://harbour.example/{source.id}/{now.isoformat()}/{number}" for number in range(items)]
    entries = tuple(Entry(make_item_id(url), source.id, url, url, FeedHints(), now) for url in urls)
    validators = Validators('"1"', content_read_at=now if outcome == "ok" else None)
    return SourceCheck(source.id, now, outcome, f"it said {outcome}", entries, {}, validators, 0.2)


@pytest.fixture
def play(walk_at: OpenWalk, database: Database, watch: Callable[..., None]) -> Play:
    """Look at the source once for each word: `play("ok 503 ok:30")`; returns when the next look is due."""
    watch(HARBOUR, now=NOW)

    def look(
        script: str, start: datetime = NOW, every: timedelta = DAY, source: Source = HARBOUR, is_judged: bool = True
    ) -> datetime:
        for number, word in enumerate(script.split()):
            now = start + number * every
            name, _, items = word.partition(":")
            outcome = WORDS.get(name, name)
            with walk_at(now) as walk:
                with database.begin() as tx:
                    runs.start_run(tx, walk.run_id, now, False, now)
                    brought = int(items or outcome == "ok")
                    sources.save_checks(tx, walk.run_id, [(source, make_check(source, outcome, brought, now))])
                if is_judged:
                    watch_sources(walk)
        return start + len(script.split()) * every

    return look


def read_state(database: Database) -> tuple[str, datetime | None, str]:
    with database.begin() as tx:
        (found,) = sources.list_sources(tx)
    return found.state, found.state_since, found.state_reason


def read_digests(database: Database) -> dict[str, dict[str, list[str]]]:
    """Key of each queued digest -> its headings with their lines."""
    with database.begin() as tx:
        rows = tx.execute(select(outbox).where(outbox.c.story_id.is_(None)).order_by(outbox.c.sequence)).all()
    return {row.key: {part["heading"]: part["lines"] for part in row.record["sections"]} for row in rows}


def test_healthy_failing_recovered_with_unchanged_answers_in_between(play: Play, database: Database) -> None:
    later = play("ok ok 503 503")
    assert read_state(database)[0] == "healthy"
    later = play("503", later)
    assert read_state(database) == ("failing", NOW + 2 * DAY, "it said http_503; 3 of the last 5 looks went wrong")
    later = play("304 304 304", later)
    assert read_state(database)[0] == "failing"
    later = play("ok ok", later)
    assert read_state(database)[0] == "failing"
    play("ok", later)
    assert read_state(database)[:2] == ("healthy", NOW + 8 * DAY)
    turned, recovered = read_digests(database).items()
    assert turned == (
        "sources-digest/2026-03-06",
        {
            "Failing (1): look again in a day or two; when it stays, mend the address": [
                "Harbour Post, since 4 Mar 06:00 UTC: it said http_503; 3 of the last 5 looks went wrong"
            ]
        },
    )
    assert recovered == (
        "sources-digest/2026-03-12",
        {"Recovered (1)": ["Harbour Post, since 10 Mar 06:00 UTC, was failing"]},
    )


@pytest.mark.parametrize(
    ("script", "state", "digests"),
    [
        ("ok 403 403 403", "blocked", 1),
        ("ok 404 404 404", "failing", 1),
        ("ok 404 404 404 404", "gone", 2),
        ("ok ok ok 304 304 304 304", "unchanged", 0),
        ("ok 503 503 ok ok ok 503", "healthy", 0),
        ("503", "new", 0),
    ],
)
def test_a_state_is_told_once_and_nothing_is_told_when_nothing_changed(
    play: Play, database: Database, script: str, state: str, digests: int
) -> None:
    later = play(script)
    assert read_state(database)[0] == state
    play("postponed", later)
    assert len(read_digests(database)) == digests


def test_a_weekly_paper_and_an_hourly_wire_fall_silent_by_their_own_rhythm(play: Play, database: Database) -> None:
    later = play(" ".join(["ok"] * 8), every=7 * DAY)
    play("304 304", later - 6 * DAY)
    assert read_state(database)[0] == "healthy"
    play("304 304 304", later, every=8 * DAY)
    assert read_state(database)[0] == "silent"
    (lines,) = read_digests(database).popitem()[1].values()
    assert "nothing new for 23 days, its long waits are 7 days" in lines[0]


def test_an_hourly_wire_is_silent_after_two_days(play: Play, database: Database) -> None:
    later = play(" ".join(["ok"] * (8 * 16)), every=3 * HOUR, is_judged=False)  # all of them by the next look
    later = play(" ".join(["304"] * 7), later, every=3 * HOUR)
    assert read_state(database)[0] == "unchanged"
    later = play(" ".join(["304"] * 9), later, every=3 * HOUR)
    assert read_state(database)[0] == "silent"
    play("ok", later)
    assert read_state(database)[0] == "healthy"


def test_floods_and_droughts_are_told(play: Play, database: Database) -> None:
    later = play(" ".join(["ok:20"] * 29))
    later = play("ok:120 ok:20 ok:20 ok:20 304", later)
    assert [list(digest) for digest in read_digests(database).values()] == [
        ["Flood (1): see whether it repeats old articles or has widened"],
        ["Drought (1): see whether something of it is missing: a section, a holiday"],
    ]


def test_one_digest_a_day_and_what_comes_later_waits_for_the_next(play: Play, database: Database) -> None:
    echo = replace(HARBOUR, id=SourceId("echo"), name="Echo", address="https://echo.example/feed")
    with database.begin() as tx:
        sources.add_source(tx, echo, NOW)
    play("ok 503 503 503", every=2 * HOUR)
    play("ok 403 403 403", NOW + 8 * HOUR, every=2 * HOUR, source=echo)
    assert list(read_digests(database)) == ["sources-digest/2026-03-02"]
    play("503", NOW + DAY)
    today, tomorrow = read_digests(database).values()
    assert ["Failing" in heading for heading in today] == [True]
    assert ["Blocked" in heading for heading in tomorrow] == [True]


def test_trouble_that_was_over_before_anybody_was_told_is_not_told(play: Play, database: Database) -> None:
    echo = replace(HARBOUR, id=SourceId("echo"), name="Echo", address="https://echo.example/feed")
    with database.begin() as tx:
        sources.add_source(tx, echo, NOW)
    play("ok 403 403 403", every=2 * HOUR, source=echo)  # the digest of the day is out
    later = play("ok 503 503 503 ok ok ok", NOW + 7 * HOUR, every=2 * HOUR)
    play("ok ok", later + DAY)
    assert len(read_digests(database)) == 1


def test_concurrent_walks_judge_and_tell_once(play: Play, walk_at: OpenWalk, database: Database) -> None:
    play("ok 503 503")
    with walk_at(NOW + 3 * DAY) as walk, walk_at(NOW + 3 * DAY) as other:
        with database.begin() as tx:
            runs.start_run(tx, walk.run_id, walk.now, False, walk.now)
            sources.save_checks(tx, walk.run_id, [(HARBOUR, make_check(HARBOUR, "http_503", 0, walk.now))])
        threads = [threading.Thread(target=watch_sources, args=(one,)) for one in (walk, other, walk, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        watch_sources(walk)
    assert len(read_digests(database)) == 1
    with database.begin() as tx:
        assert tx.execute(select(func.count()).select_from(source_changes)).scalar_one() == 1


def test_a_backfill_neither_judges_nor_tells(play: Play, walk_at: OpenWalk, database: Database) -> None:
    later = play("ok 503 503")
    with walk_at(later) as walk:
        backfill = replace(walk, is_backfill=True)
        with database.begin() as tx:
            runs.start_run(tx, walk.run_id, later, True, later)
            sources.save_checks(tx, walk.run_id, [(HARBOUR, make_check(HARBOUR, "http_503", 0, later))])
        assert watch_sources(backfill) == {}
    play("304", later + DAY)
    assert read_state(database)[0] == "healthy"
    play("503", later + 2 * DAY)
    assert read_state(database)[0] == "failing"


def test_a_source_in_trouble_is_asked_for_its_content(play: Play, database: Database) -> None:
    later = play("ok 503 503 503 ok")
    with database.begin() as tx:
        assert sources.read_validators(tx, [HARBOUR.id])[HARBOUR.id].etag is None
    play("ok ok", later)
    with database.begin() as tx:
        assert sources.read_validators(tx, [HARBOUR.id])[HARBOUR.id].etag == '"1"'


def test_removing_a_source_takes_its_changes_along(play: Play, database: Database) -> None:
    play("ok 503 503 503")
    with database.begin() as tx:
        sources.remove_source(tx, HARBOUR.id)
        assert health.read_untold(tx) == []


def test_a_folder_that_vanishes_is_told_in_slack_and_old_looks_are_forgotten(
    tmp_path: Path, walk_at: OpenWalk, database: Database, watch: Callable[..., None], slack: SlackServer
) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    watch(Source(SourceId("folder"), "Old <!channel> Archive", "Archive", SourceKind.FOLDER, str(folder)), now=NOW)
    for day in range(36):
        if day == 31:
            folder.rmdir()
        with walk_at(NOW + day * DAY) as walk:
            steps.run_walk(walk)
    texts = [str(message["blocks"]) for message in slack.messages]
    assert len(texts) == 2
    assert "Failing (1)" in texts[0]
    assert "Old &lt;!channel&gt; Archive" in texts[0]
    assert "Gone (1)" in texts[1]
    assert {message["channel"] for message in slack.messages} == {"C0OPERATIONS"}
    with database.begin() as tx:
        oldest = tx.execute(select(func.min(source_checks.c.checked_at))).scalar_one()
    assert oldest == NOW + 5 * DAY
