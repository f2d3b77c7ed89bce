"""What no string may hold when it leaves the room: lone surrogates, NUL and other control characters.

A database refuses the first two, a terminal obeys the others (`ESC ]0;...` renames its window).

    scrub_text     pages, summaries: line ends and tabs stay
    scrub_line     names, titles: one line
    scrub_reason   what is shown to a person: one line of printable characters
"""

import re

MAX_LINE_CHARACTERS = 10_000  # of a title or name; patterns that look ahead meet no more than this
TURNED_WRITING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # shows a line in another order than it is stored
# Browsers read C1 controls as windows-1252 too (WHATWG HTML, numeric character references): they are its quotes.
PRINTED = {chr(code): bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
SPACES = dict.fromkeys("\v\f", " ")
UNSEEN = dict.fromkeys((chr(code) for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n\v\f\r"), "")
REPLACEMENTS = {**UNSEEN, **SPACES, **PRINTED}
SEEN_BYTES = bytes(code for code in range(0x100) if chr(code) not in UNSEEN.keys() | SPACES.keys())
C1_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")  # as UTF-8
ANY_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def has_controls(text: str) -> bool:
    """True for what names a place (a path, a host): it cannot be scrubbed, only refused."""
    return ANY_CONTROL.search(text) is not None


def scrub_text(text: str) -> str:
    """Without surrogates and control characters except newline and tab; line ends become newlines."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        coded = text.encode()
    except UnicodeEncodeError:
        coded = text.encode("utf-8", "replace")
        text = coded.decode()
    if coded.translate(None, SEEN_BYTES) or C1_CONTROL.search(coded):
        # One pass for each letter that is there: a call for each place would be slow on a page made of them.
        for letter in REPLACEMENTS.keys() & set(text):
            text = text.replace(letter, REPLACEMENTS[letter])
    return text


def scrub_line(text: str) -> str:
    """The same as one line without turned writing, white space folded; over-long ones are cut."""
    return " ".join(TURNED_WRITING.sub("", scrub_text(text[:MAX_LINE_CHARACTERS])).split())


def scrub_reason(text: str) -> str:
    """One printable line, whatever a site sent that the text quotes."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:500]).split())
