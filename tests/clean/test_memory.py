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


WIRE = (
    "<p>The two states have disputed the strait since the treaty of the lakes ran out without a successor.</p>"
    "<p>At least 31 sailors have died in the strait since January, by the count of the lake agency.</p>"
    "<p>“We will not give way,” the admiral has said again and again.</p>"
)


@pytest.mark.parametrize("pages_with_it", [1, 2, 3, 4])
def test_background_of_an_agency_stays(clean_html: Any, pages_with_it: int) -> None:
    memory = SiteMemory()
    for number in range(5):
        wire = WIRE if number < pages_with_it else ""
        memory = learn(memory, clean_html(write_page(number)[0] + wire, head="", memory=memory))
    text = clean_html(write_page(6)[0] + WIRE, head="", memory=memory).text
    assert "31 sailors" in text
    assert "We will not give way" in text
    assert ("disputed the strait" in text) is (
        pages_with_it < 3
    )  # no figure, no quotation, under three of five articles


def test_background_seen_once_stays(clean_html: Any) -> None:
    memory = learn(SiteMemory(), clean_html(write_page(0)[0] + WIRE, head=""))
    assert "disputed the strait" in clean_html(write_page(1)[0] + WIRE, head="", memory=memory).text


def test_sentence_under_every_article_goes(clean_html: Any) -> None:
    house = (
        "<p>Since 1911 the Courier has been printed by 40 people in the old mill, on paper made beside the lake.</p>"
    )
    memory = SiteMemory()
    for number in range(7):
        memory = learn(memory, clean_html(write_page(number)[0] + house, head="", memory=memory))
    assert "old mill" not in clean_html(write_page(7)[0] + house, head="", memory=memory).text


def test_a_wire_text_at_many_addresses_teaches_nothing(clean_html: Any) -> None:
    memory = learn(SiteMemory(), clean_html(write_page(0)[0], head=""))
    once = clean_html(write_page(1)[0] + WIRE, head="", memory=memory)
    memory = learn(memory, once)
    for _ in range(6):
        again = clean_html(write_page(1)[0] + WIRE, head="", memory=memory)
        assert again.text.endswith("again and again.")
        memory = learn(memory, again)
    assert "31 sailors" in clean_html(write_page(2)[0] + WIRE, head="", memory=memory).text


def test_promotions_that_take_turns_go(clean_html: Any) -> None:
    promos = ("Half price until the herring run", "The lake quiz is back", "Win a week on the lightship")
    memory = SiteMemory()
    for number in range(7):
        memory = learn(
            memory, clean_html(write_page(number)[0] + f"<p>{promos[number % 3]}</p>", head="", memory=memory)
        )
    assert promos[0] not in clean_html(write_page(7)[0] + f"<p>{promos[0]}</p>", head="", memory=memory).text


def test_memory_is_bounded_and_forgets(clean_html: Any) -> None:
    memory = SiteMemory(1.0, {f"{n:012x}": 0.31 for n in range(MAX_BLOCKS * 2)})
    memory = learn(memory, clean_html(write_page(0)[0], head=""))
    assert len(memory.blocks) <= MAX_BLOCKS
    for number in range(3):
        memory = learn(memory, clean_html(write_page(number)[0], head="", memory=memory))
    assert not any(key.startswith("0000") for key in memory.blocks)


def test_rejected_page_teaches_nothing(clean_html: Any) -> None:
    assert learn(SiteMemory(), clean_html("", head="")) == SiteMemory()
