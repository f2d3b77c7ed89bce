"""What stays and what goes, one rule per test."""

from typing import Any

import pytest

from pipeline.models import Article, Rejection

NAV = "<header><nav><ul><li><a href='/'>Home</a></li><li><a href='/world'>World</a></li></ul></nav></header>"
HEADLINE = "<h1>Bridge at Karsk opens</h1>"


def dropped_rules(article: Article | Rejection) -> dict[str, str]:
    return {item.text: item.rule for item in article.dropped}


def test_article_is_its_paragraphs(clean_html: Any, article_html: str, paragraphs: tuple[str, ...]) -> None:
    article = clean_html(f"{NAV}<article>{HEADLINE}{article_html}</article><footer><p>Example Media Ltd</p></footer>")
    assert article.text.split("\n\n") == list(paragraphs)
    assert article.title == "Bridge at Karsk opens"
    assert article.language == "en"
    assert dropped_rules(article)["Example Media Ltd"] == "footer"


@pytest.mark.parametrize(
    "furniture",
    [
        "<div class='share-bar'><a href='#'>Post</a> this story with your friends</div>",
        "<div class='related-inline'><span>See also</span> <a href='/x'>Minister resigns after vote</a></div>",
        "<p><strong>Read more: <a href='/x'>Minister resigns after vote</a></strong></p>",
        "<p>Also read: Minister resigns after vote</p>",
        "<aside><p>Our correspondents choose the best pictures of the week for you every Friday.</p></aside>",
        "<figure><img src='x.jpg'><figcaption>The bridge on Tuesday. Photo: Jane Roe</figcaption></figure>",
        "<p>ADVERTISEMENT</p>",
        "<div class='wp-video'><iframe src='x'></iframe><span>YouTube player</span></div>",
        "<form><p>Get the morning briefing</p><input name='email'></form>",
        "<p>Follow us on Twitter @lakeside and on Facebook.</p>",
        "<div style='display: none'>Loading the next story for you, please wait a moment</div>",
    ],
)
def test_furniture_inside_the_body_goes(
    clean_html: Any, article_html: str, paragraphs: tuple[str, ...], furniture: str
) -> None:
    first, second, *rest = article_html.split("</p>")
    article = clean_html(f"<article>{HEADLINE}{first}</p>{furniture}{second}</p>{'</p>'.join(rest)}</article>")
    assert article.text.split("\n\n") == list(paragraphs)


@pytest.mark.parametrize(
    "tail",
    [
        "<h3>You may also like</h3><ul><li><a href='/x'>Ten recipes for autumn</a></li></ul>",
        "<h3>Leave a Comment</h3><p>Jo: I was there and it was raining all day long, what a mess it was.</p>",
        "<p>#bridge #Karsk #lake</p>",
        "<p>(Reporting by Jane Roe in Karsk; editing by John Doe)</p>",
        "<div class='author-bio'><p>Jane Roe covers transport for the Lakeside Courier from Karsk.</p></div>",
        "<p>© 2026 Lakeside Courier. All rights reserved.</p>",
        "<h2>More Posts</h2>",
    ],
)
def test_furniture_after_the_body_goes(
    clean_html: Any, article_html: str, paragraphs: tuple[str, ...], tail: str
) -> None:
    article = clean_html(f"<article>{HEADLINE}{article_html}{tail}</article>")
    assert article.text.split("\n\n") == list(paragraphs)


def test_class_of_a_wrapper_does_not_drop_the_article(
    clean_html: Any, article_html: str, paragraphs: tuple[str, ...]
) -> None:
    article = clean_html(
        f"<div class='l-sidebar-fixed overlay'><div class='related'>{HEADLINE}{article_html}</div></div>"
    )
    assert article.text.split("\n\n") == list(paragraphs)


def test_comments_longer_than_the_article_go(clean_html: Any, article_html: str, paragraphs: tuple[str, ...]) -> None:
    comments = "".join(f"<p>Reader {n}: {paragraphs[0]} I say, and {paragraphs[1]}</p>" for n in range(6))
    article = clean_html(f"<div>{HEADLINE}{article_html}</div><div class='comments'>{comments}</div>")
    assert article.text.split("\n\n") == list(paragraphs)


def test_second_article_on_the_page_goes(clean_html: Any, article_html: str, paragraphs: tuple[str, ...]) -> None:
    other = "".join(f"<p>Quite another story. {paragraph}</p>" for paragraph in paragraphs * 2)
    article = clean_html(
        f"<main><article>{HEADLINE}{article_html}</article><article><h1>Other</h1>{other}</article></main>"
    )
    assert article.text.split("\n\n") == list(paragraphs)


def test_body_cut_in_two_by_an_advertisement_stays_whole(clean_html: Any, paragraphs: tuple[str, ...]) -> None:
    first = f"<div class='article__body'><p>{paragraphs[0]}</p><p>{paragraphs[1]}</p></div>"
    second = f"<div class='article__body'><p>{paragraphs[2]}</p><p>{paragraphs[3]}</p></div>"
    article = clean_html(f"<main>{HEADLINE}<div>{first}</div><div class='ad'>Buy</div><div>{second}</div></main>")
    assert article.text.split("\n\n") == list(paragraphs)


