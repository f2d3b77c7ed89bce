"""URLs: the one parser (yarl) behind which every address of this room goes.

`resolve_link` gives the URL to fetch, `canonicalise_url` the URL to recognise an
article by. The second one is an identity, not an address: it need not be fetchable.
"""

import base64
import binascii
import re

from yarl import URL

from pipeline.fetch.addresses import is_ip_literal
from pipeline.fetch.scrub import has_controls

MAX_URL_LENGTH = 2048

# Campaign marks, whatever their value.
TRACKING_PARAMETER = re.compile(
    r"utm_\w+|mc_(cid|eid)|pk_\w+|mtm_\w+|ga_\w+|at_(medium|campaign|link\w*|format|ptr_name|bbc_team)|_hs(enc|mi)|"
    r"(fb|g|d)clid|wbraid|gbraid|yclid|msclkid|twclid|igshid|fb_(action|source|ref)\w*|ns_\w+|ref_?(src|url)|"
    r"refer?rer|cmp(id)?|icid|ocid|ncid|ito|smid|smtyp|spm|xtor|wt_?\w*mc\w*|__twitter_impression|_ga|"
    r"guccounter|guce_\w+|amp_\w+|traffic_source|campaign(_id)?|taid|soc_\w+",
    re.IGNORECASE,
)
# Names that select content on some sites: dropped only with a value that marks a campaign, the AMP twin or the feed.
WORD = re.compile(r"[a-z_.-]*", re.IGNORECASE)
TRACKING_VALUES = {
    **dict.fromkeys(("ref", "source", "src", "via", "share", "sh", "partner", "feature"), WORD),
    **dict.fromkeys(("amp", "output", "outputtype"), re.compile(r"amp|1|true|", re.IGNORECASE)),
    **dict.fromkeys(("feed", "rss"), re.compile(r"rss2?|atom|1|true|", re.IGNORECASE)),
}

TWIN_PREFIX = re.compile(r"^(www\d?|m|mobile|amp)\.(?=[^.]+\.[^.]+)")
SHARED_SUFFIX = re.compile(r"^(com?|org|net|gov|edu|ac|ne|or|go)\.[a-z]{2}$")  # m.co.uk is a name of its own
AMP_PATH = re.compile(r"(/amp|\.amp)(?=/?$|\.html?$)|^/amp(?=/.)", re.IGNORECASE)
INDEX_PATH = re.compile(r"/(index|default)\.(html?|php|aspx?|jsp)$", re.IGNORECASE)
TRAILING_GARBAGE = " \t\r\n<>\"'`,;|\\"
TRAILING_GARBAGE_QUOTED = re.compile(r"([/,;`']|%20|%22|%27|%C2%A0|%E2%80%9[89CD])+$")
BRACKETS = {")": "(", "]": "[", "}": "{"}
# Copies that Google keeps of AMP pages: google.com/amp/s/HOST/PATH and NAME.cdn.ampproject.org/c/s/HOST/PATH.
AMP_CACHE = re.compile(
    r"(?:(?:www\.)?google\.[a-z.]+/amp|[a-z0-9-]+\.cdn\.ampproject\.org/[cv])/(?P<secure>s/)?(?P<rest>[^/]+\.[^/]+/.*)"
)
REDIRECTORS = (
    (re.compile(r"^(www\.)?google\.[a-z.]+$"), ("/url", "/imgres"), ("url", "q")),
    (re.compile(r"^(www\.)?bing\.com$"), ("/news/apiclick.aspx",), ("url",)),
    (re.compile(r"^(l|lm)\.facebook\.com$"), ("/l.php",), ("u",)),
    (re.compile(r"^(out|t)\.umblr\.com$"), ("/redirect",), ("z",)),
)


def parse_url(text: str, base: str | None = None) -> URL | None:
    """An absolute http(s) URL without fragment and credentials, or None."""
    text = _strip_garbage(text)
    if not text or len(text) > MAX_URL_LENGTH:
        return None
    try:
        url = URL(text)
        if url.scheme and not url.host:
            return None  # "mailto:x", and "http://" which a join would turn into the base itself
        url = url if base is None else URL(base).join(url)
        if url.scheme not in ("http", "https") or not url.host or not _is_host(url.host):
            return None
        return url.with_user(None).with_fragment(None)
    except (ValueError, TypeError):
        return None


