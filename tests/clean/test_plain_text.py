"""Plain text: only lines and their order to go by."""

from datetime import UTC, datetime
from typing import Any

from pipeline.models import PublishedFrom


def test_title_and_date_line(clean_text: Any, paragraphs: tuple[str, ...]) -> None:
    article = clean_text("\n\n".join(["Bridge at Karsk opens", "by lakeside news", "2024-03-04 09:41:07", *paragraphs]))
    assert article.title == "Bridge at Karsk opens"
    assert article.published_at == datetime(2024, 3, 4, 9, 41, 7, tzinfo=UTC)
    assert article.published_from is PublishedFrom.VISIBLE
    assert article.text.split("\n\n") == list(paragraphs)


def test_date_above_the_site_name_is_no_date(clean_text: Any, paragraphs: tuple[str, ...]) -> None:
    header = [
        "March 5, 2025",
        "Lakeside Courier",
        "All the news of the lake",
        "Bridge at Karsk opens",
        "Bridge at Karsk opens",
    ]
    article = clean_text("\n\n".join([*header, *paragraphs]))
    assert article.title == "Bridge at Karsk opens"
    assert article.published_from is PublishedFrom.FIRST_SEEN
    assert article.text.split("\n\n") == list(paragraphs)


def test_date_in_a_sentence_is_no_date(clean_text: Any, paragraphs: tuple[str, ...]) -> None:
    article = clean_text(
        "\n\n".join(["Bridge at Karsk opens", paragraphs[0], "On 4 March 2012 it was closed.", *paragraphs[1:]])
    )
    assert article.published_from is PublishedFrom.FIRST_SEEN


def test_site_name_in_the_first_line_comes_off(clean_text: Any, paragraphs: tuple[str, ...]) -> None:
    article = clean_text(
        "\n\n".join(["Bridge at Karsk opens | LAKESIDE COURIER", "Bridge at Karsk opens", *paragraphs])
    )
    assert article.title == "Bridge at Karsk opens"
    assert "LAKESIDE" not in article.text


def test_text_without_a_title_has_none(clean_text: Any, paragraphs: tuple[str, ...]) -> None:
    article = clean_text("\n".join(paragraphs))
    assert article.title == ""
    assert article.text.split("\n\n") == list(paragraphs)


def test_hard_wrapped_lines_are_joined(clean_text: Any) -> None:
    wrapped = (
        "The two transport ministers opened the rebuilt bridge at Karsk on\n"
        "Tuesday, eighteen months after the flood that carried away its middle\n"
        "span and cut the only paved road along the northern shore."
    )
    assert clean_text(wrapped).text == wrapped.replace("\n", " ")


def test_furniture_lines_go(clean_text: Any, paragraphs: tuple[str, ...]) -> None:
    lines = [
        "Bridge at Karsk opens",
        "• Share on Twitter",
        paragraphs[0],
        "See also Ferry strike goes on",
        *paragraphs[1:],
    ]
    article = clean_text("\n\n".join([*lines, "#bridge #Karsk", "You may also like", "Leave a Comment"]))
    assert article.text.split("\n\n") == list(paragraphs)
