"""Whether and when a page is read again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import FetchSettings, fetch_pages
from pipeline.fetch.rereading import MOST_VERSIONS, LeaveAlone, ReadAgain, hash_hints, plan_reading
from pipeline.models import FeedHints, FetchedPage, ItemId, PageHistory, Reading, Room, UnchangedPage
from tests.fetch.build import NOW, make_entry
from tests.fetch.hostile_server import HostileServer, Request, make_head

HOUR = timedelta(hours=1)


def make_history(*was_unchanged: bool, waiting_for: Room | None = None) -> PageHistory:
    """A page read once an hour since its publication; all but the last have left all rooms."""
    readings = [Reading(ItemId(str(n)), n + 1, NOW + n * HOUR, None, same) for n, same in enumerate(was_unchanged)]
    last = readings.pop()
    return PageHistory(
        (*readings, Reading(last.item_id, last.version, last.read_at, waiting_for, last.is_unchanged)), NOW
    )


def test_a_page_is_read_again_an_hour_after_the_last_time() -> None:
    assert plan_reading(make_history(False, False), NOW + 1.5 * HOUR) == ReadAgain(NOW + 2 * HOUR)


def test_a_page_that_waits_to_be_read_is_read_once() -> None:
    assert plan_reading(make_history(False, waiting_for=Room.FETCH), NOW) == LeaveAlone("waits")


def test_after_three_days_a_page_is_left_alone() -> None:
    assert plan_reading(make_history(False), NOW + 73 * HOUR) == LeaveAlone("old")


@given(st.integers(0, 6))
def test_the_pause_doubles_with_every_reading_in_vain(in_vain: int) -> None:
    history = make_history(False, *[True] * in_vain)
    assert plan_reading(history, NOW) == ReadAgain(history.readings[-1].read_at + HOUR * 2**in_vain)


@given(st.lists(st.booleans(), min_size=MOST_VERSIONS, max_size=40))
def test_no_page_is_read_for_ever(was_unchanged: list[bool]) -> None:
    assert plan_reading(make_history(*was_unchanged), NOW) == LeaveAlone("too_many_versions")


def test_markup_and_white_space_are_no_change() -> None:
    plain = FeedHints(title="Toll rises", summary="At least 31  dead.")
    assert hash_hints(plain) == hash_hints(FeedHints("Toll rises", summary="<p>At least 31 dead.<img src='/p?1'></p>"))
    assert hash_hints(plain) != hash_hints(FeedHints("Toll rises", summary="At least 32 dead."))
    assert hash_hints(plain) != hash_hints(FeedHints("Toll rises", summary=plain.summary, modified_at=NOW))


def test_a_page_that_was_read_is_asked_whether_it_has_changed(server: HostileServer, settings: FetchSettings) -> None:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        body = b"<html><body><p>The page.</p></body></html>"
        is_known = request.headers.get("if-none-match") == '"v1"'
        head = make_head(
            304 if is_known else 200, {"ETag": '"v1"', "Content-Length": str(0 if is_known else len(body))}
        )
        writer.write(head if is_known else head + body)

    entry = make_entry(server.play("/a", answer))
    (page,) = fetch_pages([entry], settings, NOW)
    assert isinstance(page, FetchedPage)
    assert fetch_pages([replace(entry, validators=page.validators)], settings, NOW) == [UnchangedPage(entry.item_id)]
