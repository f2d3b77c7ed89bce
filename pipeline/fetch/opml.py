"""OPML, the list format that feed readers export (opml.org/spec2.opml)."""

from dataclasses import dataclass

from lxml import etree

from pipeline.errors import SourceError
from pipeline.fetch.decode import decode_body
from pipeline.fetch.markup import RefusedMarkup, parse_xml, strip_tags
from pipeline.fetch.sitemaps import name_locally
from pipeline.fetch.urls import parse_url


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed of the list."""

    title: str
    address: str


def read_opml(data: bytes) -> list[Subscription]:
    """The feeds of an OPML file, each address once, in their order; raises SourceError."""
    try:
        root = parse_xml(decode_body(data))
    except RefusedMarkup as error:
        raise SourceError(f"this OPML file is refused: {error}; export it again without them") from error
    if root is None or name_locally(root) != "opml":
        raise SourceError("this is no OPML file: export the list of feeds from your reader as OPML")
    found: dict[str, str] = {}
    for outline in (element for element in root.iter() if name_locally(element) == "outline"):
        address = _read_address(outline)
        if address:
            found.setdefault(address, _read_title(outline, address))
    if not found:
        raise SourceError("this OPML file names no feed: no outline has an xmlUrl with an http(s) address")
    return [Subscription(title, address) for address, title in found.items()]


def _read_address(outline: etree._Element) -> str:
    """Readers disagree about the case of `xmlUrl`."""
    text = next((value for name, value in outline.attrib.items() if str(name).lower() == "xmlurl"), "")
    url = parse_url(str(text))
    return str(url) if url is not None else ""


def _read_title(outline: etree._Element, address: str) -> str:
    return strip_tags(outline.get("title") or outline.get("text") or "") or address
