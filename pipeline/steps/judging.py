"""Dedupe, group, detect: each article against what is remembered."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline import judge, judge_lots
from pipeline.models import Duplicate, ItemId, Outcome, Room
from pipeline.steps.tuning import read_detect_settings
from pipeline.steps.walk import Counts, Walk, answer_in_lots
from pipeline.store import records, stories
from pipeline.store.database import Transaction
from pipeline.store.desk import open_memory


def dedupe_articles(walk: Walk) -> Counts:
    """Which articles say what an earlier one said, in the same words?"""

    def answer(tx: Transaction, ids: Sequence[ItemId]) -> list[Outcome]:
        files = records.read_case_files(tx, ids)
        reports = [files[item_id].open_report() for item_id in ids]
        with open_memory(tx) as memory:
            found = dict(zip(ids, judge_lots.judge_duplicates(reports, memory), strict=True))
        records.save_duplicates(tx, [duplicate for duplicate in found.values() if duplicate])
        return [_name_copy(*each) for each in found.items()]

    return answer_in_lots(walk, Room.DEDUPE, answer)


def _name_copy(item_id: ItemId, found: Duplicate | None) -> Outcome:
    if found is None:
        return Outcome(item_id, Room.DEDUPE, "unique")
    return Outcome(item_id, Room.DEDUPE, f"{found.kind}_duplicate", f"{found.similarity:.2f} like {found.of}")


def group_articles(walk: Walk) -> Counts:
    """Which story does each article belong to?"""

    def answer(tx: Transaction, ids: Sequence[ItemId]) -> list[Outcome]:
        files = records.read_case_files(tx, ids)
        given = [(files[item_id].open_report(), files[item_id].open_duplicate()) for item_id in ids]
        with open_memory(tx) as memory:
            answered = list(zip((report for report, _ in given), judge_lots.judge_stories(given, memory), strict=True))
        stories.save_assignments(tx, answered)
        return [
            Outcome(each.item_id, Room.GROUP, "new_story" if each.is_new else "joined", each.because)
            for _, each in answered
        ]

    return answer_in_lots(walk, Room.GROUP, answer)


def detect_developments(walk: Walk) -> Counts:
    """What is new in each article, against what its story has told already?"""
    settings = judge.JudgeSettings(detect=read_detect_settings(walk))

    def answer(tx: Transaction, ids: Sequence[ItemId]) -> list[Outcome]:
        files = records.read_case_files(tx, ids)
        given = [(f.open_report(), f.open_duplicate(), f.open_assignment()) for f in map(files.__getitem__, ids)]
        with open_memory(tx) as memory:
            found = judge_lots.judge_developments(given, memory, settings)
        stories.save_developments(tx, found, walk.now)
        return [Outcome(each.item_id, Room.DETECT, each.label, each.because) for each in found]

    return answer_in_lots(walk, Room.DETECT, answer)
