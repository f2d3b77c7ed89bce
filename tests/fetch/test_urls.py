from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.urls import canonicalise_url, resolve_link


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://Example.COM:80/News/Story#comments", "https://example.com/News/Story"),
        ("https://www.example.com/story/", "https://example.com/story"),
        ("https://example.com/story?utm_source=rss&utm_medium=feed&id=7", "https://example.com/story?id=7"),
        ("https://example.com/story?b=2&a=1&fbclid=xyz", "https://example.com/story?a=1&b=2"),
        ("https://m.example.com/story", "https://example.com/story"),
        ("https://amp.example.com/story", "https://example.com/story"),
        ("https://example.com/story/amp/", "https://example.com/story"),
        ("https://example.com/story.amp.html", "https://example.com/story.html"),
        ("https://example.com/amp/story", "https://example.com/story"),
        ("https://example.com/story?outputType=amp", "https://example.com/story"),
        ("https://example.com/story/index.html", "https://example.com/story"),
        ("https://user:secret@example.com/story", "https://example.com/story"),
        ('https://example.com/story"),', "https://example.com/story"),
        ("  <https://example.com/story>\n", "https://example.com/story"),
        ("https://example.com", "https://example.com/"),
        ("http://127.0.0.1:8080/story/", "http://127.0.0.1:8080/story"),
        ("https://www.google.com/url?rct=j&sa=t&url=https://example.com/story&ct=ga", "https://example.com/story"),
        ("https://www.google.com/url?q=https%3A%2F%2Fexample.com%2Fstory&sa=D", "https://example.com/story"),
        (
            "https://news.google.com/rss/articles/CBMiGWh0dHBzOi8vZXhhbXBsZS5jb20vc3Rvcnk?oc=5",
            "https://example.com/story",
        ),
        ("https://www.google.com/amp/s/www.example.com/story/amp/", "https://example.com/story"),
        ("https://example-com.cdn.ampproject.org/c/s/example.com/amp/story?id=7", "https://example.com/story?id=7"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
    ],
)
def test_one_article_has_one_identity(url: str, canonical: str) -> None:
    assert canonicalise_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/story?source=17",
        "https://example.com/story?amp=volt",
        "https://example.com/wiki/Treaty_(1990)",
        "https://m.co.uk/story",
        "https://example.com/ramp",
        "https://example.com/camp/story",
        "https://example.com/?p=1234",
    ],
)
def test_what_names_the_document_stays(url: str) -> None:
    assert canonicalise_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "mailto:desk@example.org", "javascript:void(0)", "ftp://example.com/a", "file:///etc/passwd", "http://",
        "/story", "http://[::1", "http://ex ample.com/", "http://example.com:99999/", "data:text/html,x",
        "https://example.com/" + "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_web_address_has_no_identity(url: str) -> None:
    assert canonicalise_url(url) is None


def test_relative_links_are_resolved_against_their_page() -> None:
    assert resolve_link("../b?x=1#top", "https://example.com/a/c/d") == "https://example.com/a/b?x=1"


def test_the_url_to_fetch_keeps_its_host_and_scheme() -> None:
    assert resolve_link("http://www.example.com/story/", "http://feeds.example.com/") == "http://www.example.com/story/"


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://example.com/", "//", "http://a.example/?"]))
def test_any_text_is_canonicalised_or_refused_and_twice_is_once(text: str, prefix: str) -> None:
    once = canonicalise_url(prefix + text)
    assert once is None or canonicalise_url(once) == once
