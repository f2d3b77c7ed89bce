"""Looks at sources into the database, with what they say of known articles by now: which pages are read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.fetch import TOO_MANY, ReadAgain, plan_reading
from pipeline.models import Entry, ItemId, PageHistory, RunId, Source, SourceCheck, SourceId, SourceKind
from pipeline.store import sources, versions
from pipeline.store.database import Transaction

Looks = Sequence[tuple[Source, SourceCheck]]


def save_looks(
    tx: Transaction, run_id: RunId, looks: Looks, now: datetime
) -> tuple[Counter[SourceId], Counter[SourceId]]:
    """Store looks with their entries; returns how many of each source were new, and how many known ones were edited.

    A page that is not read again because that was done too often is counted with the look, as an entry left out.
    """
    files = [each for source, check in looks if source.kind is SourceKind.FOLDER for each in _find_edited(tx, check)]
    edited, refused = _open_versions(tx, run_id, looks, now)
    told = [(source, _add_refused(check, refused[source.id])) for source, check in looks]
    new = sources.save_checks(tx, run_id, told)
    for source_id, item_id, first, version in files:
        versions.link_file(tx, item_id, first, version)
        edited[source_id] += 1
    return new, edited


def _find_edited(tx: Transaction, check: SourceCheck) -> list[tuple[SourceId, ItemId, ItemId, int]]:
    """(source, file, first version, number of this one) of files whose path is known and whose content is not."""
    known = versions.read_known(tx, [entry.item_id for entry in check.entries])
    new = {
        entry.item_id: entry.canonical_url.partition("?")[0] for entry in check.entries if entry.item_id not in known
    }
    former = versions.find_former_files(tx, check.source_id, new.values()) if new else {}
    return [
        (check.source_id, item_id, former[path][0], former[path][1] + 1)
        for item_id, path in new.items()
        if path in former
    ]


def _add_refused(check: SourceCheck, number: int) -> SourceCheck:
    return replace(check, refused={**check.refused, TOO_MANY: number}) if number else check


def _open_versions(
    tx: Transaction, run_id: RunId, looks: Looks, now: datetime
) -> tuple[Counter[SourceId], Counter[SourceId]]:
    """Let edited pages wait to be read again; returns how many of each source, and of how many that was too often."""
    listed = {(entry.item_id, source.id): (entry, source) for source, check in looks for entry in check.entries}
    moved = versions.read_said_otherwise(tx, list(listed.values()))
    if not moved:
        return Counter(), Counter()
    histories = versions.read_histories(tx, [item_id for item_id, said in moved.items() if said.is_edit])
    edited: Counter[SourceId] = Counter()
    refused: Counter[SourceId] = Counter()
    for item_id, said in moved.items():
        entry, source = listed[item_id, said.source_id]
        if item_id in histories:
            outcome = _plan(tx, run_id, entry, source, histories[item_id], now)
            edited[source.id] += outcome == "edited"
            refused[source.id] += outcome == TOO_MANY
    versions.save_said(tx, [listed[item_id, said.source_id][0] for item_id, said in moved.items()])
    return edited, refused


def _plan(tx: Transaction, run_id: RunId, entry: Entry, source: Source, history: PageHistory, now: datetime) -> str:
    last = history.readings[-1]
    plan = plan_reading(history, now)
    if isinstance(plan, ReadAgain):
        versions.open_version(tx, run_id, versions.NewVersion(entry, source, last.version + 1, plan.not_before))
        return "edited"
    versions.renew_hints(tx, last.item_id, entry)
    return plan.reason
