"""The page as a pure function of what the store reports: every text is escaped, every link is http or https."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.errors import SettingError, StoreOutdated, StoreUnavailable, WirewatchError
from pipeline.models import DeliveryState, Label
from pipeline.store.reports import AlertLine, DeskPage, Funnel, StoryCard
from pipeline.store.sources import GOOD_OUTCOMES, NOT_ASKED, SourceState

MAX_SOURCES = 60  # on the page; the others are counted
BAR_LEFT, BAR_WIDTH, ROW_HEIGHT = 96, 170, 26  # of the funnel, in units of its drawing

LABELS = {Label.NEW_STORY: "New story", Label.DEVELOPMENT: "Development", Label.CORRECTION: "Correction"}
MESSAGES = {
    DeliveryState.PENDING: "waits to be sent",
    DeliveryState.SENDING: "is being sent",
    DeliveryState.UNKNOWN: "may have been sent; will be looked for before it is sent again",
    DeliveryState.DEAD: "was refused",
    DeliveryState.HELD: "is held back",
    DeliveryState.BUNDLED: "was told in a digest",
    DeliveryState.MUTED: "was not sent, since the desk muted it",
}
REMEDIES = {
    StoreUnavailable: "Start the database, or correct WIREWATCH_DATABASE_URL, and load this page again.",
    StoreOutdated: "Run `wirewatch migrate` with the same settings, and load this page again.",
    SettingError: "Correct the setting where the API server of Airflow is started, and start it again.",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage of the funnel, as drawn."""

    name: str
    count: int
    y: int
    width: float


def render_page(desk: DeskPage) -> str:
    """The whole page as HTML."""
    told = [story for story in desk.stories if _has_alert_on(story, desk.day)]
    return _ENVIRONMENT.get_template("desk.html").render(
        desk=desk,
        told=told,
        quiet=[story for story in desk.stories if story not in told],
        alert_count=sum(_is_on(line.queued_at, desk.day) for story in told for line in story.alerts),
        sources=sorted(desk.sources, key=lambda state: SOURCE_ORDER.index(judge_source(state)))[:MAX_SOURCES],
        sources_left=max(0, len(desk.sources) - MAX_SOURCES),
        states=Counter(state.state.value for state in desk.sources).most_common(),
        bars=make_bars(desk.funnel) if desk.funnel else (),
        yesterday=desk.day - timedelta(days=1) if desk.day > date.min else None,
        tomorrow=desk.day + timedelta(days=1) if desk.day < date.max else None,
    )


def render_trouble(error: WirewatchError) -> str:
    """What went wrong and what to do, in place of the page."""
    remedy = next((text for kind, text in REMEDIES.items() if isinstance(error, kind)), "")
    return _ENVIRONMENT.get_template("trouble.html").render(reason=str(error), remedy=remedy)


def make_bars(funnel: Funnel) -> tuple[Bar, ...]:
    """One bar per stage; the longest stage fills the width."""
    longest = max((count for _, count in funnel.stages), default=0) or 1
    return tuple(
        Bar(name, count, y=row * ROW_HEIGHT, width=round(BAR_WIDTH * count / longest, 1))
        for row, (name, count) in enumerate(funnel.stages)
    )


SOURCE_ORDER = ("failing", "shaky", "new", "good")  # what needs a person comes first


def judge_source(state: SourceState) -> str:
    """One of SOURCE_ORDER; shaky is a good source whose last look went wrong."""
    if state.state.is_trouble:
        return "failing"
    if state.last_outcome is None:
        return "new"
    return "good" if state.last_outcome in (*GOOD_OUTCOMES, NOT_ASKED) else "shaky"


def is_web_link(url: str) -> bool:
    """True for what may stand in an href: other schemes can run script (javascript:, data:) or reach files."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _has_alert_on(story: StoryCard, day: date) -> bool:
    return any(_is_on(line.queued_at, day) for line in story.alerts)


def _is_on(moment: datetime, day: date) -> bool:
    return moment.astimezone(UTC).date() == day


def _list_topics(alerts: Sequence[AlertLine]) -> list[str]:
    # Most probable first, each once.
    matches = sorted((match for line in alerts for match in line.alert.topics), key=lambda match: -match.probability)
    return list(dict.fromkeys(match.topic.replace("_", " ") for match in matches))


def _say_time(moment: datetime, day: date) -> str:
    utc = moment.astimezone(UTC)
    return f"{utc:%H:%M}" if utc.date() == day else f"{utc.day} {utc:%b %H:%M}"


def _make_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("wirewatch_ui"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests.update(web_link=is_web_link, trouble=lambda state: state.is_trouble)
    environment.filters.update(topics=_list_topics, say_time=_say_time, judge_source=judge_source)
    environment.globals.update(
        LABELS=LABELS, MESSAGES=MESSAGES, BAR_LEFT=BAR_LEFT, BAR_WIDTH=BAR_WIDTH, ROW_HEIGHT=ROW_HEIGHT, is_on=_is_on
    )
    return environment


_ENVIRONMENT = _make_environment()
