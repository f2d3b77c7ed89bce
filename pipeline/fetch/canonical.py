"""Two addresses of one article: what a page itself names as its address (rel=canonical, RFC 6596).

Sites err with it: on every page they name the home page, a section, or one and the same article.
So it is only a hint which two pages to compare; their paragraphs decide.
"""

import re

from selectolax.lexbor import LexborHTMLParser
from yarl import URL

from pipeline.fetch.urls import canonicalise_url, is_same_site, parse_url

HEAD_CHARACTERS = 200_000
END_OF_HEAD = re.compile(r"</head\s*>|<body[\s>]", re.IGNORECASE)
MIN_PARAGRAPH_CHARACTERS = 40
MAX_PARAGRAPHS = 2000
MIN_SHARED_TEXT = 0.6  # of the shorter page: an AMP twin leaves out boxes and captions


def read_canonical(html: str, answered_url: str, asked_canonical_url: str) -> str:
    """The identity that a page names as its own, or that redirects led to, where it is not the one it was found by.

    Else empty. Left out: names of other sites, of the home page, of a section above the page; and contradictions.
    """
    answered = canonicalise_url(answered_url)
    if answered is None:
        return ""
    named = _read_links(html, answered_url)
    identity = canonicalise_url(named.pop()) if len(named) == 1 else None
    if identity is None or not is_same_site(URL(identity), URL(answered)) or _is_above(URL(identity), URL(answered)):
        identity = answered
    return "" if identity == asked_canonical_url or _is_home(URL(identity)) else identity


def _read_links(html: str, answered_url: str) -> set[str]:
    """In the head only: further down, a reader's comment may have written it."""
    end = END_OF_HEAD.search(html, 0, HEAD_CHARACTERS)
    head = html[: end.start() if end else HEAD_CHARACTERS]
    if "canonical" not in head.lower():
        return set()
    found = set()
    for node in LexborHTMLParser(head).css("head link[rel][href]"):
        if "canonical" in (node.attributes.get("rel") or "").lower().split():
            url = parse_url(node.attributes.get("href") or "", answered_url)
            found.add(str(url) if url is not None else "")
    return found


def _is_above(url: URL, page: URL) -> bool:
    """True for the home page, and for the path of a section that the page lies in."""
    parts, inner = ([part for part in each.path.split("/") if part] for each in (url, page))
    return _is_home(url) or (not url.query and len(parts) < len(inner) and inner[: len(parts)] == parts)


def _is_home(url: URL) -> bool:
    return url.path in ("", "/") and not url.query


def are_twins(html: str, other_html: str) -> bool:
    """True when two pages of a site hold the same article: most of the shorter one's text stands in the other."""
    first, second = _read_paragraphs(html), _read_paragraphs(other_html)
    shorter = min(sum(map(len, first)), sum(map(len, second)))
    return shorter > 0 and sum(map(len, first & second)) >= MIN_SHARED_TEXT * shorter


def _read_paragraphs(html: str) -> set[str]:
    texts = (" ".join(node.text().split()) for node in LexborHTMLParser(html).css("p")[:MAX_PARAGRAPHS])
    return {text for text in texts if len(text) >= MIN_PARAGRAPH_CHARACTERS}
