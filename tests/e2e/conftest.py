"""One real Airflow for all end-to-end tests: embedded PostgreSQL, two outlets and a Slack-like server around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from pipeline.config import load_settings
from pipeline.demo.airflow import AirflowFiles, AirflowStandalone, find_free_port
from pipeline.models import Source, SourceId, SourceKind
from pipeline.store.database import Database
from pipeline.store.embedded import EmbeddedPostgres
from pipeline.store.sources import add_source
from pipeline.topic_model import load_topic_model
from tests.e2e.outlets import Outlets
from tests.slack_server import TOKEN, SlackServer

ROOT = Path(__file__).parents[2]
ALERTS, OPERATIONS = "C0NEWSDESK", "C0OPERATIONS"
DEAD_SOURCE = "Dead <img src=x onerror=document.body.dataset.owned=1>"


@dataclass(frozen=True)
class Desk:
    """Everything that stands around a run."""

    airflow: AirflowStandalone
    database: Database
    outlets: Outlets
    slack: SlackServer

    def run(self, now: str) -> tuple[str, str]:
        """One run of the DAG at `now`: its id and its final state."""
        run_id = self.airflow.trigger("news", {"now": now})
        return run_id, self.airflow.wait("news", run_id, timeout_seconds=300)

    def texts_in(self, channel: str) -> list[str]:
        """What was posted there, oldest first."""
        return [str(message["text"]) for message in self.slack.messages if message["channel"] == channel]


@pytest.fixture(scope="session")
def desk(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with psycopg.connect(host=str(postgres.socket_dir), user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE airflow")
        admin.execute("CREATE DATABASE desk TEMPLATE template_wirewatch")
    folder = tmp_path_factory.mktemp("airflow")
    # The models of the project are used, and trained here if need be: in a task that would look like a hanging run.
    settings = load_settings()
    load_topic_model(settings.data_dir / "models", settings.seeds_dir)
    with Outlets() as outlets, SlackServer() as slack:
        database = Database(postgres.url("desk"))
        add_sources(database, outlets.base_url)
        env = {
            "WIREWATCH_DATABASE_URL": postgres.url("desk"),
            "WIREWATCH_DATA_DIR": str(settings.data_dir.resolve()),
            "WIREWATCH_ALLOW_LOOPBACK": "true",
            "WIREWATCH_HOST_DELAY_SECONDS": "0",
            "WIREWATCH_BATCH_SIZE": "2",
            "WIREWATCH_SLACK_BASE_URL": slack.base_url,
            "WIREWATCH_SLACK_TOKEN": TOKEN,
            "WIREWATCH_SLACK_CHANNEL": ALERTS,
            "WIREWATCH_OPERATIONS_CHANNEL": OPERATIONS,
            "WIREWATCH_SECONDS_BETWEEN_POSTS": "0",
        }
        files = AirflowFiles(folder / "home", ROOT / "dags", ROOT / "plugins")
        with AirflowStandalone(files, postgres.url("airflow"), find_free_port(), env) as airflow:
            airflow.start()
            yield Desk(airflow, database, outlets, slack)
        database.close()
    assert find_processes(files.home) == []


def find_processes(home: Path) -> list[str]:
    """The processes of the Airflow that lives in `home`; nothing where there is no /proc."""
    mark = f"AIRFLOW_HOME={home}\0".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in environment.read_bytes():
                found.append(environment.parent.name)
    return found


@pytest.fixture(scope="session")
def first_run(desk: Desk) -> tuple[str, str]:
    """The run on Monday noon that every test starts from: its id and its final state."""
    return desk.run(now="2026-05-04T12:00:00Z")


def add_sources(database: Database, base_url: str) -> None:
    """Two outlets that work and one that is down, and has a name to beware of."""
    addresses = {
        "Northern Courier": f"{base_url}/courier/feed.xml",
        "Harbour Post": f"{base_url}/harbour/feed.xml",
        DEAD_SOURCE: "http://127.0.0.1:2/feed.xml",
    }
    with database.begin() as tx:
        for number, (name, address) in enumerate(addresses.items()):
            source = Source(SourceId(f"source-{number}"), name, name, SourceKind.RSS, address)
            add_source(tx, source, datetime(2026, 5, 4, tzinfo=UTC))
