from __future__ import annotations

import pytest

from pipeline.fetch.home import read_feed_links, read_home_page

URL = "https://news.example/"


def list_links(body: str, url: str = URL) -> list[str]:
    return [item.link for item in read_home_page(f"<html><body>{body}</body></html>", url).items]


@pytest.mark.parametrize(
    "href",
    [
        "/2026/03/01/ferry-line-reopens",
        "/world/ferry-line-reopens-after-storm",
        "/world/europe/ferry-line-reopens-after-storm-12345678.html",
        "/article/12345678",
        "/news/ferry-reopens-20260301.html",
        "https://www.news.example/business/port-fees-rise-again-in-spring/",
    ],
)
def test_links_to_articles_are_kept(href: str) -> None:
    assert len(list_links(f'<main><a href="{href}">The ferry line reopens after the storm</a></main>')) == 1


@pytest.mark.parametrize(
    ("href", "words"),
    [
        ("/", "The front page of all of our newspaper"),
        ("/world", "World"),
        ("/about.html", "About"),
        ("/about-us/our-newsroom-and-how-we-work", "Our newsroom and how we work"),
        ("/privacy-policy", "How we treat the data of our readers"),
        ("/tag/ferry-lines-of-the-north-2026", "Ferry lines of the north, all articles"),
        ("/author/ada-holm-of-the-harbour-desk", "Ada Holm, of our harbour desk in the north"),
        ("/login?next=/2026/03/01/ferry-line-reopens", "Log in to read on and to comment"),
        ("/2026/03/01/ferry.jpg", "A picture of the ferry line that reopens"),
        ("https://elsewhere.example/2026/03/01/ferry-line-reopens", "The ferry line reopens after the storm"),
        ("https://shop.example/2026", "A long advertisement for something or other"),
        ("mailto:desk@news.example", "Write to us about the ferry line, please"),
        ("javascript:void(0)", "The ferry line reopens after the storm"),
        ("#top", "Back to the top of this long page of ours"),
    ],
)
def test_other_links_are_left_out(href: str, words: str) -> None:
    assert list_links(f'<main><a href="{href}">{words}</a></main>') == []


@pytest.mark.parametrize("furniture", ["<nav>{}</nav>", "<footer>{}</footer>", '<div class="main-menu">{}</div>'])
def test_links_in_the_page_furniture_are_left_out(furniture: str) -> None:
    assert (
        list_links(furniture.format('<ul><li><a href="/most-read-stories-of-2026">Most read stories</a></li></ul>'))
        == []
    )


def test_a_link_given_twice_counts_once_with_its_longest_words() -> None:
    link = '<a href="/2026/03/01/ferry-line-reopens">'
    (item,) = read_home_page(f"<main>{link}<img></a>{link}The ferry line reopens</a></main>", URL).items
    assert item.hints.title == "The ferry line reopens"


def test_relative_links_follow_the_base_element() -> None:
    link = '<a href="2026/ferry-line-reopens-today.html">The ferry line</a>'
    (item,) = read_home_page(f'<head><base href="https://news.example/sub/"></head>{link}', URL).items
    assert item.link == "https://news.example/sub/2026/ferry-line-reopens-today.html"


def test_headlines_without_spaces_count_by_their_weight() -> None:
    assert len(list_links('<h2><a href="/news/10012345.html">渡轮航线在暴风雨后重新开通运营</a></h2>')) == 1


def test_feeds_named_in_the_head_are_found_and_comment_feeds_come_last() -> None:
    page = """<head><link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
    <link rel="alternate" type="application/atom+xml" href="atom.xml"><link rel="stylesheet" href="a.css">
    <link rel="alternate" hreflang="fr" href="/fr/"></head>"""
    assert read_feed_links(page, URL) == ["https://news.example/atom.xml", "https://news.example/comments/feed"]


FRONT_PAGES = {
    "https://blatt.example/2026/03/01/faehre-faehrt-wieder/": """
        <nav class="main-navigation"><a href="/politik/">Politik</a></nav><article><h2 class="entry-title">
        <a href="/2026/03/01/faehre-faehrt-wieder/">Fähre fährt nach dem Sturm wieder</a></h2>
        <a class="more-link" href="/2026/03/01/faehre-faehrt-wieder/">Weiterlesen</a>
        <a href="/author/ada/">Ada Holm</a>
        <a href="/kategorie/lokales-aus-der-ganzen-stadt">Lokales</a></article>
        <aside><a href="/2026/03/">März 2026</a>""",
    "https://journal.example/node/48213": """
        <div class="views-row"><a href="/node/48213">Le port accueille deux nouvelles grues</a></div>
        <ul class="pager"><li><a href="/fr/actualites?page=20000">Toutes les actualités suivantes</a></li></ul>""",
    "https://gazeta.example/news/18433/": """
        <div class="list"><a href="/news/18433/">В порту появятся два новых крана</a></div>
        <a href="/rubric/politika/">Политика</a><a href="/about/">О редакции</a>""",
    "https://diario.example/noticia/el-puerto-estrena-gruas": """
        <h2><a href="/noticia/el-puerto-estrena-gruas">El puerto estrena grúas y amplía los muelles</a></h2>
        <a href="/temas/puertos-del-norte-de-la-region">Puertos del norte de la región, todas las noticias</a>
        <a href="/autor/ana-lopez-de-la-vega">Ana López de la Vega</a>""",
    "https://old.example/story.php?id=45213": """
        <td><a href="story.php?id=45213">Ferry line reopens after the storm</a></td>
        <td><a href="index.php?cat=3">Business and finance news from here</a></td>""",
}


@pytest.mark.parametrize("article", FRONT_PAGES)
def test_front_pages_of_many_systems_give_their_articles_only(article: str) -> None:
    front = "/".join(article.split("/")[:3]) + "/"
    assert list_links(FRONT_PAGES[article], front) == [article]
