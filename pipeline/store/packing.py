"""Long texts, and records that are written with every article, as bytes of our own packing (zstd, RFC 8878).

PostgreSQL would pack them too, but as JSONB with its pglz a page of 100 kB takes 3.8 ms of a processor, and now 0.3;
of 387 real pages (250 kB on average) it keeps 83 kB each, and now 51.
"""

from __future__ import annotations

import sys
from typing import Any, TypeVar

import msgspec

from pipeline.store.codec import to_json

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = TypeVar("T")
_LEVEL = 3  # of 100 kB of HTML it makes 22 kB in 0.5 ms; level 6 saves another 6 % and takes three times as long


def pack_text(text: str) -> bytes:
    """A text as PostgreSQL takes it: a lone surrogate, which no bytes stand for, becomes a question mark."""
    return zstd.compress(text.encode("utf-8", "replace"), level=_LEVEL)


def unpack_text(packed: bytes) -> str:
    """What `pack_text` was given; raises zstd.ZstdError when the bytes are damaged."""
    return zstd.decompress(packed).decode("utf-8")


# Opening a frame to read it costs 24 us, as much as reading 3 kB of JSON into a record: what is shorter stays as it is.
_LONG_RECORD = 4096  # bytes
_FRAME = b"\x28\xb5\x2f\xfd"  # zstd's magic number; a record as JSON begins with a brace
_encoder = msgspec.json.Encoder()
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_compressor = zstd.ZstdCompressor(level=_LEVEL)  # kept: building one costs more than its use; it locks itself


def pack_record(record: Any) -> bytes:
    """A frozen dataclass of plain types as JSON, packed where it is long. Texts are cleaned as `to_json` does it."""
    try:
        plain = _encoder.encode(record)
    except UnicodeEncodeError:  # UTF-8 has no lone surrogates
        plain = _encoder.encode(to_json(record))
    if b"\\u0000" in plain:
        plain = _encoder.encode(to_json(record))
    return plain if len(plain) < _LONG_RECORD else _compressor.compress(plain, mode=zstd.ZstdCompressor.FLUSH_FRAME)


def unpack_record(kind: type[T], packed: bytes) -> T:
    """The record that `pack_record` was given, or that an older version wrote as JSON.

    Raises msgspec.DecodeError when it is not one, zstd.ZstdError when the bytes are damaged.
    """
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind)
    record: T = _decoders[kind].decode(zstd.decompress(packed) if packed.startswith(_FRAME) else packed)
    return record
