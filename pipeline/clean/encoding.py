"""From the bytes of a page to its characters: byte order mark, meta tag, UTF-8, then detection."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_WEB_NAMES = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "tis-620": "cp874",
    "iso-8859-9": "cp1254",
    "x-sjis": "cp932",
}
"""What browsers read where a page declares the left (WHATWG Encoding, section 4.2)."""
DECLARED_WITHIN_BYTES = 4_096
DETECTED_FROM_BYTES = 60_000


def decode_markup(data: bytes, charset: str = "") -> str:
    """The characters of a page; `charset` is the one of the HTTP header, if any. Never raises."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:DECLARED_WITHIN_BYTES])
    for name in (charset, declared[1].decode("ascii", "replace") if declared else ""):
        text = _decode_as(data, name)
        if text is not None:
            return text
    return _detect(data)


def _decode_as(data: bytes, name: str) -> str | None:
    """Decoded as a browser would under this name; None where the name is unknown or clearly wrong."""
    label = _WEB_NAMES.get(name.strip().lower(), name.strip().lower())
    if not label:
        return None
    try:
        text = data.decode(label, "replace")
    except (LookupError, ValueError, AssertionError):
        return None
    return text if text.count("\ufffd") <= len(text) // 200 else None


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes  # here, because hardly any page gets this far

    best = from_bytes(data[:DETECTED_FROM_BYTES]).best()
    try:
        return data.decode(best.encoding if best else "utf-8", "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")
