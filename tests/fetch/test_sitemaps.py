from __future__ import annotations

from pipeline.fetch.found import Findings
from pipeline.fetch.sniff import read_findings
from pipeline.models import SourceKind

SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def read(text: str) -> Findings:
    return read_findings(text, "https://news.example/sitemap.xml", SourceKind.NEWS_SITEMAP)


def test_a_news_sitemap_gives_titles_and_dates() -> None:
    found = read(
        f"<urlset {SPACES}><url><loc>https://news.example/1</loc><news:news><news:publication><news:name>Harbour</news:name>"
        "</news:publication><news:publication_date>2026-03-01T05:00:00+01:00</news:publication_date>"
        "<news:title>One &amp; all</news:title></news:news><image:image><image:loc>https://news.example/1.jpg</image:loc>"
        "<image:title>Wrong</image:title></image:image></url></urlset>"
    )
    (item,) = found.items
    assert (found.kind, found.title) == (SourceKind.NEWS_SITEMAP, "Harbour")
    assert (item.link, item.hints.title) == ("https://news.example/1", "One & all")
    assert item.hints.published_at is not None


def test_a_plain_sitemap_is_read_newest_first() -> None:
    urls = "".join(
        f"<url><loc>https://news.example/{day}</loc><lastmod>2026-03-{day:02}</lastmod></url>" for day in (1, 3, 2)
    )
    found = read(f"<urlset {SPACES}>{urls}<url><loc>https://news.example/undated</loc></url></urlset>")
    assert [item.link.rpartition("/")[2] for item in found.items] == ["3", "2", "1", "undated"]


def test_an_index_names_news_first_then_the_newest() -> None:
    children = (
        "<sitemap><loc>https://host.example/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap>"
        "<sitemap><loc>https://host.example/new.xml</loc><lastmod>2026-01-01</lastmod></sitemap>"
        "<sitemap><loc>https://host.example/news.xml</loc></sitemap><sitemap/>"
    )
    found = read(f"<sitemapindex {SPACES}>{children}</sitemapindex>")
    assert [child.rpartition("/")[2] for child in found.children] == ["news.xml", "new.xml", "old.xml"]
