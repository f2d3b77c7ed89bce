from __future__ import annotations

import pytest

from pipeline.fetch.found import Findings, FoundItem
from pipeline.fetch.markup import RefusedMarkup, parse_xml
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.sniff import read_findings
from pipeline.models import SourceKind

URL = "https://news.example/feed.xml"


def read(text: str, declared: SourceKind = SourceKind.RSS) -> Findings:
    return read_findings(text, URL, declared)


def read_item(inner: str, spaces: str = "") -> FoundItem:
    (item,) = read(f'<rss version="2.0" {spaces}><channel><item>{inner}</item></channel></rss>').items
    return item


def test_rss_20() -> None:
    found = read(
        """<?xml version="1.0" encoding="UTF-8"?>
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
             xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel><title>Harbour Gazette</title><link>https://news.example/</link>
        <item><title>Ferry line &lt;b&gt;reopens&lt;/b&gt; &amp;amp; grows</title><link>https://news.example/ferry</link>
          <pubDate>Tue, 03 Mar 2026 08:00:00 +0200</pubDate><dc:creator>Ada Holm</dc:creator>
          <description>Short.</description><content:encoded><![CDATA[<p>Long.</p>]]></content:encoded></item>
        </channel></rss>"""
    )
    (item,) = found.items
    assert (found.kind, found.title) == (SourceKind.RSS, "Harbour Gazette")
    assert (item.link, item.hints.title) == ("https://news.example/ferry", "Ferry line reopens & grows")
    assert item.hints.published_at is not None
    assert item.hints.published_at.isoformat() == "2026-03-03T08:00:00+02:00"
    assert (item.hints.summary, item.hints.content, item.hints.authors) == ("Short.", "<p>Long.</p>", ("Ada Holm",))


def test_rss_091_with_the_doctype_that_its_specification_asks_for() -> None:
    found = read(
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>Old</title>'
        "<item><title>One</title><link>https://news.example/one</link></item></channel></rss>"
    )
    assert [item.link for item in found.items] == ["https://news.example/one"]


def test_rss_10_keeps_its_items_beside_the_channel() -> None:
    found = read(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>RDF</title></channel>'
        '<item rdf:about="https://news.example/1"><title>One</title><link>https://news.example/1</link>'
        "<dc:date>2026-03-01T05:00+01:00</dc:date></item></rdf:RDF>"
    )
    assert (found.kind, found.title, len(found.items)) == (SourceKind.RSS, "RDF", 1)
    assert found.items[0].hints.published_at is not None


def test_atom() -> None:
    found = read(
        """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/a/">
        <title type="html">Harbour &lt;i&gt;News&lt;/i&gt;</title>
        <author><name>The Desk</name></author>
        <entry><title>One</title><id>urn:1</id><link rel="self" href="self"/><link rel="alternate" href="one"/>
          <published>2026-03-01T05:00:00Z</published><updated>2026-03-01T07:00:00Z</updated>
          <author><name>Ada Holm</name></author>
          <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Full &amp; long.</p></div></content>
        </entry></feed>"""
    )
    (item,) = found.items
    assert (found.kind, found.title, item.link) == (SourceKind.ATOM, "Harbour News", "one")
    assert item.base == "https://news.example/a/"
    assert item.hints.published_at is not None
    assert item.hints.modified_at is not None
    assert (item.hints.published_at.hour, item.hints.modified_at.hour) == (5, 7)
    assert "<p>Full &amp; long.</p>" in item.hints.content
    assert item.hints.authors == ("Ada Holm",)


def test_json_feed() -> None:
    found = read(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", "items": [{"id": "1", '
        '"url": "https://news.example/1", "title": "One", "content_html": "<p>Full.</p>", '
        '"date_published": "2026-03-01T05:00:00+01:00", "authors": [{"name": "Ada Holm"}]}, 7, {"id": 3}]}'
    )
    assert (found.kind, found.title) == (SourceKind.JSON_FEED, "Harbour")
    assert found.items[0].hints.authors == ("Ada Holm",)
    assert found.items[0].hints.content == "<p>Full.</p>"
    assert found.items[1].link == ""


