"""What an answer is, by its own first bytes: what is found there wins over what was declared."""

import re

from pipeline.fetch.feeds import name_element, read_feed
from pipeline.fetch.found import Findings
from pipeline.fetch.home import read_home_page
from pipeline.fetch.json_feed import read_json_feed
from pipeline.fetch.markup import RefusedMarkup, parse_xml, skip_prolog
from pipeline.fetch.problems import FetchProblem
from pipeline.fetch.sitemaps import name_locally, read_sitemap
from pipeline.models import SourceKind

HTML_START = re.compile(r"<(!doctype\s+html|html|head|body|title|meta|div|p|h1|script)\b", re.IGNORECASE)
XML_START = re.compile(r"\s*<(\?xml|!--|!DOCTYPE|[a-zA-Z])", re.I)
FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})


def read_findings(text: str, url: str, declared: SourceKind) -> Findings:
    """The items of an answer; raises FetchProblem `not_a_feed` or `malformed`.

    A page with links counts only where a page was declared: a feed address that
    answers HTML is a failure that somebody must hear of.
    """
    if text.lstrip()[:1] in ("{", "["):
        found = read_json_feed(text)
        if found is not None:
            return found
        raise FetchProblem("not_a_feed", "the answer is JSON but no JSON Feed")
    if not is_html(text) and XML_START.match(text):
        return _read_xml(text, url)
    if declared is SourceKind.PAGE:
        return read_home_page(text, url)
    what = "an HTML page" if is_html(text) else "plain text"
    raise FetchProblem("not_a_feed", f"the address is declared as {declared.value} but answers {what}")


def is_html(text: str) -> bool:
    """True for HTML by its first tag, with or without an XML declaration and comments in front."""
    return HTML_START.match(text, skip_prolog(text)) is not None


def _read_xml(text: str, url: str) -> Findings:
    try:
        root = parse_xml(text, url)
    except RefusedMarkup as error:
        raise FetchProblem("malformed", str(error)) from error
    if root is None:
        raise FetchProblem("malformed", "the XML cannot be read at all")
    name = name_locally(root)
    if name in SITEMAP_ROOTS:
        return read_sitemap(root)
    if name in FEED_ROOTS and name_element(root):
        return read_feed(root)
    raise FetchProblem("not_a_feed", f"the answer is XML, but <{name[:40]}> is no feed")
