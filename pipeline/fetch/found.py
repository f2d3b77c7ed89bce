"""What a source's answer holds, before it becomes entries."""

from dataclasses import dataclass, field

from pipeline.models import FeedHints, SourceKind

MAX_ITEMS = 10_000  # read of one answer; the others are counted
MAX_SITEMAP_ITEMS = 50_000  # what its specification allows: the newest may stand last


@dataclass(frozen=True, slots=True)
class FoundItem:
    """One link with what is said about it; `link` as written, possibly relative to `base`."""

    link: str
    hints: FeedHints = field(default_factory=FeedHints)
    base: str = ""  # where the format lets an item change it (xml:base); empty: the answer's own URL


@dataclass(frozen=True, slots=True)
class Findings:
    """The content of one answer. `children` are further sitemaps to read, most promising first; `unread` counts
    the items beyond the limit."""

    kind: SourceKind
    title: str = ""
    items: tuple[FoundItem, ...] = ()
    children: tuple[str, ...] = ()
    unread: int = 0
