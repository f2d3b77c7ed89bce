from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch.decode import decode_body

RUSSIAN = "Переговоры о поставках завершились подписанием соглашения между двумя странами."
GERMAN = "Über tausend Züge fielen aus, weil die Brücke gesperrt wurde."


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    assert decode_body(RUSSIAN.encode(encoding), "text/html; charset=iso-8859-1") == RUSSIAN


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "iso-8859-5"])
def test_the_header_decides_where_the_bytes_prove_nothing(encoding: str) -> None:
    assert decode_body(RUSSIAN.encode(encoding), f"text/html; charset={encoding}") == RUSSIAN


def test_the_meta_element_decides_without_a_header() -> None:
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=koi8-r"></head>{RUSSIAN}'
    assert decode_body(page.encode("koi8-r")) == page


def test_the_xml_declaration_decides_without_a_header() -> None:
    feed = f'<?xml version="1.0" encoding="windows-1251"?><rss>{RUSSIAN}</rss>'
    assert decode_body(feed.encode("windows-1251"), "application/xml") == feed


def test_utf8_labelled_as_latin1_is_repaired() -> None:
    assert decode_body(GERMAN.encode(), "text/html; charset=ISO-8859-1") == GERMAN


def test_latin1_labelled_as_utf8_is_repaired() -> None:
    assert decode_body(GERMAN.encode("cp1252"), "text/html; charset=utf-8") == GERMAN


def test_latin1_stands_for_windows_1252() -> None:
    assert decode_body("“quoted” – and more".encode("cp1252"), "text/html; charset=iso-8859-1") == "“quoted” – and more"


def test_without_any_label_the_text_is_detected() -> None:
    assert decode_body((RUSSIAN * 5).encode("windows-1251")) == RUSSIAN * 5


def test_one_broken_byte_does_not_change_the_encoding() -> None:
    body = RUSSIAN.encode()[:-3] + b"\xff."
    assert decode_body(body, "text/html; charset=utf-8").startswith("Переговоры о поставках")


@pytest.mark.parametrize("label", ["utf-7", "rot13", "hex", "no-such-thing", "unicode_escape", "idna", "\x00"])
def test_labels_that_are_no_web_encoding_are_passed_over(label: str) -> None:
    assert decode_body(GERMAN.encode(), f"text/html; charset={label}") == GERMAN


@given(
    st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "gbk", "iso-2022-jp", "hz", "euc-kr", "cp1252"])
)
def test_any_bytes_become_storable_text(body: bytes, label: str) -> None:
    text = decode_body(body, f"text/html; charset={label}")
    assert "\0" not in text
    text.encode("utf-8")
