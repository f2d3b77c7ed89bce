"""`wirewatch clean`: one page per line in, one article or rejection per line out."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.bounded import BoundedCleaner
from pipeline.clean import decode_markup
from pipeline.filters.lines import LineError
from pipeline.models import Article, ContentFrom, FeedHints, FetchedPage, PublishedFrom, Rejection, make_item_id

MAX_FILE_BYTES = 60_000_000


def answer_clean(record: dict[str, Any], cleaner: BoundedCleaner, *, now: datetime | None = None) -> dict[str, Any]:
    """The answer to one line, from a page cleaned within bounds.

    `record`: id, url, one of html, html_path (.html or .html.gz), text; optional fetched_at (ISO),
    feed {title, published_at, summary}. Raises LineError for a record that is none of this and
    for a file that cannot be read. `now`, the bound of publication times, is the clock unless given.
    """
    now = now or datetime.now(UTC)
    page = _read_record(record, now)
    outcome = cleaner.clean_page(page, now=min(now, page.fetched_at))
    answer: dict[str, Any] = {"id": record["id"]}
    answer |= (
        _answer_article(outcome, record.get("fetched_at") is not None)
        if isinstance(outcome, Article)
        else _answer_rejection(outcome)
    )
    answer["dropped"] = [{"text": item.text, "rule": item.rule} for item in outcome.dropped]
    return answer


def _answer_article(article: Article, is_seen: bool) -> dict[str, Any]:
    is_known = is_seen or article.published_from is not PublishedFrom.FIRST_SEEN
    return {
        "outcome": "article",
        "reason": "",
        "title": article.title,
        "text": article.text,
        "published_at": article.published_at.isoformat() if is_known else None,
        "published_from": article.published_from.value,
        "authors": list(article.authors),
        "language": article.language,
    }


def _answer_rejection(rejection: Rejection) -> dict[str, Any]:
    return {
        "outcome": "rejected",
        "reason": f"{rejection.reason}: {rejection.detail}" if rejection.detail else rejection.reason,
        "title": "",
        "text": "",
        "published_at": None,
        "published_from": None,
        "authors": [],
        "language": "",
    }


def _read_record(record: dict[str, Any], now: datetime) -> FetchedPage:
    url = str(record.get("url") or "")
    fetched_at = _read_time(record.get("fetched_at")) or now
    given = [key for key in ("html", "html_path", "text") if record.get(key) is not None]
    if len(given) != 1:
        raise LineError(f"one of html, html_path and text is needed, found {given or 'none'}")
    html = None if given == ["text"] else _read_html(record)
    return FetchedPage(
        item_id=make_item_id(url or str(record["id"])),
        url=url,
        fetched_at=fetched_at,
        first_seen_at=fetched_at,
        content_from=ContentFrom.FILE if given == ["html_path"] else ContentFrom.PAGE,
        html=html,
        text=str(record["text"]) if html is None else None,
        hints=_read_hints(record.get("feed")),
    )


def _read_html(record: Mapping[str, Any]) -> str:
    if record.get("html") is not None:
        return str(record["html"])
    path = Path(str(record["html_path"]))
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise LineError(f"cannot read {path}: {error}") from error
    if path.suffix == ".gz":
        data = _unzip(data)
    return decode_markup(data[:MAX_FILE_BYTES])


def _unzip(data: bytes) -> bytes:
    """Decompressed up to the limit, so that a small file cannot fill the memory."""
    try:
        return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(data, MAX_FILE_BYTES)
    except zlib.error as error:
        raise LineError(f"the file is not gzip: {error}") from error


def _read_hints(feed: object) -> FeedHints | None:
    if not isinstance(feed, Mapping):
        return None
    return FeedHints(
        title=str(feed.get("title") or ""),
        published_at=_read_time(feed.get("published_at")),
        summary=str(feed.get("summary") or ""),
    )


def _read_time(value: object) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        when = datetime.fromisoformat(value)
    except ValueError as error:
        raise LineError(f"not an ISO time: {value[:40]!r}") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)
