"""Answers built to keep a parser busy: each is read or refused in a moment, never in minutes.

Every one of these took from many seconds to hours before its limit was set; a test that
hangs here says so better than a clock would.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.fetch import FetchSettings
from pipeline.fetch.feeds import read_feed
from pipeline.fetch.found import MAX_ITEMS
from pipeline.fetch.markup import is_nested_too_deep, parse_xml
from pipeline.fetch.trial import SAFE_BYTES, Trial, may_run_away
from pipeline.models import FetchedPage, FetchFailure, SourceKind
from tests.fetch.build import check_among_good, fetch_among_good, make_entry, make_source
from tests.fetch.hostile_server import HostileServer

SIZE = 190_000
LINK = '<a href="/2026/03/ferry-line-reopens.html">'


def fill(piece: str) -> str:
    return piece * (SIZE // len(piece))


DEEP = f"<html><body>{LINK}" + fill("<div>")
PAGES = {
    "unclosed tags": fill("<title"),
    "brackets": "<html>" + fill("<"),
    "unclosed comments": "<html>" + fill("<!--"),
    "links in links": "<html>" + fill(LINK),
    "formatting carried on": "<html>" + fill("<p><b><i><font>"),
    "foreign content": "<html>" + fill("<svg><math><mtext>"),
    "one giant attribute": f"<html><body class='{fill('x ')}'>{LINK}",
}
FEEDS = {
    "unclosed character data": "<rss><channel><item><title>" + fill("<![CDATA["),
    "ampersands": "<rss><channel><item><title>" + fill("&"),
    "items in items": "<rss><channel>" + fill("<item><description>"),
    "one link again and again": "<rss><channel>" + fill("<item><link>/a</link></item>"),
    "comments": fill("<!-- -->"),
    "instructions": fill("<?a ?>"),
    "brackets of JSON": fill("["),
    "digits of JSON": '{"items": [' + fill("9") + "]}",
}


def test_a_page_nested_without_end_is_refused(server: HostileServer, settings: FetchSettings) -> None:
    answer = fetch_among_good(server, make_entry(server.serve("/a", DEEP)), settings)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("malformed", True)


def test_a_source_nested_without_end_is_malformed(server: HostileServer, settings: FetchSettings) -> None:
    checked = check_among_good(server, make_source(server.serve("/a", DEEP), SourceKind.PAGE), settings)
    assert (checked.outcome, checked.reason) == ("malformed", "the answer is nested too deep to be read")


@pytest.mark.parametrize("name", PAGES)
def test_pages_that_would_keep_a_parser_busy_end(server: HostileServer, settings: FetchSettings, name: str) -> None:
    url = server.serve("/a", PAGES[name])
    assert check_among_good(server, make_source(url, SourceKind.PAGE), settings).outcome in ("ok", "empty", "malformed")
    assert isinstance(fetch_among_good(server, make_entry(url), settings), FetchedPage | FetchFailure)


@pytest.mark.parametrize("name", FEEDS)
def test_feeds_that_would_keep_a_parser_busy_end(server: HostileServer, settings: FetchSettings, name: str) -> None:
    checked = check_among_good(server, make_source(server.serve("/a", FEEDS[name])), settings)
    assert checked.outcome in ("ok", "empty", "not_a_feed", "malformed")


def test_long_pages_with_elements_that_html_closes_itself_are_not_deep() -> None:
    assert not is_nested_too_deep("<ul>" + "<li>One<br><img src=x><p>Two" * 5000)
    assert not is_nested_too_deep("<div><span>Text</span></div>" * 5000)


@pytest.fixture
def roomy(settings: FetchSettings) -> FetchSettings:
    return replace(settings, max_bytes=3_000_000, total_timeout_seconds=60)


ATTRIBUTES = "<html><p " + " ".join(f"a{number}" for number in range(150_000)) + f">{LINK}"  # over a minute of work


def test_a_page_that_keeps_a_parser_busy_is_stopped_and_counted(server: HostileServer, roomy: FetchSettings) -> None:
    answer = fetch_among_good(server, make_entry(server.serve("/a", ATTRIBUTES)), roomy)
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, answer.is_final) == ("malformed", True)
    assert answer.detail.startswith("the answer keeps a parser busy for more than")


UNITS = ["a{} ", 'a{}=">" ', "=a{}/", "a{}='<b>'"]  # of letters that end a tag elsewhere, but not here


@pytest.mark.parametrize("unit", UNITS)
def test_attributes_in_their_thousands_are_tried_first_on_smaller_pages_too(unit: str) -> None:
    attributes = "".join(unit.format(number) for number in range(SIZE // len(unit.format(10_000))))
    assert may_run_away(f"<!-- <p title=' --><html><p {attributes}>".encode())
    assert may_run_away(f"<html><p {attributes}>".encode("utf-16"))


def test_root_tags_that_pile_up_their_attributes_are_tried_first() -> None:
    assert may_run_away("".join(f"<body a{number}>" for number in range(9000)).encode())


def test_honest_pages_of_any_make_up_are_not_tried() -> None:
    tags = "<div class='a b c' id=d data-e='<p f=g>' hidden><a href=/?h=i&j=k>One < two</a></div>" * 2000
    assert not may_run_away(f"<html lang=en><body class=x>{tags}<p>{'words ' * 9000}</p></body></html>".encode())


def test_a_page_of_attributes_under_the_limit_is_stopped_or_read_in_the_helper(
    server: HostileServer, settings: FetchSettings
) -> None:
    page = ATTRIBUTES[: SIZE - 100] + f">{LINK}"
    assert len(page) < SAFE_BYTES
    assert may_run_away(page.encode())
    # A fast processor may read it within the helper's limit; the neighbours arrive either way.
    answer = fetch_among_good(server, make_entry(server.serve("/a", page)), settings)
    assert isinstance(answer, FetchedPage) or answer.reason == "malformed"


def test_the_helper_does_not_get_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_SLACK_TOKEN", "xoxb-secret")

    async def read_environment() -> bytes:
        trial = Trial()
        await trial.require_readable(b"<p>Good</p>" * SAFE_BYTES, "text/html")
        assert trial._helper is not None
        environment = Path(f"/proc/{trial._helper.pid}/environ").read_bytes()
        await trial.close()
        return environment

    assert b"xoxb-secret" not in asyncio.run(read_environment())


def test_after_a_trap_and_after_a_call_that_was_cut_off_large_pages_are_read_again() -> None:
    good = b"<html><body>" + b"<p>The ferry line reopens.</p>" * (SAFE_BYTES // 20)

    async def ask() -> None:
        trial = Trial()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await trial.require_readable(ATTRIBUTES.encode(), "text/html")
        await trial.require_readable(good, "text/html")
        await trial.require_readable(good, "text/html; charset=latin-1")
        await trial.close()

    asyncio.run(ask())


def test_a_large_honest_page_arrives(server: HostileServer, roomy: FetchSettings) -> None:
    page = "<html><body>" + "<div class=a id=b><p>The ferry line reopens.</p></div>" * 40_000
    assert isinstance(fetch_among_good(server, make_entry(server.serve("/a", page)), roomy), FetchedPage)


@pytest.mark.parametrize("kind", ["rss", "json", "sitemap"])
def test_items_beyond_what_is_read_are_counted(server: HostileServer, roomy: FetchSettings, kind: str) -> None:
    bodies = {
        "rss": "<rss><channel>" + "<item><link>/a</link></item>" * (MAX_ITEMS + 7) + "</channel></rss>",
        "json": json.dumps({"items": [{"url": "/a"}] * (MAX_ITEMS + 7)}),
        "sitemap": "<urlset>" + "<url><loc>/a</loc></url>" * 60_000 + "</urlset>",
    }
    checked = check_among_good(server, make_source(server.serve("/a", bodies[kind])), roomy)
    refused = dict(checked.refused)
    assert (checked.outcome, len(checked.entries)) == ("ok", 1)
    assert refused["over_limit"] + refused["listed_twice"] + 1 == (60_000 if kind == "sitemap" else MAX_ITEMS + 7)


def test_a_giant_base_is_not_copied_for_each_item() -> None:
    base = "https://news.example/" + "x" * 100_000
    feed = f'<feed xml:base="{base}">' + '<entry><link href="a"/></entry>' * 9000 + "</feed>"
    root = parse_xml(feed, "https://news.example/")
    assert root is not None
    assert {item.base for item in read_feed(root).items} == {""}
