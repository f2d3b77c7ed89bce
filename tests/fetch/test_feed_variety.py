"""Old, odd and damaged feeds as they are served: what becomes of them as entries."""

from __future__ import annotations

import json

import pytest

from pipeline.fetch import FetchSettings
from pipeline.models import FeedHints, SourceKind
from tests.fetch.build import check_among_good, make_source
from tests.fetch.hostile_server import HostileServer

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
BURNER = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
FEEDS = {
    "rss 0.90": f'<rdf:RDF {RDF} xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><title>M</title></channel>'
    "<item><title>One</title><link>https://a.example/1</link></item></rdf:RDF>",
    "rss 0.91": '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.example/d.dtd">'
    '<rss version="0.91"><channel><item><title>One</title><link>https://a.example/1</link></item></channel></rss>',
    "rss 0.92": '<rss version="0.92"><channel><item><title>One</title><link>https://a.example/1</link>'
    '<source url="https://b.example/">B</source></item></channel></rss>',
    "rss 1.0": f'<rdf:RDF {RDF} xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"/>'
    '<item rdf:about="https://a.example/1"><title>One</title></item></rdf:RDF>',
    "atom 0.3": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>One</title>'
    '<link rel="alternate" href="https://a.example/1"/></entry></feed>',
    "xml:base": f'<feed {ATOM} xml:base="https://a.example/x/"><entry xml:base=".."><title>One</title>'
    '<link href="1"/></entry></feed>',
    "xml:base of a channel": '<rss xml:base="https://a.example/"><channel xml:base="/c/"><item><title>One</title>'
    "<link>../1</link></item></channel></rss>",
    "feedburner": f"<rss {BURNER}><channel><item><title>One</title><link>https://feeds.example/~r/1</link>"
    "<feedburner:origLink>https://a.example/1</feedburner:origLink></item></channel></rss>",
    "google alert": "<rss><channel><item><title>One</title>"
    "<link>https://www.google.com/url?sa=t&amp;url=https://a.example/1&amp;ct=ga</link></item></channel></rss>",
    "json 1.0": json.dumps({"items": [{"id": "https://a.example/1", "title": "One", "author": {"name": "Ada"}}]}),
    "json 1.1": json.dumps({"items": [{"external_url": "https://a.example/1", "title": "<b>One</b>"}]}),
    "json with a mark": "\ufeff" + json.dumps({"items": [{"url": "https://a.example/1", "title": "One"}]}),
}


def read_entry(server: HostileServer, settings: FetchSettings, feed: str) -> tuple[str, FeedHints]:
    checked = check_among_good(server, make_source(server.serve("/feed", feed)), settings)
    (entry,) = checked.entries
    assert (checked.outcome, dict(checked.refused)) == ("ok", {})
    return entry.url, entry.hints


@pytest.mark.parametrize("name", FEEDS)
def test_every_kind_of_feed_gives_its_articles(server: HostileServer, settings: FetchSettings, name: str) -> None:
    url, hints = read_entry(server, settings, FEEDS[name])
    assert (url, hints.title, hints.published_at) == ("https://a.example/1", "One", None)


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("&lt;b&gt;Two&lt;/b&gt; &amp;amp; three", "Two & three"),
        ("<![CDATA[<i>Two</i> &amp; three]]>", "Two & three"),
        ("a &lt; b and c &gt; d", "a < b and c > d"),
        ("Bold <b>move</b> by AT&T", "Bold move by AT&T"),
        ("caf&eacute; &#8217;x&#8217;", "café ’x’"),
    ],
)
def test_titles_with_markup_become_plain_words(
    server: HostileServer, settings: FetchSettings, title: str, read: str
) -> None:
    feed = f"<rss><channel><item><title>{title}</title><link>https://a.example/1</link></item></channel></rss>"
    assert read_entry(server, settings, feed)[1].title == read


@pytest.mark.parametrize("damage", ["<title>3 < 4</title>", "<enclosure length=1/>", "<x>&#1;</x>", "]]>", "<x></y>"])
def test_behind_an_error_of_a_feed_the_markup_of_its_texts_stays_whole(
    server: HostileServer, settings: FetchSettings, damage: str
) -> None:
    feed = (
        f"<rss><channel>{damage}<item><title>Fish &amp; ships</title><link>https://a.example/1?a=1&amp;b=2</link>"
        "<description>&lt;p&gt;It&apos;s &quot;new&quot;&lt;/p&gt;</description></item></channel></rss>"
    )
    url, hints = read_entry(server, settings, feed)
    assert url == "https://a.example/1?a=1&b=2"
    assert (hints.title, hints.summary) == ("Fish & ships", '<p>It\'s "new"</p>')


@pytest.mark.parametrize("date", ["", "<pubDate>yesterday</pubDate>", "<pubDate>Mon, 99 Foo 2026</pubDate>"])
def test_an_entry_without_a_date_is_an_entry(server: HostileServer, settings: FetchSettings, date: str) -> None:
    feed = f"<rss><channel><item><title>One</title><link>https://a.example/1</link>{date}</item></channel></rss>"
    assert read_entry(server, settings, feed)[1].published_at is None


def test_the_feed_behind_a_json_link_of_a_page_is_named(server: HostileServer, settings: FetchSettings) -> None:
    page = '<html><head><link rel="alternate" type="application/feed+json" href="/feed.json"></head></html>'
    checked = check_among_good(server, make_source(server.serve("/", page), SourceKind.ATOM), settings)
    assert checked.outcome == "not_a_feed"
    assert checked.reason.endswith(f"it names the feed {server.url('/feed.json')}")
