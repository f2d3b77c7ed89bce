"""Dedupe, group, detect: each article against what is remembered."""

from __future__ import annotations

import logging

from pipeline import judge
from pipeline.models import ItemId, Outcome, Room
from pipeline.steps.walk import Counts, Walk, answer_all
from pipeline.store import records, stories
from pipeline.store.database import Transaction
from pipeline.store.desk import PostgresMemory

log = logging.getLogger(__name__)


def dedupe_articles(walk: Walk) -> Counts:
    """Which articles say what an earlier one said, in the same words?"""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        found = judge.judge_duplicate(records.read_report(tx, item_id), PostgresMemory(tx))
        if found is None:
            return Outcome(item_id, Room.DEDUPE, "unique")
        records.save_duplicate(tx, found)
        return Outcome(item_id, Room.DEDUPE, f"{found.kind}_duplicate", f"{found.similarity:.2f} like {found.of}")

    return answer_all(walk, Room.DEDUPE, answer)


def group_articles(walk: Walk) -> Counts:
    """Which story does each article belong to?"""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        report, duplicate = records.read_report(tx, item_id), records.read_duplicate(tx, item_id)
        assignment = judge.judge_story(report, duplicate, PostgresMemory(tx))
        stories.save_assignment(tx, report, assignment)
        return Outcome(item_id, Room.GROUP, "new_story" if assignment.is_new else "joined", assignment.because)

    return answer_all(walk, Room.GROUP, answer)


def detect_developments(walk: Walk) -> Counts:
    """What is new in each article, against what its story has told already?"""

    def answer(tx: Transaction, item_id: ItemId) -> Outcome:
        report, duplicate = records.read_report(tx, item_id), records.read_duplicate(tx, item_id)
        assignment = stories.read_assignment(tx, item_id)
        found = judge.judge_development(report, duplicate, assignment, PostgresMemory(tx))
        stories.save_development(tx, found, walk.now)
        return Outcome(item_id, Room.DETECT, found.label, found.because)

    return answer_all(walk, Room.DETECT, answer)
