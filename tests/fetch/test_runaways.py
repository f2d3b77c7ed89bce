"""Answers built to keep a parser busy: each is read or refused in a moment, never in minutes.

Every one of these took from many seconds to hours before its limit was set; a test that
hangs here says so better than a clock would.
"""

from __future__ import annotations

import pytest

from pipeline.fetch import FetchSettings
from pipeline.fetch.markup import is_nested_too_deep
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