def test_standfirst_stays(clean_html: Any, article_html: str) -> None:
    standfirst = "<div class='standfirst'>Freight moves again eighteen months after the flood</div>"
    article = clean_html(f"<header>{HEADLINE}{standfirst}</header><div class='article-body'>{article_html}</div>")
    assert article.text.startswith("Freight moves again eighteen months after the flood\n\nThe two transport")


def test_quoted_post_stays(clean_html: Any, article_html: str) -> None:
    post = (
        "<div class='social-embed'><blockquote class='twitter-tweet'><p>Trains cross the lake again from the first "
        "of June, the operator says.</p></blockquote></div>"
    )
    article = clean_html(f"<article>{HEADLINE}{article_html}{post}{article_html.replace('The', 'Then the')}</article>")
    assert "Trains cross the lake again" in article.text


def test_line_breaks_part_paragraphs(clean_html: Any, paragraphs: tuple[str, ...]) -> None:
    article = clean_html(f"<article>{HEADLINE}<div>{'<br><br>'.join(paragraphs)}</div></article>")
    assert article.text.split("\n\n") == list(paragraphs)


def test_row_of_short_cells_is_one_line(clean_html: Any, article_html: str) -> None:
    table = "<table><tr><th>Year</th><th>Lorries</th></tr><tr><td>2025</td><td>41,000</td></tr></table>"
    article = clean_html(f"<article>{HEADLINE}{article_html}{table}{article_html.replace('The', 'Then the')}</article>")
    assert "2025 41,000" in article.text


def test_paragraph_printed_twice_counts_once(clean_html: Any, article_html: str, paragraphs: tuple[str, ...]) -> None:
    article = clean_html(f"<article>{HEADLINE}<p>{paragraphs[0]}</p>{article_html}</article>")
    assert article.text.split("\n\n") == list(paragraphs)
    assert dropped_rules(article)[paragraphs[0]] == "repeated"


def test_characters_are_tidied_and_quotes_kept(clean_html: Any, article_html: str) -> None:
    odd = "<p>The ﬁrst of\u00adﬁcial said: “It is a great day”,\u200b and re\u0301sume\u0301d the\u00a0tour.</p>"
    article = clean_html(f"<article>{HEADLINE}{article_html}{odd}</article>")
    assert "The first official said: “It is a great day”, and résuméd the tour." in article.text


def test_article_body_of_json_ld_serves_where_the_page_is_empty(clean_html: Any, paragraphs: tuple[str, ...]) -> None:
    body = "\\n\\n".join(paragraphs)
    head = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{body}"}}</script>'
    article = clean_html(f"{NAV}{HEADLINE}<div id='root'></div>", head=head)
    assert article.text.split("\n\n") == list(paragraphs)
    assert article.extracted_by == "json_ld"


def test_everything_dropped_is_listed_with_its_rule(clean_html: Any, article_html: str) -> None:
    article = clean_html(f"{NAV}<article>{HEADLINE}{article_html}<p>Read more: Rain again</p></article>")
    rules = dropped_rules(article)
    assert rules["Home World"] == "page_header"
    assert rules["Read more: Rain again"] == "related"
    assert rules["Bridge at Karsk opens"] == "title"


def test_summary_made_of_the_text_s_own_sentences_goes(
    clean_html: Any, article_html: str, paragraphs: tuple[str, ...]
) -> None:
    sentences = f"{paragraphs[0]} {paragraphs[1]}"
    article = clean_html(f"<article>{HEADLINE}<div class='synopsis'>{sentences}</div>{article_html}</article>")
    assert article.text.split("\n\n") == list(paragraphs)


def test_name_between_headline_and_text_goes(clean_html: Any, article_html: str, paragraphs: tuple[str, ...]) -> None:
    article = clean_html(f"<div>{HEADLINE}<p>Jana Roe</p><p>1204</p>{article_html}</div>")
    assert article.text.split("\n\n") == list(paragraphs)


def test_numbered_list_of_links_is_the_author_s(clean_html: Any, article_html: str) -> None:
    rows = "".join(f"<p><a href='/{n}'>{n}. The bridge of village number {n}</a></p>" for n in range(1, 9))
    article = clean_html(f"<article>{HEADLINE}{article_html}{rows}</article>")
    assert "8. The bridge of village number 8" in article.text


def test_unknown_element_inside_a_sentence_cuts_nothing(clean_html: Any, paragraphs: tuple[str, ...]) -> None:
    text = f"<p>{paragraphs[0]} (<x-source><a href='/s'>1</a></x-source>)</p><p>{paragraphs[1]}</p>"
    article = clean_html(f"<article>{HEADLINE}{text}</article>")
    assert article.text.split("\n\n") == [f"{paragraphs[0]} (1)", paragraphs[1]]


def test_standfirst_in_the_byline_s_box_stays(clean_html: Any, article_html: str) -> None:
    lead = "Lorries and trains cross the lake again after eighteen months."
    article = clean_html(
        f"<article>{HEADLINE}<div class='byline'><p>{lead}</p><p>By Jane Roe</p></div>"
        f"<div>{article_html}</div></article>",
        head=f"<title>Bridge at Karsk opens</title><meta name='description' content='{lead}'>",
    )
    assert article.text.startswith(lead)
    assert "Jane Roe" not in article.text
