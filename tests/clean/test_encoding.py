"""From bytes to characters."""

import codecs

import pytest

from pipeline.clean import decode_markup

TEXT = "<p>Übergang: der Zug fährt – „endlich“.</p>"


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (TEXT.encode("utf-8"), ""),
        (codecs.BOM_UTF8 + TEXT.encode("utf-8"), "iso-8859-1"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), ""),
        (b"<meta charset='windows-1252'>" + TEXT.encode("cp1252"), ""),
        (b"<meta charset=iso-8859-1>" + TEXT.encode("cp1252"), ""),
        (TEXT.encode("cp1252"), "windows-1252"),
    ],
)
def test_decoded(data: bytes, charset: str) -> None:
    assert decode_markup(data, charset).endswith(TEXT)


def test_undeclared_cyrillic_is_detected() -> None:
    text = "<p>Мост через озеро снова открыт, сказал министр во вторник, и он будет стоять ещё много лет.</p>" * 20
    assert decode_markup(text.encode("cp1251")) == text


def test_unknown_charset_is_no_error() -> None:
    assert "bridge" in decode_markup(b"<meta charset='klingon'><p>bridge \xff\xfe\xfa</p>")
