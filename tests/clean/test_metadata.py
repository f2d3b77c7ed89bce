"""Titles, authors, site names and images."""

from typing import Any

import pytest

from pipeline.clean.metadata import strip_site_name


@pytest.mark.parametrize(
    ("title", "site", "expected"),
    [
        ("Bridge opens | Lakeside Courier", "Lakeside Courier", "Bridge opens"),
        ("Lakeside Courier - Bridge opens", "Lakeside Courier", "Bridge opens"),
        ("Bridge opens - World - Lakeside Courier", "Lakeside Courier", "Bridge opens - World"),
        ("Bridge at Karsk opens after eighteen months | LKC", "", "Bridge at Karsk opens after eighteen months"),
        ("Minister: bridge opens - at last", "Lakeside Courier", "Minister: bridge opens - at last"),
        ("Bridge opens", "Lakeside Courier", "Bridge opens"),
    ],
)
def test_site_name_comes_off(title: str, site: str, expected: str) -> None:
    assert strip_site_name(title, site) == expected


def test_heading_with_the_site_name_is_no_title(clean_html: Any, article_html: str) -> None:
    article = clean_html(
        f"<header><h1>Lakeside Courier</h1></header><main><h2>Bridge at Karsk opens</h2>{article_html}</main>",
        head="<title>Bridge at Karsk opens | Lakeside Courier</title>"
        "<meta property='og:site_name' content='Lakeside Courier'>",
    )
    assert article.title == "Bridge at Karsk opens"
    assert article.site_name == "Lakeside Courier"
    assert "Lakeside" not in article.text


def test_headline_on_the_page_beats_the_one_for_search_engines(clean_html: Any, article_html: str) -> None:
    article = clean_html(
        f"<article><h1>At last, the bridge at Karsk is open</h1>{article_html}</article>",
        head="<title>Karsk bridge: everything you need to know</title>",
    )
    assert article.title == "At last, the bridge at Karsk is open"


def test_feed_title_serves_where_the_page_has_none(clean_html: Any, article_html: str) -> None:
    from pipeline.models import FeedHints

    article = clean_html(f"<article>{article_html}</article>", head="", hints=FeedHints(title="Bridge at Karsk opens"))
    assert article.title == "Bridge at Karsk opens"


def test_authors_come_from_json_ld(clean_html: Any, article_html: str) -> None:
    item = '{"@type": "NewsArticle", "author": [{"name": "Jane Roe"}, {"name": "John Doe"}]}'
    head = f'<script type="application/ld+json">{item}</script>'
    article = clean_html(f"<article><h1>Bridge at Karsk opens</h1>{article_html}</article>", head=head)
    assert article.authors == ("Jane Roe", "John Doe")


@pytest.mark.parametrize("given", ["https://lakeside.example/author/jroe", "@jroe", "admin", ""])
def test_what_is_no_name_is_no_author(clean_html: Any, article_html: str, given: str) -> None:
    article = clean_html(
        f"<article>{article_html}</article>", head=f"<title>T</title><meta name='author' content='{given}'>"
    )
    assert article.authors == ()


@pytest.mark.parametrize(
    "line",
    [
        "<p>By <a rel='author' href='/jroe'>Jane Roe</a></p>",
        "<div itemprop='author'><span itemprop='name'>Jane Roe</span></div>",
        "<div class='article-byline'>By Jane Roe</div>",
        "<span class='c-author'>Von Jane Roe</span>",
    ],
)
def test_author_on_the_page(clean_html: Any, article_html: str, line: str) -> None:
    article = clean_html(f"<article><h1>Bridge at Karsk opens</h1>{line}{article_html}</article>")
    assert article.authors == ("Jane Roe",)
    assert "Jane Roe" not in article.text


def test_two_authors_in_one_meta_tag(clean_html: Any, article_html: str) -> None:
    head = "<title>Bridge</title><meta name='author' content='By Jane Roe and John Doe'>"
    assert clean_html(f"<article>{article_html}</article>", head=head).authors == ("Jane Roe", "John Doe")


def test_image_address_is_absolute(clean_html: Any, article_html: str) -> None:
    head = "<title>Bridge</title><meta property='og:image' content='/img/bridge.jpg'>"
    assert (
        clean_html(f"<article>{article_html}</article>", head=head).image_url
        == "https://lakeside.example/img/bridge.jpg"
    )


def test_image_of_another_scheme_is_none(clean_html: Any, article_html: str) -> None:
    head = "<title>Bridge</title><meta property='og:image' content='javascript:alert(1)'>"
    assert clean_html(f"<article>{article_html}</article>", head=head).image_url == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Die Brücke über den See ist wieder offen, sagte der Minister am Dienstag, und sie wird noch lange halten.",
            "de",
        ),
        (
            "Le pont sur le lac est de nouveau ouvert, a dit le ministre mardi, et il tiendra pour les années à venir.",
            "fr",
        ),
        (
            "El puente sobre el lago está abierto de nuevo, dijo el ministro el martes, y durará por muchos años más.",
            "es",
        ),
        (
            "Мост через озеро снова открыт, сказал министр во вторник, и он будет стоять ещё много лет на этом месте.",
            "ru",
        ),
        (
            "橋は火曜日に再び開通した。大臣はこれからも長く使われるだろうと述べ、関係者に感謝の意を表した。これで湖の北岸に戻れる。",
            "ja",
        ),
    ],
)
def test_language(clean_text: Any, text: str, language: str) -> None:
    assert clean_text("\n\n".join([text] * 3)).language == language
