"""Dedupe, group, detect: each article against what is remembered."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline import judge
from pipeline.models import ItemId, Outcome, Room
from pipeline.steps.walk import Counts, Walk, answer_all
from pipeline.store import records, stories
from pipeline.store.database import Transaction
from pipeline.store.desk import PostgresMemory


def dedupe_articles(walk: Walk) -> Counts:
    """Which articles say what an earlier one said, in the same words?"""
    files = _CaseFiles()

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        found = judge.judge_duplicate(files[item_id].open_report(), PostgresMemory(tx))
        if found is None:
            return Outcome(item_id, Room.DEDUPE, "unique")
        records.save_duplicate(tx, found)
        return Outcome(item_id, Room.DEDUPE, f"{found.kind}_duplicate", f"{found.similarity:.2f} like {found.of}")

    return answer_all(walk, Room.DEDUPE, answer, files.read)


def group_articles(walk: Walk) -> Counts:
    """Which story does each article belong to?"""
    files = _CaseFiles()

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        report = files[item_id].open_report()
        assignment = judge.judge_story(report, files[item_id].open_duplicate(), PostgresMemory(tx))
        stories.save_assignment(tx, report, assignment)
        return Outcome(item_id, Room.GROUP, "new_story" if assignment.is_new else "joined", assignment.because)

    return answer_all(walk, Room.GROUP, answer, files.read)


def detect_developments(walk: Walk) -> Counts:
    """What is new in each article, against what its story has told already?"""
    files = _CaseFiles()
    settings = judge.JudgeSettings(detect=walk.settings.detect)

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        file = files[item_id]
        given = file.open_report(), file.open_duplicate(), file.open_assignment()
        found = judge.judge_development(*given, PostgresMemory(tx), settings)
        stories.save_development(tx, found, walk.now)
        return Outcome(item_id, Room.DETECT, found.label, found.because)

    return answer_all(walk, Room.DETECT, answer, files.read)


class _CaseFiles(dict[ItemId, records.CaseFile]):
    """Those of the items that are answered next: written once by the rooms before, so they can be read ahead."""

    def read(self, tx: Transaction, ids: Sequence[ItemId]) -> None:
        self.clear()
        self.update(records.read_case_files(tx, ids))
