"""`seeds/routes.toml`: which development goes to which channel, and when. Read and checked here, with line numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.alert.settings import CONSOLE, read_destination, spell_channel
from pipeline.errors import SettingError

# One reply in four on the streams of seeds/streams (benchmarks/broadcast_share.py): a channel is for what is sure.
BROADCAST_IMPORTANCE = 0.9


class Rhythm(StrEnum):
    """When a route tells: at once, or what has come together once an hour or once a day."""

    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one local time to another, over midnight when the first is later."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Route:
    """One way from a development to channels. Empty conditions ask for nothing; each of the others must be met."""

    name: str
    channels: tuple[str, ...]
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    minimum_importance: float = 0.0
    broadcast_importance: float = BROADCAST_IMPORTANCE
    rhythm: Rhythm = Rhythm.IMMEDIATE
    digest_at: time = time(8)
    time_zone: str = "UTC"
    quiet_hours: QuietHours | None = None
    escalate_after_minutes: int = 0  # 0: nobody is reminded
    escalate_to: str = ""


@dataclass(frozen=True, slots=True)
class Storm:
    """Above this many messages to one channel in this time, the others come together in one digest."""

    messages: int = 40
    minutes: int = 60


@dataclass(frozen=True, slots=True)
class Summaries:
    """The digest of every day and the report of every week, for one channel; without a channel there are none."""

    channel: str = ""
    day_at: time = time(18)
    week_on: int = 0  # Monday
    week_at: time = time(9)
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class RouteBook:
    """A whole routes file."""

    routes: tuple[Route, ...]
    storm: Storm = Storm()
    summaries: Summaries = Summaries()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a routes file, and on which line (from 1)."""

    line: int
    text: str


class RoutesError(SettingError):
    """A routes file that cannot be used; `problems` are all that were found, in the order of the lines."""

    def __init__(self, file_name: str, problems: list[Problem]) -> None:
        self.file_name = file_name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        first, others = self.problems[0], len(problems) - 1
        more = f" (and {others} more: `wirewatch routes check` lists them)" if others else ""
        super().__init__(f"{file_name}:{first.line}: {first.text}{more}")


