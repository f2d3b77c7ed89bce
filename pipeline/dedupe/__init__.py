"""Article -> Duplicate | None: exact and near copies, whatever was cut, added or respelt."""

from pipeline.dedupe.fingerprint import Fingerprint, choose_candidates, find_same_words, keep_facts, take_fingerprint
from pipeline.dedupe.near import find_duplicate
from pipeline.dedupe.settings import DedupeSettings

__all__ = [
    "DedupeSettings",
    "Fingerprint",
    "choose_candidates",
    "find_duplicate",
    "find_same_words",
    "keep_facts",
    "take_fingerprint",
]
