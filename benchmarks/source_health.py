"""What judging the sources adds to one run, with a full archive of looks behind it.

usage: python benchmarks/source_health.py [--sources 10000] [--days 30] [--looks-a-day 12] [--runs 5] [--plot FILE.svg]

Fills an embedded PostgreSQL of its own with that many looks (30 days is what is kept of them, however many years the
watch has run), then plays runs in which one source in a hundred fails. Prints the seconds and the memory of each run.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from tqdm import tqdm

from pipeline.config import Settings
from pipeline.health import judge_looks
from pipeline.models import Health, Look, RunId, SourceId
from pipeline.steps import Walk
from pipeline.steps.health import watch_sources
from pipeline.store import health
from pipeline.store.database import Database
from pipeline.store.embedded import open_embedded

START = datetime(2026, 1, 5, tzinfo=UTC)
ADD_SOURCES = """
    INSERT INTO sources (id, name, publisher, kind, address, added_at)
    SELECT 's' || n, 'Source ' || n, 'Publisher', 'rss', 'https://outlet' || n || '.example/feed', :now
    FROM generate_series(1, :sources) AS n
"""
ADD_RUN = "INSERT INTO runs (id, now, is_backfill, started_at, state) VALUES (:run, :now, false, :now, 'finished')"
ADD_LOOKS = """
    INSERT INTO source_checks
        (run_id, source_id, checked_at, outcome, reason, entries_seen, entries_new, refused, took_seconds, has_content)
    SELECT :run, id, :now, CASE WHEN id LIKE '%00' AND :fails THEN 'http_503' ELSE 'ok' END, '', 20, 2, '{}', 0.3, true
    FROM sources
"""


def fill(database: Database, sources: int, days: int, every: timedelta) -> datetime:
    """Add the sources and their looks, judged already; returns when the next look is due."""
    count = int(timedelta(days=days) / every)
    with database.begin() as tx:
        tx.execute(text(ADD_SOURCES), {"now": START, "sources": sources})
    for number in tqdm(range(count), desc="looks"):
        add_looks(database, f"past-{number}", START + number * every, fails=False)
    looks = [Look(START + number * every, "ok", "", 2, 0.3) for number in range(count)]
    remembered, _ = judge_looks(SourceId("any"), Health(), looks)
    with database.begin() as tx:
        ids = health.list_ids(tx)
        for begin in range(0, len(ids), 500):
            health.save_health(tx, dict.fromkeys(ids[begin : begin + 500], remembered), [])
    with database.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return START + count * every


def add_looks(database: Database, run: str, now: datetime, fails: bool) -> None:
    """One look at every source."""
    with database.begin() as tx:
        tx.execute(text(ADD_RUN), {"run": run, "now": now})
        tx.execute(text(ADD_LOOKS), {"run": run, "now": now, "fails": fails})


def play(walk: Walk, runs: int, every: timedelta) -> list[float]:
    """The seconds that each run spends on its sources."""
    seconds = []
    for number in range(runs):
        now = walk.now + number * every
        add_looks(walk.database, f"run-{number}", now, fails=True)
        started = time.perf_counter()
        counts = watch_sources(replace(walk, now=now))
        seconds.append(time.perf_counter() - started)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told = ", ".join(f"{count} {name}" for name, count in counts.items())
        print(f"run {number + 1}: {seconds[-1]:5.1f} s, {peak_mb:.0f} MB, {told}")
    return seconds


def draw(seconds: list[float], title: str, path: Path) -> None:
    """One bar for each run."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    axes.bar([str(number + 1) for number in range(len(seconds))], seconds)
    axes.set(xlabel="run", ylabel="seconds", title=title)
    figure.savefig(path)


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--looks-a-day", type=int, default=12)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--plot", type=Path, help="write a picture of the seconds here")
    chosen = parser.parse_args()
    every = timedelta(days=1) / chosen.looks_a_day
    # A socket's path is short: not below a folder with a long name.
    with (
        tempfile.TemporaryDirectory(prefix="wirewatch-", ignore_cleanup_errors=True) as folder,
        open_embedded(Path(folder) / "postgres") as server,
    ):
        database = Database(server.url("wirewatch"))
        database.migrate()
        now = fill(database, chosen.sources, chosen.days, every)
        seconds = play(Walk(RunId("run"), now, Settings(), database), chosen.runs, every)
        database.close()
    if chosen.plot:
        looks = chosen.sources * chosen.days * chosen.looks_a_day
        draw(seconds, f"judging {chosen.sources:,} sources, {looks:,} looks kept", chosen.plot)


if __name__ == "__main__":
    main()
