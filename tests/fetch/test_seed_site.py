"""The five real articles on five kinds of site, served from the folder beside the checkout."""

from __future__ import annotations

from pathlib import Path

from pipeline.fetch import FetchSettings, check_sources, fetch_pages
from pipeline.models import FetchedPage, Source, SourceKind
from tests.fetch.build import NOW, make_source
from tests.fetch.hostile_server import HostileServer

SOURCES = {
    "/timenews/feed.xml": SourceKind.RSS,
    "/friday/rss.xml": SourceKind.RSS,
    "/nya360/atom.xml": SourceKind.ATOM,
    "/frontline/news-sitemap.xml": SourceKind.NEWS_SITEMAP,
    "/blade/": SourceKind.PAGE,
}


def serve_site(server: HostileServer, site: Path) -> list[Source]:
    """Every file of the site by its path, folders by their index; BASE in feeds is the server's address."""
    for file in (path for path in site.rglob("*") if path.is_file()):
        body = file.read_bytes().replace(b"BASE", server.url("").encode())
        path = "/" + file.relative_to(site).as_posix()
        server.serve(path, body)
        server.serve(path.removesuffix("index.html"), body)
    return [make_source(server.url(path), kind) for path, kind in SOURCES.items()]


def test_five_sources_give_five_entries_and_five_pages(
    server: HostileServer, settings: FetchSettings, shared: Path
) -> None:
    checks = check_sources(serve_site(server, shared / "seed_site"), {}, settings, NOW)
    assert [(checked.outcome, len(checked.entries)) for checked in checks] == [("ok", 1)] * 5
    entries = [checked.entries[0] for checked in checks]
    assert all(entry.hints.title for entry in entries)
    pages = fetch_pages(entries, settings, NOW)
    assert all(isinstance(page, FetchedPage) and page.html and len(page.html) > 3000 for page in pages)


def test_of_the_home_page_only_the_article_is_kept(
    server: HostileServer, settings: FetchSettings, shared: Path
) -> None:
    home = serve_site(server, shared / "seed_site")[-1]
    (checked,) = check_sources([home], {}, settings, NOW)
    (entry,) = checked.entries
    assert entry.url == server.url("/blade/2023/kim-jong-un-military-industrial-complex.html")


def test_five_files_give_five_texts(settings: FetchSettings, shared: Path) -> None:
    (checked,) = check_sources([make_source(str(shared / "seeds"), SourceKind.FOLDER)], {}, settings, NOW)
    pages = fetch_pages(checked.entries, settings, NOW)
    assert [isinstance(page, FetchedPage) and bool(page.text) for page in pages] == [True] * 5
