"""No secret of an operator shows anywhere: not when everything fails, and not in what is kept, printed or handed on."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from pipeline import steps
from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import WirewatchError
from pipeline.steps import Walk, open_walk
from pipeline.store.database import Database
from pipeline.store.outbox import resend_dead
from pipeline.store.tables import metadata
from tests.alert.builders import make_story_alerts
from tests.alert.queueing import queue_alerts
from tests.alert.receivers import MailServer, Webhook
from tests.slack_server import SlackServer, drop, refuse, server_error

SECRETS = ("sentinel-of-slack", "sentinel-of-mail", "sentinel-of-hook", "sentinel-of-database", "sentinel-of-gone")


@dataclass
class Leaks:
    """Everything that anybody could read, by where it was read."""

    seen: dict[str, str] = field(default_factory=dict)

    def add(self, where: str, what: object) -> None:
        self.seen[where] = f"{self.seen.get(where, '')}\n{what}\n{what!r}"

    def find(self) -> list[tuple[str, str]]:
        return [(where, secret) for where, shown in self.seen.items() for secret in SECRETS if secret in shown]


@dataclass
class House:
    """A workspace, a mail server and a webhook, whose addresses and tokens only the environment knows."""

    slack: SlackServer
    mail: MailServer
    webhook: Webhook


@pytest.fixture
def house(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with SlackServer(token="xoxb-sentinel-of-slack") as slack, MailServer() as mail, Webhook() as webhook:
        hook = webhook.address.replace(Webhook.SECRET, "sentinel-of-hook")
        settings = {
            "DATABASE_URL": database_url.replace("postgres:@", "postgres:sentinel-of-database@"),
            "SLACK_TOKEN": slack.token,
            "SLACK_BASE_URL": slack.base_url,
            "SLACK_CHANNEL": "C0NEWSDESK",
            "OPERATIONS_CHANNEL": "to:hook",
            "SECONDS_BETWEEN_POSTS": "0",
            "DESTINATIONS__MAIL": mail.address.replace("mailto://", "mailto://user:sentinel-of-mail@"),
            "DESTINATIONS__HOOK": hook,
            "DESTINATIONS__GONE": "json://user:sentinel-of-gone@127.0.0.1:9/sentinel-of-gone?to=sentinel-of-gone",
            "DESTINATIONS__WRONG": "nothing://user:sentinel-of-gone@host/sentinel-of-gone",
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"WIREWATCH_{name}", value)
        yield House(slack, mail, webhook)


def fail_in_every_way(house: House, walk: Walk, leaks: Leaks) -> None:
    """Rounds of sending, each into other trouble; what tasks hand on and raise is looked at."""
    channels = ("C0NEWSDESK", "#nowhere", "to:mail", "to:hook", "to:gone", "to:wrong", "to:missing")
    house.slack.add(drop(stored=True), server_error(stored=False), refuse("invalid_auth"), refuse("not_in_channel"))
    house.mail.answers.extend(["", "554 no thanks", "452 later"])
    house.webhook.answers.extend([0, 500, 404, 302, 429])
    for number in range(4):
        for channel in channels:
            alerts = make_story_alerts(number * 10 + channels.index(channel), 2)
            queue_alerts(walk.database, [replace(alert, channel=channel) for alert in alerts])
        for step in (steps.deliver_alerts, steps.attend_desk):
            try:
                leaks.add("handed on", step(walk))
            except WirewatchError as error:
                leaks.add("raised", "".join(traceback.format_exception(error)))
        with walk.database.begin() as tx:
            resend_dead(tx)
    house.slack.token = "xoxb-another"
    with suppress(WirewatchError):
        steps.report_failure("run-1", "Run failed")


def dump(database: Database) -> str:
    """Every row of every table, which is all that pages and reports can show."""
    with database.begin() as tx:
        return "\n".join(
            str(row[0])
            for table in metadata.sorted_tables
            for row in tx.execute(text(f'SELECT row_to_json(each) FROM "{table.name}" AS each'))
        )


def test_no_secret_in_logs_tables_tracebacks_or_what_tasks_hand_on(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    leaks = Leaks()
    with open_walk("attend__1", datetime.now(UTC)) as walk:
        fail_in_every_way(house, walk, leaks)
        leaks.add("tables", dump(walk.database))
        leaks.add("walk", walk)
        leaks.add("settings", (walk.settings, walk.settings.alert))
    leaks.add("logs", caplog.text)
    leaks.add("screen", "".join(capfd.readouterr()))
    assert "to:hook" in leaks.seen["tables"], "the trouble was kept, by name"
    assert leaks.find() == []


@pytest.mark.parametrize(
    "command", [["settings"], ["routes", "check"], ["attend"], ["resend"], ["wishes"], ["run"], ["feedback"]]
)
def test_no_secret_in_what_a_command_prints(house: House, command: list[str]) -> None:
    leaks = Leaks()
    with open_walk("attend__1", datetime.now(UTC)) as walk:
        queue_alerts(walk.database, [replace(make_story_alerts(1, 1)[0], channel="to:wrong")])
    done = CliRunner().invoke(main, command)
    leaks.add("screen", done.output)
    leaks.add("raised", "".join(traceback.format_exception(done.exception)) if done.exception else "")
    assert leaks.find() == []


@pytest.mark.parametrize("database_url", ["postgresql+psycopg://me:sentinel-of-database@127.0.0.1:9/x"])
def test_no_secret_of_a_database_that_is_down(house: House, database_url: str) -> None:
    done = CliRunner().invoke(main, ["attend"])
    assert done.exit_code == 2
    assert "cannot be used" in done.output
    assert "sentinel" not in done.output


def test_a_secret_stays_one_where_the_settings_are_shown(house: House) -> None:
    settings = load_settings()
    assert settings.alert.slack_token == "xoxb-sentinel-of-slack"
    leaks = Leaks()
    leaks.add("settings", settings)
    leaks.add("dumped", settings.model_dump())
    leaks.add("as JSON", settings.model_dump_json())
    assert leaks.find() == []
