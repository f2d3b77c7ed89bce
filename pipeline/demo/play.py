"""Three days of news through a real Airflow: outlets, database, DAG, alerts, and at the end the UI to look at."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pipeline.alert.message import render_console
from pipeline.config import load_settings
from pipeline.demo.airflow import AirflowError, AirflowFiles, AirflowStandalone, find_free_port
from pipeline.demo.outlets import DemoSites, serve_outlets
from pipeline.errors import SettingError
from pipeline.models import RunId
from pipeline.store.database import Database
from pipeline.store.embedded import EmbeddedPostgres, open_embedded
from pipeline.store.outbox import read_run_alerts
from pipeline.store.reports import Funnel, read_funnel
from pipeline.store.sources import add_source
from pipeline.topic_model import load_topic_model

ROOT = Path(__file__).resolve().parents[2]
DAYS = tuple(datetime(2026, 3, day, 20, tzinfo=UTC) for day in (2, 3, 4))
DAG_ID = "news"
NOT_TOLD = {"near_duplicate": "copies", "repeat": "retellings"}


def play(is_once: bool) -> None:
    """Play the three days; then show where the UI is and wait for Ctrl-C, unless `is_once`.

    Raises AirflowError and the errors of the database; everything that was started is stopped.
    """
    started_at = time.monotonic()
    settings = load_settings()
    folder = settings.data_dir.resolve() / "demo"
    databases = ("wirewatch", "airflow")
    with (
        _hold_empty(folder),
        serve_outlets(settings.seeds_dir / "demo") as sites,
        open_embedded(folder / "postgres", databases) as postgres,
        _open_desk(postgres, sites) as database,
        _make_airflow(folder, postgres) as airflow,
    ):
        _say(f"six outlets, {sum(len(outlet.articles) for outlet in sites.outlets)} articles of three days")
        _start(airflow, settings.data_dir.resolve() / "models", settings.seeds_dir)
        totals = Counter[str]()
        for day in DAYS:
            sites.clock = day
            totals += _play_day(airflow, database, day)
        told_twice = ", ".join(f"{totals[label]} {name}" for label, name in NOT_TOLD.items())
        _say(f"{totals['alerted']} developments told once; not told again: {told_twice}")
        _say(f"three days in {time.monotonic() - started_at:.0f} s")
        if not is_once:
            _say(f"Airflow: {airflow.base_url}  login: {airflow.username}  password: {airflow.password}")
            _say("the page with the stories is Wirewatch in its menu on the left; Ctrl-C ends the demo")
            _wait_for_interrupt()


@contextmanager
def _hold_empty(folder: Path) -> Iterator[None]:
    """Every demo begins on an empty desk, and two of them do not clear each other's."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingError(f"a demo is running in {folder} already: end it first") from None
        shutil.rmtree(folder, ignore_errors=True)
        yield


@contextmanager
def _open_desk(postgres: EmbeddedPostgres, sites: DemoSites) -> Iterator[Database]:
    database = Database(postgres.url("wirewatch"))
    try:
        database.migrate()
        with database.begin() as tx:
            for outlet in sites.outlets:
                add_source(tx, outlet.source, DAYS[0])
        yield database
    finally:
        database.close()


def _make_airflow(folder: Path, postgres: EmbeddedPostgres) -> AirflowStandalone:
    settings = {
        "WIREWATCH_DATABASE_URL": postgres.url("wirewatch"),
        "WIREWATCH_DATA_DIR": str(folder.parent),
        "WIREWATCH_ALLOW_LOOPBACK": "true",
        "WIREWATCH_HOST_DELAY_SECONDS": "0",
        "WIREWATCH_SECONDS_BETWEEN_POSTS": "0",
        "WIREWATCH_BATCH_SIZE": "3",
        # The demo shows its alerts here, whatever Slack the caller may have set.
        "WIREWATCH_SLACK_TOKEN": "",
        "WIREWATCH_SLACK_CHANNEL": "#news-desk",
    }
    files = AirflowFiles(home=folder / "airflow", dags=ROOT / "dags", plugins=ROOT / "plugins")
    return AirflowStandalone(files, postgres.url("airflow"), find_free_port(), settings)


def _start(airflow: AirflowStandalone, models_dir: Path, seeds_dir: Path) -> None:
    """Airflow takes some 30 s to come up; a model that has to be trained is trained meanwhile."""
    _say("starting Airflow (log: " + os.path.relpath(airflow.log_path) + ")")
    training = threading.Thread(target=load_topic_model, args=(models_dir, seeds_dir, _say))
    training.start()
    airflow.start(on_progress=_say)
    training.join()


def _play_day(airflow: AirflowStandalone, database: Database, day: datetime) -> Counter[str]:
    print(f"\n──── {day:%A %d %B %Y, %H:%M} UTC " + "─" * 50, flush=True)
    run_id = airflow.trigger(DAG_ID, {"now": day.isoformat()})
    state = airflow.wait(DAG_ID, run_id)
    if state != "success":
        raise AirflowError(f"the run of {day:%d %B} ended as {state}; see {airflow.log_path}")
    with database.begin() as tx:
        alerts = read_run_alerts(tx, RunId(run_id))
        funnel = read_funnel(tx, RunId(run_id))
    for alert in alerts:
        print("\n" + render_console(alert))
    print(f"\n{_describe(funnel)}", flush=True)
    return _count(funnel)


def _describe(funnel: Funnel) -> str:
    return "  >  ".join(f"{count} {stage}" for stage, count in funnel.stages)


def _count(funnel: Funnel) -> Counter[str]:
    counts = Counter({outcome: number for room, outcome, number in funnel.outcomes if room == "detect"})
    return Counter({**counts, "alerted": funnel.count("alerted")})


def _wait_for_interrupt() -> None:
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    _say("stopping")


def _say(line: str) -> None:
    print(f"demo: {line}", flush=True)
