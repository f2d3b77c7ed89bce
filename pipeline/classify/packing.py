"""TopicModel <-> bytes: arrays and JSON, a digest in front, nothing that could run on load.

Layout: one line `WIREWATCH-TOPICS 1 <sha256 of the rest>`, then a NumPy .npz
written and read with `allow_pickle=False`.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.classify.concepts import ConceptFinder
from pipeline.classify.model import Decision, TopicModel
from pipeline.classify.topics import Concept, Topic, TopicSet
from pipeline.classify.vectors import Vectoriser
from pipeline.errors import ModelError

_MAGIC: Final = b"WIREWATCH-TOPICS 1 "
_DECISION: Final = ("coefficients", "intercepts", "slopes", "offsets", "thresholds")


def pack_model(model: TopicModel) -> bytes:
    """The model as bytes; the same model gives the same bytes."""
    facts = {
        "version": model.version,
        "topics": asdict(model.topics),
        "block_weights": model.vectoriser.block_weights,
    }
    arrays: dict[str, NDArray[Any]] = {name: getattr(model.decision, name) for name in _DECISION}
    arrays["idf"] = model.vectoriser.idf
    arrays["names"] = _text_array("\n".join(model.vectoriser.names))
    arrays["facts"] = _text_array(json.dumps(facts, sort_keys=True))
    body = io.BytesIO()
    np.savez_compressed(body, allow_pickle=False, **arrays)
    digest = hashlib.sha256(body.getvalue()).hexdigest()
    return _MAGIC + digest.encode() + b"\n" + body.getvalue()


def unpack_model(content: bytes) -> TopicModel:
    """Read `pack_model` bytes back; raise ModelError when they are damaged, changed or not ours."""
    head, newline, body = content.partition(b"\n")
    if not newline or not head.startswith(_MAGIC):
        raise ModelError("not a Wirewatch topic model, or of another format version")
    if hashlib.sha256(body).hexdigest().encode() != head[len(_MAGIC) :]:
        raise ModelError("the topic model was changed or damaged after it was saved: its SHA-256 does not match")
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            return _build_model({name: arrays[name] for name in arrays.files})
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"the topic model cannot be read: {error}") from error


def _build_model(arrays: dict[str, NDArray[Any]]) -> TopicModel:
    facts = json.loads(_text_of(arrays["facts"]))
    names = _text_of(arrays["names"]).split("\n")
    decision = Decision(*(arrays[name] for name in _DECISION))
    if decision.coefficients.shape != (len(names), len(facts["topics"]["topics"])) or len(arrays["idf"]) != len(names):
        raise ValueError("its arrays do not fit together")
    topics = _build_topics(facts["topics"])
    vectoriser = Vectoriser(names, arrays["idf"], facts["block_weights"], ConceptFinder(topics))
    return TopicModel(facts["version"], topics, vectoriser, decision)


def _build_topics(tables: dict[str, Any]) -> TopicSet:
    def tuples(table: dict[str, Any]) -> dict[str, Any]:
        return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}

    return TopicSet(
        tuple(Topic(**tuples(table)) for table in tables["topics"]),
        tuple(Concept(**tuples(table)) for table in tables["concepts"]),
    )


def _text_array(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


def _text_of(array: NDArray[Any]) -> str:
    return array.astype(np.uint8).tobytes().decode("utf-8", "surrogatepass")
