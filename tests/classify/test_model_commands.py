"""`wirewatch train`, `evaluate`, `models` and `label` as a person uses them, in real processes and a real terminal."""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from pipeline.models import ItemId
from pipeline.store.database import Database
from pipeline.store.labels import LabelSource, read_label
from tests.archive import store_article
from tests.classify.bees import make_text, write_seeds

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "WIREWATCH_DATABASE_URL": database_url,
        "WIREWATCH_DATA_DIR": str(tmp_path / "data"),
        "WIREWATCH_SEEDS_DIR": str(write_seeds(tmp_path / "seeds")),
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pipeline.cli", *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False, stdin=-3
        )

    return start


def _take_terminal() -> None:
    """Its own terminal, so that Ctrl-C reaches it as a signal and a hang-up ends it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # tests that run in the background of a shell are made deaf to it


class Terminal:
    """A `wirewatch` command on a pseudo-terminal: wait for what it shows, press keys."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self._master, slave = pty.openpty()
        command = [sys.executable, "-m", "pipeline.cli", *arguments]
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self._unread = ""

    def wait_for(self, shown: str) -> str:
        """Everything up to and with the text; fails after a minute."""
        ends_at = time.monotonic() + 60
        while shown not in self._unread:
            assert select.select([self._master], [], [], max(0.0, ends_at - time.monotonic()))[0], self._unread
            try:
                self._unread += os.read(self._master, 4096).decode()
            except OSError as error:  # Linux says EIO once the command has ended and all of its output is read
                raise AssertionError(f"the command ended without {shown!r}: {self._unread}") from error
        seen, _, self._unread = self._unread.partition(shown)
        return seen + shown

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait(self) -> int:
        """Wait for the command to end by itself; its exit status."""
        return self._process.wait(timeout=60)

    def hang_up(self) -> None:
        os.close(self._master)
        self._process.wait(timeout=60)


@pytest.fixture
def archive(database: Database) -> dict[str, ItemId]:
    """Four articles; title -> item id."""
    articles = {
        "Swarm stops the school": "Nobody was stung when thousands of bees settled on the gate at noon.",
        "A yacht for the painter": "He means to sail round the northern cape before the winter comes.",
        "Bread is dearer": "The price of flour rose again and bakers pass it on to whoever buys a loaf.",
        "Honey wins a prize": "Judges praised jars from twelve hives that stand among lime trees.",
    }
    with database.begin() as tx:
        return {title: store_article(tx, at, title, text) for at, (title, text) in enumerate(articles.items())}


@pytest.fixture
def terminal(environment: dict[str, str], archive: dict[str, ItemId]) -> Iterator[Terminal]:
    opened = Terminal(environment, "label")
    yield opened
    opened.hang_up()


def read_title(shown: str, archive: dict[str, ItemId]) -> str:
    return next(title for title in archive if title in shown)


def test_label_stores_every_answer_and_takes_one_back(
    terminal: Terminal, archive: dict[str, ItemId], database: Database
) -> None:
    first = read_title(terminal.wait_for("marked: nothing"), archive)
    terminal.press("1")
    terminal.wait_for("marked: bees")
    terminal.press("2")
    terminal.wait_for("marked: bees, boats")
    terminal.press("1\r")
    second = read_title(terminal.wait_for("2 of 4") + terminal.wait_for("marked: nothing"), archive)
    terminal.press("n")
    third = read_title(terminal.wait_for("3 of 4") + terminal.wait_for("marked: nothing"), archive)
    terminal.press("s")
    terminal.wait_for("4 of 4")
    terminal.press("u")
    terminal.wait_for("3 of 4")
    terminal.press("u")
    terminal.wait_for("2 of 4")
    terminal.press("q")
    terminal.wait_for("1 articles labelled")
    assert len({first, second, third}) == 3
    with database.begin() as tx:
        labels = {title: read_label(tx, item_id) for title, item_id in archive.items()}
    kept = labels.pop(first)
    assert kept
    assert (kept.topics, kept.labelled_by, kept.source) == (("boats",), getpass.getuser(), LabelSource.TERMINAL)
    assert set(labels.values()) == {None}


def test_control_c_ends_and_keeps_what_was_answered(
    terminal: Terminal, archive: dict[str, ItemId], database: Database
) -> None:
    first = read_title(terminal.wait_for("marked: nothing"), archive)
    terminal.press("n")
    terminal.wait_for("2 of 4")
    terminal.wait_for("marked: nothing")
    terminal.press("\x03")
    terminal.wait_for("1 articles labelled")
    with database.begin() as tx:
        kept = read_label(tx, archive[first])
    assert kept
    assert kept.topics == ()


