"""A folder of .html, .htm and .txt files: how archives and mail digests come in.

The identity of a file is its name inside the folder and the hash of its content
(`file:///2024/digest.txt?sha256=...`): an edited file is seen again, as a new version,
a file that is only touched, or a folder that is moved, is not.
"""

import hashlib
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from yarl import URL

from pipeline.fetch.decode import decode_body
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.settings import FetchSettings
from pipeline.models import ContentFrom, Entry, FeedHints, FetchedPage, ItemId, Source, SourceCheck, make_item_id

HTML_SUFFIXES = frozenset({".html", ".htm"})
SUFFIXES = HTML_SUFFIXES | {".txt"}


def check_folder(source: Source, settings: FetchSettings, now: datetime) -> SourceCheck:
    """One entry for each readable file, in the order of their names; an archive may hold any number.

    Raises FetchProblem when there is no such folder.
    """
    folder = Path(os.path.expanduser(source.address))
    if not folder.is_dir():
        raise FetchProblem("folder_missing", f"{source.address} is not a folder that can be read")
    entries: dict[ItemId, Entry] = {}
    refused: Counter[str] = Counter()
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        try:
            reason = _refuse_file(path, folder, settings.max_bytes)
            entry = _make_entry(path, folder, source, now) if reason is None else None
        except OSError:
            reason, entry = "unreadable", None
        if entry is not None:
            entries[entry.item_id] = entry
        elif reason is not None:
            refused[reason] += 1
    outcome, text = ("ok", "") if entries else ("empty", "no .html, .htm or .txt file in the folder")
    return SourceCheck(source.id, now, outcome, text, tuple(entries.values()), dict(refused))


def read_file(entry: Entry, settings: FetchSettings, now: datetime) -> FetchedPage:
    """The file behind an entry of a folder; raises FetchProblem when it is not what was listed."""
    path = Path(os.fsdecode(unquote_to_bytes(entry.url.removeprefix("file://"))))
    if path.suffix.lower() not in SUFFIXES:
        raise FetchProblem("bad_address", f"{path.name} is none of {', '.join(sorted(SUFFIXES))}", is_final=True)
    try:
        with path.open("rb") as file:
            body = file.read(settings.max_bytes + 1)
    except OSError as error:
        raise FetchProblem("file_missing", f"{path}: {error.strerror}", is_final=True) from error
    # The hash is the permission: only content that a look at the folder listed is ever read.
    if URL(entry.canonical_url).query.get("sha256") != _hash(body):
        raise FetchProblem("file_changed", f"{path.name} was edited since it was listed", is_final=True)
    content = decode_body(body)
    is_html = path.suffix.lower() in HTML_SUFFIXES
    return FetchedPage(
        item_id=entry.item_id,
        url=entry.url,
        fetched_at=now,
        first_seen_at=entry.first_seen_at,
        content_from=ContentFrom.FILE,
        html=content if is_html else None,
        text=None if is_html else content,
        hints=entry.hints,
    )


def _refuse_file(path: Path, folder: Path, max_bytes: int) -> str | None:
    if any(part.startswith(".") for part in path.relative_to(folder).parts):
        return "hidden"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "outside_folder"  # a link that leads elsewhere
    if not path.is_file():
        return "not_a_file"
    return "too_large" if path.stat().st_size > max_bytes else None


def _make_entry(path: Path, folder: Path, source: Source, now: datetime) -> Entry:
    name = quote(path.relative_to(folder).as_posix(), errors="surrogateescape")
    canonical_url = f"file:///{name}?sha256={_hash(path.read_bytes())}"
    return Entry(
        item_id=make_item_id(canonical_url),
        source_id=source.id,
        url=path.resolve().as_uri(),
        canonical_url=canonical_url,
        hints=FeedHints(),
        first_seen_at=now,
    )


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
