"""The clean room's one decision: an article, or a rejection with its reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from lxml import etree

from pipeline.clean import metadata, plain, published
from pipeline.clean.blocks import Block, list_dropped
from pipeline.clean.body import find_body
from pipeline.clean.candidates import Candidate, choose_candidate
from pipeline.clean.language import detect_language
from pipeline.clean.layout import read_layout
from pipeline.clean.markup import parse_markup
from pipeline.clean.memory import SiteMemory, drop_remembered
from pipeline.clean.published import Dateline
from pipeline.clean.settings import DEFAULT_SETTINGS, CleanSettings
from pipeline.clean.structured import find_article, read_structured
from pipeline.clean.typography import tidy_line
from pipeline.clean.verdict import judge
from pipeline.clean.witnesses import Witnesses, rank_witnesses
from pipeline.models import Article, FeedHints, FetchedPage, PublishedFrom, Rejection


@dataclass(frozen=True, slots=True)
class _Draft:
    """What one reading of a page found, before the verdict."""

    title: str
    blocks: list[Block]
    published_at: datetime
    published_from: PublishedFrom
    modified_at: datetime | None = None
    authors: tuple[str, ...] = ()
    site_name: str = ""
    image_url: str = ""
    extracted_by: str = "lines"
    declared_language: str = ""


def clean_page(
    page: FetchedPage, settings: CleanSettings = DEFAULT_SETTINGS, *, now: datetime, memory: SiteMemory | None = None
) -> Article | Rejection:
    """The article of a page, or why there is none.

    `now` bounds publication times: nothing is published in the future. `memory` is what
    other pages of the site taught. The result depends on the arguments alone and no input
    makes it raise.
    """
    draft = _read(page, settings, now)
    if isinstance(draft, Rejection):
        return draft
    if memory is not None:
        draft = replace(draft, blocks=drop_remembered(draft.blocks, memory))
    return _decide(page, draft, settings)


def _read(page: FetchedPage, settings: CleanSettings, now: datetime) -> _Draft | Rejection:
    """One reading of the page, within bounds."""
    if page.text is not None:
        if len(page.text) > settings.max_markup_chars:
            return Rejection(page.item_id, "too_large", f"{len(page.text):,} characters of text")
        lines = page.text.count("\n")
        if lines > settings.max_lines:
            return Rejection(page.item_id, "too_large", f"{lines:,} lines of text")
        return _read_plain(page, page.text, now)
    markup = page.html or ""
    if len(markup) > settings.max_markup_chars:
        return Rejection(page.item_id, "too_large", f"{len(markup):,} characters of markup")
    root = parse_markup(markup)
    if root is None:
        return Rejection(page.item_id, "not_an_article", "no markup")
    elements = sum(1 for _ in root.iter())
    if elements > settings.max_elements:
        return Rejection(page.item_id, "too_large", f"{elements:,} elements")
    return _read_page(page, root, settings, now)


def _decide(page: FetchedPage, draft: _Draft, settings: CleanSettings) -> Article | Rejection:
    dropped = list_dropped(draft.blocks)
    reason, detail = judge(draft.title, draft.blocks, settings, page.url)
    if reason:
        return Rejection(page.item_id, reason, detail, dropped)
    text = "\n\n".join(block.text for block in draft.blocks if not block.rule)
    language = detect_language(text, draft.declared_language)
    if settings.languages and language and language not in settings.languages:
        return Rejection(page.item_id, "unsupported_language", language, dropped)
    return Article(
        item_id=page.item_id,
        url=page.url,
        title=draft.title,
        text=text,
        published_at=draft.published_at,
        published_from=draft.published_from,
        modified_at=draft.modified_at,
        authors=draft.authors,
        site_name=draft.site_name,
        language=language,
        image_url=draft.image_url,
        extracted_by=draft.extracted_by,
        dropped=dropped,
    )


def _read_plain(page: FetchedPage, text: str, now: datetime) -> _Draft:
    hints = page.hints or FeedHints()
    blocks = plain.read_lines(text)
    title = plain.find_plain_title(blocks, tidy_line(hints.title))
    visible = plain.find_plain_date(blocks, title, now)
    at, said_by = rank_witnesses(page, Witnesses(visible=Dateline(visible) if visible else None), now)
    return _Draft(
        title=title,
        blocks=plain.drop_plain_furniture(blocks, title),
        published_at=at,
        published_from=said_by,
        modified_at=hints.modified_at,
        authors=hints.authors,
    )


def _read_page(page: FetchedPage, root: etree._Element, settings: CleanSettings, now: datetime) -> _Draft:
    hints = page.hints or FeedHints()
    meta = published.read_meta(root)
    head = meta.get("og:title") or root.findtext(".//title") or ""
    item = find_article(read_structured(root), metadata.words_of(head))
    site_name = metadata.find_site_name(meta, item, page.url)
    title = metadata.find_title(root, meta, item, site_name, tidy_line(hints.title))
    authors = metadata.find_authors(root, meta, item) or hints.authors
    timed = published.from_elements(root, now)
    layout = read_layout(root)
    lead = tidy_line(meta.get("og:description") or meta.get("description") or "")
    body = find_body(layout, title, lead)
    chosen = choose_candidate(
        Candidate("layout", body.blocks), page.html or "", item, hints.content, settings.uses_trafilatura
    )
    witnesses = Witnesses(
        structured=published.from_structured(item, now),
        meta=published.from_meta(meta, now),
        visible=published.find_dateline(layout, body.title_at, now),
        timed=timed,
        modified=published.find_modified(item, meta, now),
    )
    at, said_by = rank_witnesses(page, witnesses, now)
    return _Draft(
        title=title,
        blocks=chosen.blocks,
        published_at=at,
        published_from=said_by,
        modified_at=witnesses.modified or hints.modified_at,
        authors=authors,
        site_name=site_name,
        image_url=metadata.find_image(meta, item, page.url),
        extracted_by=chosen.name,
        declared_language=root.get("lang") or "",
    )
