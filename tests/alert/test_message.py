"""What a message shows, and what no text can make it show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alert.blocks import SlackMessage
from pipeline.alert.message import Elsewhere, render_console, render_operations, render_slack, render_thread
from pipeline.alert.notice import render_notice, render_notice_console
from pipeline.models import (
    Alert,
    ItemId,
    Label,
    Notice,
    NoticeLink,
    NoticeSection,
    StoryId,
    StoryThread,
    TopicMatch,
)
from tests.alert.builders import NOW, make_alert

OUR_MARKUP = re.compile(
    r"<https?://[^\s<>|]+\|[a-z0-9._:-]+>"
    r"|<!date\^-?\d+\^\{date_short_pretty\} \{time\}\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>"
)
ENTITY = re.compile(r"&(?:amp|lt|gt);")
NASTY = [
    "<!channel>",
    "<@U123|x>",
    "<http://evil.example|bank.example>",
    "&lt;!here&gt;",
    "a & b",
    "`code` *bold* ~gone~",
    "\u202eevil\u202c",
    "zero\u200bwidth\ufeff",
    "bell\x07 \x1b[31mred",
    "line\n> quote\u2028next",
    "\ud800",
    "x" * 700,
    "&" * 700,
    "😀" * 700,
    "\u3164\U000e0041",
    "```\ncode\n```",
    "back\\slash \\`x\\` \\<!everyone>",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u2066x\u2069 \u200f",
    "👩🏽\u200d🚒 👍🏿 🇩🇪 1\ufe0f\u20e3",
    "<!subteam^S123|@desk> <#C123|news> <!date^0^{date}|x>",
    "_slanted_ > quote :tada: @here #general",
    "e\u0301" * 300,
]
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=200), st.lists(st.sampled_from(NASTY)).map("".join))
urls = st.one_of(texts, texts.map(lambda text: f"https://harbour.example/{text}"), texts.map("https://{}/".format))
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
topics = st.builds(TopicMatch, topic=texts, probability=st.floats(0, 1), terms=st.lists(texts, max_size=20).map(tuple))
alerts = st.builds(
    Alert,
    key=st.just("k"),
    channel=st.just("C0NEWSDESK"),
    label=st.sampled_from(Label),
    story_id=st.just(StoryId("s")),
    item_id=st.just(ItemId("i")),
    headline=texts,
    story_title=texts,
    publisher=texts,
    url=urls,
    published_at=moments,
    new_facts=st.lists(texts, max_size=20).map(tuple),
    because=st.one_of(texts, st.tuples(texts, texts).map(" -> ".join)),
    topics=st.lists(topics, max_size=6).map(tuple),
    other_publishers=st.lists(texts, max_size=20).map(tuple),
)

threads = st.builds(
    StoryThread,
    key=st.just("t"),
    channel=st.just("C0NEWSDESK"),
    story_id=st.just(StoryId("s")),
    latest=alerts,
    developments=st.integers(1, 1000),
    publishers=st.lists(texts, max_size=20).map(tuple),
    copying_publishers=st.integers(0, 50),
    goes_on_in=texts,
)
sections = st.builds(
    NoticeSection,
    heading=texts,
    lines=st.lists(st.one_of(texts, st.builds(NoticeLink, text=texts, url=urls)), max_size=40).map(tuple),
)
notices = st.builds(
    Notice,
    key=st.just("n"),
    channel=st.just("C0NEWSDESK"),
    title=texts,
    sections=st.lists(sections, max_size=8).map(tuple),
    published_at=moments,
)


def text_objects(message: SlackMessage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for block in message.blocks:
        found += [block["text"]] if "text" in block else block["elements"]  # type: ignore[list-item, arg-type]
    return found


def all_text(message: SlackMessage) -> str:
    return "\n".join(each["text"] for each in text_objects(message))


def assert_harmless(message: SlackMessage) -> None:
    for text in [message.text, *(each["text"] for each in text_objects(message))]:
        rest = OUR_MARKUP.sub("", text)
        assert "<" not in rest
        assert ">" not in re.sub(r"^> ", "", rest, flags=re.MULTILINE)
        assert "&" not in ENTITY.sub("", rest)
        hidden = [mark for mark in text if mark != "\n" and unicodedata.category(mark) in ("Cc", "Cf", "Cs", "Co")]
        assert not hidden
    marked_up = [each for each in text_objects(message) if each["type"] == "mrkdwn"]
    assert all(each["verbatim"] and "`" not in each["text"] for each in marked_up)


def assert_within_limits(message: SlackMessage) -> None:
    objects = text_objects(message)
    assert message.text
    assert 1 <= len(message.blocks) <= 50
    assert all(1 <= len(each["text"]) <= (150 if each["type"] == "plain_text" else 3000) for each in objects)
    assert len(message.text) + sum(len(each["text"]) for each in objects) <= 10_000


@settings(deadline=None)
@given(alerts)
def test_no_text_can_mention_link_or_hide(alert: Alert) -> None:
    assert_harmless(render_slack(alert))


@settings(deadline=None)
@given(threads, alerts, st.one_of(st.none(), st.builds(Elsewhere, title=texts, url=urls)))
def test_a_thread_brought_up_to_date_is_harmless_and_within_limits(
    thread: StoryThread, opening: Alert, elsewhere: Elsewhere | None
) -> None:
    message = render_thread(thread, opening, elsewhere)
    assert_harmless(message)
    assert_within_limits(message)


@settings(deadline=None)
@given(notices)
def test_notices_are_harmless_and_within_limits(notice: Notice) -> None:
    message = render_notice(notice)
    assert_harmless(message)
    assert_within_limits(message)
    shown = render_notice_console(notice)
    assert all(mark == "\n" or unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co") for mark in shown)


@settings(deadline=None)
@given(alerts)
def test_limits_always_hold(alert: Alert) -> None:
    assert_within_limits(render_slack(alert))


def make_longest() -> Alert:
    long = "&" * 5000
    return make_alert(
        label=Label.CORRECTION,
        headline=long,
        story_title=long,
        publisher=long,
        url="https://harbour.example/" + "a" * 1900,
        new_facts=(long,) * 9,
        because="; ".join([f"{long} {long} -> {long} {long}"] * 9),
        topics=(TopicMatch(long, 1.0, (long,) * 9),) * 9,
        other_publishers=(long,) * 9,
    )


def test_the_longest_of_everything_still_fits() -> None:
    alert = make_longest()
    elsewhere = Elsewhere(alert.headline, alert.url)
    assert_within_limits(render_slack(alert, None, elsewhere))
    later = replace(alert, key="k-2")
    thread = StoryThread("t", "C0NEWSDESK", StoryId("s-1"), later, 10**6, alert.other_publishers, 10**6)
    assert_within_limits(render_thread(thread, alert, elsewhere))


def test_lines_of_a_notice_that_do_not_fit_are_counted() -> None:
    lines = tuple(f"{number} " + "x" * 200 for number in range(100))
    text = all_text(render_notice(Notice("n", "C0NEWSDESK", "Digest", (NoticeSection("Transport", lines),), NOW)))
    shown = text.count("x" * 200)
    assert 10 < shown < 15
    assert f"… and {100 - shown} more lines" in text


def test_a_thread_shows_where_its_story_stands() -> None:
    opening = make_alert(key="k-0", label=Label.NEW_STORY, headline="Ferry sinks off Kelmar", because="")
    latest = make_alert(label=Label.CORRECTION, headline="Toll lowered to 29", because="toll 31 -> 29")
    thread = StoryThread("t", "C0NEWSDESK", StoryId("s-1"), latest, 3, ("Harbour Times", "Daily Post"), 2)
    message = render_thread(thread, opening)
    text = all_text(message)
    for part in (
        "New story: Ferry sinks off Kelmar",
        "*Latest: Correction:* Toll lowered to 29\n*Corrected:* toll ~31~ *29*",
        "*3 developments* · 2 independent publishers: Harbour Times, Daily Post (2 more with the same text) · last ch",
    ):
        assert part in text
    assert message.metadata["event_payload"] == {"key": "k-0", "story": "s-1"}
    assert "Also reported by" not in text


def test_only_a_reply_is_broadcast() -> None:
    alert = make_alert(is_broadcast=True)
    assert render_slack(alert, "1.5").is_broadcast
    assert not render_slack(alert).is_broadcast
    assert not render_slack(make_alert(), "1.5").is_broadcast


@settings(deadline=None)
@given(texts)
def test_operations_messages_are_harmless_and_within_limits(text: str) -> None:
    message = render_operations("C0OPERATIONS", text)
    assert_harmless(message)
    assert_within_limits(message)


@settings(deadline=None)
@given(alerts)
def test_nothing_moves_the_terminal(alert: Alert) -> None:
    shown = render_console(alert)
    assert all(mark == "\n" or unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co") for mark in shown)


def test_an_update_says_what_why_and_who() -> None:
    text = all_text(render_slack(make_alert()))
    for part in (
        "Update: Ferry toll rises to 31",
        "> At least 31 people died, the coast guard said.",
        "*Harbour Times*",
        "<https://www.harbour.example/ferry?id=1&amp;view=full|harbour.example>",
        "*Why:* transport (ferry, port)",
        "*What is new:* toll 12 -&gt; 31",
        "*Story:* Ferry sinks off Kelmar",
        "*Also reported by:* Daily Post",
    ):
        assert part in text


def test_a_correction_strikes_the_old_value() -> None:
    text = all_text(render_slack(make_alert(label=Label.CORRECTION, because="toll 31 -> 29; port of Kelmar -> Oskar")))
    assert "Correction: Ferry toll" in text
    assert "*Corrected:* toll ~31~ *29*; port of ~Kelmar~ *Oskar*" in text
    assert text.count("Corrected") == 1


def test_a_correction_strikes_a_value_of_two_words() -> None:
    text = all_text(render_slack(make_alert(label=Label.CORRECTION, because="sum: $2.4 billion -> $2.9 billion")))
    assert "*Corrected:* sum ~$2.4 billion~ *$2.9 billion*" in text


def test_a_correction_without_two_values_says_its_reason() -> None:
    text = all_text(render_slack(make_alert(label=Label.CORRECTION, because="the visit was not cancelled")))
    assert "*Corrected:* the visit was not cancelled" in text


def test_the_key_travels_with_the_message() -> None:
    message = render_slack(make_alert(key="abc"), thread_ts="1.5")
    assert message.metadata == {"event_type": "wirewatch_alert", "event_payload": {"key": "abc", "story": "s-1"}}
    assert message.thread_ts == "1.5"


def test_more_sentences_than_fit_are_counted() -> None:
    facts = tuple(f"Sentence {number}." for number in range(8))
    assert "and 3 more" in all_text(render_slack(make_alert(new_facts=facts)))
    assert "and 3 more" in render_console(make_alert(new_facts=facts))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://harbour.example/a",
        "https://bank.example@evil.example/",
        "https:///nothing",
        "https://harbour.example:port/",
        "file:///etc/passwd",
        "https://[::1",
        "https://a|b/",
        "https://harbour.example/" + "a" * 3000,
        "",
    ],
)
def test_only_plain_web_addresses_become_links(url: str) -> None:
    assert "://" not in all_text(render_slack(make_alert(url=url)))


def test_an_address_cannot_end_its_own_link() -> None:
    text = all_text(render_slack(make_alert(url="https://harbour.example/a|b>c<d e\u202e")))
    assert "<https://harbour.example/a%7Cb%3Ec%3Cd%20e|harbour.example>" in text


def test_a_look_alike_host_is_shown_in_ascii() -> None:
    text = all_text(render_slack(make_alert(url="https://bаnk.example/")))  # a Cyrillic letter
    assert "|xn--bnk-6cd.example>" in text


def test_the_console_shows_the_same() -> None:
    assert render_console(make_alert()).splitlines() == [
        "#C0NEWSDESK",
        "| UPDATE: Ferry toll rises to 31",
        '| > "At least 31 people died, the coast guard said."',
        "|   Harbour Times, 04 Mar 2026 11:00 UTC, https://www.harbour.example/ferry?id=1&view=full",
        "|   Why: transport (ferry, port)",
        "|   What is new: toll 12 -> 31",
        "|   Story: Ferry sinks off Kelmar",
        "|   Also reported by: Daily Post",
    ]


def test_a_correction_does_not_say_twice_that_it_is_one() -> None:
    alert = make_alert(label=Label.CORRECTION, headline="CORRECTED: The contract is for 18 jets, not 24")
    assert "CORRECTION: The contract is for 18 jets, not 24" in render_console(alert)
