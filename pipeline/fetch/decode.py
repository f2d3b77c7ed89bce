"""Bytes to text: by byte order mark, then by what the bytes prove, then by label, then by detection."""

import codecs
import re

from charset_normalizer import from_bytes

from pipeline.fetch.scrub import scrub_text

PRESCAN_BYTES = 4096  # a label further down is not looked for; the HTML standard asks for 1024
MAX_LABELS = 3
DETECTION_BYTES = 16_384
MAX_BROKEN_SHARE = 0.1  # of the non-ASCII bytes; above, the label is held to be wrong

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
XML_START = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0!\0", "utf-16-le"), (b"\0<\0!", "utf-16-be"))
LABEL = re.compile(rb"""(?:<\?xml[^>]{0,200}?encoding|<meta[^>]{0,400}?charset)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
HEADER_LABEL = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I)
# Labels stand for more than they say (WHATWG Encoding standard, section 4.2).
WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
NOT_FOR_THE_WEB = {"utf-7", "utf-8-sig", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
MARKUP = b"""<a b="c">'d'/&"""
LATIN = {"cp1250", "cp1252", "cp1254", "cp1257", "iso8859_2", "iso8859-2", "iso8859_15", "iso8859_16"}
# Letters that betray the wrong one of the Latin encodings when they stand inside a word; the first without any wins.
BETRAYING = {
    "cp1252": re.compile(r"(?<=\w)[þÞðÐýÝ¹³¿¼¾±¶¦](?=\w)"),
    "cp1254": re.compile(r"(?<=\w)[ýÝ¹³¿¼¾±¶¦](?=\w)"),
    "cp1250": re.compile(r"(?<=\w)[ŕŔţŢđĐ±¶¦¬](?=\w)|\bŕ\b"),
    "iso8859-2": re.compile(r"(?<=\w)[ŕŔţŢđĐ\x80-\x9f](?=\w)|\bŕ\b"),
}
# UTF-8 that somebody took for windows-1252 and wrote out as UTF-8 once more begins so: one of ÂÃÎÏÐÑ×ØÙàåæçèé and
# then U+0080 to U+00BF or U+0152 to U+2122, or "â€". In bytes, because a search for text takes fifteen times as long.
TWICE_ENCODED = re.compile(rb"\xc3(?:[\x82\x83\x8e-\x91\x97-\x99\xa0\xa5-\xa9][\xc2\xc5-\xe2]|\xa2\xe2\x82\xac)")
UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
SLOPPY_BYTES = {code: bytes([code]) for code in range(0x100)} | {
    ord(bytes([code]).decode("cp1252")): bytes([code]) for code in range(0x80, 0xA0) if code not in UNDEFINED_IN_CP1252
}
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
MIN_DETECTABLE_BYTES = 12  # non-ASCII ones; of fewer the detector makes anything
MAX_LATIN_RUN = 1.6  # mean length of a run of non-ASCII bytes
MIN_FOREIGN_RUN = 2.5  # the same, where the label says Latin
ESCAPE_CODED = ("iso2022", "hz")


def decode_body(body: bytes, content_type: str = "") -> str:
    """The text of a page or feed; never raises. Control characters are left out: no format allows them."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _finish(body[len(mark) :].decode(encoding, "replace"))
    for start, encoding in XML_START:
        if body.startswith(start):
            return _finish(body.decode(encoding, "replace"))
    return _finish(_decode_unmarked(body, content_type))


def _decode_unmarked(body: bytes, content_type: str) -> str:
    labels = _read_labels(body, content_type)
    if labels and labels[0].startswith(ESCAPE_CODED):
        return body.decode(labels[0], "replace")
    try:
        # Text of another encoding is valid UTF-8 only by an accident that does not happen at length.
        text = body.decode("utf-8")
        return _undo_twice(text) if TWICE_ENCODED.search(body) else text
    except UnicodeDecodeError:
        pass
    for label in labels:
        if label in LATIN and _is_other_script(body):
            continue  # servers say latin-1 of anything
        text = body.decode(label, "replace")
        if text.count("�") <= MAX_BROKEN_SHARE * _count_non_ascii(body):
            return text
    return body.decode(_detect(body), "replace")


def _read_labels(body: bytes, content_type: str) -> list[str]:
    found = HEADER_LABEL.search(content_type)
    names = [found.group(1)] if found else []
    names += [match.decode("ascii") for match in LABEL.findall(body[:PRESCAN_BYTES])[:MAX_LABELS]]
    return [label for name in names if (label := _normalise_label(name))]


def _normalise_label(name: str) -> str | None:
    try:
        label = codecs.lookup(name).name
        if label.startswith(("utf-16", "utf-32")):
            return "utf-8"  # a label readable as ASCII cannot be true here
        is_ascii_inside = MARKUP.decode(label) == MARKUP.decode("ascii")  # raises for hex, rot13 and the like
    except (LookupError, ValueError, TypeError):
        return None
    if label in NOT_FOR_THE_WEB or not is_ascii_inside:
        return None  # EBCDIC and escapes would hide tags from whoever looks at the bytes
    return WIDER.get(label, label)


def _count_non_ascii(body: bytes) -> int:
    return len(body) - len(body.decode("ascii", "ignore"))


def _detect(body: bytes) -> str:
    sample = body[:DETECTION_BYTES]
    if len(b"".join(HIGH_BYTES.findall(sample))) < MIN_DETECTABLE_BYTES:
        return "cp1252"
    best = from_bytes(sample).best()
    encoding = best.encoding if best is not None else "cp1252"
    # Letters with accents stand alone among ASCII ones; other scripts come in words. The detector misses that.
    if encoding in LATIN or _measure_runs(sample) < MAX_LATIN_RUN:
        return _choose_latin(sample, encoding.replace("iso8859_2", "iso8859-2"))
    return encoding


def _choose_latin(sample: bytes, detected: str) -> str:
    """The Latin encoding in which the fewest letters look out of place; of equals the detected one, then the usual."""
    names = sorted(BETRAYING, key=lambda name: name != detected)
    return min(names, key=lambda name: len(BETRAYING[name].findall(sample.decode(name, "replace"))))


def _is_other_script(body: bytes) -> bool:
    sample = body[:DETECTION_BYTES]
    return _count_non_ascii(sample) >= MIN_DETECTABLE_BYTES and _measure_runs(sample) > MIN_FOREIGN_RUN


def _measure_runs(sample: bytes) -> float:
    """The mean length of a run of non-ASCII bytes."""
    runs = HIGH_BYTES.findall(sample)
    return len(b"".join(runs)) / max(len(runs), 1)


def _undo_twice(text: str) -> str:
    """UTF-8 once where a text was encoded twice, as a whole; any other text as it is."""
    try:
        # Valid UTF-8 by accident: of a text that was encoded once this does not happen.
        return b"".join([SLOPPY_BYTES[ord(letter)] for letter in text]).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return text


def _finish(text: str) -> str:
    return scrub_text(text.removeprefix("\ufeff"))
