"""Small pieces of markup to text, and XML trees that cannot be turned against the reader."""

import html
import re
from itertools import accumulate
from operator import sub

from lxml import etree

from pipeline.fetch.scrub import MAX_LINE_CHARACTERS, scrub_line

TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.{0,300}?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
CDATA = re.compile(r"(<!\[CDATA\[(?:.*?\]\]>|.*))", re.DOTALL)
BARE_AMPERSAND = re.compile(r"&(?!#\d{1,8};|#x[0-9a-f]{1,8};|[a-z][a-z0-9]{1,31};)", re.IGNORECASE)
HTML_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[a-z][a-z0-9]{1,31};", re.IGNORECASE)
MAX_DEPTH = 3000  # real pages stay under 300; at this depth a parser takes 0.1 s, at 60,000 over a minute
NESTING_TAG = re.compile(
    r"<(/?)(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr|"  # void
    r"p|li|dt|dd|option|optgroup|tr|td|th|tbody|thead|tfoot|colgroup|rp|rt|html|head|body)\b)[a-z]",
    re.IGNORECASE,
)
# By number: behind the first error of a document, libxml2 2.14 drops those that are written by name.
XML_ENTITIES = {"&lt;": "&#60;", "&gt;": "&#62;", "&amp;": "&#38;", "&quot;": "&#34;", "&apos;": "&#39;"}
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
NOT_SPACE = re.compile(r"\S")
PROLOG_PIECES = (("<!--", "-->"), ("<?", "?>"))
MAX_PROLOG_PIECES = 1000
DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*(\[)?[^<>]*>?", re.IGNORECASE)


class RefusedMarkup(ValueError):
    """XML that declares entities."""


def strip_tags(text: str) -> str:
    """A title or name as plain text: no tags, entities resolved (twice-escaped ones too), one line."""
    text = text[:MAX_LINE_CHARACTERS]
    for _ in range(2):
        text = html.unescape(TAG.sub(" " if "<br" in text else "", text))
    return scrub_line(text)


def parse_xml(text: str, url: str = "") -> etree._Element | None:
    """The root of a possibly damaged document, read as far as it goes; None when nothing can be read.

    Entities are never declared by us nor by the document: an internal DTD subset
    raises RefusedMarkup, a DOCTYPE that names an external one (RSS 0.91 asks for it)
    is taken off unread.
    """
    text = XML_DECLARATION.sub("", text, count=1).lstrip()
    doctype = DOCTYPE.match(text, skip_prolog(text))
    if "<!ENTITY" in text[:200_000].upper() or (doctype and doctype.group(1)):
        raise RefusedMarkup("the XML declares a DTD or entities")
    if doctype:
        text = text[doctype.end() :]
    text = "".join(map(_mend_ampersands, CDATA.split(text)))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=url)
    except (etree.XMLSyntaxError, ValueError):
        return None


def skip_prolog(text: str) -> int:
    """Where the first tag or DOCTYPE stands, behind white space, comments and instructions (`<?xml ...?>`)."""
    position = 0
    for _ in range(MAX_PROLOG_PIECES):
        position = _skip_spaces(text, position)
        opening = next((pair for pair in PROLOG_PIECES if text.startswith(pair[0], position)), None)
        end = text.find(opening[1], position) if opening else -1
        if opening is None or end < 0:
            return position
        position = end + len(opening[1])
    return position


def _skip_spaces(text: str, position: int) -> int:
    found = NOT_SPACE.search(text, position)
    return found.start() if found else len(text)


def _mend_ampersands(piece: str) -> str:
    """Feeds use &nbsp; and the like without declaring them, and write addresses with bare ampersands."""
    if "&" not in piece or piece.startswith("<![CDATA["):
        return piece
    piece = HTML_ENTITY.sub(_resolve_html_entity, BARE_AMPERSAND.sub("&amp;", piece))
    for name, number in XML_ENTITIES.items():
        piece = piece.replace(name, number)
    return piece


def _resolve_html_entity(match: re.Match[str]) -> str:
    return html.escape(html.unescape(match.group()), quote=False)


def read_inner_markup(element: etree._Element) -> str:
    """The content of an element: its text, or its children written out as markup."""
    if len(element) == 0:
        return (element.text or "").strip()
    parts = [html.escape(element.text or "", quote=False)]
    parts += [etree.tostring(child, encoding="unicode") for child in element]
    return "".join(parts).strip()


def is_nested_too_deep(text: str) -> bool:
    """True for HTML that would keep a parser busy for minutes: its work grows with the square of the depth.

    Counted are elements left open, without those that HTML leaves open or closes by itself.
    """
    if text.count("<") - text.count("</") <= MAX_DEPTH:
        return False
    depths = list(accumulate(-1 if slash else 1 for slash in NESTING_TAG.findall(text)))
    # A closing tag that closes nothing is ignored, so depth counts from the lowest point so far.
    return max(map(sub, depths, accumulate(depths, min)), default=0) >= MAX_DEPTH
