"""No string leaves the room with what a database refuses or a terminal obeys."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.fetch import FetchSettings, canonicalise_url, detect_source
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.scrub import scrub_line, scrub_text
from pipeline.fetch.urls import resolve_link
from pipeline.models import SourceKind
from tests.fetch.build import check_one, make_rss, make_source
from tests.fetch.hostile_server import HostileServer

ANY_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\x00\x1b\x9b\x85\r\n\t\ud800\udfff\u202e")), max_size=40)
EVIL = "\x1b]0;pwned\x07\x00 It\x92s"


def holds_controls(text: str, allowed: str = "") -> bool:
    return any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text if letter not in allowed)


def list_strings(record: Any) -> list[str]:
    if isinstance(record, str):
        return [record]
    if isinstance(record, dict):
        return [text for part in record.items() for text in list_strings(part)]
    return [text for part in record for text in list_strings(part)] if isinstance(record, list | tuple) else []


@given(ANY_TEXT)
def test_a_line_holds_no_control_characters_and_stays_as_it_is(text: str) -> None:
    line = scrub_line(text)
    assert not holds_controls(line)
    assert scrub_line(line) == line


@given(ANY_TEXT)
def test_a_text_keeps_its_newlines_and_tabs_only(text: str) -> None:
    scrubbed = scrub_text(text)
    assert not holds_controls(scrubbed, "\n\t")
    assert scrub_text(scrubbed) == scrubbed


@given(ANY_TEXT, st.sampled_from(["", "http://", "https://example.com/", "//", "http://[::1%", "http://a.example/?"]))
def test_an_address_holds_no_control_characters(text: str, prefix: str) -> None:
    for url in (resolve_link(prefix + text, "https://news.example/"), canonicalise_url(prefix + text)):
        assert url is None or not holds_controls(url)


@given(ANY_TEXT)
def test_a_reason_is_one_printable_line(text: str) -> None:
    assert FetchProblem("malformed", text).reason.isprintable()


def test_windows_quotes_that_arrive_as_control_characters_are_quotes() -> None:
    assert scrub_line("\x93It\x92s\x94 \x9d") == "\u201cIt\u2019s\u201d"


def test_ordinary_writing_stays() -> None:
    text = "Größe\t渡轮 می\u200cخواهم 👩\u200d🚀\n\nEnd"
    assert scrub_text(text) == text


ESCAPED = EVIL.replace("\x1b", "&#27;").replace("\x07", "&#7;").replace("\x00", "&#0;")
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "T\\u001b]0;x", "items": ['
    '{"id": "1", "url": "/1\\u001b", "title": "A\\u001b[31m\\u0000\\ud800\\u009b", '
    '"summary": "S\\u001b\\ud800\\r\\nT", "content_text": "C\\u0000\\u0085", '
    '"authors": [{"name": "N\\u001b\\udfff"}, {"name": "\\u0000"}]}]}'
)
FIELDS = ("title", "description", "author")
ITEM = f"<item><link>/1</link>{''.join(f'<{name}>{ESCAPED}</{name}>' for name in FIELDS)}</item>"
HOME = '<!DOCTYPE html><h2><a href="/2026/03/ferry-line-reopens.html">{} The ferry line reopens</a></h2>'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (SourceKind.JSON_FEED, JSON),
        (SourceKind.RSS, f"<rss><channel><title>T</title>{ITEM}</channel></rss>"),
        (SourceKind.RSS, f"<rss><channel>{ITEM.replace('&', '&amp;')}</channel></rss>"),
        (SourceKind.RSS, make_rss("/1", title=EVIL).replace("About", EVIL)),
        (SourceKind.PAGE, HOME.format(EVIL)),
        (SourceKind.PAGE, HOME.format(ESCAPED)),
    ],
    ids=["json", "references", "escaped references", "literal", "page", "references of a page"],
)
def test_nothing_that_a_source_says_brings_control_characters(
    server: HostileServer, settings: FetchSettings, kind: SourceKind, body: str
) -> None:
    url = server.serve("/source", body, Last_Modified="Sun\x9b")
    checked = check_one(make_source(url, kind), settings)
    assert (checked.outcome, len(checked.entries)) == ("ok", 1)
    assert checked.entries[0].hints.title
    assert not any(holds_controls(text, "\n\t") for text in list_strings(asdict(checked)))


@pytest.mark.parametrize(
    ("etag", "kept"),
    [('"\xe9\xff"', None), ('"a\x1b"', None), ("", None), ('W/"abc"', 'W/"abc"')],
    ids=["undecodable", "escape", "empty", "usual"],
)
def test_a_validator_that_cannot_be_stored_is_dropped(
    server: HostileServer, settings: FetchSettings, etag: str, kept: str | None
) -> None:
    url = server.serve("/feed", make_rss("/1"), ETag=etag)
    checked = check_one(make_source(url), settings)
    assert (checked.outcome, checked.validators.etag) == ("ok", kept)


@pytest.mark.parametrize("title", [EVIL, ESCAPED])
@pytest.mark.parametrize("page", ["<meta property='og:site_name' content='{}'>", "<title>{}</title>"])
def test_the_name_of_a_source_holds_no_control_characters(
    server: HostileServer, settings: FetchSettings, page: str, title: str
) -> None:
    body = f"<html><head>{page.format(title.replace(chr(0), ''))}</head><body>{HOME.format('')}</body></html>"
    source = detect_source(server.serve("/", body), settings)
    assert source.kind is SourceKind.PAGE
    assert source.name.startswith("]0;pwned")
    assert not any(holds_controls(text) for text in list_strings(asdict(source)))


def test_a_folder_whose_path_cannot_be_stored_is_refused(tmp_path: Path, settings: FetchSettings) -> None:
    for name in (b"caf\xe9", b"a\x1b]0;x"):
        folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), name))
        os.mkdir(folder)
        with pytest.raises(SourceError) as caught:
            detect_source(folder, settings)
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("address", ["~nobody-of-this-name/x", "/a\x1b\udce9", "ftp://a\x1b", "a\0b"])
def test_an_address_that_is_no_text_is_refused_in_one_printable_line(address: str, settings: FetchSettings) -> None:
    with pytest.raises(SourceError) as caught:
        detect_source(address, settings)
    assert str(caught.value).isprintable()
