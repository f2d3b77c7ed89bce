"""The DAG under a real Airflow, from outlets on loopback to messages in a Slack-like server.

The tests follow each other: each run starts from what the runs before it left in the store.
"""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import text

from tests.e2e.conftest import ALERTS, OPERATIONS, Desk


def read_states(desk: Desk, run_id: str) -> dict[str, str]:
    with desk.airflow.client() as client:
        answer = client.get(f"/api/v2/dags/news/dagRuns/{run_id}/taskInstances").json()
    tasks: list[dict[str, Any]] = answer["task_instances"]
    return {f"{task['task_id']} {task['map_index']}".removesuffix(" -1"): task["state"] for task in tasks}


def test_the_first_run_tells_each_story_once(desk: Desk, first_run: tuple[str, str]) -> None:
    run_id, state = first_run
    assert state == "success"
    assert read_states(desk, run_id)["fetch 0"] == "success"  # although one of its sources is down
    told = desk.texts_in(ALERTS)
    assert sum("howitzers" in each for each in told) == 1
    assert sum("tunnel" in each for each in told) == 1
    assert len(told) == 2


def test_the_second_run_of_the_same_input_tells_nothing(desk: Desk) -> None:
    before = len(desk.slack.messages)
    _, state = desk.run(now="2026-05-04T13:00:00Z")
    assert state == "success"
    assert len(desk.slack.messages) == before


def test_a_development_is_told_in_its_story(desk: Desk) -> None:
    before = len(desk.slack.messages)
    desk.outlets.days.append("tuesday")
    _, state = desk.run(now="2026-05-05T12:00:00Z")
    assert state == "success"
    told = desk.texts_in(ALERTS)[before:]
    assert len(told) == 1
    assert "36 howitzers" in told[0]


def test_a_run_that_fails_is_red_and_says_so_once(desk: Desk) -> None:
    before = len(desk.slack.messages)
    with desk.database.begin() as tx:
        version = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        tx.execute(text("DELETE FROM alembic_version"))
    try:
        run_id, state = desk.run(now="2026-05-05T13:00:00Z")
    finally:
        with desk.database.begin() as tx:
            tx.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    assert state == "failed"
    states = read_states(desk, run_id)
    assert states["plan"] == states["report_failure"] == "failed"
    assert states["finish"] == "upstream_failed"
    assert len(desk.slack.messages) == before + 1
    (message,) = desk.texts_in(OPERATIONS)
    assert "plan" in message
    assert desk.airflow.base_url in message


def test_an_operator_sees_the_failed_run_and_the_next_one_is_green(desk: Desk) -> None:
    _, state = desk.run(now="2026-05-05T14:00:00Z")
    assert state == "success"
    # The failed run, and the source that was down at three looks in a row.
    assert [each.partition(":")[0] for each in desk.texts_in(OPERATIONS)] == [
        "Wirewatch needs attention",
        "Sources, what changed",
    ]


def test_the_page_is_for_people_who_logged_in(desk: Desk) -> None:
    for path in ("", "desk.css", "desk.js", "openapi.json", "docs"):
        answer = httpx.get(f"{desk.airflow.base_url}/wirewatch/{path}", trust_env=False)
        assert answer.status_code in (401, 404), path
    with desk.airflow.client() as client:
        answer = client.get("/wirewatch/")
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["content-security-policy"]
