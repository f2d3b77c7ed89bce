"""Versions of the topic model: which there are, which one is active, and the way back.

One transaction moves from one active version to another, and an index allows no two of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, desc, func, select, update

from pipeline.errors import ModelError
from pipeline.models import ModelCard
from pipeline.store.codec import from_json, to_json
from pipeline.store.tables import topic_models
from pipeline.store.writes import insert_once

_PROMOTION_LOCK = 0x4D_4F_44_45  # "MODE": one change of the active version at a time


class ModelState(StrEnum):
    """Where a version stands."""

    CANDIDATE = "candidate"  # trained, never used
    ACTIVE = "active"
    RETIRED = "retired"  # was active


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A version with its state; `replaced` is the version that was active before it, none for that of the seeds."""

    card: ModelCard
    state: ModelState
    replaced: str | None


def save_model(tx: Connection, card: ModelCard) -> bool:
    """Keep a trained version as a candidate; False when it is known already."""
    return insert_once(
        tx,
        topic_models,
        version=card.version,
        created_at=card.created_at,
        state=ModelState.CANDIDATE.value,
        file_name=card.file_name,
        file_sha256=card.file_hash,
        record=to_json(card),
    )


def renew_file(tx: Connection, version: str, file_hash: str) -> None:
    """The file of a version was made again."""
    stored = read_model(tx, version)
    if stored:
        record = to_json(replace(stored.card, file_hash=file_hash))
        _set(tx, version, file_sha256=file_hash, record=record)


def list_models(tx: Connection) -> list[StoredModel]:
    """Every version, the newest first."""
    rows = tx.execute(select(topic_models).order_by(desc(topic_models.c.created_at), topic_models.c.version))
    return [_read(row) for row in rows]


def read_model(tx: Connection, version: str) -> StoredModel | None:
    """One version, if it is known."""
    row = tx.execute(select(topic_models).where(topic_models.c.version == version)).one_or_none()
    return _read(row) if row else None


def read_active_model(tx: Connection) -> StoredModel | None:
    """The version that is used; none: that of the seeds."""
    row = tx.execute(select(topic_models).where(topic_models.c.state == ModelState.ACTIVE.value)).one_or_none()
    return _read(row) if row else None


def promote_model(tx: Connection, version: str, reason: str) -> None:
    """Make a known version the active one; does nothing when it is. Raises ModelError when it is not known."""
    tx.execute(select(func.pg_advisory_xact_lock(_PROMOTION_LOCK)))
    wanted, active = read_model(tx, version), read_active_model(tx)
    if wanted is None:
        raise ModelError(f"no model has the version {version}: see `wirewatch models list`")
    if wanted.state is ModelState.ACTIVE:
        return
    if active:
        _set(tx, active.card.version, state=ModelState.RETIRED.value)
    record = to_json(replace(wanted.card, reason=reason))
    replaced = active.card.version if active else None
    _set(tx, version, state=ModelState.ACTIVE.value, replaced=replaced, record=record)


def roll_back(tx: Connection) -> tuple[StoredModel, StoredModel | None]:
    """Put back the version that the active one replaced; returns both, the second none for that of the seeds.

    Raises ModelError when no version is active.
    """
    tx.execute(select(func.pg_advisory_xact_lock(_PROMOTION_LOCK)))
    active = read_active_model(tx)
    if active is None:
        raise ModelError("the model of the seeds is in use: there is no older one to put back")
    # Without its memory of what it replaced, a second step back goes further back and not to and fro.
    _set(tx, active.card.version, state=ModelState.RETIRED.value, replaced=None)
    if active.replaced is None:
        return active, None
    _set(tx, active.replaced, state=ModelState.ACTIVE.value)
    return active, read_active_model(tx)


def _set(tx: Connection, version: str, **values: Any) -> None:
    tx.execute(update(topic_models).where(topic_models.c.version == version).values(**values))


def _read(row: Row[Any]) -> StoredModel:
    return StoredModel(from_json(ModelCard, row.record), ModelState(row.state), row.replaced)
