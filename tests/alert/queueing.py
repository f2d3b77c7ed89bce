"""Alerts put into a real outbox, with the rows they point at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from pipeline.alert.thread import Voices, describe_thread, says_it_all
from pipeline.models import Alert, RunId, StoryId
from pipeline.store.database import Database
from pipeline.store.outbox import HeldBack, queue_alert
from pipeline.store.stories import find_standing_story, save_development
from pipeline.store.tables import items, runs, stories, story_members
from pipeline.store.threads import choose_opening, list_openings, queue_thread, read_family, read_story_alerts
from tests.alert.builders import NOW, make_development
from tests.slack_server import SlackServer

RUN = RunId("run-1")


def queue_alerts(database: Database, alerts: Sequence[Alert], held: HeldBack | None = None) -> None:
    """Queue them in this order, as if one run had planned them."""
    with database.begin() as tx:
        run = insert(runs).values(id=RUN, now=NOW, is_backfill=False, started_at=NOW, state="running")
        tx.execute(run.on_conflict_do_nothing())
        for alert in alerts:
            story = insert(stories).values(id=alert.story_id, title=alert.story_title, opened_at=NOW, last_at=NOW)
            tx.execute(story.on_conflict_do_nothing())
            item = insert(items).values(
                id=alert.item_id,
                source_id="harbour",
                source_name="Harbour Times",
                publisher="Harbour Times",
                url=alert.url,
                canonical_url=f"https://harbour.example/{alert.item_id}",
                hints={},
                first_seen_at=NOW,
                first_run_id=RUN,
            )
            tx.execute(item.on_conflict_do_nothing())
            member = insert(story_members).values(item_id=alert.item_id, story_id=alert.story_id, record={})
            tx.execute(member.on_conflict_do_nothing())
            queue_alert(tx, RUN, alert, NOW, held)


def weigh(database: Database, alert: Alert, importance: float) -> None:
    """Let the development that an alert tells have this importance."""
    with database.begin() as tx:
        save_development(
            tx, make_development(item_id=alert.item_id, story_id=alert.story_id, importance=importance), NOW
        )


def queue_threads(database: Database, alerts: Sequence[Alert]) -> None:
    """Let the first messages of these stories show how they stand now."""
    with database.begin() as tx:
        for story_id in dict.fromkeys(alert.story_id for alert in alerts):
            for told in read_story_alerts(tx, story_id).values():
                voices = Voices((told[0].publisher, *told[0].other_publishers), 0)
                if not says_it_all(told, voices):
                    queue_thread(tx, describe_thread(story_id, told, voices), NOW)


def move_articles(database: Database, alerts: Sequence[Alert], story_id: StoryId) -> None:
    """The articles of these alerts belong to that story now, which may be new."""
    with database.begin() as tx:
        row = insert(stories).values(id=story_id, title=alerts[0].headline, opened_at=NOW, last_at=NOW)
        tx.execute(row.on_conflict_do_update(index_elements=["id"], set_={"merged_into": None}))
        moved = story_members.c.item_id.in_([alert.item_id for alert in alerts])
        tx.execute(update(story_members).where(moved).values(story_id=story_id))


def merge_story(database: Database, left: StoryId, joined: StoryId) -> None:
    """All articles of a story belong to another now."""
    with database.begin() as tx:
        tx.execute(update(story_members).where(story_members.c.story_id == left).values(story_id=joined))
        tx.execute(update(stories).where(stories.c.id == left).values(merged_into=joined))


def find_stale(database: Database, slack: SlackServer, alerts: Iterable[Alert]) -> list[str]:
    """The first messages of threads that do not show how their story stands, or where it goes on."""
    shown = {message["ts"]: str(message["blocks"]) for message in slack.messages}
    stale = []
    with database.begin() as tx:
        for story_id in dict.fromkeys(find_standing_story(tx, alert.story_id) for alert in alerts):
            told = read_story_alerts(tx, story_id).get("C0NEWSDESK", [])
            openings = list_openings(tx, read_family(tx, story_id))
            goes_on = choose_opening(openings, story_id, "C0NEWSDESK")
            for each in openings:
                wanted = f"*{len(told)} development" if each is goes_on else "Goes on in the thread of"
                if (each is not goes_on or len(told) > 1) and wanted not in shown[each.ts]:
                    stale.append(f"{each.story_id}: {wanted}")
    return stale
