"""The page, rendered from records: what it says, and that nothing in it can run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser
from wirewatch_ui.page import is_web_link, make_bars, render_page, render_trouble

from pipeline.errors import StoreOutdated, StoreUnavailable
from pipeline.models import (
    Alert,
    DeliveryState,
    HealthState,
    ItemId,
    Label,
    Source,
    SourceId,
    SourceKind,
    StoryId,
    TopicMatch,
)
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack
from pipeline.store.reports import AlertLine, DeskPage, Funnel, HeldLine, MessageLine, StoryCard, read_story_lines
from pipeline.store.sources import SourceState
from tests.alert.builders import NOW as ALERTED_AT
from tests.alert.builders import make_story_alerts
from tests.alert.queueing import queue_alerts

NOW = datetime(2026, 5, 4, 14, 5, tzinfo=UTC)
DAY = NOW.date()
INJECTION = "<img src=x onerror=alert(1)>"


def make_alert(**changes: Any) -> Alert:
    alert = Alert(
        key="k",
        channel="C1",
        label=Label.DEVELOPMENT,
        story_id=StoryId("s-1"),
        item_id=ItemId("1"),
        headline="Contract signed for 36 howitzers",
        story_title="Varland to buy 24 howitzers",
        publisher="Harbour Post",
        url="https://harbour.example/36",
        published_at=NOW,
        new_facts=("The contract covers 36 howitzers.",),
        because="howitzers 24 -> 36",
        topics=(TopicMatch("arms_deal", 0.9, ("howitzers", "contract")),),
        other_publishers=("The Ledger",),
    )
    return replace(alert, **changes)


def make_line(queued_at: datetime = NOW, state: str = DeliveryState.SENT, **changes: Any) -> AlertLine:
    return AlertLine(make_alert(**changes), queued_at, (MessageLine("C0NEWSDESK", state, ""),))


def make_story(
    *lines: AlertLine, title: str = "Varland to buy 24 howitzers", held: tuple[HeldLine, ...] = ()
) -> StoryCard:
    return StoryCard("s-1", title, NOW, lines, held)


def make_source(name: str = "Harbour Post", outcome: str | None = "ok", **changes: Any) -> SourceState:
    source = Source(SourceId(name), name, name, SourceKind.RSS, changes.pop("address", "https://harbour.example/feed"))
    reason = changes.pop("reason", "")
    state = changes.pop("state", HealthState.HEALTHY)
    return SourceState(source, NOW, NOW, outcome, reason, 0, state, NOW - timedelta(days=3), reason)


def make_funnel(*stages: tuple[str, int]) -> Funnel:
    return Funnel("run", NOW, "finished", "", stages, (("clean", "rejected", 3),))


def render(
    *stories: StoryCard, sources: tuple[SourceState, ...] = (), funnel: Funnel | None = None, day: date = DAY
) -> LexborHTMLParser:
    return LexborHTMLParser(render_page(DeskPage(day, stories, sources, funnel)))


def read_text(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def test_an_alert_shows_what_is_new_and_why_and_who_says_so() -> None:
    page = render(make_story(make_line()))
    assert read_text(page, ".fact") == ["The contract covers 36 howitzers."]
    assert read_text(page, ".because") == ["because howitzers 24 → 36"]
    assert read_text(page, ".topic") == ["arms deal"]
    assert read_text(page, ".terms") == ["arms deal howitzers, contract"]
    assert read_text(page, ".meta") == ["Development 14:05 Harbour Post also The Ledger"]
    assert [node.attributes["href"] for node in page.css("h3 a")] == ["https://harbour.example/36"]


def test_alerts_of_other_days_step_back() -> None:
    page = render(make_story(make_line(NOW - timedelta(days=1)), make_line()))
    assert len(page.css(".alerts > li")) == 2
    assert read_text(page, ".earlier time") == ["3 May 14:05"]
    assert "1 alert in 1 story" in page.body.text() if page.body else False


def test_a_message_that_is_held_back_says_why() -> None:
    held = MessageLine("C0NEWSDESK", DeliveryState.HELD, "quiet hours until 05 Mar 07:00 UTC")
    page = render(make_story(replace(make_line(), messages=(held,))))
    assert read_text(page, ".state") == ["This message is held back: quiet hours until 05 Mar 07:00 UTC."]


def test_an_alert_to_several_channels_is_one_line(database: Database) -> None:
    (alert,) = make_story_alerts(1, 1)
    queue_alerts(database, [alert])
    queue_alerts(database, [replace(alert, key="k-2", channel="to:desk-mail")], HeldBack(ALERTED_AT, "quiet hours"))
    with database.begin() as tx:
        (line,) = read_story_lines(tx, alert.story_id)
    page = render(make_story(replace(line, queued_at=NOW)))
    assert len(page.css(".alerts > li")) == 1
    assert read_text(page, ".state") == [
        "The message to C0NEWSDESK waits to be sent.",
        "The message to to:desk-mail is held back: quiet hours.",
    ]


def test_a_message_that_was_refused_says_so() -> None:
    page = render(make_story(make_line(state=DeliveryState.DEAD)))
    assert read_text(page, ".state") == ["This message was refused."]


def test_a_story_without_an_alert_on_the_day_is_folded_away_with_its_reasons() -> None:
    held = HeldLine("Varland signs", "https://echo.example/1", "Echo", "no topic of the desk")
    page = render(make_story(held=(held,)))
    assert page.css_first(".story") is None
    assert read_text(page, ".quiet li") == ["Varland signs Echo · no topic of the desk"]


def test_sources_in_trouble_come_first_with_the_reason_and_every_state_is_counted() -> None:
    slow = make_source("Echo", "timeout", reason="no answer within 20 s", state=HealthState.SLOW)
    shaky = make_source("Quay", "http_503", reason="the server answered 503")
    fresh = make_source("Fresh", None, state=HealthState.NEW)
    page = render(sources=(make_source(), fresh, shaky, slow))
    assert [node.attributes["class"] for node in page.css(".sources li")] == ["failing", "shaky", "new", "good"]
    assert read_text(page, ".reason") == ["no answer within 20 s", "the server answered 503"]
    assert read_text(page, ".states") == ["2 healthy · 1 new · 1 slow"]
    assert "slow since 1 May 14:05 · timeout" in read_text(page, ".failing .source")[0]


def test_ten_thousand_sources_are_counted_not_listed() -> None:
    sources = tuple(make_source(f"Source {number}") for number in range(10_000))
    page = render(sources=(*sources, make_source("Echo", "wall", reason="a robot check", state=HealthState.BLOCKED)))
    assert len(page.css(".sources li")) == 60
    assert read_text(page, ".reason") == ["a robot check"]
    assert "and 9941 more: wirewatch sources list" in read_text(page, "aside")[0]


def test_the_longest_stage_of_the_funnel_fills_the_width() -> None:
    widths = [bar.width for bar in make_bars(make_funnel(("seen", 120), ("new", 30), ("alerted", 0)))]
    assert widths == [170, 42.5, 0]


def test_a_run_that_saw_nothing_has_a_funnel_too() -> None:
    assert [bar.width for bar in make_bars(make_funnel(("seen", 0)))] == [0]


def test_an_empty_store_says_what_to_do() -> None:
    text = " ".join((render().body or render().root).text().split())  # type: ignore[union-attr]
    assert "Nothing was told on this day." in text
    assert "wirewatch sources add" in text


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_of_the_calendar_have_one_neighbour(day: date) -> None:
    assert len(render(day=day).css("nav a")) == 1


@given(st.text(min_size=1, max_size=40) | st.just(INJECTION) | st.just('"><script>alert(1)</script>'))
def test_no_text_of_the_web_becomes_markup(text: str) -> None:
    line = make_line(
        headline=text, publisher=text, new_facts=(text,), because=text, other_publishers=(text,), url=text,
        topics=(TopicMatch(text, 0.5, (text,)),),
    )  # fmt: skip
    held = (HeldLine(text, text, text, text),)
    sources = (make_source(text, "timeout", reason=text, address=text, state=HealthState.SLOW),)
    plain = render(
        make_story(make_line(), title="t", held=(HeldLine("t", "t", "t", "t"),)),
        sources=(make_source("t", "timeout", reason="t", state=HealthState.SLOW),),
    )
    page = render(make_story(line, title=text, held=held), sources=sources)
    shape = [node.tag for node in page.css("body *") if node.tag != "a"]
    assert shape == [node.tag for node in plain.css("body *") if node.tag != "a"]
    assert page.css("body script, img, iframe, [onerror], [style]") == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//host/x", "/folder", "", "http://[", "https://"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert not is_web_link(url)
    assert render(make_story(make_line(url=url))).css("main a") == []


def test_links_tell_the_other_side_nothing() -> None:
    for link in render(make_story(make_line())).css("main a"):
        assert link.attributes["rel"] == "noopener noreferrer"


def test_a_database_that_is_down_is_said_with_what_to_do() -> None:
    html = render_trouble(StoreUnavailable("the database at <host> cannot be used"))
    assert "&lt;host&gt; cannot be used" in html
    assert "Start the database" in html
    assert "wirewatch migrate" in render_trouble(StoreOutdated("old"))
