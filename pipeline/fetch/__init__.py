"""Front door: the only room that reads the network (and source folders).

    Source -> SourceCheck (entries found)      Entry -> FetchedPage | FetchFailure

    check_sources   what does every source point at now?
    stream_pages    the pages behind those entries, one by one (fetch_pages: as a list)
    are_twins       do two pages, of which one names the other's address, hold one article?
    detect_source   which kind of source is this address? (detect_sources: of many at once)
    read_opml       the feeds of a feed reader's export
    plan_reading    is a page that has changed read again, and when?
    canonicalise_url, FetchSettings

What a site does is an outcome with a reason, never an exception. The names are
loaded when first used: the settings alone must not cost the import of an HTTP client.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.fetch.canonical import are_twins
    from pipeline.fetch.check import check_sources
    from pipeline.fetch.opml import Subscription, read_opml
    from pipeline.fetch.pages import fetch_pages, stream_pages
    from pipeline.fetch.recognise import detect_source, detect_sources
    from pipeline.fetch.rereading import TOO_MANY, YOUNG_FOR, ReadAgain, plan_reading
    from pipeline.fetch.settings import FetchSettings
    from pipeline.fetch.urls import canonicalise_url

__all__ = [
    "TOO_MANY",
    "YOUNG_FOR",
    "FetchSettings",
    "ReadAgain",
    "Subscription",
    "are_twins",
    "canonicalise_url",
    "check_sources",
    "detect_source",
    "detect_sources",
    "fetch_pages",
    "plan_reading",
    "read_opml",
    "stream_pages",
]

_HOMES = {
    "TOO_MANY": "rereading",
    "YOUNG_FOR": "rereading",
    "FetchSettings": "settings",
    "ReadAgain": "rereading",
    "Subscription": "opml",
    "are_twins": "canonical",
    "canonicalise_url": "urls",
    "check_sources": "check",
    "detect_source": "recognise",
    "detect_sources": "recognise",
    "fetch_pages": "pages",
    "plan_reading": "rereading",
    "read_opml": "opml",
    "stream_pages": "pages",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
