"""An address that a person typed to a source: which of the six kinds is it, and what is it called?"""

import asyncio
import hashlib
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser
from yarl import URL

from pipeline.errors import SourceError
from pipeline.fetch.book import HostBook
from pipeline.fetch.check import read_answer
from pipeline.fetch.client import Answer, Client
from pipeline.fetch.decode import decode_body
from pipeline.fetch.found import Findings
from pipeline.fetch.home import read_feed_links, read_page_title
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.scrub import has_controls, scrub_line, scrub_reason
from pipeline.fetch.settings import FetchSettings
from pipeline.fetch.sniff import is_html
from pipeline.fetch.urls import parse_url
from pipeline.models import Source, SourceId, SourceKind

MAX_FEEDS_TRIED = 3
TITLE_SEPARATOR = re.compile(r"\s+[|–—·»:-]\s+|\s*[|»]\s*")
ADVICE = {
    "dns_failure": "check the spelling of the host name",
    "unreachable": "check the address, or try again later",
    "timeout": "try again later",
    "refused_address": "only public addresses can be watched",
    "blocked_by_robots": "its publisher does not want it read by programs; choose another source",
    "http_401": "a source behind a password cannot be watched: give an open address",
    "http_404": "check the path of the address",
    "not_a_feed": "give the address of the feed or of the home page",
}


def detect_source(address: str, settings: FetchSettings) -> Source:
    """The source behind the address of a feed, sitemap, page or folder.

    A page that names its feed (autodiscovery) gives that feed. Raises SourceError
    with one line that says what to do.
    """
    return asyncio.run(_detect_alone(address, settings))


def detect_sources(
    addresses: Sequence[str],
    settings: FetchSettings,
    on_done: Callable[[], None] | None = None,
    book: HostBook | None = None,
) -> list[Source | SourceError]:
    """The same for many addresses at once, in their order; an error is an answer here and is not raised.

    `book` is what workers know of the hosts; without one this call minds its own pauses only.
    """
    return asyncio.run(_detect_all(addresses, settings, on_done, book))


async def _detect_alone(address: str, settings: FetchSettings) -> Source:
    async with Client(settings) as client:
        return await _detect(client, address)


async def _detect_all(
    addresses: Sequence[str],
    settings: FetchSettings,
    on_done: Callable[[], None] | None,
    book: HostBook | None,
) -> list[Source | SourceError]:
    async with Client(settings, book=book) as client:

        async def detect(address: str) -> Source | SourceError:
            try:
                return await _detect(client, address)
            except SourceError as error:
                return error
            finally:
                if on_done is not None:
                    on_done()

        return list(await asyncio.gather(*(detect(address) for address in addresses)))


async def _detect(client: Client, address: str) -> Source:
    address = address.strip()
    if not address:
        raise SourceError("no address given: name a feed, a site or a folder")
    folder = Path(os.path.expanduser(address))
    if folder.is_dir():
        return _make_folder(folder.resolve())
    shown = scrub_reason(address[:200])
    if "://" not in address and address.startswith(("/", "./", "../", "~")):
        raise SourceError(f"{shown} is not a folder: create it first, or give an http(s) address")
    url = parse_url(address if "://" in address else f"https://{address}")
    if url is None:
        raise SourceError(f"{shown} is not an http(s) address nor a folder: check the spelling")
    return await _detect_on_the_web(client, str(url))


def _make_folder(folder: Path) -> Source:
    if has_controls(str(folder)):
        shown = scrub_reason(str(folder)[:200])
        raise SourceError(f"the folder {shown} cannot be watched: its path holds control characters; rename it")
    name = folder.name or str(folder)
    return Source(make_source_id(str(folder)), name, name, SourceKind.FOLDER, str(folder))


def make_source_id(address: str) -> SourceId:
    """A readable id that the same address always gets: host or folder name, and a short hash."""
    url = parse_url(address)
    name = (url.host or "") if url is not None else Path(address).name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower().removeprefix("www.")).strip("-")[:40] or "source"
    return SourceId(f"{slug}-{hashlib.sha256(address.encode('utf-8', 'replace')).hexdigest()[:8]}")


async def _detect_on_the_web(client: Client, address: str) -> Source:
    try:
        answer = await client.get(address)
        found = read_answer(answer, SourceKind.PAGE, address)
        if found.kind is not SourceKind.PAGE:
            return _make_source(found, address, answer.url)
        return await _follow_feed(client, answer) or _make_page(found, answer)
    except FetchProblem as problem:
        advice = ADVICE.get(problem.outcome, "open it in a browser to see what it answers")
        raise SourceError(f"{address} cannot be watched: {problem.reason}; {advice}") from problem


async def _follow_feed(client: Client, answer: Answer) -> Source | None:
    text = decode_body(answer.body, answer.content_type)
    for link in read_feed_links(text, answer.url)[:MAX_FEEDS_TRIED] if is_html(text) else []:
        try:
            feed = await client.get(link)
            found = read_answer(feed, SourceKind.RSS, link)
        except FetchProblem:
            continue
        if found.items:
            return _make_source(found, link, feed.url)
    return None


def _make_page(found: Findings, answer: Answer) -> Source:
    if not found.items:
        raise FetchProblem("not_a_feed", "it is neither a feed nor a page with links to articles")
    title = read_page_title(LexborHTMLParser(decode_body(answer.body, answer.content_type)))
    return _make_source(Findings(SourceKind.PAGE, title), answer.url, answer.url)


def _make_source(found: Findings, address: str, answered_url: str) -> Source:
    host = (URL(answered_url).host or "").removeprefix("www.")
    name = scrub_line(found.title)[:120] or host
    return Source(make_source_id(address), name, choose_publisher(name, host), found.kind, address)


def choose_publisher(name: str, host: str) -> str:
    """The outlet's part of a feed title such as `World news | Example Times`: the part that its host repeats."""
    squeezed_host = re.sub(r"[^a-z0-9]", "", host.lower())
    for part in TITLE_SEPARATOR.split(name):
        squeezed = re.sub(r"[^a-z0-9]", "", part.lower())
        if len(squeezed) >= 3 and squeezed in squeezed_host:
            return part.strip()
    return name
