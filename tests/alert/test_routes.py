"""What a routes file may say, and what it is told when it says something else."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert.routes import (
    QuietHours,
    Rhythm,
    Route,
    RouteBook,
    RoutesError,
    Storm,
    make_default_routes,
    parse_routes,
)

ROOT = Path(__file__).resolve().parents[2]
TOPICS = {"transport", "sanctions"}


def read(text: str) -> RouteBook:
    return parse_routes(text, "#news", 0.2, TOPICS)


def read_routes(text: str) -> tuple[Route, ...]:
    return read(text).routes


def read_problems(text: str) -> list[str]:
    with pytest.raises(RoutesError) as caught:
        read(text)
    return [f"{problem.line}: {problem.text}" for problem in caught.value.problems]


def test_a_route_takes_what_it_does_not_say_from_the_settings() -> None:
    assert read('[[routes]]\nname = "everything"') == make_default_routes("#news", 0.2)


def test_the_file_of_the_seeds_is_the_default() -> None:
    text = (ROOT / "seeds/routes.toml").read_text(encoding="utf-8")
    assert parse_routes(text, "#news", 0.2) == make_default_routes("#news", 0.2)


def test_everything_can_be_said() -> None:
    (route,) = read_routes("""
        [[routes]]
        name = "sea"
        channels = ["#sea", "C0123456789", "#sea"]
        topics = ["transport"]
        words = ["ferry"]
        places = ["Kelmar"]
        sources = ["Harbour Times"]
        minimum_importance = 0.5
        broadcast_importance = 1
        rhythm = "daily"
        digest_at = "17:30"
        time_zone = "Europe/Berlin"
        quiet_hours = "22:00-07:00"
        escalate_after_minutes = 30
        escalate_to = "#duty"
    """)
    assert route == Route(
        name="sea",
        channels=("#sea", "C0123456789"),
        topics=("transport",),
        words=("ferry",),
        places=("Kelmar",),
        sources=("Harbour Times",),
        minimum_importance=0.5,
        broadcast_importance=1.0,
        rhythm=Rhythm.DAILY,
        digest_at=time(17, 30),
        time_zone="Europe/Berlin",
        quiet_hours=QuietHours(time(22), time(7)),
        escalate_after_minutes=30,
        escalate_to="#duty",
    )


def test_the_limit_of_a_storm_can_be_set() -> None:
    book = read('[storm]\nmessages = 3\nminutes = 10\n[[routes]]\nname = "everything"')
    assert book.storm == Storm(messages=3, minutes=10)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[routes]]\nname = "a"\nname = "b"', "3: Cannot overwrite a value"),
        ("[[routes]]\nname = ", "2: Invalid value"),
        ("[[routes", "1: "),
        ("", "1: routes: write at least one [[routes]]"),
        ("routes = []", "1: routes: write at least one [[routes]]"),
        ('routes = "all"', "1: routes: write at least one [[routes]]"),
        ('[[routes]]\nname = "a"\n\n[[routes]]\nwords = ["x"]', "4: name: is missing"),
        ('[[routes]]\nname = "a"\n\n[[routes]]\nname = "a"', "5: name: there are two routes called 'a'"),
        ('[[routes]]\nname = "a"\nchanels = ["#x"]', "3: chanels: is no key of a route"),
        ('[rout]\nname = "a"\n[[routes]]\nname = "a"', "1: rout: Extra inputs are not permitted"),
        ('[[routes]]\nname = "a"\nwords = "ferry"', "3: words: Input should be a valid tuple"),
        ('[[routes]]\nname = "a"\nwords = [""]', "3: words: String should have at least 1 character"),
        ('[[routes]]\nname = "a"\nminimum_importance = 7', "3: minimum_importance: Input should be less than"),
        ('[[routes]]\nname = "a"\nquiet_hours = "22-7"', "3: quiet_hours: must be a time of day such as 08:00"),
        ('[[routes]]\nname = "a"\nquiet_hours = "07:00"', "3: quiet_hours: must be two different times of day"),
        ('[[routes]]\nname = "a"\ndigest_at = "24:00"', "3: digest_at: must be a time of day such as 08:00"),
        ('[[routes]]\nname = "a"\ntime_zone = "Berlin"', "3: time_zone: 'Berlin' is no time zone"),
        ('[[routes]]\nname = "a"\nrhythm = "weekly"', "3: rhythm: Input should be"),
        ('[storm]\nmessages = 0\n[[routes]]\nname = "a"', "2: storm.messages: Input should be greater"),
        ('[[routes]]\nname = "a"\nescalate_to = "#x"', "1: escalate_after_minutes and escalate_to need each other"),
        ('[[routes]]\nname = "a"\ntopics = ["trade"]', "3: topics: 'trade' is none of topics.toml (sanctions, trans"),
        ('[[routes]]\nname = "a"\nchannels = ["to:desk"]', "3: channels: 'to:desk' has no address: set WIREWATCH_DEST"),
        ('[[routes]]\nname = "a"\nchannels = ["to:d@x.y"]', "3: channels: 'to:d@x.y' must be to: and a name of"),
        ('[summaries]\nchannel = "to:d"\n[[routes]]\nname = "a"', "1: summaries.channel: 'to:d' has no address"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_line(text: str, problem: str) -> None:
    (found,) = read_problems(text)
    assert found.startswith(problem)


def test_all_problems_are_found_at_once_and_the_error_is_one_line() -> None:
    text = '[[routes]]\nname = "a"\nrhythm = 1\n[[routes]]\nname = "b"\nrhythm = 2\nfoo = 3'
    assert [line.partition(":")[0] for line in read_problems(text)] == ["3", "6", "7"]
    with pytest.raises(RoutesError) as caught:
        read(text)
    assert str(caught.value).startswith("routes.toml:3: rhythm: ")
    assert "and 2 more" in str(caught.value)


@given(st.text(max_size=200) | st.text(alphabet='[]="routesname\n #.', max_size=120))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    lines: list[int] = []
    try:
        read(text)
    except RoutesError as error:
        lines = [problem.line for problem in error.problems]
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
