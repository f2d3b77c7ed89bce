"""What a site prints on page after page."""

from typing import Any

import pytest

from pipeline.clean import SiteMemory, learn
from pipeline.clean.memory import MAX_BLOCKS, RULE
from pipeline.models import Article

PLACES = ("Karsk", "Velm", "Ostra", "Tarn", "Lund", "Ferry Point", "Nordby", "Halden")
FURNITURE = (
    "Lakeside Courier, telling the lake's stories since 1911",
    "Our house stands by the code of the lake press council.",
    "This page was set with care in our own print room.",
)


def write_page(number: int) -> tuple[str, list[str]]:
    """(markup, its true paragraphs) of one article of a site that prints three lines no rule knows on every page."""
    place = PLACES[number % len(PLACES)]
    true = [
        f"The council of {place} voted on Monday to rebuild the road along the shore, which the storm cut in two.",
        f"Work will take {number + 3} months and cost {number + 2} million, the engineer of {place} told the meeting.",
        f"“Nobody in {place} will miss the detour of {number + 11} kilometres,” said a baker of the island.",
    ]
    body = "".join(f"<p>{text}</p>" for text in [FURNITURE[0], *true, *FURNITURE[1:]])
    return f"<h1>{place} rebuilds its road in {number + 3} months</h1>{body}", true


def measure_f1(article: Article, true: list[str]) -> float:
    kept = article.text.split("\n\n")
    right = len(set(kept) & set(true))
    return 2 * right / (len(kept) + len(true))


def read_site(clean_html: Any, pages: int) -> list[float]:
    memory, curve = SiteMemory(), []
    for number in range(pages):
        markup, true = write_page(number)
        article = clean_html(f"<article>{markup}</article>", head="", memory=memory)
        curve.append(measure_f1(article, true))
        memory = learn(memory, article)
    return curve


def test_learning_curve(clean_html: Any) -> None:
    curve = read_site(clean_html, 8)
    assert curve[0] == pytest.approx(2 / 3, abs=0.01)
    assert curve[1:] == [1.0] * 7


def test_what_was_dropped_is_named(clean_html: Any) -> None:
    memory = learn(SiteMemory(), clean_html(write_page(0)[0], head=""))
    article = clean_html(write_page(1)[0], head="", memory=memory)
    assert [item.text for item in article.dropped if item.rule == RULE] == list(FURNITURE)


def test_the_same_text_at_another_address_stays(clean_html: Any) -> None:
    first = clean_html(write_page(0)[0], head="")
    memory = learn(SiteMemory(), first)
    assert clean_html(write_page(0)[0], head="", memory=memory).text == first.text


def test_background_of_a_story_stays(clean_html: Any) -> None:
    background = "<p>The storm of November cut the shore road in nine places and left two villages without power.</p>"
    memory = SiteMemory()
    for number in range(4):
        extra = background if number == 1 else ""
        memory = learn(memory, clean_html(write_page(number)[0] + extra, head="", memory=memory))
    assert "The storm of November" in clean_html(write_page(5)[0] + background, head="", memory=memory).text


def test_long_paragraph_must_be_seen_twice(clean_html: Any) -> None:
    wire = "<p>" + "The ministers of the nine lake states met again to talk about tolls and tides. " * 3 + "</p>"
    memory = learn(SiteMemory(), clean_html(write_page(0)[0] + wire, head=""))
    assert "ministers of the nine" in clean_html(write_page(1)[0] + wire, head="", memory=memory).text


def test_memory_is_bounded_and_forgets(clean_html: Any) -> None:
    memory = SiteMemory(1.0, {f"{n:012x}": 0.31 for n in range(MAX_BLOCKS * 2)})
    memory = learn(memory, clean_html(write_page(0)[0], head=""))
    assert len(memory.blocks) <= MAX_BLOCKS
    for number in range(3):
        memory = learn(memory, clean_html(write_page(number)[0], head="", memory=memory))
    assert not any(key.startswith("0000") for key in memory.blocks)


def test_rejected_page_teaches_nothing(clean_html: Any) -> None:
    assert learn(SiteMemory(), clean_html("", head="")) == SiteMemory()
