"""A look at every source: which articles does it point at now?

Source > client (or folder) > sniff > entries > SourceCheck
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
from pipeline.fetch.urls import resolve_link
from pipeline.fetch.walls import find_wall
from pipeline.models import Source, SourceCheck, SourceId, SourceKind, Validators

MAX_CHILD_SITEMAPS = 5
TIME_IS_OVER = "not looked at: the time for one look at all sources was over"
NO_VALIDATORS = Validators()

OnChecked = Callable[[SourceCheck], None]


@dataclass(frozen=True, slots=True)
class _Look:
    """What one address gave, whichever sources share it."""

    url: str
    findings: Findings | None  # None: unchanged
    validators: Validators
    took_seconds: float


def check_sources(
    sources: Sequence[Source],
    validators: Mapping[SourceId, Validators],
    settings: FetchSettings,
    now: datetime,
    on_done: OnChecked | None = None,
) -> list[SourceCheck]:
    """One SourceCheck for each source, in their order; never raises for what a site does.

    `validators` are those of the last stored answer. The caller saves the ones that
    come back after it has stored the entries: sooner, a crash in between would lose
    them for good. `on_done` is called after each source, for progress. Sources that are
    not answered within `settings.check_budget_seconds` are `postponed`.
    """
    return asyncio.run(_check_all(sources, validators, settings, now, on_done))


async def _check_all(
    sources: Sequence[Source],
    validators: Mapping[SourceId, Validators],
    settings: FetchSettings,
    now: datetime,
    on_done: OnChecked | None,
) -> list[SourceCheck]:
    checks: dict[int, SourceCheck] = {}

    def note(index: int, checked: SourceCheck) -> None:
        checks[index] = checked
        if on_done is not None:
            on_done(checked)

    async with Client(settings) as client:
        looker = _Looker(client)

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
        look = await looker.look(source, validators)
        return replace(_conclude(look, source, settings, now), took_seconds=look.took_seconds)
    except FetchProblem as problem:
        return SourceCheck(source.id, now, problem.outcome, problem.reason, validators=validators)
    except Exception as error:  # the reader's fault, not a reason to lose the other sources
        broken = make_reader_problem(error)
        return SourceCheck(source.id, now, broken.outcome, broken.reason, validators=validators)


def _conclude(look: _Look, source: Source, settings: FetchSettings, now: datetime) -> SourceCheck:
    if look.findings is None:
        return SourceCheck(source.id, now, "unchanged", "the server says so", validators=look.validators)
    entries, refused = make_entries(look.findings, source, look.url, settings, now)
    outcome, reason = ("ok", "") if entries else ("empty", _explain_empty(look.findings, refused))
    found, declared = look.findings.kind, source.kind
    if entries and found is not declared:
        reason = f"declared as {declared.value}, read as {found.value}"
    return SourceCheck(source.id, now, outcome, reason, entries, refused, look.validators)


def _explain_empty(findings: Findings, refused: Mapping[str, int]) -> str:
    if findings.kind is SourceKind.PAGE:
        return "no link of the page looks like an article"
    return f"{sum(refused.values())} items, none with a usable link" if refused else "the feed has no items"


class _Looker:
    """Looks at each address once, however many sources name it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._looks: dict[tuple[str, SourceKind, Validators], asyncio.Task[_Look]] = {}

    async def look(self, source: Source, validators: Validators) -> _Look:
        key = (source.address, source.kind, validators)
        if key not in self._looks:
            self._looks[key] = asyncio.create_task(self._look(source, validators))
        return await self._looks[key]

    async def _look(self, source: Source, validators: Validators) -> _Look:
        answer = await self._client.get(source.address, make_conditions(validators))
        if answer.status == 304:
            return _Look(answer.url, None, validators, answer.took_seconds)
        findings = read_answer(answer, source.kind, source.address)
        if findings.children:
            findings = await self._read_children(findings, answer.url)
        return _Look(answer.url, findings, _read_validators(answer), answer.took_seconds)

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


def make_conditions(validators: Validators) -> dict[str, str]:
    """The request headers that ask 'has it changed?' (RFC 9110, section 13.1)."""
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: kept for name, value in pairs.items() if (kept := _keep_printable(value))}


def _read_validators(answer: Answer) -> Validators:
    """Those that can be stored and sent again: a header may hold any bytes, undecodable ones as surrogates."""
    etag, last_modified = (_keep_printable(answer.headers.get(name)) for name in ("ETag", "Last-Modified"))
    return Validators(etag, last_modified)


def _keep_printable(value: str | None) -> str | None:
    return value if value and value.isprintable() else None
