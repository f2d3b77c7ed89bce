"""What a source is asked with next time, and what shows that a failing one is well again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.models import Entry, FeedHints, ItemId, RunId, Source, SourceCheck, SourceId, SourceKind, Validators
from pipeline.store.database import Database
from pipeline.store.runs import start_run
from pipeline.store.sources import add_source, list_sources, read_unchecked, read_validators, save_checks

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
SOURCE = Source(SourceId("gazette"), "Gazette", "Gazette", SourceKind.RSS, "https://news.example/feed")
KNOWN = Validators('"v1"', "yesterday", "a" * 64, NOW, NOW + timedelta(days=7))
_runs = itertools.count()


@pytest.fixture(autouse=True)
def watched(database: Database) -> None:
    with database.begin() as tx:
        add_source(tx, SOURCE, NOW)


def save(database: Database, outcome: str, validators: Validators, at: datetime = NOW) -> None:
    run_id = RunId(f"run-{next(_runs)}")
    with database.begin() as tx:
        start_run(tx, run_id, at, False, started_at=at)
        save_checks(tx, run_id, [(SOURCE, SourceCheck(SOURCE.id, at, outcome, validators=validators))])


def read(database: Database) -> tuple[Validators, int]:
    with database.begin() as tx:
        (state,) = list_sources(tx)
        return read_validators(tx, [SOURCE.id])[SOURCE.id], state.failures_in_a_row


@pytest.mark.parametrize("outcome", ["ok", "empty", "unchanged"])
def test_validators_of_a_good_look_come_back(database: Database, outcome: str) -> None:
    save(database, outcome, KNOWN)
    assert read(database) == (KNOWN, 0)


def test_a_failing_source_is_asked_for_its_content(database: Database) -> None:
    save(database, "ok", KNOWN)
    save(database, "timeout", Validators())
    assert read(database) == (Validators(None, None, KNOWN.content_hash, NOW, KNOWN.distrusted_until), 1)


def test_a_postponed_look_changes_nothing(database: Database) -> None:
    save(database, "ok", KNOWN)
    save(database, "postponed", Validators())
    assert read(database) == (KNOWN, 0)


def test_a_304_does_not_clear_a_failure(database: Database) -> None:
    save(database, "http_500", Validators())
    save(database, "unchanged", KNOWN, at=NOW + timedelta(hours=1))
    assert read(database)[1] == 1


def test_the_same_content_read_again_clears_a_failure(database: Database) -> None:
    save(database, "http_500", Validators())
    save(database, "unchanged", KNOWN, at=NOW)
    assert read(database) == (KNOWN, 0)


def test_validators_are_not_kept_when_an_entry_cannot_be_stored(database: Database) -> None:
    with database.begin() as tx:
        start_run(tx, RunId("now"), NOW, False, started_at=NOW)
    good = Entry(ItemId("a" * 16), SOURCE.id, "https://news.example/1", "https://news.example/1", FeedHints(), NOW)
    too_long = Entry(ItemId("b" * 17), SOURCE.id, "https://news.example/2", "https://news.example/2", FeedHints(), NOW)
    check = SourceCheck(SOURCE.id, NOW, "ok", entries=(good, too_long), validators=KNOWN)
    with pytest.raises(Exception, match="too long"), database.begin() as tx:
        save_checks(tx, RunId("now"), [(SOURCE, check)])
    assert read(database) == (Validators(), 0)


def test_those_that_had_to_wait_come_first_in_the_next_run(database: Database) -> None:
    others = [replace(SOURCE, id=SourceId(name), address=f"https://{name}.example/") for name in ("apron", "zebra")]
    with database.begin() as tx:
        for other in others:
            add_source(tx, other, NOW)
        start_run(tx, RunId("now"), NOW, False, started_at=NOW)
        save_checks(tx, RunId("now"), [(others[1], SourceCheck(others[1].id, NOW, "postponed"))])
        ids = [SOURCE.id, *(other.id for other in others)]
        assert [source.id for source in read_unchecked(tx, RunId("next"), ids)] == ["zebra", "apron", "gazette"]
