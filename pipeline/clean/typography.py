"""Typographic normalisation that changes no meaning: what two publishers typeset differently must compare equal.

Quotation marks and dashes stay as printed. Repaired are: Windows-1252 bytes read as
Latin-1 controls, ligatures, soft hyphens, zero-width and control characters, odd spaces.
"""

from __future__ import annotations

import re
import unicodedata

_WINDOWS_1252 = {
    code: bytes([code]).decode("cp1252", "ignore")  # 0x92 is an apostrophe nobody meant as a control character
    for code in range(0x80, 0xA0)
}
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x2060, 0xFEFF, 0x180E, 0xFFFC, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F]
)
_CONTROLS = dict.fromkeys([*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F, *range(0xD800, 0xE000)])
_TABLE: dict[int, str | None] = {**_CONTROLS, **_INVISIBLE, **_LIGATURES, **_WINDOWS_1252}
_SPACE = re.compile(r"\s+")
_NEEDS_CARE = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\xad\u0300-\u036f\u180e\u200b\u200e\u200f"
    r"\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufb00-\ufb06\ufffc\ud800-\udfff]"
)


def tidy_characters(text: str) -> str:
    """The same text without invisible and control characters, ligatures and decomposed accents."""
    if not _NEEDS_CARE.search(text):
        return text
    return unicodedata.normalize("NFC", text.translate(_TABLE))


def squeeze_spaces(text: str) -> str:
    """One line: every run of white space becomes one space."""
    return _SPACE.sub(" ", text).strip()


def tidy_line(text: str) -> str:
    """One tidy line."""
    return squeeze_spaces(tidy_characters(text))
