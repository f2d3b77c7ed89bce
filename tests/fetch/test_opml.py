from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.fetch import Subscription, read_opml


def test_feeds_in_folders_are_found_each_once() -> None:
    data = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
    <outline text="World"><outline type="rss" text="Harbour &amp; Gazette" xmlUrl="https://news.example/feed"/>
    <outline title="Other" text="x" xmlurl="https://other.example/rss"/></outline>
    <outline text="Again" xmlUrl="https://news.example/feed"/><outline text="Local" xmlUrl="file:///etc/passwd"/></body></opml>"""
    assert read_opml(data) == [
        Subscription("Harbour & Gazette", "https://news.example/feed"),
        Subscription("Other", "https://other.example/rss"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"<html></html>",
        b"<opml><body></body></opml>",
        b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body><outline xmlUrl="https://news.example/&a;"/></body></opml>',
    ],
)
def test_what_is_no_list_of_feeds_is_one_clear_line(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_opml(data)
    assert "\n" not in str(caught.value)
    assert "OPML" in str(caught.value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(SourceError):
        read_opml(b"<opml><body>" + data)
