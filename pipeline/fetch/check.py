"""A look at every source: which articles does it point at now?

Source > client (or folder) > sniff > entries > SourceCheck
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.errors import WirewatchError
from pipeline.fetch.book import HostBook
from pipeline.fetch.budget import run_within
from pipeline.fetch.client import Answer, Client
from pipeline.fetch.decode import decode_body
from pipeline.fetch.entries import make_entries
from pipeline.fetch.folder import check_folder
from pipeline.fetch.found import Findings, FoundItem
from pipeline.fetch.home import read_feed_links
from pipeline.fetch.markup import is_nested_too_deep
from pipeline.fetch.problems import FetchProblem, make_reader_problem
from pipeline.fetch.settings import FetchSettings
from pipeline.fetch.sniff import is_html, read_findings
from pipeline.fetch.urls import TRACKING_VALUES, canonicalise_url, parse_url, resolve_link
from pipeline.fetch.validators import (
    DISTRUST_FOR,
    hash_content,
    is_full_look_due,
    make_conditions,
    merge_validators,
    read_validators,
)
from pipeline.fetch.walls import find_wall
from pipeline.models import Source, SourceCheck, SourceId, SourceKind, Validators

MAX_CHILD_SITEMAPS = 5
TIME_IS_OVER = "not looked at: the time for one look at all sources was over"
SAME_CONTENT = "the content is the same as last time"
LIED = "the server said that nothing had changed, its content says otherwise: it is read in full for a week"
NO_VALIDATORS = Validators()
HOST_SAYS_WAIT = frozenset({"http_429", "http_503", "robots_unavailable", "postponed"})

_LookName = tuple[str, bool, tuple[tuple[str, str], ...]]
OnChecked = Callable[[SourceCheck], None]


@dataclass(frozen=True, slots=True)
class _Look:
    """What one address gave, whichever sources share it."""

    url: str
    findings: Findings | None  # None: unchanged, for all of them
    validators: Validators
    took_seconds: float
    reason: str = ""


def check_sources(
    sources: Sequence[Source],
    validators: Mapping[SourceId, Validators],
    settings: FetchSettings,
    now: datetime,
    on_done: OnChecked | None = None,
    book: HostBook | None = None,
) -> list[SourceCheck]:
    """One SourceCheck for each source, in their order; never raises for what a site does.

    `validators` are those of the last stored answer. The caller saves the ones that
    come back after it has stored the entries: sooner, a crash in between would lose
    them for good. `on_done` is called after each source, for progress. Sources that are
    not answered within `settings.check_budget_seconds` are `postponed`. `book` is what other
    workers know of the hosts; without one this call minds its own pauses only.
    """
    return asyncio.run(_check_all(sources, validators, settings, now, on_done, book))


async def _check_all(
    sources: Sequence[Source],
    validators: Mapping[SourceId, Validators],
    settings: FetchSettings,
    now: datetime,
    on_done: OnChecked | None,
    book: HostBook | None,
) -> list[SourceCheck]:
    checks: dict[int, SourceCheck] = {}

    def note(index: int, checked: SourceCheck) -> None:
        checks[index] = checked
        if on_done is not None:
            on_done(checked)

    async with Client(settings, book=book) as client:
        looker = _Looker(client, sources, validators, now)

        async def check(index: int, source: Source) -> None:
            known = validators.get(source.id, NO_VALIDATORS)
            note(index, await _check_one(looker, source, known, settings, now))

        await run_within(settings.check_budget_seconds, (check(*numbered) for numbered in enumerate(sources)))
    for index, source in enumerate(sources):
        if index not in checks:
            known = validators.get(source.id, NO_VALIDATORS)
            note(index, SourceCheck(source.id, now, "postponed", TIME_IS_OVER, validators=known))
    return [checks[index] for index in range(len(sources))]


async def _check_one(
    looker: "_Looker", source: Source, validators: Validators, settings: FetchSettings, now: datetime
) -> SourceCheck:
    try:
        if source.kind is SourceKind.FOLDER:
            return await asyncio.to_thread(check_folder, source, settings, now)
        look = await looker.look(source)
        checked = _conclude(look, source, validators, settings, now)
        return replace(checked, took_seconds=look.took_seconds)
    except FetchProblem as problem:
        return SourceCheck(source.id, now, problem.outcome, problem.reason, validators=validators)
    except WirewatchError:
        raise  # the host book's: nothing of the source
    except Exception as error:  # the reader's fault, not a reason to lose the other sources
        broken = make_reader_problem(error)
        return SourceCheck(source.id, now, broken.outcome, broken.reason, validators=validators)


def _conclude(look: _Look, source: Source, known: Validators, settings: FetchSettings, now: datetime) -> SourceCheck:
    if look.findings is None:
        return SourceCheck(source.id, now, "unchanged", look.reason, validators=look.validators)
    if known.content_hash is not None and look.validators.content_hash == known.content_hash:
        return SourceCheck(source.id, now, "unchanged", SAME_CONTENT, validators=look.validators)
    entries, refused = make_entries(look.findings, source, look.url, settings, now)
    if not entries:  # without its hash, so that it is called empty for as long as it is
        validators = replace(look.validators, content_hash=None)
        return SourceCheck(source.id, now, "empty", _explain_empty(look.findings, refused), (), refused, validators)
    found, declared = look.findings.kind, source.kind
    misdeclared = "" if found is declared else f"declared as {declared.value}, read as {found.value}"
    reason = "; ".join(filter(None, (look.reason, misdeclared)))
    return SourceCheck(source.id, now, "ok", reason, entries, refused, look.validators)


def _explain_empty(findings: Findings, refused: Mapping[str, int]) -> str:
    if findings.kind is SourceKind.PAGE:
        return "no link of the page looks like an article"
    return f"{sum(refused.values())} items, none with a usable link" if refused else "the feed has no items"


class _Looker:
    """Looks at each address once, however many sources name it and however each of them writes it."""

    def __init__(
        self, client: Client, sources: Sequence[Source], validators: Mapping[SourceId, Validators], now: datetime
    ) -> None:
        self._client = client
        self._now = now
        self._validators = validators
        self._sharers: dict[_LookName, list[Source]] = {}
        self._looks: dict[_LookName, asyncio.Task[_Look]] = {}
        for source in sources:
            self._sharers.setdefault(_name_look(source), []).append(source)

    async def look(self, source: Source) -> _Look:
        key = _name_look(source)
        if key not in self._looks:
            self._looks[key] = asyncio.create_task(self._look(self._sharers[key]))
        return await self._looks[key]

    async def _look(self, sharers: Sequence[Source]) -> _Look:
        known = merge_validators([self._validators.get(source.id, NO_VALIDATORS) for source in sharers])
        addresses = sorted({source.address for source in sharers}, key=_prefer_https)
        for address in addresses[:-1]:
            try:
                return await self._look_at(address, sharers[0].kind, known)
            except FetchProblem as problem:
                if problem.outcome in HOST_SAYS_WAIT:
                    raise
        return await self._look_at(addresses[-1], sharers[0].kind, known)  # another way to write it may still work

    async def _look_at(self, address: str, kind: SourceKind, known: Validators) -> _Look:
        answer = await self._client.get(address, make_conditions(known, self._now))
        reason = ""
        if answer.status == 304:
            if not is_full_look_due(address, known, self._now):
                return _Look(answer.url, None, known, answer.took_seconds, "the server says so")
            answer = await self._client.get(address)
            if known.content_hash is not None and hash_content(answer.body) != known.content_hash:
                known, reason = replace(known, distrusted_until=self._now + DISTRUST_FOR), LIED
        validators = read_validators(answer.headers, answer.body, self._now, known)
        if validators.content_hash == known.content_hash:
            return _Look(answer.url, None, validators, answer.took_seconds, SAME_CONTENT)
        findings = read_answer(answer, kind, address)
        if findings.children:
            # An index stays the same while the sitemaps that it names change.
            validators = Validators(content_read_at=self._now)
            findings = await self._read_children(findings, answer.url)
        return _Look(answer.url, findings, validators, answer.took_seconds, reason)

    async def _read_children(self, index: Findings, base_url: str) -> Findings:
        """The sitemaps of an index, one level deep; a child that fails leaves the others their turn."""
        links = [link for child in index.children if (link := resolve_link(child, base_url))][:MAX_CHILD_SITEMAPS]
        items: list[FoundItem] = []
        problems: list[FetchProblem] = []
        for link in links:
            try:
                items += read_answer(await self._client.get(link), SourceKind.NEWS_SITEMAP, link).items
            except FetchProblem as problem:
                problems.append(problem)
        if problems and not items:
            raise problems[0]
        return replace(index, items=tuple(items), children=())


def _name_look(source: Source) -> _LookName:
    """Sources of one name are looked at together: same address, and a page read as a page.

    Parameters that mark a campaign by their value only ("source=mail") may choose a feed as well: they stay.
    """
    url = parse_url(source.address)
    kept = sorted((name, value) for name, value in url.query.items() if name.lower() in TRACKING_VALUES) if url else []
    return canonicalise_url(source.address) or source.address, source.kind is SourceKind.PAGE, tuple(kept)


def _prefer_https(address: str) -> tuple[bool, str]:
    return not address.lower().startswith("https:"), address


def read_answer(answer: Answer, declared: SourceKind, asked_url: str) -> Findings:
    """The findings of an answer; raises FetchProblem. An empty body is an empty feed."""
    text = decode_body(answer.body, answer.content_type)
    if not text.strip():
        return Findings(declared)
    if is_nested_too_deep(text):
        raise FetchProblem("malformed", "the answer is nested too deep to be read")
    wall = find_wall(asked_url, answer.url, text) if is_html(text) else None
    if wall is not None:
        raise FetchProblem("wall", f"{wall} stands in front of the source")
    try:
        return read_findings(text, answer.url, declared)
    except FetchProblem as problem:
        feeds = read_feed_links(text, answer.url) if problem.outcome == "not_a_feed" and is_html(text) else []
        if feeds:
            raise FetchProblem(problem.outcome, f"{problem.reason}; it names the feed {feeds[0]}") from problem
        raise
