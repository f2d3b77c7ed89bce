"""Stories that turn out to be one, or two: who belongs where afterwards, and what has been told by then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

from sqlalchemy import select

from pipeline.detect import Told
from pipeline.facts import read_report
from pipeline.filters.lines import run_lines
from pipeline.filters.replay import Replay
from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Assignment, EarlierVersions, ItemId, Label, Move, Report, StoryId
from pipeline.store.database import Database
from pipeline.store.stories import find_standing_story, read_assignment, save_assignment
from pipeline.store.tables import stories, story_members
from tests.walk.judged import NOW, read_stream, store_classified

REPORTS = read_stream("stream_b")[:5]


def assign(report: Report, story: str, *moves: Move) -> Assignment:
    """An answer of the grouping room."""
    return Assignment(report.item_id, StoryId(story), False, 0.5, "", moves)


def move(report: Report, left: str, joined: str) -> Move:
    """One earlier article that changes its story."""
    return Move(report.item_id, StoryId(left), StoryId(joined))


def read_stories(database: Database) -> dict[str, str]:
    """Item -> story by now."""
    with database.begin() as tx:
        return dict(tx.execute(select(story_members.c.item_id, story_members.c.story_id)).tuples().all())


def test_a_merged_story_leads_to_the_one_that_took_it_in_and_a_split_brings_it_back(database: Database) -> None:
    a, b, copy, c, d = REPORTS
    store_classified(database, REPORTS)
    with database.begin() as tx:
        for report, story in ((a, "s-a"), (b, "s-b")):
            save_assignment(tx, report, assign(report, story))
        save_assignment(tx, copy, replace(assign(copy, "s-b"), leader=b.item_id))
        save_assignment(tx, c, assign(c, "s-a", move(b, "s-b", "s-a")))
        assert find_standing_story(tx, StoryId("s-b")) == "s-a"
        assert read_assignment(tx, b.item_id).story_id == "s-b", "the first answer stays"
    assert read_stories(database) == dict.fromkeys([a.item_id, b.item_id, copy.item_id, c.item_id], "s-a")
    with database.begin() as tx:
        save_assignment(tx, d, assign(d, "s-b", move(b, "s-a", "s-b"), move(c, "s-a", "s-c")))
        assert find_standing_story(tx, StoryId("s-b")) == "s-b"
        rows = tx.execute(select(stories.c.id, stories.c.title, stories.c.merged_into, stories.c.split_from)).all()
    assert read_stories(database) == {
        a.item_id: "s-a", b.item_id: "s-b", copy.item_id: "s-b", c.item_id: "s-c", d.item_id: "s-b",
    }  # fmt: skip
    assert sorted(map(tuple, rows)) == [
        ("s-a", a.title, None, None), ("s-b", b.title, None, "s-a"), ("s-c", c.title, None, "s-a"),
    ]  # fmt: skip


def judge(report: Report, assignment: Assignment, memory: RamMemory) -> Label:
    """The verdict on an article whose story is given."""
    return judge_development(report, judge_duplicate(report, memory), assignment, memory).label


def test_what_both_told_is_told_once_two_stories_are_one() -> None:
    a, b, memory = REPORTS[0], REPORTS[1], RamMemory()
    again = replace(b, item_id=ItemId("again"), publisher="x")
    for report, story in ((a, "s-a"), (b, "s-b")):
        judge(report, assign(report, story), memory)
    verdict = judge_development(again, None, assign(again, "s-a", move(b, "s-b", "s-a")), memory)
    assert verdict.label is Label.REPEAT
    told, left = memory.recall(Told, "s-a"), memory.recall(Told, "s-b")
    assert told is not None
    assert left is not None
    assert (told.items, told.articles, left.articles) == ((a.item_id, b.item_id, "again"), 3, 0)


def test_a_split_story_has_told_what_its_own_articles_say() -> None:
    a, b, c, memory = REPORTS[0], REPORTS[1], REPORTS[3], RamMemory()
    alone = RamMemory()
    for report in (a, b):
        judge(report, assign(report, "s-a"), memory)
    judge(b, assign(b, "s-b"), alone)
    for each, moves in ((memory, (move(b, "s-a", "s-b"),)), (alone, ())):
        judge(c, assign(c, "s-b", *moves), each)
    told, wanted = memory.recall(Told, "s-b"), alone.recall(Told, "s-b")
    assert told is not None
    assert wanted is not None
    assert replace(told, waiting=()) == replace(wanted, waiting=())


def edit(first: Report, number: int, more: str) -> Report:
    """A later version, with one more sentence."""
    ids = (first.item_id, *(ItemId(f"{first.item_id}-{n}") for n in range(2, number)))
    earlier = EarlierVersions(ids, first.title, first.text)
    text = f"{first.text.rstrip()}\n\n{more}"
    return replace(first, item_id=ItemId(f"{first.item_id}-{number}"), text=text, earlier=earlier)


TENTS = "Officials said on Friday that 417 tents were sent to Port Zamboro."


def test_what_a_version_told_leaves_a_story_with_its_article_and_is_known_in_the_other() -> None:
    a, b, c, memory = REPORTS[0], REPORTS[1], REPORTS[3], RamMemory()
    for report in (a, b):
        judge(report, assign(report, "s-a"), memory)
    assert judge(edit(b, 2, TENTS), assign(edit(b, 2, TENTS), "s-a"), memory) is Label.DEVELOPMENT
    judge(c, assign(c, "s-b", move(b, "s-a", "s-b")), memory)
    left, joined = memory.recall(Told, "s-a"), memory.recall(Told, "s-b")
    assert left is not None
    assert joined is not None
    said = {name for sentence in read_report(edit(b, 2, TENTS)).sentences[-1:] for name in sentence.names}
    assert said <= set(joined.names)
    assert not said & set(left.names)
    assert 417 in {quantity.value for quantity in joined.quantities}
    assert (left.articles, joined.articles, joined.versions) == (1, 2, ((f"{b.item_id}-2", b.item_id),))
    again = edit(b, 3, TENTS.replace("Officials said", "It was said"))
    assert judge(again, assign(again, "s-b"), memory) is Label.REPEAT
    fresh = edit(a, 2, TENTS)
    assert judge(fresh, assign(fresh, "s-a"), memory) is Label.DEVELOPMENT, "the old story has not told it"


def test_what_a_version_told_is_known_when_its_story_is_merged_and_split_again() -> None:
    a, b, c, d, memory = *REPORTS[:2], REPORTS[3], REPORTS[4], RamMemory()
    judge(a, assign(a, "s-a"), memory)
    judge(b, assign(b, "s-b"), memory)
    judge(edit(b, 2, TENTS), assign(edit(b, 2, TENTS), "s-b"), memory)
    judge(c, assign(c, "s-a", move(b, "s-b", "s-a")), memory)
    judge(d, assign(d, "s-b", move(b, "s-a", "s-b")), memory)
    whole, left = memory.recall(Told, "s-b"), memory.recall(Told, "s-a")
    assert whole is not None
    assert left is not None
    assert 417 in {quantity.value for quantity in whole.quantities}
    assert 417 not in {quantity.value for quantity in left.quantities}
    assert left.versions == ()


def test_a_version_of_a_copy_goes_where_the_original_goes(database: Database) -> None:
    b, c, memory = REPORTS[1], REPORTS[3], RamMemory()
    copy = replace(b, item_id=ItemId("copy"), publisher="Other Post")
    later = edit(copy, 2, TENTS)
    copied = replace(later, item_id=ItemId("again"), publisher="Third Post", earlier=None)
    assignments = []
    for report in (b, copy, later, copied):
        duplicate = judge_duplicate(report, memory)
        assignments.append(judge_story(report, duplicate, memory))
        judge_development(report, duplicate, assignments[-1], memory)
    assert [each.leader for each in assignments] == [None, *[b.item_id] * 3]
    judge(c, assign(c, "s-c", move(b, assignments[0].story_id, "s-c")), memory)
    told = memory.recall(Told, "s-c")
    assert told is not None
    assert 417 in {quantity.value for quantity in told.quantities}
    store_classified(database, [b, copy, later, copied, c])
    with database.begin() as tx:
        for report, assignment in zip((b, copy, later, copied), assignments, strict=True):
            save_assignment(tx, report, assignment)
        save_assignment(tx, c, assign(c, "s-c", move(b, assignments[0].story_id, "s-c")))
    assert set(read_stories(database).values()) == {"s-c"}


def test_an_article_that_a_fault_kept_from_detection_is_told_in_the_story_that_it_has_moved_to() -> None:
    a, b, c, d, memory = *REPORTS[:2], REPORTS[3], REPORTS[4], RamMemory()
    judge(a, assign(a, "s-a"), memory)
    judge(c, assign(c, "s-b", move(b, "s-a", "s-b")), memory)
    duplicate = judge_duplicate(b, memory)
    assert judge_development(b, duplicate, assign(b, "s-a"), memory).story_id == "s-b"
    judge(d, assign(d, "s-c", move(b, "s-b", "s-c")), memory)
    items = [told.items if (told := memory.recall(Told, story)) else () for story in ("s-a", "s-b", "s-c")]
    assert items == [(a.item_id,), (c.item_id,), (b.item_id, d.item_id)]


def test_replay_answers_in_order_once_a_story_is_closed() -> None:
    def write(report: Report, days: int) -> dict[str, str]:
        at = NOW + timedelta(days=days)
        return {"id": report.item_id, "published_at": at.isoformat(), "title": report.title, "text": report.text}

    stream, ready = Replay(), []
    for report, days in zip(REPORTS, (0, 1, 21, 23, 60), strict=True):
        ready.append([reply["id"] for reply in stream.take(stream.answer(write(report, days)))])
    ready.append([reply["id"] for reply in stream.finish()])
    assert [item for part in ready for item in part] == [report.item_id for report in REPORTS]
    assert [len(part) for part in ready[:3]] == [0, 0, 0]
    assert len(ready[4]) >= len(ready[3]) >= 0
    assert REPORTS[4].item_id in ready[5]


def test_a_line_that_cannot_be_read_keeps_its_place_among_answers_that_wait() -> None:
    first, last = (json.dumps({"id": r.item_id, "published_at": NOW.isoformat(), "text": r.text}) for r in REPORTS[:2])
    out, stream = BytesIO(), Replay()
    status = run_lines(stream.answer, BytesIO(f"{first}\n{{broken\n{last}\n".encode()), out, "replay", stream)
    replies = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (status, [reply.get("id") for reply in replies]) == (1, [REPORTS[0].item_id, None, REPORTS[1].item_id])
