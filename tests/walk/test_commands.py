"""The `wirewatch` command as an operator uses it, in a real process where that matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site_server import serve_site

FEED = (
    '<rss version="2.0"><channel><title>Quay News</title><link>BASE/</link><item><title>Minister visits port</title>'
    "<link>BASE/story.html</link></item></channel></rss>"
)
STORY = (
    "<html lang='en'><body><article><h1>Minister visits port</h1><p>The transport minister of the island republic "
    "toured the new container port on Monday and promised money for a second crane before the end of the year.</p>"
    "<p>Dock workers told him that ships wait for up to four days because one of the two cranes has been broken since "
    "January, and that two shipping lines have moved their calls to the mainland.</p></article></body></html>"
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "feed.xml").write_text(FEED)
    (folder / "story.html").write_text(STORY)
    with serve_site(folder) as base:
        yield base


def run_wirewatch(*arguments: str, database_url: str = "", stdin: str = "") -> subprocess.CompletedProcess[str]:
    settings = {
        "WIREWATCH_DATABASE_URL": database_url,
        "WIREWATCH_ALLOW_LOOPBACK": "true",
        "WIREWATCH_HOST_DELAY_SECONDS": "0",
    }
    command = [sys.executable, "-m", "pipeline.cli", *arguments]
    environment = os.environ | settings
    return subprocess.run(
        command, env=environment, input=stdin, capture_output=True, text=True, timeout=300, check=False
    )


def test_add_run_list_why_and_remove(site: str, database_url: str) -> None:
    added = run_wirewatch("sources", "add", f"{site}/feed.xml", database_url=database_url)
    assert (added.returncode, added.stdout) == (0, f"added: Quay News (rss) {site}/feed.xml\n")
    again = run_wirewatch("sources", "add", f"{site}/feed.xml", database_url=database_url)
    assert again.stdout.startswith("known already")

    ran = run_wirewatch("run", database_url=database_url)
    assert ran.returncode == 0, ran.stderr
    assert "seen      1" in ran.stdout

    listed = run_wirewatch("sources", "list", database_url=database_url)
    assert "Quay News\trss" in listed.stdout
    assert "\tok" in listed.stdout
    assert "\thealthy\tsince " in listed.stdout
    assert listed.stderr == "1 healthy\n"
    assert run_wirewatch("sources", "list", "--state", "healthy", database_url=database_url).stdout == listed.stdout
    none = run_wirewatch("sources", "list", "--state", "failing", "--state", "gone", database_url=database_url)
    assert (none.returncode, none.stdout) == (0, "")
    wrong = run_wirewatch("sources", "list", "--state", "tired", database_url=database_url)
    assert (wrong.returncode, "'silent'" in wrong.stderr) == (2, True)
    looked = run_wirewatch("sources", "check", database_url=database_url)
    assert "Quay News\tok\t1 entry" in looked.stdout

    life = run_wirewatch("why", f"{site}/story.html?utm_source=x", database_url=database_url)
    assert life.returncode == 0, life.stderr
    for room in ("fetch fetched", "clean article", "classify", "dedupe unique", "group new_story", "detect", "alert"):
        assert room in life.stdout
    routed = run_wirewatch("routes", "test", f"{site}/story.html", database_url=database_url)
    assert routed.returncode == 0, routed.stderr
    assert "Minister visits port" in routed.stdout
    assert "  everything: " in routed.stdout
    check_wishes(f"{site}/story.html", database_url)
    never = run_wirewatch("why", "https://nobody.example/x", database_url=database_url)
    assert never.returncode != 0
    assert "was never seen" in never.stderr

    gone = run_wirewatch("sources", "remove", f"{site}/feed.xml", database_url=database_url)
    assert gone.returncode == 0


def check_wishes(url: str, database_url: str) -> None:
    for arguments, answer in (
        (("mute", "story", url, "--until", "3d"), "muted: story s-"),
        (("mute", "source", "Quay News"), "muted: source Quay News"),
        (("mute", "topic", "gardening"), ""),
        (("wishes",), "muted\tsource\tQuay News"),
        (("routes", "test", url), "held, whatever the routes say: muted: source Quay News"),
        (("unmute", "source", "Quay News"), "heard again: source Quay News"),
        (("unmute", "source", "Quay News"), ""),
        (("follow", url), "followed: story s-"),
        (("unfollow", url), "left to its routes: story s-"),
        (("ack", url), "acknowledged: 1 alert(s) of story s-"),
        (("mute", "story", "https://nobody.example/x"), ""),
        (("mute", "topic", "transport", "--until", "2020-01-01"), ""),
        (("attend",), "nothing was due"),
        (("feedback",), ""),
    ):
        done = run_wirewatch(*arguments, database_url=database_url)
        assert answer in done.stdout, (arguments, done.stdout, done.stderr)
        assert (done.returncode == 0) is (bool(answer) or arguments == ("feedback",)), (arguments, done.stderr)


def test_routes_check_lists_the_routes_or_every_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_wirewatch("routes", "check").stdout.startswith("everything: every topic; importance from 0.00 -> ")
    routes = tmp_path / "routes.toml"
    routes.write_text('[[routes]]\nname = "sea"\nrhythm = "weekly"\ntopic = ["transport"]\n')
    monkeypatch.setenv("WIREWATCH_ROUTES_FILE", str(routes))
    checked = run_wirewatch("routes", "check")
    assert checked.returncode == 2
    assert [line.rpartition(": ")[0] for line in checked.stderr.splitlines()] == [
        "routes.toml:3: rhythm",
        "routes.toml:4: topic",
    ]


def test_routes_check_reads_every_address_and_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_DESTINATIONS__DESK_MAIL", "json://127.0.0.1/hook-secret")
    assert "to:desk-mail: its address can be read" in run_wirewatch("routes", "check").stdout
    monkeypatch.setenv("WIREWATCH_DESTINATIONS__DESK_MAIL", "jsonn://127.0.0.1/hook-secret")
    checked = run_wirewatch("routes", "check")
    assert "the address of to:desk-mail in WIREWATCH_DESTINATIONS cannot be read" in checked.stderr
    assert "hook-secret" not in checked.stdout + checked.stderr + run_wirewatch("settings").stdout


def test_import_reads_opml_and_says_what_it_refused(site: str, database_url: str, tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        f'<opml version="2.0"><body><outline text="Quay" xmlUrl="{site}/feed.xml"/>'
        f'<outline text="Gone" xmlUrl="{site}/gone.xml"/></body></opml>'
    )
    done = run_wirewatch("sources", "import", str(opml), database_url=database_url)
    assert done.stdout == "1 added, 0 known already, 1 refused\n"
    assert "gone.xml" in done.stderr
    assert done.returncode == 1


def test_a_setting_that_is_secret_is_not_shown() -> None:
    os.environ["WIREWATCH_SLACK_TOKEN"] = "xoxb-very-secret"
    try:
        done = run_wirewatch("settings")
    finally:
        del os.environ["WIREWATCH_SLACK_TOKEN"]
    assert "WIREWATCH_SLACK_TOKEN=**********" in done.stdout
    assert "very-secret" not in done.stdout


@pytest.mark.parametrize("command", ["clean", "classify", "replay"])
def test_a_filter_answers_every_line_and_names_the_bad_ones(command: str) -> None:
    good = {
        "id": "a",
        "url": "https://x.example/a",
        "title": "Minister visits port",
        "html": STORY,
        "text": "The minister visited the port." if command != "clean" else None,
        "published_at": "2026-03-02T10:00:00Z",
        "source": "Quay News",
        "publisher": "Quay News",
    }
    lines = [json.dumps(good), "{broken", json.dumps({"title": "no id"}), json.dumps(good | {"id": "b", "title": 5})]
    done = run_wirewatch(command, stdin="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer.get("id") for answer in answers] == ["a", None, None, "b"]
    assert "error" not in answers[0]
    assert [answers[1]["line"], answers[2]["line"]] == [2, 3]
    assert done.returncode == 1


def test_clean_starts_without_the_heavy_libraries() -> None:
    heavy = "{'sqlalchemy', 'sklearn', 'airflow', 'aiohttp'}"
    code = f"import sys, pipeline.cli, pipeline.filters.clean; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
