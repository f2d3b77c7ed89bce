"""The demo outlets: six small news sites on loopback, showing what is published up to a clock that the demo sets."""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader

from pipeline.models import Source, SourceId, SourceKind

_FEED_NAMES = {
    SourceKind.RSS: "rss.xml",
    SourceKind.ATOM: "atom.xml",
    SourceKind.JSON_FEED: "feed.json",
    SourceKind.NEWS_SITEMAP: "news-sitemap.xml",
    SourceKind.PAGE: "",
}
_TYPES = {"xml": "application/xml", "json": "application/feed+json", "html": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article of an outlet, with what a correct run makes of it."""

    slug: str
    title: str
    byline: str
    paragraphs: tuple[str, ...]
    at: datetime  # in the outlet's own time zone
    story: str
    label: str
    url: str

    @property
    def published(self) -> str:
        """ISO time with the outlet's offset."""
        return self.at.isoformat()

    @property
    def posted(self) -> str:
        """As a reader sees it: March 2, 2026 at 8:30 am."""
        return f"{self.at:%B} {self.at.day}, {self.at.year} at {self.at:%I:%M %p}".lower().capitalize()

    @property
    def rfc_date(self) -> str:
        """As RSS writes it."""
        return format_datetime(self.at)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One site: `id` is its folder on the server."""

    id: str
    name: str
    strapline: str
    kind: SourceKind
    full_text_feed: bool
    home: str
    articles: tuple[DemoArticle, ...]

    @property
    def feed_url(self) -> str:
        """What is watched: the feed, or the home page of an outlet without one."""
        return self.home + _FEED_NAMES[self.kind]

    @property
    def source(self) -> Source:
        """The outlet as Wirewatch watches it."""
        return Source(SourceId(self.id), self.name, self.name, self.kind, self.feed_url)


@dataclass
class DemoSites:
    """The running sites. Setting `clock` publishes everything up to that instant."""

    outlets: tuple[Outlet, ...]
    clock: datetime = field(default=datetime(2026, 3, 2, tzinfo=UTC))


def read_outlets(folder: Path, base: str) -> tuple[Outlet, ...]:
    """The outlets of `seeds/demo`, as they are reached under `base`."""
    return tuple(_read_outlet(file, base) for file in sorted(folder.glob("*.toml")))


def _read_outlet(file: Path, base: str) -> Outlet:
    site = tomllib.loads(file.read_text(encoding="utf-8"))
    home = f"{base}/{file.stem}/"
    hours = int(site["timezone"].split(":")[0])
    zone = timezone(timedelta(hours=hours))
    articles = tuple(
        DemoArticle(
            slug=entry["slug"],
            title=entry["title"],
            byline=entry["byline"],
            paragraphs=tuple(entry["text"].strip().split("\n\n")),
            at=entry["published"].astimezone(zone),
            story=entry["story"],
            label=entry["label"],
            url=f"{home}2026/{entry['slug']}.html",
        )
        for entry in site["article"]
    )
    return Outlet(
        id=file.stem,
        name=site["name"],
        strapline=site["strapline"],
        kind=SourceKind(site["kind"]),
        full_text_feed=site.get("full_text_feed", False),
        home=home,
        articles=articles,
    )


@contextmanager
def serve_outlets(folder: Path) -> Iterator[DemoSites]:
    """Serve the outlets of `seeds/demo` on a free port of loopback until the block ends."""
    templates = Environment(loader=FileSystemLoader(folder / "templates"), autoescape=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = _answer(sites, templates, urlsplit(self.path).path)
            if found is None:
                self.send_error(404)
                return
            kind, body = found[0], found[1].encode()
            self.send_response(200)
            self.send_header("Content-Type", _TYPES[kind])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sites = DemoSites(read_outlets(folder, f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield sites
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(sites: DemoSites, templates: Environment, path: str) -> tuple[str, str] | None:
    outlet = next((outlet for outlet in sites.outlets if path.startswith(f"/{outlet.id}/")), None)
    if outlet is None:
        return None
    published = [article for article in outlet.articles if article.at <= sites.clock]
    if urlsplit(outlet.feed_url).path == path:
        return _render_feed(outlet, published, templates, sites.clock)
    article = next((article for article in published if urlsplit(article.url).path == path), None)
    if article is None:
        return None
    today = f"{sites.clock:%B} {sites.clock.day}, {sites.clock.year}"
    page = templates.get_template(f"{outlet.id}.html")
    return "html", page.render(site=outlet, article=article, today=today, today_iso=sites.clock.date().isoformat())


def _render_feed(
    outlet: Outlet, published: list[DemoArticle], templates: Environment, clock: datetime
) -> tuple[str, str]:
    newest_first = sorted(published, key=lambda article: article.at, reverse=True)
    if outlet.kind is SourceKind.JSON_FEED:
        return "json", _render_json_feed(outlet, newest_first)
    name = f"{outlet.kind}.html" if outlet.kind is SourceKind.PAGE else f"{outlet.kind}.xml"
    text = templates.get_template(name).render(
        site=outlet, home=outlet.home, articles=newest_first, clock=clock.isoformat()
    )
    return name.rpartition(".")[2], text


def _render_json_feed(outlet: Outlet, articles: list[DemoArticle]) -> str:
    # https://www.jsonfeed.org/version/1.1/
    entries = [
        {
            "id": article.url,
            "url": article.url,
            "title": article.title,
            "summary": article.paragraphs[0],
            "date_published": article.published,
        }
        for article in articles
    ]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": outlet.name, "home_page_url": outlet.home, "items": entries})
