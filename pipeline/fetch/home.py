"""A home or section page: which of its links lead to articles.

Each link is scored by what its address and its words look like; navigation, tag,
author, account and legal pages fall out by the words of their address or by
standing inside the page's furniture.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode
from yarl import URL

from pipeline.fetch.found import Findings, FoundItem
from pipeline.fetch.scrub import scrub_line
from pipeline.fetch.urls import is_same_site, parse_url, resolve_link
from pipeline.models import FeedHints, SourceKind

MIN_SCORE = 3
MAX_ANCESTORS = 12

DATED_PATH = re.compile(r"(?:^|[/_-])(19|20)\d\d([/_-]?[01]?\d([/_-]?[0-3]?\d)?)?(?=[/_-]|$)")
NUMBERED_PATH = re.compile(r"\d{5,}")
IDENTIFIED = re.compile(r"/\d{5,}(\.\w+)?/?$|^(?!.*\bpage)(.*&)?\w+=\d{5,}(&|$)")  # of a path, of a query
PAGE_SUFFIX = re.compile(r"\.(html?|shtml|php|aspx?|cms|ece|story)$", re.IGNORECASE)
OTHER_FILE = re.compile(
    r"\.(jpe?g|png|gif|webp|svg|avif|pdf|mp[34]|m4a|m3u8|mov|webm|zip|gz|docx?|xlsx?|pptx?|css|js|json|xml|rss|ics|apk)$",
    re.IGNORECASE,
)
# Segments of a path that leads to no single article.
SERVICE_SEGMENT = re.compile(
    r"abo|about|about-us|accessibility|account|accounts|advertise|advertising|agb|alerts|app|apps|author|authors|"
    r"autor|autoren|bookmarks|careers|cart|categories|category|channel|comments|contact|contact-us|contacts|"
    r"cookie|cookie-policy|cookies|copyright|corrections|datenschutz|donate|faq|feed|feeds|forgot|forum|forums|"
    r"games|help|horoscope|impressum|imprint|index|jobs|kontakt|label|licensing|live-tv|login|logout|masthead|"
    r"members|membership|my|newsletter|newsletters|page|pages|policies|policy|privacy|privacy-policy|profile|"
    r"profiles|register|reviewers|rss|schlagwort|search|section|sections|settings|shop|signin|signup|sitemap|"
    r"staff|static|store|subscribe|subscription|subscriptions|support|tag|tags|team|terms|terms-of-service|"
    r"terms-of-use|tickets|topic|topics|user|users|wp-admin|wp-content|wp-json|wp-login\.php|"
    r"abonnement|abonnieren|anmelden|argomenti|argomento|auteur|auteurs|autore|autores|categoria|categorias|categorie|"
    r"connexion|etiqueta|etiquetas|kategori|kategorie|kategorien|kategorier|registrieren|rubric|rubrics|rubrik|"
    r"rubriken|rubrique|rubriques|seccion|secciones|suscripcion|tema|temas|thema|themen|theme"
)
# Segments that lead to overviews and, on some sites, to articles too: only a clear slug speaks for one.
OVERVIEW_SEGMENT = re.compile(
    r"archive|archives|column|columnists|events|people|podcast|podcasts|press|puzzles|video|videos|weather"
)
OVERVIEW_PENALTY = 3
MAX_LINKS_SCORED = 5000
FURNITURE_TAGS = frozenset({"nav", "footer", "form", "menu"})
FURNITURE_NAME = re.compile(
    r"(^|[\s_-])(nav|navbar|navigation|menu|footer|breadcrumbs?|cookie|consent|share|social|pagination|pager|"
    r"sitemap|topbar|toolbar|login|subscribe)([\s_-]|$)",
    re.IGNORECASE,
)
HEADLINE_TAGS = frozenset({"h1", "h2", "h3", "h4", "article"})


def read_home_page(html: str, url: str) -> Findings:
    """The article links of a page in their order, each once, with the longest words that link to it as title."""
    tree = LexborHTMLParser(html)
    page = parse_url(url)
    if page is None:
        return Findings(SourceKind.PAGE)
    base = _read_base(tree, url)
    titles: dict[str, str] = {}
    for link, title, score in _score_links(tree, page, base):
        if score >= MIN_SCORE:
            titles[link] = max(titles.get(link, ""), title, key=len)
    items = tuple(FoundItem(link, FeedHints(title=title)) for link, title in titles.items())
    return Findings(SourceKind.PAGE, read_page_title(tree), items)


def read_page_title(tree: LexborHTMLParser) -> str:
    """The site's name by its own mark, else the page's title."""
    for selector, attribute in (('meta[property="og:site_name"]', "content"), ("title", None)):
        node = tree.css_first(selector)
        text = (node.attributes.get(attribute) if attribute else node.text()) if node is not None else ""
        if title := scrub_line(text or ""):
            return title[:200]
    return ""


def read_feed_links(html: str, url: str) -> list[str]:
    """The feeds that a page names in its head (feed autodiscovery), comment feeds last."""
    tree = LexborHTMLParser(html)
    base = _read_base(tree, url)
    found: list[tuple[bool, str]] = []
    for node in tree.css("link[rel][href]"):
        kind = (node.attributes.get("type") or "").lower()
        rel = (node.attributes.get("rel") or "").lower().split()
        is_feed = "rss" in kind or "atom" in kind or "feed+json" in kind or kind == "application/json"
        link = resolve_link(node.attributes.get("href") or "", base)
        if is_feed and ("alternate" in rel or "feed" in rel) and link and "/wp-json/" not in link:
            found.append(("comment" in (link + (node.attributes.get("title") or "")).lower(), link))
    return list(dict.fromkeys(link for _, link in sorted(found, key=lambda pair: pair[0])))


def _read_base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    named = parse_url(node.attributes.get("href") or "", url) if node is not None else None
    return str(named) if named is not None else url


def _score_links(tree: LexborHTMLParser, page: URL, base: str) -> Iterator[tuple[str, str, int]]:
    for node in tree.css("a[href]")[:MAX_LINKS_SCORED]:
        link = resolve_link(node.attributes.get("href") or "", base)
        url = parse_url(link) if link else None
        if link is None or url is None or url == page or not is_same_site(url, page):
            continue
        title = scrub_line(node.text(separator=" "))
        yield link, title, _score_address(url) + _score_words(title) + _score_place(node)


def _score_address(url: URL) -> int:
    segments = [segment.lower() for segment in url.path.split("/") if segment]
    if not segments or OTHER_FILE.search(url.path):
        return -10
    stems = [PAGE_SUFFIX.sub("", segment) for segment in segments]
    if any(SERVICE_SEGMENT.fullmatch(stem) for stem in (stems[:-1] if len(stems) > 2 else stems)):
        return -10
    slug_words = max(len(re.findall(r"[^\W_]+", stem)) for stem in stems[-2:])
    score = 2 if slug_words >= 4 else 1 if slug_words == 3 else 0
    score += 2 if DATED_PATH.search(url.path) else 0
    if IDENTIFIED.search(url.path) or IDENTIFIED.search(url.query_string):
        score += 2
    elif NUMBERED_PATH.search(url.path) or NUMBERED_PATH.search(url.query_string):
        score += 1
    score += 1 if PAGE_SUFFIX.search(url.path) else 0
    score -= OVERVIEW_PENALTY if any(OVERVIEW_SEGMENT.fullmatch(stem) for stem in stems) else 0
    return score - (1 if len(segments) == 1 and slug_words < 3 else 0)


def _score_words(title: str) -> int:
    """Headlines are long; scripts without spaces say as much in a third of the letters."""
    weight = len(title) + 2 * sum(1 for letter in title if letter >= "⺀")
    if len(title) > 300:
        return 0
    return 2 if weight >= 35 else 1 if weight >= 20 else 0


def _score_place(node: LexborNode) -> int:
    score = 0
    parent = node.parent
    for _ in range(MAX_ANCESTORS):
        if parent is None or parent.tag in ("body", "html"):
            break
        if parent.tag in FURNITURE_TAGS or FURNITURE_NAME.search(_names(parent)):
            return -3
        if parent.tag in HEADLINE_TAGS:
            score = 1
        parent = parent.parent
    return score + (1 if node.css_first("h1, h2, h3, h4") is not None else 0)


def _names(node: LexborNode) -> str:
    values = (node.attributes.get(name) or "" for name in ("class", "id", "role"))
    return " ".join(value[:200] for value in values)
