"""Frozen records to JSON and back, checked by pydantic on the way in."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}  # building one costs a thousand times its use


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(record: Any) -> dict[str, Any]:
    """A record as plain JSON types. NUL, which PostgreSQL refuses in text, becomes U+FFFD."""
    plain = _adapter(type(record)).dump_python(record, mode="json")
    cleaned = _without_nul(plain)
    assert isinstance(cleaned, dict)
    return cleaned


def from_json(kind: type[T], plain: Any) -> T:
    """The record that `to_json` wrote; raises pydantic.ValidationError when it is not one."""
    record: T = _adapter(kind).validate_python(plain)
    return record


def clean_text(text: str) -> str:
    """Text that PostgreSQL takes: no NUL, no lone surrogates."""
    if text.isascii() and "\x00" not in text:  # most of a record is names and numbers
        return text
    return text.replace("\x00", "�").encode("utf-8", "replace").decode("utf-8")


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value
