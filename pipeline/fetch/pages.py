"""The pages behind entries: one answer for each, several hosts at a time, one request at a time for each host.

Entry > client (or file) > wall? > FetchedPage | UnchangedPage | FetchFailure
"""

import asyncio
import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from yarl import URL

from pipeline.errors import WirewatchError
from pipeline.fetch.book import HostBook
from pipeline.fetch.budget import run_within
from pipeline.fetch.canonical import read_canonical
from pipeline.fetch.client import Client
from pipeline.fetch.decode import decode_body
from pipeline.fetch.folder import read_file
from pipeline.fetch.markup import TAG, is_nested_too_deep, strip_tags
from pipeline.fetch.problems import FetchProblem, make_reader_problem
from pipeline.fetch.scrub import MAX_LINE_CHARACTERS
from pipeline.fetch.settings import FetchSettings
from pipeline.fetch.validators import make_conditions, read_validators
from pipeline.fetch.walls import find_wall, is_paywall_stub
from pipeline.models import ContentFrom, Entry, FeedHints, FetchedPage, FetchFailure, UnchangedPage

MIN_FEED_TEXT_CHARACTERS = 600  # a shorter summary is a teaser, not an article
FEED_TEXT_INSTEAD = frozenset({"http_401", "http_402", "http_403", "http_404", "http_410", "http_451", "wall"})
# The host itself is down or asks for rest: its further entries wait for the next run.
HOST_IS_UNWELL = frozenset({"timeout", "dns_failure", "unreachable", "tls_failure", "robots_unavailable", "http_429"})
MAX_HOST_PROBLEMS = 3  # in a row
HOST_FAILED = "not asked: its host failed several times in a row"
TIME_IS_OVER = "not fetched: the time for one run was over"

FetchAnswer = FetchedPage | UnchangedPage | FetchFailure
OnFetched = Callable[[FetchAnswer], None]


def fetch_pages(
    entries: Sequence[Entry], settings: FetchSettings, now: datetime, book: HostBook | None = None
) -> list[FetchAnswer]:
    """One answer for each entry, in their order: for as many pages as fit into memory."""
    answers: dict[int, FetchAnswer] = {}
    asyncio.run(_fetch_all(entries, settings, now, answers.__setitem__, book))
    return [answers[index] for index in range(len(entries))]


def stream_pages(
    entries: Sequence[Entry],
    settings: FetchSettings,
    now: datetime,
    on_done: OnFetched,
    book: HostBook | None = None,
) -> None:
    """Hand one answer for each entry to `on_done`, as they arrive; none is kept. Never raises for what a site does.

    `now` becomes `fetched_at`. What `on_done` raises ends the call and reaches the caller.
    Entries that are not answered within `settings.fetch_budget_seconds` are `postponed`.
    `book` is what other workers know of the hosts; without one this call minds its own pauses only.
    """
    asyncio.run(_fetch_all(entries, settings, now, lambda _, answer: on_done(answer), book))


async def _fetch_all(
    entries: Sequence[Entry],
    settings: FetchSettings,
    now: datetime,
    tell: Callable[[int, FetchAnswer], None],
    book: HostBook | None,
) -> None:
    answered: set[int] = set()
    by_host: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        by_host.setdefault(_name_host(entry), []).append(index)

    def note(index: int, answer: FetchAnswer) -> None:
        answered.add(index)
        tell(index, answer)

    async with Client(settings, book=book) as client:

        async def fetch_host(indexes: list[int]) -> None:
            problems = 0
            for index in indexes:
                if problems < MAX_HOST_PROBLEMS:
                    answer = await _fetch_one(client, entries[index], settings, now)
                    is_unwell = isinstance(answer, FetchFailure) and answer.reason in HOST_IS_UNWELL
                    problems = problems + 1 if is_unwell else 0
                else:
                    answer = _postpone(entries[index], HOST_FAILED)
                note(index, answer)

        await run_within(settings.fetch_budget_seconds, (fetch_host(indexes) for indexes in by_host.values()))
    for index, entry in enumerate(entries):
        if index not in answered:
            note(index, _postpone(entry, TIME_IS_OVER))


def _name_host(entry: Entry) -> str:
    try:
        return URL(entry.url).authority
    except ValueError:
        return ""


def _postpone(entry: Entry, why: str) -> FetchFailure:
    return FetchFailure(entry.item_id, "postponed", why, is_final=False)


async def _fetch_one(client: Client, entry: Entry, settings: FetchSettings, now: datetime) -> FetchAnswer:
    try:
        if entry.canonical_url.startswith("file:"):
            return await asyncio.to_thread(read_file, entry, settings, now)
        return await _fetch_page(client, entry, now)
    except FetchProblem as problem:
        if problem.outcome in FEED_TEXT_INSTEAD and (text := choose_feed_text(entry.hints)):
            return _make_page(entry, entry.url, text, ContentFrom.FEED, now)
        return FetchFailure(entry.item_id, problem.outcome, problem.reason, problem.is_final)
    except WirewatchError:
        raise  # the host book's: nothing of the page
    except Exception as error:  # the reader's fault, not a reason to lose the other pages
        broken = make_reader_problem(error)
        return FetchFailure(entry.item_id, broken.outcome, broken.reason, broken.is_final)


async def _fetch_page(client: Client, entry: Entry, now: datetime) -> FetchedPage | UnchangedPage:
    answer = await client.get(entry.url, make_conditions(entry.validators, now))
    if answer.status == 304:
        return UnchangedPage(entry.item_id)
    kind = answer.content_type.partition(";")[0].strip().lower()
    if kind.startswith(("image/", "video/", "audio/", "font/")) or kind == "application/pdf":
        raise FetchProblem("not_html", f"the answer is {kind[:60]}", is_final=True)
    page = decode_body(answer.body, answer.content_type)
    if not page.strip():
        raise FetchProblem("empty_page", "the answer has no content")
    if is_nested_too_deep(page):
        raise FetchProblem("malformed", "the page is nested too deep to be read", is_final=True)
    wall = find_wall(entry.url, answer.url, page)
    if wall is not None:
        raise FetchProblem("wall", wall)
    feed_text = choose_feed_text(entry.hints)
    if feed_text and is_paywall_stub(page, len(strip_tags(feed_text))):
        return _make_page(entry, answer.url, feed_text, ContentFrom.FEED, now)
    canonical_url = read_canonical(page, answer.url, entry.canonical_url)
    fetched = _make_page(entry, answer.url, page, ContentFrom.PAGE, now, canonical_url)
    return replace(fetched, validators=read_validators(answer.headers, answer.body, now, entry.validators))


def choose_feed_text(hints: FeedHints) -> str:
    """The feed's own text as HTML where it carries the article, else an empty string."""
    for text in (hints.content, hints.summary):
        if len(strip_tags(text)) >= MIN_FEED_TEXT_CHARACTERS or (text and text is hints.content):
            return text if TAG.search(text[:MAX_LINE_CHARACTERS]) else f"<p>{html.escape(text, quote=False)}</p>"
    return ""


def _make_page(
    entry: Entry, url: str, page: str, content_from: ContentFrom, now: datetime, canonical_url: str = ""
) -> FetchedPage:
    return FetchedPage(
        item_id=entry.item_id,
        url=url,
        fetched_at=now,
        first_seen_at=entry.first_seen_at,
        content_from=content_from,
        html=page,
        hints=entry.hints,
        canonical_url=canonical_url,
    )