def test_control_c_before_the_first_question_says_that_nothing_was_labelled(
    environment: dict[str, str], archive: dict[str, ItemId], database: Database
) -> None:
    with database.begin() as tx:
        tx.execute(sql("LOCK TABLE topic_labels"))
        terminal = Terminal(environment, "label")
        wait_until_somebody_waits(database)
        terminal.press("\x03")
        terminal.wait_for("0 articles labelled")
        assert terminal.wait() == 0
    terminal.hang_up()


def wait_until_somebody_waits(database: Database) -> None:
    """Until a command waits for a lock of this database; fails after a minute."""
    waiting = sql("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    ends_at = time.monotonic() + 60
    while True:
        with database.begin() as tx:
            if tx.execute(waiting).first():
                return
        assert time.monotonic() < ends_at
        time.sleep(0.05)


def test_keys_pressed_ahead_are_not_lost_and_arrows_mean_nothing(
    terminal: Terminal, archive: dict[str, ItemId]
) -> None:
    terminal.wait_for("marked: nothing")
    terminal.press("\x1b[An1\rnn")
    terminal.wait_for("4 articles labelled")


def test_enter_without_a_mark_asks_on(terminal: Terminal) -> None:
    terminal.wait_for("marked: nothing")
    terminal.press("\r")
    terminal.wait_for("marked: nothing")
    terminal.press("q")
    terminal.wait_for("0 articles labelled")


def test_label_without_a_terminal_says_so(run: Run) -> None:
    done = run("label")
    assert done.returncode == 1
    assert "needs a terminal" in done.stderr


def test_label_without_articles_says_so(environment: dict[str, str]) -> None:
    terminal = Terminal(environment, "label")
    terminal.wait_for("no unlabelled article in the store")
    assert terminal.wait() == 1
    terminal.hang_up()


def test_a_title_cannot_command_the_terminal(environment: dict[str, str], database: Database) -> None:
    with database.begin() as tx:
        store_article(tx, 1, "Hive \x1b]0;owned\x07 found", "The bee\x1b[2J keeper.")
    terminal = Terminal(environment, "label")
    shown = terminal.wait_for("marked: nothing")
    terminal.hang_up()
    assert "owned" in shown
    assert "\x1b]0" not in shown
    assert "\x1b[2J" not in shown


def test_train_evaluate_list_and_roll_back(run: Run, database: Database, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from pipeline.store.labels import TopicLabel, save_label

    with database.begin() as tx:
        for number in range(30):
            topic = ("bees", "boats", "")[number % 3]
            row = make_text(number, topic)
            item_id = store_article(tx, number, f"{row['title']} {'x' * number}", str(row["text"]))
            topics = (topic,) if topic else ()
            save_label(tx, TopicLabel(item_id, topics, datetime.now(UTC), "ann", LabelSource.REACTION))

    trained = run("train")
    assert trained.returncode == 0, trained.stderr
    assert "30 new labels since the last training, 30 in all" in trained.stdout
    (version,) = re.findall(r"version (\w{12}) is promoted, against built-in: macro F1", trained.stdout)
    assert trained.stdout.endswith(f"in use: {version}\n")
    assert "trained on exactly these texts already" in run("train").stdout

    evaluated = run("evaluate", "--out", "report.html")
    assert evaluated.returncode == 0, evaluated.stderr
    assert f"Topic model {version}" in (tmp_path / "report.html").read_text("utf-8")

    listed = run("models", "list").stdout
    assert re.search(rf"{version}  active +\d{{4}}-\d\d-\d\d \d\d:\d\d +\d+ +\d+", listed)
    assert "candidate" in listed
    assert run("models", "rollback").stdout == f"taken out: {version}\nin use: built-in\n"
    assert "built-in      active" in run("models", "list").stdout
    assert run("models", "promote", version).stdout == f"in use: {version}\n"
    unknown = run("models", "promote", "nonsense")
    assert (unknown.returncode, "models list" in unknown.stderr) == (2, True)


def test_evaluate_measures_on_a_file_of_ones_own(run: Run, tmp_path: Path) -> None:
    rows = [make_text(number, topic) for number in range(5) for topic in ("bees", "")]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    done = run("evaluate", "--on", "mine.jsonl")
    assert done.returncode == 0, done.stderr
    assert "mine.jsonl" in (tmp_path / "topics.html").read_text("utf-8")
    (tmp_path / "mine.jsonl").write_text("{", "utf-8")
    assert run("evaluate", "--on", "mine.jsonl").returncode == 2
