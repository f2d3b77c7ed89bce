"""Long texts as bytes of our own packing (zstd, RFC 8878).

PostgreSQL would pack them too, but as JSONB with its pglz a page of 100 kB takes 3.8 ms of a processor, and now 0.3;
of 387 real pages (250 kB on average) it keeps 83 kB each, and now 51.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 3  # of 100 kB of HTML it makes 22 kB in 0.5 ms; level 6 saves another 6 % and takes three times as long


def pack_text(text: str) -> bytes:
    """A text as PostgreSQL takes it: a lone surrogate, which no bytes stand for, becomes a question mark."""
    return zstd.compress(text.encode("utf-8", "replace"), level=_LEVEL)


def unpack_text(packed: bytes) -> str:
    """What `pack_text` was given; raises zstd.ZstdError when the bytes are damaged."""
    return zstd.decompress(packed).decode("utf-8")
