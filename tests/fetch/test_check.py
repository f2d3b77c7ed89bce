from __future__ import annotations

import asyncio
import gzip

import pytest

from pipeline.fetch import FetchSettings, check_sources
from pipeline.models import SourceCheck, SourceId, SourceKind, Validators
from tests.fetch.build import NOW, check_among_good, check_one, make_rss, make_source
from tests.fetch.hostile_server import HostileServer, Request, make_head

ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><title>1</title><link href="/1"/></entry></feed>'
)
JSON = '{"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "url": "/1"}, {"id": "2", "url": "/2"}]}'
HOME = '<!DOCTYPE html><main><h2><a href="/2026/03/ferry-line-reopens.html">The ferry line reopens</a></h2></main>'
SITEMAP = "<urlset><url><loc>/story-one</loc></url></urlset>"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (SourceKind.RSS, make_rss("/1")),
        (SourceKind.ATOM, ATOM),
        (SourceKind.JSON_FEED, JSON),
        (SourceKind.NEWS_SITEMAP, SITEMAP),
        (SourceKind.PAGE, HOME),
    ],
)
def test_each_kind_gives_entries(server: HostileServer, settings: FetchSettings, kind: SourceKind, body: str) -> None:
    checked = check_one(make_source(server.serve("/source", body), kind), settings)
    assert (checked.outcome, checked.reason, checked.checked_at) == ("ok", "", NOW)
    assert checked.entries[0].url.startswith(server.url("/"))
    assert checked.entries[0].first_seen_at == NOW


def test_what_is_served_wins_over_what_is_declared(server: HostileServer, settings: FetchSettings) -> None:
    checked = check_one(make_source(server.serve("/feed", ATOM), SourceKind.RSS), settings)
    assert (checked.outcome, checked.reason) == ("ok", "declared as rss, read as atom")


def test_one_article_listed_twice_is_one_entry(server: HostileServer, settings: FetchSettings) -> None:
    feed = make_rss("/1?utm_source=a", "/1?utm_source=b", "/1#top", "/2", "mailto:x@example.org", "")
    checked = check_one(make_source(server.serve("/feed", feed)), settings)
    assert [entry.canonical_url for entry in checked.entries] == [server.url("/1"), server.url("/2")]
    assert checked.refused == {"listed_twice": 2, "bad_link": 1, "no_link": 1}


def test_entries_over_the_limit_are_counted(server: HostileServer, settings: FetchSettings) -> None:
    feed = make_rss(*(f"/{number}" for number in range(settings.max_entries_per_source + 5)))
    checked = check_one(make_source(server.serve("/feed", feed)), settings)
    assert len(checked.entries) == settings.max_entries_per_source
    assert checked.refused == {"over_limit": 5}


@pytest.mark.parametrize("body", ["", "  \n", make_rss(), '{"items": []}', "<urlset/>"])
def test_a_feed_without_items_is_empty(server: HostileServer, settings: FetchSettings, body: str) -> None:
    assert check_among_good(server, make_source(server.serve("/feed", body)), settings).outcome == "empty"


def test_a_page_without_article_links_is_empty(server: HostileServer, settings: FetchSettings) -> None:
    source = make_source(server.serve("/", '<html><a href="/about">About</a></html>'), SourceKind.PAGE)
    checked = check_among_good(server, source, settings)
    assert (checked.outcome, checked.reason) == ("empty", "no link of the page looks like an article")


def test_html_in_place_of_a_feed_is_named_with_the_feed_that_it_names(
    server: HostileServer, settings: FetchSettings
) -> None:
    page = (
        '<html><head><link rel="alternate" type="application/rss+xml" href="/real.xml"></head><body>Moved</body></html>'
    )
    checked = check_among_good(server, make_source(server.serve("/feed", page)), settings)
    assert checked.outcome == "not_a_feed"
    assert server.url("/real.xml") in checked.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 429, 500, 503])
