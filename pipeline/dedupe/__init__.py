"""Article -> Duplicate | None: exact and near copies, whatever was cut, added or respelt."""

from pipeline.dedupe.near import DedupeSettings, find_duplicate

__all__ = ["DedupeSettings", "find_duplicate"]
