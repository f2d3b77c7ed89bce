"""What a page may cost, and that one which costs more is a rejection and nothing else."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.bounded import BoundedCleaner, Bounds, CleanFault
from pipeline.clean import CleanSettings, SiteMemory, clean_page, learn
from pipeline.models import Article, ContentFrom, FetchedPage, Rejection, make_item_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAVY = "<div><p>words of <b>no</b> end</p></div>" * 14_000  # 56,000 elements: within the room's own limits


def make_page(html: str) -> FetchedPage:
    url = "https://lakeside.example/bridge"
    return FetchedPage(make_item_id(url), url, NOW, NOW, ContentFrom.PAGE, html=html)


def reason_of(outcome: Article | Rejection) -> str:
    return outcome.reason if isinstance(outcome, Rejection) else "article"


@contextmanager
def stopped(cleaner: BoundedCleaner) -> Iterator[int]:
    """The cleaning process held still, so that it takes the next page and does not answer."""
    process_id = cleaner.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGSTOP)
    yield process_id


def test_same_answers_as_the_room_itself(cleaner: BoundedCleaner, article_html: str) -> None:
    memory = SiteMemory()
    for number in range(3):
        page = make_page(
            f"<h1>Bridge {number} opens</h1>{article_html}<p>Call the tip line of our paper: 0{number}</p>"
        )
        outcome = cleaner.clean_page(page, now=NOW, memory=memory)
        assert outcome == clean_page(page, now=NOW, memory=memory)
        memory = learn(memory, outcome)


def test_one_process_serves_all_pages(cleaner: BoundedCleaner, article_html: str) -> None:
    served = set()
    for _ in range(3):
        assert reason_of(cleaner.clean_page(make_page(article_html), now=NOW)) == "article"
        served.add(cleaner.process_id)
    assert len(served) == 1


@pytest.mark.parametrize(
    ("bounds", "reason"), [(Bounds(cpu_seconds=0.5), "too_slow"), (Bounds(memory_mb=20), "too_large")]
)
def test_a_page_over_its_bounds_is_rejected_and_the_next_one_arrives(
    bounds: Bounds, reason: str, article_html: str
) -> None:
    with BoundedCleaner(bounds=bounds) as cleaner:
        assert reason_of(cleaner.clean_page(make_page(HEAVY), now=NOW)) == reason
        short = article_html + " word" * 20
        assert reason_of(cleaner.clean_page(make_page(short), now=NOW)) == "article"


def test_a_rare_language_is_within_bounds(cleaner: BoundedCleaner) -> None:
    sentence = "Uusi silta avattiin tiistaina liikenteelle puolentoista vuoden jälkeen, kertoi ministeriö {}."
    page = make_page(
        "<h1>Silta</h1>" + "".join(f"<p>{sentence.format(name)}</p>" for name in ("Oulussa", "Turussa", "Kemissä"))
    )
    outcome = cleaner.clean_page(page, now=NOW)
    assert isinstance(outcome, Article)
    assert outcome.language == "fi"  # by a model that loads numpy


def test_a_process_that_does_not_answer(article_html: str) -> None:
    with BoundedCleaner(bounds=Bounds(wall_seconds=3)) as cleaner:
        cleaner.clean_page(make_page(article_html), now=NOW)
        with stopped(cleaner):
            assert reason_of(cleaner.clean_page(make_page(article_html), now=NOW)) == "too_slow"


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_process_that_dies_over_a_page(article_html: str, number: signal.Signals) -> None:
    with BoundedCleaner() as cleaner:
        cleaner.clean_page(make_page(article_html), now=NOW)
        with stopped(cleaner) as process_id:
            answers: list[Article | Rejection] = []
            asking = threading.Thread(
                target=lambda: answers.append(cleaner.clean_page(make_page(article_html), now=NOW))
            )
            asking.start()
            wait_until_sent()
            os.kill(process_id, number)
            os.kill(process_id, signal.SIGCONT)
            asking.join()
        assert reason_of(answers[0]) == "crashed"
        assert reason_of(cleaner.clean_page(make_page(article_html), now=NOW)) == "article"


def wait_until_sent() -> None:
    time.sleep(0.1)


def test_a_process_that_died_between_two_pages_costs_none(article_html: str) -> None:
    with BoundedCleaner() as cleaner:
        cleaner.clean_page(make_page(article_html), now=NOW)
        assert cleaner.process_id is not None
        os.kill(cleaner.process_id, signal.SIGKILL)
        os.waitid(os.P_PID, cleaner.process_id, os.WEXITED | os.WNOWAIT)
        assert reason_of(cleaner.clean_page(make_page(article_html), now=NOW)) == "article"


def test_a_fault_of_ours_is_told_as_one(article_html: str) -> None:
    broken: Any = "no settings"
    with BoundedCleaner(broken) as cleaner, pytest.raises(CleanFault, match="AttributeError"):
        cleaner.clean_page(make_page(article_html), now=NOW)


def test_a_process_that_cannot_start_rejects_no_page(article_html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with BoundedCleaner() as cleaner, pytest.raises(CleanFault, match="does not start"):
        cleaner.clean_page(make_page(article_html), now=NOW)


def test_the_process_does_not_get_our_secrets(article_html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_SLACK_TOKEN", "xoxb-secret")
    with BoundedCleaner() as cleaner:
        cleaner.clean_page(make_page(article_html), now=NOW)
        assert b"xoxb-secret" not in Path(f"/proc/{cleaner.process_id}/environ").read_bytes()


def test_settings_reach_the_room(article_html: str) -> None:
    with BoundedCleaner(CleanSettings(languages=("fr",))) as cleaner:
        assert reason_of(cleaner.clean_page(make_page(article_html), now=NOW)) == "unsupported_language"


def test_a_forked_caller_gets_its_own_process(cleaner: BoundedCleaner, article_html: str) -> None:
    cleaner.clean_page(make_page(article_html), now=NOW)
    child = multiprocessing.get_context("fork").Process(target=clean_one, args=(article_html,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert reason_of(cleaner.clean_page(make_page(article_html), now=NOW)) == "article"


def clean_one(html: str) -> None:
    with BoundedCleaner() as own:
        assert reason_of(own.clean_page(make_page(html), now=NOW)) == "article"


def test_nothing_is_started_for_no_pages() -> None:
    with BoundedCleaner() as cleaner:
        assert cleaner.process_id is None


def test_the_process_ends_with_its_cleaner(article_html: str) -> None:
    with BoundedCleaner() as cleaner:
        cleaner.clean_page(make_page(article_html), now=NOW)
        process_id = cleaner.process_id
    assert process_id is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)
