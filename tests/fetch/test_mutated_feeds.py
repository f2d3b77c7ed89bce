"""Whatever a feed turns into on its way, reading it ends in findings or in a named problem."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fetch import FetchSettings
from pipeline.fetch.check import read_answer
from pipeline.fetch.client import Answer
from pipeline.fetch.entries import make_entries
from pipeline.fetch.problems import FetchProblem
from pipeline.models import SourceKind
from tests.fetch.build import NOW, make_rss, make_source

SEEDS = [
    make_rss("/1?a=1&b=2", "https://news.example/2", "../3"),
    '<?xml version="1.0" encoding="iso-8859-1"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/">'
    '<title type="html">&lt;b&gt;T</title><entry><link href="x"/><updated>2026-03-01T05:00:00Z</updated>'
    '<content type="xhtml"><div>x</div></content></entry></feed>',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    "<item><title>One</title><link>https://news.example/1</link></item></rdf:RDF>",
    '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1", "url": "/1", "title": "x", '
    '"date_published": "2026-03-01T05:00:00Z", "authors": [{"name": "A"}], "content_html": "<p>x</p>"}]}',
    '<urlset xmlns:news="x"><url><loc>https://news.example/1</loc><lastmod>2026-03-01</lastmod></url></urlset>',
    "<sitemapindex><sitemap><loc>https://news.example/news.xml</loc></sitemap></sitemapindex>",
    '<!DOCTYPE html><html><head><base href="/x/"><link rel="alternate" type="application/rss+xml" href="f"></head>'
    '<body><main><h2><a href="/2026/03/ferry-line-reopens.html">The ferry line reopens</a></h2></main></body></html>',
]
PIECES = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"&#x110000;", b"&#0;", b'"',
    b"<?xml", b"<!DOCTYPE x [", b"xmlns:a='b'", b"\\ud800", b"1e999", b"[[[[", b"http://[", b"&nbsp;", b"xml:base='http://['",
]  # fmt: skip
SETTINGS = FetchSettings("Test/1", max_entries_per_source=50)


@st.composite
def mutate(draw: st.DrawFn) -> bytes:
    """A feed with some slices removed, doubled, or replaced by other bytes."""
    data = draw(st.sampled_from(SEEDS)).encode(draw(st.sampled_from(["utf-8", "utf-16", "latin-1"])), "replace")
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 30)))
        new = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=6), st.just(data[start:end] * 2)))
        data = data[:start] + new + data[end:]
    return data


@settings(max_examples=400, deadline=None)
@given(mutate(), st.sampled_from(list(SourceKind)), st.sampled_from(["", "text/xml; charset=utf-16", "text/html"]))
def test_any_answer_becomes_entries_or_a_named_problem(data: bytes, kind: SourceKind, content_type: str) -> None:
    answer = Answer("https://news.example/feed", 200, {"Content-Type": content_type}, data)
    try:
        findings = read_answer(answer, kind, answer.url)
    except FetchProblem:
        return
    entries, _ = make_entries(findings, make_source(answer.url, kind), answer.url, SETTINGS, NOW)
    for entry in entries:
        assert entry.url.startswith(("http://", "https://"))
        assert "\0" not in entry.hints.title + entry.hints.summary + entry.hints.content
        (entry.url + entry.canonical_url + entry.hints.title + entry.hints.content).encode("utf-8")
