"""Small pieces of markup to text, and XML trees that cannot be turned against the reader."""

import html
import re

from lxml import etree

MAX_TITLE_CHARACTERS = 10_000  # patterns that look ahead meet no more than this
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.{0,1000}?-->|<!\[CDATA\[|\]\]>", re.DOTALL)
AMPERSAND = re.compile(
    r"<!\[CDATA\[(?:.*?\]\]>|.*)|&(?:#\d+|#x[0-9a-f]+|([a-z][a-z0-9]{1,31}));|&", re.DOTALL | re.IGNORECASE
)
XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*(\[)?[^<>]*>?", re.IGNORECASE)
PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|\s)*", re.DOTALL)


class RefusedMarkup(ValueError):
    """XML that declares entities."""


def strip_tags(text: str) -> str:
    """A title or name as plain text: no tags, entities resolved (twice-escaped ones too), one line."""
    text = text[:MAX_TITLE_CHARACTERS]
    for _ in range(2):
        text = html.unescape(TAG.sub(" " if "<br" in text else "", text))
    return " ".join(text.split())


def parse_xml(text: str, url: str = "") -> etree._Element | None:
    """The root of a possibly damaged document, read as far as it goes; None when nothing can be read.

    Entities are never declared by us nor by the document: an internal DTD subset
    raises RefusedMarkup, a DOCTYPE that names an external one (RSS 0.91 asks for it)
    is taken off unread.
    """
    text = XML_DECLARATION.sub("", text, count=1).lstrip()
    prolog_end = PROLOG.match(text)
    start = prolog_end.end() if prolog_end else 0
    doctype = DOCTYPE.match(text, start)
    if "<!ENTITY" in text[:200_000].upper() or (doctype and doctype.group(1)):
        raise RefusedMarkup("the XML declares a DTD or entities")
    if doctype:
        text = text[doctype.end() :]
    text = AMPERSAND.sub(_mend_ampersand, text)
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser, base_url=url)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _mend_ampersand(match: re.Match[str]) -> str:
    """Feeds use &nbsp; and the like without declaring them, and write addresses with bare ampersands."""
    found, name = match.group(), match.group(1)
    if found == "&":
        return "&amp;"
    return found if name is None or name in XML_ENTITIES else html.escape(html.unescape(found), quote=False)


def read_inner_markup(element: etree._Element) -> str:
    """The content of an element: its text, or its children written out as markup."""
    if len(element) == 0:
        return (element.text or "").strip()
    parts = [html.escape(element.text or "", quote=False)]
    parts += [etree.tostring(child, encoding="unicode") for child in element]
    return "".join(parts).strip()