def _strip_garbage(text: str) -> str:
    """Without what surrounded the address in a text; a bracket goes only if nothing opened it."""
    text = text.strip().lstrip("<\"'").rstrip(TRAILING_GARBAGE)
    while text and text[-1] in BRACKETS and BRACKETS[text[-1]] not in text:
        text = text[:-1].rstrip(TRAILING_GARBAGE)
    return text


def _is_host(host: str) -> bool:
    if ":" in host:
        return "%" not in host  # a zone ("%eth0") is no part of a web address and may hold any character
    return not (has_controls(host) or re.search(r"[\s\"<>\\^`{|}%/?#@]", host)) and len(host) <= 253


def resolve_link(href: str, base: str) -> str | None:
    """The http(s) URL that a link leads to, unwrapped from a redirect link; None if there is none."""
    url = parse_url(href, base)
    for _ in range(3):
        target = _unwrap_redirector(url) if url is not None else None
        if target is None:
            break
        url = target
    return str(url) if url is not None else None


def _unwrap_redirector(url: URL) -> URL | None:
    host = url.host or ""
    if host == "news.google.com" and ("/articles/" in url.path or "/read/" in url.path):
        return _decode_google_news(url.name)
    if copy := AMP_CACHE.match(f"{host}{url.raw_path}"):
        scheme = "https" if copy.group("secure") else "http"
        return parse_url(f"{scheme}://{copy.group('rest')}?{url.raw_query_string}".rstrip("?"))
    for host_pattern, paths, names in REDIRECTORS:
        if host_pattern.match(host) and url.path in paths:
            return next((found for name in names if (found := parse_url(url.query.get(name, "")))), None)
    return None


def _decode_google_news(token: str) -> URL | None:
    """Older Google News tokens are base64 around the address; newer ones cannot be read without asking."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    found = re.search(rb"https?://[\x21-\x7e]+", raw)
    return parse_url(found.group().decode("ascii")) if found else None


def canonicalise_url(url: str, base: str | None = None) -> str | None:
    """The identity of the article behind a URL, or None when it is not an http(s) URL.

    Same article, same string: no fragment, credentials, tracking parameters, default
    port, index file, trailing slash or trailing punctuation; parameters sorted; host in
    lower case without `www.`, `m.`, `mobile.` and `amp.`; AMP paths folded into the
    page's; http and https alike when the port is the usual one.
    """
    link = resolve_link(url, base) if base is not None else resolve_link(url, url)
    parsed = parse_url(link) if link is not None else None
    if parsed is None:
        return None
    try:
        return str(_fold_query(_fold_path(_fold_host(parsed))))
    except ValueError:
        return None


def _fold_host(url: URL) -> URL:
    host = (url.host or "").rstrip(".").lower()
    if not is_ip_literal(host):
        rest = TWIN_PREFIX.sub("", host)
        host = host if SHARED_SUFFIX.match(rest) else rest
    url = url.with_host(host)
    return url.with_scheme("https").with_port(None) if url.is_default_port() else url


def _fold_path(url: URL) -> URL:
    path = AMP_PATH.sub("", url.raw_path)
    path = INDEX_PATH.sub("/", path)
    path = TRAILING_GARBAGE_QUOTED.sub("", path) or "/"
    return url.with_path(path, encoded=True, keep_query=True)


def _fold_query(url: URL) -> URL:
    kept = sorted((name, value) for name, value in url.query.items() if not _is_tracking(name, value))
    return url.with_query(kept) if kept else url.with_query(None)


def _is_tracking(name: str, value: str) -> bool:
    if TRACKING_PARAMETER.fullmatch(name):
        return True
    values = TRACKING_VALUES.get(name.lower())
    return values is not None and values.fullmatch(value) is not None


def is_same_site(url: URL, other: URL) -> bool:
    """True when both hosts are one site: equal, or one a subdomain of the other, `www.` aside."""
    first, second = ((each.host or "").lower().removeprefix("www.") for each in (url, other))
    return first == second or first.endswith("." + second) or second.endswith("." + first)
