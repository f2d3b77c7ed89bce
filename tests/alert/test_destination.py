"""E-mail and webhooks through the same outbox: what arrives, what is repeated and marked; no address leaks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from pipeline.alert.destination import DestinationDelivery
from pipeline.alert.letter import POSSIBLE_REPEAT
from pipeline.alert.outbox import deliver
from pipeline.errors import SettingError
from pipeline.models import Alert, DeliveryState, Notice, NoticeSection
from pipeline.store.database import Database
from pipeline.store.outbox import PostgresOutbox, count_states, list_destinations, queue_notice, resend_dead
from pipeline.store.tables import outbox
from tests.alert.builders import NOW, make_alert, make_story_alerts
from tests.alert.queueing import queue_alerts
from tests.alert.receivers import MailServer, Webhook

CHANNEL = "to:desk"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@dataclass
class Line:
    """One destination, its rows, and a clock that moves only when told."""

    database: Database
    address: str
    now: datetime = NOW

    def queue(self, *alerts: Alert) -> None:
        queue_alerts(self.database, [replace(alert, channel=CHANNEL) for alert in alerts])

    def deliver(self) -> dict[str, int]:
        sender = PostgresOutbox(self.database, CHANNEL)
        told: list[str] = []
        counts = deliver(
            sender,
            DestinationDelivery("desk", self.address),
            lambda: self.now,
            lambda _: None,
            tell_operations=told.append,
        )
        self.now += timedelta(hours=1)
        return counts

    def reasons(self) -> list[str]:
        with self.database.begin() as tx:
            return list(tx.execute(select(outbox.c.last_error).order_by(outbox.c.sequence)).scalars())

    def states(self) -> dict[str, int]:
        with self.database.begin() as tx:
            return count_states(tx)


def test_a_webhook_gets_every_alert_of_a_story_once_and_in_order(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 3))
    assert line.deliver() == {"sent": 3}
    assert line.deliver() == {}
    assert [post["message"].rsplit(" ", 1)[1] for post in webhook.posts] == ["k-1-0", "k-1-1", "k-1-2"]
    assert webhook.posts[0]["title"] == "Update: Ferry toll rises to 31"


def test_a_mail_has_a_subject_a_text_and_the_same_as_html(database: Database, mail: MailServer) -> None:
    line = Line(database, mail.address)
    line.queue(
        make_alert(headline="Überfahrt: 31 Tote\r\nBcc: all@desk.example", url="https://harbour.example/a?b=1&c=2")
    )
    assert line.deliver() == {"sent": 1}
    (sent,) = mail.mails
    assert sent["Subject"] == "Update: Überfahrt: 31 Tote Bcc: all@desk.example"
    assert sent["Bcc"] is None
    assert sent["To"] == "desk@desk.example"
    text, html = (sent.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "At least 31 people died" in text.get_content()
    assert "https://harbour.example/a?b=1&c=2" in text.get_content()
    assert '<a href="https://harbour.example/a?b=1&amp;c=2">' in html.get_content()


def make_digest() -> Notice:
    section = NoticeSection("Articles by topic", ("████ 12 transport",))
    return Notice("n-1", CHANNEL, "The day: 1 story", (section,), NOW, (("transport", 12), ("sanctions", 3)))


def test_the_picture_of_a_digest_stands_in_its_mail(database: Database, mail: MailServer) -> None:
    with database.begin() as tx:
        queue_notice(tx, make_digest(), NOW)
    assert Line(database, mail.address).deliver() == {"sent": 1}
    (sent,) = mail.mails
    (picture,) = (part for part in sent.walk() if part.get_content_type() == "image/png" or part.get_filename())
    assert picture.get_filename() == "articles-by-topic.png"
    assert picture.get_content()[:4] == b"\x89PNG"
    assert picture.get_content_disposition() == "inline"
    html, text = sent.get_body(("html",)), sent.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
    assert "12 transport" in text.get_content(), "the picture says nothing that the text does not say"


def test_a_webhook_gets_the_text_of_a_digest_alone(database: Database, webhook: Webhook) -> None:
    with database.begin() as tx:
        queue_notice(tx, make_digest(), NOW)
    assert Line(database, webhook.address).deliver() == {"sent": 1}
    assert webhook.posts[0].get("attachments", []) == []
    assert "12 transport" in webhook.posts[0]["message"]


def test_what_may_have_arrived_is_repeated_once_and_says_so(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 1))
    webhook.answers.append(0)
    assert line.deliver() == {"unknown": 1, "retry_after_seconds": 60}
    assert line.deliver() == {"repeated": 1}
    assert [POSSIBLE_REPEAT in post["title"] for post in webhook.posts] == [False, True]
    assert line.deliver() == {}


def test_a_mail_whose_answer_was_lost_is_repeated_once(database: Database, mail: MailServer) -> None:
    line = Line(database, mail.address)
    line.queue(make_alert())
    mail.answers.append("")
    assert line.deliver() == {"unknown": 1, "retry_after_seconds": 60}
    assert line.deliver() == {"repeated": 1}
    assert [str(sent["Subject"]).startswith(POSSIBLE_REPEAT) for sent in mail.mails] == [False, True]


def test_what_breaks_twice_waits_for_a_person(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 1))
    webhook.answers.extend([0, 0])
    line.deliver()
    assert line.deliver() == {"dead": 1}
    assert line.deliver() == {}
    assert line.reasons() == ["repeated once, may have arrived: to:desk failed: RemoteDisconnected"]
    with database.begin() as tx:
        assert resend_dead(tx) == 1
    assert line.deliver() == {"repeated": 1}
    assert len(webhook.posts) == 3


def test_what_was_refused_never_arrived_so_its_resending_is_no_repeat(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 1))
    webhook.answers.append(404)
    assert line.deliver() == {"dead": 1}
    with database.begin() as tx:
        assert resend_dead(tx) == 1
    assert line.deliver() == {"sent": 1}
    assert [POSSIBLE_REPEAT in post["title"] for post in webhook.posts] == [False]


def test_a_refusal_does_not_settle_an_earlier_doubt(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 1))
    webhook.answers.extend([0, 404])
    line.deliver()
    assert line.deliver() == {"dead": 1}
    with database.begin() as tx:
        resend_dead(tx)
    assert line.deliver() == {"repeated": 1}


def test_a_sender_that_was_killed_in_the_middle_leaves_a_possible_repeat(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    (alert,) = make_story_alerts(1, 1)
    line.queue(alert)
    sender = PostgresOutbox(database, CHANNEL)
    with sender.sender_lock():
        sender.mark_sending(alert, NOW)
    assert line.deliver() == {"recovered": 1, "retry_after_seconds": 60}
    assert line.deliver() == {"repeated": 1}
    assert [POSSIBLE_REPEAT in post["title"] for post in webhook.posts] == [True]


@pytest.mark.parametrize(
    ("status", "outcome"), [(429, "postponed"), (503, "postponed"), (500, "unknown"), (404, "dead"), (302, "dead")]
)
def test_an_answer_of_a_webhook_decides(database: Database, webhook: Webhook, status: int, outcome: str) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 1))
    webhook.answers.append(status)
    assert line.deliver()[outcome] == 1
    assert f"HTTP {status}" in line.reasons()[0]


@pytest.mark.parametrize(("answer", "outcome"), [("452 no room", "postponed"), ("554 no thanks", "dead")])
def test_an_answer_of_a_mail_server_decides(database: Database, mail: MailServer, answer: str, outcome: str) -> None:
    line = Line(database, mail.address)
    line.queue(make_alert())
    mail.answers.append(answer)
    assert line.deliver()[outcome] == 1
    assert answer[:3] in line.reasons()[0]
    assert not mail.mails


@pytest.mark.parametrize(
    "address", ["json://127.0.0.1:9/hook", "mailto://127.0.0.1:9/?from=a@b.example&to=a@b.example&mode=insecure"]
)
def test_nobody_there_means_nothing_was_sent(database: Database, address: str) -> None:
    line = Line(database, address)
    line.queue(*make_story_alerts(1, 1))
    assert line.deliver() == {"postponed": 1, "retry_after_seconds": 60}
    assert line.states() == {DeliveryState.PENDING: 1}


def test_each_destination_has_its_own_rows(database: Database, webhook: Webhook) -> None:
    line = Line(database, webhook.address)
    line.queue(*make_story_alerts(1, 1))
    queue_alerts(database, [replace(alert, channel="to:other") for alert in make_story_alerts(2, 1)])
    queue_alerts(database, make_story_alerts(3, 1))
    with database.begin() as tx:
        assert list_destinations(tx) == ["to:desk", "to:other"]
    assert line.deliver() == {"sent": 1}
    with PostgresOutbox(database).sender_lock():
        pass
    assert len(webhook.posts) == 1


def test_no_address_in_logs_reasons_or_repr(
    database: Database, webhook: Webhook, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    line = Line(database, webhook.address)
    for status in (0, 0, 500, 404, 429, 200):
        line.queue(*make_story_alerts(status, 1)) if status != 200 else None
        webhook.answers.append(status)
        line.deliver()
    with pytest.raises(SettingError) as unreadable:
        DestinationDelivery("desk", f"nothing://host/{Webhook.SECRET}")
    shown = [caplog.text, *capfd.readouterr(), *line.reasons(), str(unreadable.value), repr(unreadable.value)]
    assert not [text for text in shown if Webhook.SECRET in text]
