"""Has a source changed? What is sent to ask, what is kept of the answer, and how a server that lies is found out.

make_conditions      Validators -> request headers
read_validators      answer -> Validators
is_full_look_due     is it time to look behind a 304?
merge_validators     the question for several sources that share an address
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.models import Validators

FULL_LOOK_EVERY = timedelta(hours=24)
DISTRUST_FOR = timedelta(days=7)  # after a lie etag and last_modified are not sent; the content hash still saves work
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

# When the server wrote the feed, often "now": it says nothing about the items (RSS 2.0, optional channel elements).
BUILD_STAMP = re.compile(rb"<lastBuildDate>[^<]{0,100}</lastBuildDate>")


def hash_content(body: bytes) -> str:
    """SHA-256 of an answer's unpacked bytes, the stamp of its making left out; 64 hex digits."""
    return hashlib.sha256(BUILD_STAMP.sub(b"", body)).hexdigest()


def make_conditions(validators: Validators, now: datetime) -> dict[str, str]:
    """The request headers that ask 'has it changed?' (RFC 9110, section 13.1); none of a server that lied."""
    if validators.distrusted_until is not None and now < validators.distrusted_until:
        return {}
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: kept for name, value in pairs.items() if (kept := _keep_printable(value))}


def read_validators(headers: Mapping[str, str], body: bytes, now: datetime, old: Validators) -> Validators:
    """Those of an answer with content, fit to be stored and sent again: a header may hold any bytes."""
    etag, last_modified = (_keep_printable(headers.get(name)) for name in ("ETag", "Last-Modified"))
    return Validators(etag, last_modified, hash_content(body), now, old.distrusted_until)


def is_full_look_due(address: str, validators: Validators, now: datetime) -> bool:
    """True once a day, for each address at its own hour, so that one run does not look at all of them."""
    # Derived, not drawn: the same address has the same hour in every run.
    share = int.from_bytes(hashlib.sha256(address.encode("utf-8", "surrogatepass")).digest()[:4]) / 2**32
    offset = FULL_LOOK_EVERY * share
    last, this = ((at - EPOCH - offset) // FULL_LOOK_EVERY for at in (validators.content_read_at or EPOCH, now))
    return this > last


def merge_validators(known: Sequence[Validators]) -> Validators:
    """One question for all: 'has it changed?' only where the answer means the same to each of them."""
    # They differ where a neighbour was read at another time: the one that has waited longest decides.
    distrusted_until = max((each.distrusted_until for each in known if each.distrusted_until), default=None)
    if len({(each.etag, each.last_modified, each.content_hash) for each in known}) > 1:
        return Validators(distrusted_until=distrusted_until)
    content_read_at = min(each.content_read_at or EPOCH for each in known)
    return replace(known[0], content_read_at=content_read_at, distrusted_until=distrusted_until)


def _keep_printable(value: str | None) -> str | None:
    return value if value and value.isprintable() else None