def parse_routes(
    text: str,
    default_channel: str,
    default_importance: float = 0.0,
    known_topics: Collection[str] | None = None,
    file_name: str = "routes.toml",
    destinations: Collection[str] = (),
) -> RouteBook:
    """The routes of a file, in its order, and its limits.

    Routes that name no channel or no importance take the defaults. Raises RoutesError that names every
    problem with its line: bad TOML, unknown keys, values that make no sense, unknown topics,
    names used twice, channels to:NAME that are none of the `destinations`.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RoutesError(file_name, [_locate_syntax(str(error), text)]) from None
    try:
        file = _File.model_validate(tables)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        raise RoutesError(file_name, [_describe(each["loc"], each["msg"], text) for each in found]) from None
    problems = [*_find_unknown_topics(file, known_topics, text), *_find_repeats(file, text)]
    if problems := [*problems, *_find_unknown_destinations(file, destinations, text)]:
        raise RoutesError(file_name, problems)
    routes = tuple(_make_route(table, default_channel, default_importance) for table in file.routes)
    return RouteBook(routes, Storm(file.storm.messages, file.storm.minutes), _make_summaries(file.summaries))


def make_default_routes(channel: str, minimum_importance: float) -> RouteBook:
    """Without a file: everything on a topic goes to the one channel, at once."""
    return RouteBook((Route("everything", (channel,), minimum_importance=minimum_importance),))


# ---------------------------------------------------------------- the form of the file


def _read_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError("must be a time of day such as 08:00")
    return text


def _read_quiet_hours(text: str) -> str:
    start, dash, end = text.partition("-")
    if not dash or start == end:
        raise ValueError("must be two different times of day such as 22:00-07:00")
    _read_time(start)
    _read_time(end)
    return text


def _read_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; write one such as Europe/Berlin") from None
    return name


_Text = Annotated[str, Field(min_length=1, max_length=200)]
_Texts = tuple[_Text, ...]
_Share = Annotated[float, Field(ge=0, le=1)]
_Time = Annotated[str, AfterValidator(_read_time)]
_TimeZone = Annotated[str, AfterValidator(_read_time_zone)]
_Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _RouteTable(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False)

    name: _Text
    channels: _Texts = ()
    topics: _Texts = ()
    words: _Texts = ()
    places: _Texts = ()
    sources: _Texts = ()
    minimum_importance: _Share | None = None
    broadcast_importance: _Share = BROADCAST_IMPORTANCE
    rhythm: Rhythm = Rhythm.IMMEDIATE
    digest_at: _Time = "08:00"
    time_zone: _TimeZone = "UTC"
    quiet_hours: Annotated[str, AfterValidator(_read_quiet_hours)] | None = None
    escalate_after_minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    escalate_to: _Text | None = None

    @model_validator(mode="after")
    def _check_escalation(self) -> Self:
        if (self.escalate_after_minutes is None) != (self.escalate_to is None):
            raise ValueError("escalate_after_minutes and escalate_to need each other")
        return self


class _StormTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    messages: Annotated[int, Field(ge=1, le=10_000)] = Storm().messages
    minutes: Annotated[int, Field(ge=1, le=1440)] = Storm().minutes


class _SummariesTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: _Text
    day_at: _Time = "18:00"
    week_on: _Weekday = "monday"
    week_at: _Time = "09:00"
    time_zone: _TimeZone = "UTC"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    summaries: _SummariesTable | None = None
    storm: _StormTable = _StormTable()
    routes: Annotated[list[_RouteTable], Field(min_length=1)]


def _make_summaries(table: _SummariesTable | None) -> Summaries:
    if table is None:
        return Summaries()
    return Summaries(
        channel=spell_channel(table.channel),
        day_at=time.fromisoformat(table.day_at),
        week_on=get_args(_Weekday).index(table.week_on),
        week_at=time.fromisoformat(table.week_at),
        time_zone=table.time_zone,
    )


def _make_route(table: _RouteTable, default_channel: str, default_importance: float) -> Route:
    quiet = table.quiet_hours.split("-") if table.quiet_hours else []
    return Route(
        name=table.name,
        channels=tuple(dict.fromkeys(map(spell_channel, table.channels))) or (default_channel,),
        topics=table.topics,
        words=table.words,
        places=table.places,
        sources=table.sources,
        minimum_importance=default_importance if table.minimum_importance is None else table.minimum_importance,
        broadcast_importance=table.broadcast_importance,
        rhythm=table.rhythm,
        digest_at=time.fromisoformat(table.digest_at),
        time_zone=table.time_zone,
        quiet_hours=QuietHours(*map(time.fromisoformat, quiet)) if quiet else None,
        escalate_after_minutes=table.escalate_after_minutes or 0,
        escalate_to=spell_channel(table.escalate_to or ""),
    )


# ---------------------------------------------------------------- what is wrong, and where


def _find_unknown_topics(file: _File, known_topics: Collection[str] | None, text: str) -> Iterator[Problem]:
    if known_topics is None:
        return
    for number, table in enumerate(file.routes):
        for topic in set(table.topics) - set(known_topics):
            known = ", ".join(sorted(known_topics))
            yield Problem(_find_line(text, number, "topics"), f"topics: {topic!r} is none of topics.toml ({known})")


def _find_unknown_destinations(file: _File, destinations: Collection[str], text: str) -> Iterator[Problem]:
    for number, table in enumerate(file.routes):
        for key, channels in (("channels", table.channels), ("escalate_to", (table.escalate_to or "",))):
            for wrong in filter(None, (explain_destination(channel, destinations) for channel in channels)):
                yield Problem(_find_line(text, number, key), f"{key}: {wrong}")
    if file.summaries and (wrong := explain_destination(file.summaries.channel, destinations)):
        yield Problem(_find_key(text, "summaries"), f"summaries.channel: {wrong}")


def explain_destination(channel: str, destinations: Collection[str]) -> str:
    """What is wrong with a channel that is written to:NAME; empty when nothing is, or it is a Slack channel."""
    name = read_destination(channel)
    if name is None or name in destinations or name == CONSOLE:
        return ""
    if not name:
        return f"{channel!r} must be to: and a name of letters, digits and dashes"
    return f"{channel!r} has no address: set WIREWATCH_DESTINATIONS__{name.replace('-', '_').upper()}"


def _find_repeats(file: _File, text: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, table in enumerate(file.routes):
        if table.name in seen:
            yield Problem(_find_line(text, number, "name"), f"name: there are two routes called {table.name!r}")
        seen.add(table.name)


def _describe(place: tuple[int | str, ...], message: str, text: str) -> Problem:
    message = message.removeprefix("Value error, ")
    if len(place) < 2 or not isinstance(place[1], int):
        wrong = "write at least one [[routes]]" if place == ("routes",) else message
        key = str(place[-1])
        return Problem(_find_key(text, key), f"{'.'.join(map(str, place))}: {wrong}")
    key = str(place[2]) if len(place) > 2 else ""
    what = {"Extra inputs are not permitted": "is no key of a route", "Field required": "is missing"}
    return Problem(_find_line(text, place[1], key), f"{key}: {what.get(message, message)}".removeprefix(": "))


def _locate_syntax(message: str, text: str) -> Problem:
    found = re.search(r" \(at line (\d+), column \d+\)| \(at end of document\)", message)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    return Problem(line, re.sub(r" \(at .*\)$", "", message))


def _find_line(text: str, number: int, key: str) -> int:
    """The line of a key in the `number`-th [[routes]] (from 0), or that of its head when the key is not there."""
    lines = text.splitlines()
    heads = [n for n, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*routes\s*\]\]", line)]
    if number >= len(heads):  # written inline: routes = [{...}]
        return _find_key(text, "routes")
    end = heads[number + 1] if number + 1 < len(heads) else len(lines) + 1
    return next((n for n in range(heads[number], end) if _is_key(lines[n - 1], key)), heads[number])


def _find_key(text: str, key: str) -> int:
    return next((n for n, line in enumerate(text.splitlines(), 1) if _is_key(line, key)), 1)


def _is_key(line: str, key: str) -> bool:
    return bool(key) and bool(re.match(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=\].]""", line))
