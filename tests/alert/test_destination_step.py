"""Destinations as an operator sets them: names in the routes, addresses in the environment only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.alert.routes import parse_routes
from pipeline.config import Settings, load_settings
from pipeline.errors import DeliveryPostponed, SettingError
from pipeline.models import RunId
from pipeline.steps import Walk, deliver_alerts, report_failure
from pipeline.store.database import Database
from pipeline.store.outbox import count_states
from tests.alert.builders import NOW, make_story_alerts
from tests.alert.queueing import queue_alerts
from tests.alert.receivers import MailServer, Webhook
from tests.slack_server import SlackServer

ROUTES = """
[[routes]]
name = "desk"
channels = ["C0NEWSDESK", "to:Desk_Mail"]
"""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with Webhook() as server:
        monkeypatch.setenv("WIREWATCH_DESTINATIONS__DESK_MAIL", server.address)
        yield server


def queue_everywhere(database: Database) -> None:
    for story, channel in enumerate(("to:desk-mail", "C0NEWSDESK", "to:desk-mail")):
        queue_alerts(database, [replace(alert, channel=channel) for alert in make_story_alerts(story, 1)])


def deliver_all(database: Database) -> dict[str, int]:
    return deliver_alerts(Walk(RunId("run-2"), NOW, Settings(), database))


def test_one_run_delivers_to_slack_and_to_a_webhook(database: Database, slack: SlackServer, webhook: Webhook) -> None:
    queue_everywhere(database)
    assert deliver_all(database) == {"sent": 3}
    assert (len(slack.messages), len(webhook.posts)) == (1, 2)


def test_a_service_that_is_down_holds_up_nobody_else(
    database: Database, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREWATCH_DESTINATIONS", '{"desk-mail": "json://127.0.0.1:9/hook"}')
    queue_everywhere(database)
    with pytest.raises(DeliveryPostponed):
        deliver_all(database)
    assert len(slack.messages) == 1
    with database.begin() as tx:
        assert count_states(tx) == {"sent": 1, "pending": 2}


def test_an_address_that_is_missing_holds_up_nobody_else(database: Database, slack: SlackServer) -> None:
    queue_everywhere(database)
    with pytest.raises(SettingError, match="WIREWATCH_DESTINATIONS__DESK_MAIL"):
        deliver_all(database)
    assert len(slack.messages) == 1


def test_operations_may_be_a_mail_box(monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer() as mail:
        monkeypatch.setenv("WIREWATCH_DESTINATIONS__DUTY", mail.address)
        monkeypatch.setenv("WIREWATCH_OPERATIONS_CHANNEL", "to:duty")
        monkeypatch.setenv("WIREWATCH_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
        report_failure("r", "Run r failed in: fetch.")
        assert [str(sent["Subject"]) for sent in mail.mails] == ["Wirewatch needs attention: Run r failed in: fetch."]


def test_routes_name_a_destination_in_any_spelling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, webhook: Webhook
) -> None:
    routes = tmp_path / "routes.toml"
    routes.write_text(ROUTES, encoding="utf-8")
    monkeypatch.setenv("WIREWATCH_ROUTES_FILE", str(routes))
    assert load_settings().load_routes().routes[0].channels == ("C0NEWSDESK", "to:desk-mail")
    monkeypatch.delenv("WIREWATCH_DESTINATIONS__DESK_MAIL")
    with pytest.raises(SettingError, match=r"routes.toml:4: channels: 'to:Desk_Mail' has no address"):
        load_settings().load_routes()


def test_an_address_shows_in_no_repr(webhook: Webhook) -> None:
    settings = load_settings()
    assert settings.alert.destinations == {"desk-mail": webhook.address}
    assert webhook.SECRET not in f"{settings!r} {settings} {settings.alert!r} {settings.destinations}"


def test_what_is_no_mapping_is_refused_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DESTINATIONS", "json://host/secret-path")
    with pytest.raises(SettingError) as refused:
        load_settings()
    assert "secret-path" not in str(refused.value)


def test_a_route_may_print_to_the_console(
    database: Database, slack: SlackServer, webhook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert parse_routes('[[routes]]\nname = "a"\nchannels = ["to:console"]', "#x").routes[0].channels == ("to:console",)
    queue_everywhere(database)
    queue_alerts(database, [replace(alert, channel="to:console") for alert in make_story_alerts(9, 1)])
    assert deliver_all(database) == {"sent": 4}
    assert "UPDATE: Ferry toll rises to 31" in capsys.readouterr().out
