"""From markup to an lxml tree, within bounds and without ever raising."""

from __future__ import annotations

import re

from lxml import etree

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def parse_markup(markup: str) -> etree._Element | None:
    """The root element, or None for markup that holds nothing."""
    text = _DECLARATION.sub("", markup, count=1).replace("\x00", "")
    data = text.encode("utf-8", "replace")
    # huge_tree: without it libxml2 stops reading at 255 levels, which unclosed <font> tags reach on real pages.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.ParseError, ValueError):
        return None
    return root if isinstance(root, etree._Element) else None