def test_an_error_status_is_an_outcome(server: HostileServer, settings: FetchSettings, status: int) -> None:
    source = make_source(server.serve("/feed", "No.", status=status))
    assert check_among_good(server, source, settings).outcome == f"http_{status}"


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [("120", "120 s"), ("Sun, 01 Mar 2026 06:02:00 GMT", "120 s"), ("99999999999", "604800 s")],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(
    server: HostileServer, settings: FetchSettings, retry_after: str, wait: str
) -> None:
    url = server.serve("/feed", status=429, Retry_After=retry_after, Date="Sun, 01 Mar 2026 06:00:00 GMT")
    checked = check_among_good(server, make_source(url), settings)
    assert (checked.outcome, checked.reason) == ("http_429", f"the server answered 429 and asks to wait {wait}")


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        ("http://127.0.0.1:2/feed", "unreachable"),
        ("http://nowhere.invalid/feed", "dns_failure"),
        ("ftp://example.org/feed", "bad_address"),
        ("not an address", "bad_address"),
        ("http://[::1", "bad_address"),
        ("", "bad_address"),
    ],
)
def test_a_dead_host_or_address_is_an_outcome(
    server: HostileServer, settings: FetchSettings, address: str, outcome: str
) -> None:
    assert check_among_good(server, make_source(address), settings).outcome == outcome


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://127.0.0.1:2/feed", "nobody answers at 127.0.0.1:2"),
        ("http://nowhere.invalid/feed", "the host name nowhere.invalid does not resolve"),
    ],
)
def test_a_dead_host_is_told_in_one_plain_phrase(settings: FetchSettings, address: str, reason: str) -> None:
    assert check_one(make_source(address), settings).reason == reason


def test_validators_come_out_and_go_in_again(server: HostileServer, settings: FetchSettings) -> None:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("if-none-match") == '"v1"':
            writer.write(make_head(304, {"ETag": '"v1"'}))
            return
        body = make_rss("/1").encode()
        writer.write(make_head(200, {"ETag": '"v1"', "Last-Modified": "x", "Content-Length": str(len(body))}) + body)

    source = make_source(server.play("/feed", answer))
    first = check_one(source, settings)
    assert (first.validators.etag, first.validators.last_modified) == ('"v1"', "x")
    (second,) = check_sources([source], {source.id: first.validators}, settings, NOW)
    assert (second.outcome, second.entries, second.validators) == ("unchanged", (), first.validators)


def test_a_failure_keeps_the_validators_it_was_given(server: HostileServer, settings: FetchSettings) -> None:
    source = make_source(server.serve("/feed", status=500))
    (checked,) = check_sources([source], {source.id: Validators("e", "m")}, settings, NOW)
    assert checked.validators == Validators("e", "m")


def test_a_validator_that_would_inject_a_header_is_not_sent(server: HostileServer, settings: FetchSettings) -> None:
    source = make_source(server.serve("/feed", make_rss("/1")))
    (checked,) = check_sources([source], {source.id: Validators("a\r\nX-Evil: 1")}, settings, NOW)
    assert checked.outcome == "ok"
    assert all("x-evil" not in request.headers for request in server.requests)


def test_progress_is_told_for_each_source(server: HostileServer, settings: FetchSettings) -> None:
    told: list[SourceCheck] = []
    sources = [make_source(server.serve(f"/{number}", make_rss("/x"))) for number in range(3)]
    checks = check_sources(sources, {}, settings, NOW, on_done=told.append)
    assert sorted(SourceId(checked.source_id) for checked in told) == sorted(source.id for source in sources)
    assert [checked.source_id for checked in checks] == [source.id for source in sources]


def test_the_children_of_a_sitemap_index_are_read_packed_or_not(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/news.xml.gz", gzip.compress(SITEMAP.encode()), Content_Type="application/x-gzip")
    server.serve("/broken.xml", status=500)
    index = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in ("/broken.xml", "/news.xml.gz", "ftp://x/"))
    source = make_source(server.serve("/map", f"<sitemapindex>{index}</sitemapindex>"), SourceKind.NEWS_SITEMAP)
    checked = check_one(source, settings)
    assert (checked.outcome, [entry.url for entry in checked.entries]) == ("ok", [server.url("/story-one")])


def test_requests_name_their_sender_honestly(server: HostileServer, settings: FetchSettings) -> None:
    check_one(make_source(server.serve("/feed", make_rss("/1"))), settings)
    assert {request.headers["user-agent"] for request in server.requests} == {settings.user_agent}


def test_a_robot_check_in_front_of_a_source_is_named(server: HostileServer, settings: FetchSettings) -> None:
    page = "<html><title>Just a moment...</title><p>Enable JavaScript and cookies to continue</p></html>"
    for kind in (SourceKind.RSS, SourceKind.PAGE):
        checked = check_among_good(server, make_source(server.serve("/feed", page), kind), settings)
        assert (checked.outcome, checked.reason) == ("wall", "a robot check stands in front of the source")


def test_reasons_are_one_printable_line_whatever_the_site_sent(server: HostileServer, settings: FetchSettings) -> None:
    server.serve("/robots.txt", "User-agent: *\nDisallow: /")
    checked = check_one(make_source(server.url("/a%0A%1B[31mred")), settings)
    assert checked.outcome == "blocked_by_robots"
    assert checked.reason.isprintable()
