"""The same message as plain text and HTML: escaped, no disguised links, one line of subject."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alert.letter import write_letter, write_operations_letter
from pipeline.models import Label, Notice, NoticeLink, NoticeSection
from tests.alert.builders import NOW, make_alert

TAGS = {"h2", "h3", "p", "small", "blockquote", "a"}


class Reader(HTMLParser):
    """What a mail program would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str | None] = []
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value for name, value in attrs if name == "href"]


def test_an_alert_says_the_same_as_in_slack() -> None:
    letter = write_letter(make_alert())
    assert letter.subject == "Update: Ferry toll rises to 31"
    assert letter.text.splitlines() == [
        "| At least 31 people died, the coast guard said.",
        "Harbour Times, 2026-03-04 11:00 UTC, https://www.harbour.example/ferry?id=1&view=full",
        "Why: transport (ferry, port)",
        "What is new: toll 12 -› 31",
        "Story: Ferry sinks off Kelmar",
        "Also reported by: Daily Post",
        "Wirewatch, message k-1",
    ]
    assert "<blockquote>At least 31 people died" in letter.html
    assert Reader(letter.html).links == ["https://www.harbour.example/ferry?id=1&view=full"]


def test_a_notice_keeps_every_line() -> None:
    section = NoticeSection("Transport", (NoticeLink("Ferry sinks", "https://harbour.example/1"), "and 3 more"))
    letter = write_letter(Notice("k-2", "to:desk", "The day: 4 stories", (section,), NOW))
    assert letter.text.splitlines() == [
        "Transport",
        "- Ferry sinks, https://harbour.example/1",
        "- and 3 more",
        "Wirewatch, message k-2",
    ]


def test_a_possible_repeat_says_so() -> None:
    letter = write_letter(make_alert(), is_repeat=True)
    assert letter.subject == "Possible repeat: Update: Ferry toll rises to 31"
    assert "nobody can see here" in letter.text.splitlines()[0]
    assert "nobody can see here" in letter.html


def test_a_title_cannot_add_a_header() -> None:
    letter = write_letter(
        make_alert(headline="Toll rises\r\nBcc: all@desk.example\r\n\r\n<b>body</b>", label=Label.NEW_STORY)
    )
    assert letter.subject == "New story: Toll rises Bcc: all@desk.example ‹b›body‹/b›"


def test_markup_of_services_is_disarmed_in_plain_text() -> None:
    letter = write_letter(
        make_alert(new_facts=("<!channel> @everyone [bank](https://evil.example) ask me@desk.example",))
    )
    assert letter.text.splitlines()[0] == "| ‹!channel› ＠everyone [bank] (https://evil.example) ask me@desk.example"


def test_a_link_leads_only_to_the_web() -> None:
    letter = write_letter(make_alert(url="javascript:alert(1)"))
    assert Reader(letter.html).links == []
    assert "javascript" not in letter.text


def test_operations_are_told_in_one_line_and_the_rest() -> None:
    letter = write_operations_letter("Not delivered: 2\n<3 x refused>")
    assert letter.subject == "Wirewatch needs attention: Not delivered: 2"
    assert "&lt;3 x refused&gt;" in letter.html


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60), st.text(max_size=80))
def test_no_text_becomes_markup(headline: str, sentence: str, publisher: str, url: str) -> None:
    letter = write_letter(
        make_alert(
            headline=headline, new_facts=(sentence,), publisher=publisher, url=f"https://{url}", because=sentence
        )
    )
    seen = Reader(letter.html)
    assert seen.tags <= TAGS
    assert seen.attributes <= {"href"}
    assert all(link and link.startswith("https://") for link in seen.links)
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject
    assert "<" not in letter.text
