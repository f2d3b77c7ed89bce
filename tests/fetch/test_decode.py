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


TEXTS = {
    "cp1251": RUSSIAN,
    "koi8-r": RUSSIAN,
    "cp1256": "انتهت المحادثات بين الوفدين بتوقيع اتفاق جديد بشأن النقل البحري في الميناء.",
    "cp1253": "Οι συνομιλίες ολοκληρώθηκαν με την υπογραφή συμφωνίας μεταξύ των δύο χωρών.",
    "cp1255": "השיחות הסתיימו בחתימה על הסכם חדש בין שתי המדינות על מעבורת בנמל.",
    "cp932": "両国の代表団は月曜日に港で新しい協定に署名し、フェリー航路を再開すると発表した。",
    "euc_jp": "両国の代表団は月曜日に港で新しい協定に署名し、フェリー航路を再開すると発表した。",
    "gb18030": "两国代表团周一在港口签署了新协议，宣布重新开放渡轮航线。",
    "cp949": "양국 대표단은 월요일 항구에서 새로운 협정에 서명하고 여객선 운항을 재개한다고 발표했다.",
    "cp1250": "Rozmowy o dostawach zakończyły się podpisaniem umowy w środę, o czym świadczą łodzie w porcie.",
    "iso8859_2": "Rozmowy o dostawach zakończyły się podpisaniem umowy w środę, o czym świadczą łodzie w porcie.",
    "cp1254": "Görüşmeler çarşamba günü imzalanan anlaşmayla sona erdi; iki ülke şubat ayında başlayacak.",
    "cp1252": "L'été dernier, la réouverture du port a été annoncée à l'hôtel de ville où le préfet était présent.",
}


def make_page(text: str) -> str:
    return (
        "<html><head><title>News</title></head><body>"
        + f"<p>{text}</p>\n<a href='/news'>More</a>" * 6
        + "</body></html>"
    )


@pytest.mark.parametrize("label", ["", "utf-8"])
@pytest.mark.parametrize("encoding", TEXTS)
def test_pages_of_any_script_are_read_without_a_label_or_with_a_wrong_one(encoding: str, label: str) -> None:
    page = make_page(TEXTS[encoding])
    assert decode_body(page.encode(encoding), f"text/html; charset={label}") == page


@pytest.mark.parametrize(
    "encoding", ["cp1251", "koi8-r", "cp1256", "cp1253", "cp1255", "cp932", "euc_jp", "gb18030", "cp949"]
)
def test_a_label_of_latin1_on_another_script_is_not_believed(encoding: str) -> None:
    page = make_page(TEXTS[encoding])
    assert decode_body(page.encode(encoding), "text/html; charset=ISO-8859-1") == page


@pytest.mark.parametrize("text", [GERMAN, "He said “so it goes” – and it’s done", "Déjà vu à l’hôtel"])
def test_text_that_was_encoded_twice_is_repaired(text: str) -> None:
    twice = (
        text.encode()
        .decode("latin-1")
        .translate({code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)})
    )
    assert decode_body(twice.encode(), "text/html; charset=utf-8") == text


@pytest.mark.parametrize("text", [RUSSIAN + " Â©", "Ãœ and Über", "SÃO PAULO — 20 °C", "Ã¼ber, naïve"])
def test_text_that_only_looks_encoded_twice_stays(text: str) -> None:
    assert decode_body(text.encode()) == text
