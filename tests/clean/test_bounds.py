"""No input makes the room raise or hang."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.clean import CleanSettings, SiteMemory, clean_page, decode_markup, learn
from pipeline.models import Article, ContentFrom, FeedHints, FetchedPage, ItemId, Rejection

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SCRAPS = """<p>
</p>
<div class='article-body'>
</div>
<br>
<table><tr><td>
<a href='/x'>
</a>
<h1>
</h1>
<title>
</title>
<header>
<article>
<span>
<!--
<![CDATA[
<
&#xD800;
<time datetime='2024-99-99'>
<script type='application/ld+json'>
</script>
{"@type":["NewsArticle"],"datePublished":["x",{"@value":3}],"author":[[{"name":[1]}]],"articleBody":{}}
<meta property='og:title' content='a | b'>
<meta name='date' content='99999999999'>
Read more:
Posted on 31.02.2024
12 March 2024 at 99:99
｜İ"""
TOKENS = st.sampled_from([*SCRAPS.splitlines(), "\x00", "\ud800", "a" * 300, " word" * 30, "\n", " "])


def clean(html: str | None, text: str | None = None, limits: CleanSettings = CleanSettings()) -> Article | Rejection:  # noqa: B008
    page = FetchedPage(ItemId("x"), "https://[bad/2024/1/1", NOW, NOW, ContentFrom.PAGE, html=html, text=text)
    return clean_page(page, limits, now=NOW)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    markup = decode_markup(data)
    assert isinstance(clean(markup), Article | Rejection)
    assert isinstance(clean(None, markup), Article | Rejection)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TOKENS, max_size=40))
def test_any_markup(tokens: list[str]) -> None:
    markup = "".join(tokens)
    assert isinstance(clean(markup), Article | Rejection)
    assert isinstance(clean(None, markup), Article | Rejection)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(TOKENS, max_size=25), max_size=4), st.text(max_size=80), st.text(max_size=400))
def test_any_site_with_any_feed(pages: list[list[str]], title: str, content: str) -> None:
    hints, memory = FeedHints(title=title, summary=content, content=content), SiteMemory()
    for tokens in pages:
        page = FetchedPage(ItemId("x"), title, NOW, NOW, ContentFrom.FEED, html="".join(tokens), hints=hints)
        outcome = clean_page(page, now=NOW, memory=memory)
        assert isinstance(outcome, Article | Rejection)
        memory = learn(memory, outcome)


@pytest.mark.parametrize("tag", ["div", "span", "font", "table", "blockquote"])
def test_deep_nesting(tag: str, article_html: str) -> None:
    outcome = clean(f"<{tag}>" * 5_000 + article_html)
    assert isinstance(outcome, Article | Rejection)


def test_a_hundred_levels_change_nothing(article_html: str, paragraphs: tuple[str, ...]) -> None:
    outcome = clean("<div>" * 100 + f"<h1>Bridge at Karsk opens</h1>{article_html}" + "</div>" * 100)
    assert isinstance(outcome, Article)
    assert outcome.text.split("\n\n") == list(paragraphs)


def test_fifty_megabytes_are_refused() -> None:
    outcome = clean("<p>" + "word " * 10_000_000)
    assert isinstance(outcome, Rejection)
    assert outcome.reason == "too_large"


def test_too_many_elements_are_refused() -> None:
    outcome = clean("<p>x</p>" * 1_001, limits=CleanSettings(max_elements=1_000))
    assert isinstance(outcome, Rejection)
    assert outcome.reason == "too_large"


@pytest.mark.parametrize(
    "line",
    ["a" * 690, "by " + "x" * 600, "#" * 600, ("photo " * 90).strip(), "share " * 100, "(" * 600, "read more " * 60],
)
def test_no_line_is_slow(line: str) -> None:
    from pipeline.clean.rulebook import load_line_rules

    for rule in load_line_rules():
        rule.matches(line, line.lower())
