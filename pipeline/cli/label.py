"""`wirewatch label`: teach the topic model, one key at a time."""

from __future__ import annotations

import getpass
import os
import re
import sys
import termios
import textwrap
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from pipeline.cli.models import open_desk
from pipeline.cli.screen import printable

if TYPE_CHECKING:
    from pipeline.classify.upkeep.asking import Question
    from pipeline.steps import Walk

TOPIC_KEYS: Final = "123456789abcdefghijklmoprtvwxyz"  # without n, q, s, u, which mean something else
LEAD_CHARACTERS: Final = 900
COLUMNS: Final = 96
SAVE_KEYS: Final = ("\r", "\n")
END_KEYS: Final = ("q", "\x04", "")  # also Ctrl-D, and a terminal that went away
# An arrow or a function key comes as several characters (ECMA-48, section 5.4), none of them meant as a letter.
_SEQUENCE: Final = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|)")


@dataclass(slots=True)
class Session:
    """Where a reader stands in the questions."""

    questions: Sequence[Question] = ()
    at: int = 0
    marked: set[str] = field(default_factory=set)
    answered: dict[int, bool] = field(default_factory=dict)  # position -> True for a label, False for a skip

    @property
    def saved(self) -> int:
        """How many articles were labelled."""
        return sum(self.answered.values())

    def go_on(self, is_label: bool) -> None:
        """To the next question, with nothing marked."""
        self.answered[self.at] = is_label
        self.at += 1
        self.marked = set()

    def go_back(self) -> bool:
        """To the question before; True when its label must be taken back."""
        self.at -= 1
        self.marked = set()
        return self.answered.pop(self.at)


@click.command()
@click.option("--count", type=click.IntRange(1, 500), default=20, show_default=True, help="How many articles to ask.")
def label(count: int) -> None:
    """Label articles that teach the topic model most.

    Shown are the newest unlabelled articles about which the model is least sure, of every topic in turn. A key for each
    topic marks or unmarks it, Enter saves what is marked, n says that no topic fits, s skips, u takes the last answer
    back, q ends. Every answer is stored at once, with your login name. Afterwards: `wirewatch train`.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.ClickException("labelling needs a terminal: run it in one, without pipes")
    session = Session()
    with suppress(KeyboardInterrupt):  # every answer is stored by then
        _hold_session(session, count)
    click.echo(f"{session.saved} articles labelled" + ("; `wirewatch train` learns from them" if session.saved else ""))


def _hold_session(session: Session, count: int) -> None:
    from pipeline.steps.labelling import choose_articles

    with open_desk() as desk:
        model, session.questions = choose_articles(desk, count)
        if not session.questions:
            raise click.ClickException("no unlabelled article in the store: `wirewatch run` brings some")
        _ask_all(desk, session, model.topics.topic_ids[: len(TOPIC_KEYS)])


def _ask_all(desk: Walk, session: Session, topics: Sequence[str]) -> None:
    keys = dict(zip(TOPIC_KEYS, topics, strict=False))
    keyboard, by = _Keyboard(), getpass.getuser()
    with keyboard.open():
        while session.at < len(session.questions):
            click.echo(_describe_question(session, keys))
            moved: bool | None = False
            while moved is False:
                click.echo(f"\r\x1b[K{_describe_marks(session.marked)}", nl=False)
                moved = _press(keyboard.read(), desk, session, keys, by)
            click.echo()
            if moved is None:
                return


class _Keyboard:
    """Single keys of the terminal, without Enter; those pressed ahead are kept, as a quick reader presses them."""

    def __init__(self) -> None:
        self._ahead: list[str] = []

    @contextmanager
    def open(self) -> Iterator[None]:
        """Take over the keyboard for as long as the block lasts."""
        descriptor = sys.stdin.fileno()
        before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        try:
            yield
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def read(self) -> str:
        """The next key, in lower case; empty when the terminal has gone."""
        try:
            while not self._ahead:
                content = os.read(sys.stdin.fileno(), 64)
                if not content:
                    return ""
                self._ahead = list(_SEQUENCE.sub("", content.decode("utf-8", "ignore")).lower())
            return self._ahead.pop(0)
        except OSError:
            return ""


def _press(key: str, desk: Walk, session: Session, keys: dict[str, str], by: str) -> bool | None:
    """Do what a key says: True when another question is to be shown, None when the reader has had enough."""
    from pipeline.steps.labelling import save_answer, take_back_answer

    if key in END_KEYS:
        return None
    if key == "u" and session.at:
        if session.go_back():
            take_back_answer(desk, session.questions[session.at].candidate.item_id)
        return True
    if key == "s":
        session.go_on(is_label=False)
        return True
    if key == "n" or (key in SAVE_KEYS and session.marked):
        topics = () if key == "n" else tuple(sorted(session.marked))
        save_answer(desk, session.questions[session.at].candidate.item_id, topics, by, datetime.now(UTC))
        session.go_on(is_label=True)
        return True
    if key in keys:
        session.marked ^= {keys[key]}
    return False


def _describe_question(session: Session, keys: dict[str, str]) -> str:
    question = session.questions[session.at]
    scores = question.candidate.classification.scores
    text = " ".join(printable(question.candidate.text).split())
    lead = text if len(text) <= LEAD_CHARACTERS else text[:LEAD_CHARACTERS].rsplit(" ", 1)[0] + " …"
    asked = f"{question.topic} {scores[question.topic]:.2f}, yes from {question.threshold:.2f}"
    topics = [f"{key} {topic} {scores[topic]:.2f}" for key, topic in keys.items()]
    return "\n".join(
        [
            "",
            f"{session.at + 1} of {len(session.questions)} ({asked})",
            click.style(" ".join(printable(question.candidate.title).split()), bold=True),
            *textwrap.wrap(lead, COLUMNS),
            "",
            *textwrap.wrap("   ".join(one.replace(" ", "\x00") for one in topics), COLUMNS),
            "Enter saves the marked topics   n none of them   s skip   u undo   q quit",
        ]
    ).replace("\x00", " ")


def _describe_marks(marked: set[str]) -> str:
    return f"marked: {', '.join(sorted(marked))} " if marked else "marked: nothing "
