"""Has it changed? Servers that tell the truth, and servers that do not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import FetchSettings, check_sources
from pipeline.fetch.validators import hash_content, is_full_look_due, make_conditions, merge_validators
from pipeline.models import SourceCheck, SourceId, SourceKind, Validators
from tests.fetch.build import NOW, check_among_good, make_rss, make_source
from tests.fetch.hostile_server import HostileServer, Request, make_head

DAY, WEEK = timedelta(days=1), timedelta(days=7)


class Feed:
    """A feed whose server answers questions with whatever etag and 304 a test wants."""

    def __init__(self, server: HostileServer, body: str, etag: str = '"v1"') -> None:
        self.body, self.etag, self.says_unchanged = body, etag, False
        self.server, self.source = server, make_source(server.play("/feed", self.answer))

    async def answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if self.says_unchanged and "if-none-match" in request.headers:
            writer.write(make_head(304, {"ETag": self.etag}))
            return
        body = self.body.encode()
        writer.write(make_head(200, {"ETag": self.etag, "Content-Length": str(len(body))}) + body)

    def take_questions(self) -> list[str]:
        """What each request since the last call asked with: an etag, or nothing."""
        asked = [request for request in self.server.requests if request.path == "/feed"]
        self.server.requests.clear()
        return [request.headers.get("if-none-match", "") for request in asked]

    def look(self, settings: FetchSettings, known: Validators, now: datetime) -> SourceCheck:
        """One look among good sources, all of which must arrive."""
        self.server.serve("/good.xml", make_rss("/good/1"))
        good = make_source(f"http://localhost:{self.server.port}/good.xml")
        checked, other = check_sources([self.source, good], {self.source.id: known}, settings, now)
        assert (other.outcome, len(other.entries)) == ("ok", 1)
        return checked


@pytest.fixture
def feed(server: HostileServer) -> Feed:
    return Feed(server, make_rss("/1"))


def test_the_same_bytes_under_a_new_etag_are_unchanged(feed: Feed, settings: FetchSettings) -> None:
    first = feed.look(settings, Validators(), NOW)
    feed.etag = '"v2"'
    second = feed.look(settings, first.validators, NOW + DAY)
    assert (second.outcome, second.reason) == ("unchanged", "the content is the same as last time")
    assert second.entries == ()
    assert (second.validators.etag, second.validators.content_read_at) == ('"v2"', NOW + DAY)


def test_a_new_build_stamp_alone_is_no_change(feed: Feed, settings: FetchSettings) -> None:
    feed.body = feed.body.replace(
        "</channel>", "<lastBuildDate>Sun, 01 Mar 2026 06:00:00 GMT</lastBuildDate></channel>"
    )
    first = feed.look(settings, Validators(), NOW)
    feed.body = feed.body.replace("06:00:00", "08:00:00")
    assert feed.look(settings, first.validators, NOW + DAY).outcome == "unchanged"


def test_new_bytes_under_the_old_etag_are_read(feed: Feed, settings: FetchSettings) -> None:
    first = feed.look(settings, Validators(), NOW)
    feed.body = make_rss("/1", "/2")
    second = feed.look(settings, first.validators, NOW + timedelta(minutes=1))
    assert (second.outcome, len(second.entries)) == ("ok", 2)


def test_a_304_is_believed_for_less_than_a_day(feed: Feed, settings: FetchSettings) -> None:
    first = feed.look(settings, Validators(), NOW)
    feed.says_unchanged = True
    feed.take_questions()
    second = feed.look(settings, first.validators, NOW)
    assert (second.outcome, second.reason, second.validators) == ("unchanged", "the server says so", first.validators)
    assert feed.take_questions() == ['"v1"']


def test_a_true_304_is_looked_behind_once_a_day(feed: Feed, settings: FetchSettings) -> None:
    first = feed.look(settings, Validators(), NOW)
    feed.says_unchanged = True
    feed.take_questions()
    second = feed.look(settings, first.validators, NOW + DAY)
    assert (second.outcome, second.validators.distrusted_until) == ("unchanged", None)
    assert feed.take_questions() == ['"v1"', ""]
    assert feed.look(settings, second.validators, NOW + DAY).reason == "the server says so"


def test_a_false_304_is_found_out_and_the_server_is_not_asked_so_for_a_week(
    feed: Feed, settings: FetchSettings
) -> None:
    first = feed.look(settings, Validators(), NOW)
    feed.says_unchanged, feed.body = True, make_rss("/1", "/2")
    second = feed.look(settings, first.validators, NOW + DAY)
    assert (second.outcome, len(second.entries)) == ("ok", 2)
    assert second.reason == (
        "the server said that nothing had changed, its content says otherwise: it is read in full for a week"
    )
    feed.take_questions()
    feed.body = make_rss("/3")
    third = feed.look(settings, second.validators, NOW + 2 * DAY)
    assert (third.outcome, feed.take_questions()) == ("ok", [""])
    assert third.validators.distrusted_until == NOW + DAY + WEEK
    fourth = feed.look(settings, third.validators, NOW + DAY + WEEK)
    assert (fourth.outcome, feed.take_questions()) == ("unchanged", ['"v1"', ""])


def test_304_to_an_unconditional_request_is_malformed(server: HostileServer, settings: FetchSettings) -> None:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(make_head(304, {}))

    checked = check_among_good(server, make_source(server.play("/feed", answer)), settings)
    assert checked.outcome == "malformed"
    assert checked.reason == "the server answered 304 although nothing was asked conditionally"


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.timedeltas(timedelta(), 3 * DAY), st.text())
def test_a_full_look_is_due_within_a_day_and_then_not_at_once(at: datetime, later: timedelta, address: str) -> None:
    read_at = at.replace(tzinfo=NOW.tzinfo)
    known = Validators(content_read_at=read_at)
    assert not is_full_look_due(address, known, read_at)
    assert is_full_look_due(address, known, read_at + later) or later < DAY


def test_full_looks_are_spread_over_the_runs_of_a_day() -> None:
    addresses = [f"https://news.example/{number}.xml" for number in range(2400)]
    due_in_an_hour = [
        sum(is_full_look_due(url, Validators(content_read_at=NOW + hour), NOW + hour + DAY / 24) for url in addresses)
        for hour in (DAY * number / 24 for number in range(24))
    ]
    assert sum(due_in_an_hour) == len(addresses)
    assert max(due_in_an_hour) < 2 * len(addresses) / 24


@pytest.mark.parametrize(
    "addresses",
    [
        ("/feed", "/feed"),
        ("/feed", "/feed/"),
        ("/feed", "/feed?utm_source=reader"),
        ("/feed?b=1&a=2", "/feed?a=2&b=1"),
    ],
)
def test_the_same_feed_listed_twice_is_fetched_once_and_answers_both(
    server: HostileServer, settings: FetchSettings, addresses: tuple[str, str]
) -> None:
    for path in addresses:
        server.serve(path.partition("?")[0], make_rss("/1"))
    sources = [make_source(server.url(path), name=name) for path, name in zip(addresses, "ab", strict=True)]
    checks = check_sources(sources, {}, settings, NOW)
    assert [(check.source_id, check.outcome) for check in checks] == [("a", "ok"), ("b", "ok")]
    assert [check.entries[0].source_id for check in checks] == ["a", "b"]
    assert len([request for request in server.requests if request.path.startswith("/feed")]) == 1


@pytest.mark.parametrize("addresses", [("/feed?source=sport", "/feed?source=arts"), ("/feed?id=1", "/feed?id=2")])
def test_feeds_that_a_parameter_tells_apart_are_two(
    server: HostileServer, settings: FetchSettings, addresses: tuple[str, str]
) -> None:
    for number, path in enumerate(addresses):
        server.serve(path, make_rss(f"/{number}"))
    checks = check_sources([make_source(server.url(path)) for path in addresses], {}, settings, NOW)
    assert [check.entries[0].url for check in checks] == [server.url("/0"), server.url("/1")]


def test_a_twin_that_works_answers_for_one_that_does_not(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/feed/", make_rss("/1"))
    sources = [make_source(server.url(path), name=path) for path in ("/feed", "/feed/")]
    assert [check.outcome for check in check_sources(sources, {}, settings, NOW)] == ["ok", "ok"]


def test_a_host_that_asks_to_wait_is_not_asked_for_the_twin(server: HostileServer, settings: FetchSettings) -> None:
    sources = [make_source(server.serve(path, status=429), name=path) for path in ("/feed", "/feed/")]
    assert [check.outcome for check in check_sources(sources, {}, settings, NOW)] == ["http_429", "http_429"]
    assert len([request for request in server.requests if request.path.startswith("/feed")]) == 1


def test_a_twin_that_was_just_added_gets_the_content_and_the_other_hears_that_it_is_the_same(
    feed: Feed, settings: FetchSettings
) -> None:
    known = feed.look(settings, Validators(), NOW).validators
    feed.says_unchanged = True
    feed.take_questions()
    added = replace(feed.source, id=SourceId("twin"))
    old, new = check_sources([feed.source, added], {feed.source.id: known}, settings, NOW)
    assert (old.outcome, new.outcome, len(new.entries)) == ("unchanged", "ok", 1)
    assert feed.take_questions() == [""]


def test_an_index_that_stays_the_same_still_has_its_sitemaps_read(
    server: HostileServer, settings: FetchSettings
) -> None:
    def list_story(path: str) -> str:
        return f"<urlset><url><loc>{path}</loc></url></urlset>"

    server.serve("/news.xml", list_story("/1"))
    index = "<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>"
    source = make_source(server.serve("/map", index, ETag='"v1"'), SourceKind.NEWS_SITEMAP)
    (first,) = check_sources([source], {}, settings, NOW)
    server.serve("/news.xml", list_story("/2"))
    (second,) = check_sources([source], {source.id: first.validators}, settings, NOW)
    assert (second.outcome, second.entries[0].url) == ("ok", server.url("/2"))


def test_neighbours_that_know_different_things_are_asked_for_in_full() -> None:
    known = [Validators('"1"', None, "x", NOW), Validators('"2"', None, "x", NOW, NOW + DAY)]
    assert merge_validators(known) == Validators(distrusted_until=NOW + DAY)
    assert merge_validators([known[0], replace(known[0], content_read_at=NOW - DAY)]).content_read_at == NOW - DAY


def test_a_liars_etag_is_kept_back_until_the_distrust_ends() -> None:
    known = Validators('"1"', "yesterday", distrusted_until=NOW)
    assert make_conditions(known, NOW - DAY) == {}
    assert make_conditions(known, NOW) == {"If-None-Match": '"1"', "If-Modified-Since": "yesterday"}


def test_any_bytes_have_a_hash() -> None:
    assert hash_content(b"\xff\x00") != hash_content(b"")
