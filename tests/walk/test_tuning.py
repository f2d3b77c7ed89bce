"""Verdicts in the database set the thresholds that detection uses; a stored week is replayed under others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

import pytest

from pipeline.models import Assignment, Development, Given, Label, Report, RunId, Verdict, make_story_id
from pipeline.steps import Walk, read_detect_settings, reset_tuning, tune_detection
from pipeline.store import feedback, outbox, stories
from pipeline.store.database import Database
from pipeline.store.tunings import list_tunings
from tests.alert.builders import make_alert
from tests.walk.judged import NOW, read_stream, store_classified

OpenWalk = Callable[[datetime], AbstractContextManager[Walk]]


def store_judged(database: Database, reports: Sequence[Report], useful: int) -> None:
    """Alerts about these articles, so many of them sure and useful, the others unsure and repeats."""
    store_classified(database, reports)
    with database.begin() as tx:
        for number, report in enumerate(reports):
            story_id, is_useful = make_story_id(report.item_id), number < useful
            stories.save_assignment(tx, report, Assignment(report.item_id, story_id, True, 0.0, ""))
            certainty = 0.97 if is_useful else 0.7
            told = Development(report.item_id, story_id, Label.DEVELOPMENT, (), "", 0.5, certainty)
            stories.save_development(tx, told, NOW)
            alert = make_alert(key=f"k-{number}", item_id=report.item_id, story_id=story_id)
            outbox.queue_alert(tx, RunId("stored"), alert, NOW)
            verdict = Verdict.USEFUL if is_useful else Verdict.REPEAT
            feedback.save_feedback(tx, alert.key, {Given(verdict, "U1"), Given(Verdict.SEEN, "U2")}, NOW)


def test_detection_takes_over_what_readers_taught_and_goes_back(database: Database, walk_at: OpenWalk) -> None:
    store_judged(database, read_stream("stream_a")[:40], useful=20)
    with walk_at(NOW) as walk:
        assert read_detect_settings(walk) == walk.settings.detect
        rehearsed = tune_detection(walk, is_rehearsal=True)
        assert read_detect_settings(walk) == walk.settings.detect
        tuning = tune_detection(walk)
        assert tuning == rehearsed
        assert (tuning.useful, tuning.repeats, tuning.repeats_left_out, tuning.useful_left_out) == (20, 20, 20, 0)
        assert read_detect_settings(walk).tell_at == tuning.tell_at > 0.7
        tune_detection(walk)
        reset_tuning(walk)
        assert read_detect_settings(walk) == walk.settings.detect
    with database.begin() as tx:
        assert [stored.tuning.reason for stored in list_tunings(tx)] == ["reset by hand", tuning.reason]


@pytest.mark.usefixtures("walk_at")
def test_the_command_says_what_changes_and_refuses_too_few(database: Database) -> None:
    store_judged(database, read_stream("stream_a")[:40], useful=20)
    done = run_wirewatch("tune")
    assert done.returncode == 0, done.stderr
    assert "40 alerts with a verdict, of 40 stories: 20 useful, 20 repeats" in done.stdout
    assert "useful 50% -> 100%" in done.stdout
    assert "version 1, " in run_wirewatch("tune", "--history").stdout
    with database.begin() as tx:
        for number in range(40):
            feedback.save_feedback(tx, f"k-{number}", {Given(Verdict.SEEN, "U2")}, NOW)
    refused = run_wirewatch("tune")
    assert (refused.returncode, refused.stdout.strip()) == (
        1,
        "0 alerts have a verdict (useful or repeat), 30 are needed",
    )


@pytest.mark.usefixtures("walk_at")
def test_a_stored_week_is_replayed_under_another_threshold(database: Database) -> None:
    reports = read_stream("stream_a")[:12]
    store_judged(database, reports, useful=6)
    since = reports[4].published_at.isoformat()
    exported = run_wirewatch("export", "--since", reports[0].published_at.isoformat())
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [line["id"] for line in lines] == [report.item_id for report in reports]
    assert {(line["label"], line["text"] != "") for line in lines} == {("development", True)}
    replayed = run_wirewatch("replay", "--tell-at", "1", "--compare", "--since", since, text=exported.stdout)
    assert replayed.returncode == 0, replayed.stderr
    assert len(replayed.stdout.splitlines()) == 12
    assert replayed.stderr.startswith("8 articles compared; alerts 8 -> ")
    assert "development -> repeat" in replayed.stderr


def run_wirewatch(*arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *arguments], input=text, capture_output=True, text=True, check=False
    )