def test_the_link_that_a_proxy_replaced_is_put_back() -> None:
    item = read_item(
        "<link>https://proxy.example/~r/1</link><feedburner:origLink>https://news.example/1</feedburner:origLink>",
        'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"',
    )
    assert item.link == "https://news.example/1"


def test_a_permalink_stands_in_for_a_missing_link() -> None:
    assert read_item("<guid>https://news.example/1</guid>").link == "https://news.example/1"
    assert read_item('<guid isPermaLink="false">https://news.example/1</guid>').link == ""


def test_elements_of_other_vocabularies_do_not_count() -> None:
    item = read_item(
        "<title>Right</title><media:title>Wrong</media:title><media:description>Wrong</media:description>",
        'xmlns:media="http://search.yahoo.com/mrss/"',
    )
    assert (item.hints.title, item.hints.summary) == ("Right", "")


def test_prefixes_that_nobody_declared_are_understood() -> None:
    item = read_item("<title>One</title><content:encoded>Full.</content:encoded><media:title>Wrong</media:title>")
    assert (item.hints.title, item.hints.content) == ("One", "Full.")


def test_html_entities_that_xml_does_not_know_are_resolved() -> None:
    assert read_item("<title>Caf&eacute;&nbsp;opens</title>").hints.title == "Café opens"


def test_bare_ampersands_and_unclosed_elements_do_not_lose_the_rest() -> None:
    found = read(
        "<rss><channel><item><title>Fish & chips</title><link>https://news.example/1?a=1&b=2</link></item>"
        "<item><title>Two</title><link>https://news.example/2</link>"
    )
    assert [item.link for item in found.items] == ["https://news.example/1?a=1&b=2", "https://news.example/2"]
    assert found.items[0].hints.title == "Fish & chips"


def test_ampersands_in_character_data_stay_as_they_are() -> None:
    assert read_item("<link><![CDATA[https://news.example/?a=1&b=2&copy;]]></link>").link == (
        "https://news.example/?a=1&b=2&copy;"
    )


def test_mail_addresses_are_not_authors() -> None:
    assert read_item("<author>desk@news.example (Ada Holm)</author>").hints.authors == ("Ada Holm",)


@pytest.mark.parametrize(
    "text", ["<html><body>Hello</body></html>", "<!DOCTYPE html><p>Hello", "Hello", "<script>1</script>"]
)
def test_html_in_place_of_a_feed_is_no_feed(text: str) -> None:
    with pytest.raises(FetchProblem) as caught:
        read(text)
    assert caught.value.outcome == "not_a_feed"


@pytest.mark.parametrize(
    "text", ["<opml><body/></opml>", '{"version": 1}', "[1, 2]", "{", "<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_other_documents_are_no_feed(text: str) -> None:
    with pytest.raises(FetchProblem) as caught:
        read(text)
    assert caught.value.outcome in ("not_a_feed", "malformed")


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel/></rss>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&x;</title></item></channel></rss>',
        "<!-- a --><!doctype rss [ ]><rss/>",
        "<?xml version='1.0'?>\n<!DOCTYPE r [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]><rss/>",
    ],
)
def test_xml_that_declares_entities_is_refused(text: str) -> None:
    with pytest.raises(RefusedMarkup):
        parse_xml(text)


def test_deep_nesting_is_survived() -> None:
    assert read("<rss><channel>" + "<a>" * 50_000 + "</channel></rss>").items == ()


def test_a_billion_brackets_of_json_are_survived() -> None:
    with pytest.raises(FetchProblem):
        read("[" * 100_000)


def test_titles_carry_no_letters_that_steer_a_screen() -> None:
    title = read_item("<title>Ferry&#x202E; line &amp;#27;[31m\u009breopens &amp;#xD800;</title>").hints.title
    assert title.isprintable()
    assert title.startswith("Ferry line")
