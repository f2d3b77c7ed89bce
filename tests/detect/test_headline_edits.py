"""An edit of the headline alone tells what it brings; other words, capitals, slugs and lists tell nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.facts.dateline import strip_slug
from pipeline.filters.replay import Replay
from pipeline.judge import RamMemory
from pipeline.models import Development, EarlierVersions, ItemId, Label, Report
from tests.detect.reports import PACT, report
from tests.detect.test_edits import judge, read_openings

# Of both lists the first half was written before the rules, the stories from sa08 on after them.
COSMETIC = [
    ("sa01", "UPDATE 2-Overloaded ferry sinks on Lake Tembani, at least 13 dead"),
    ("sa01", "Overloaded Ferry Sinks on Lake Tembani, at Least 13 Dead"),
    ("sa01", "OVERLOADED FERRY SINKS ON LAKE TEMBANI, AT LEAST 13 DEAD"),
    ("sa01", "Overloaded ferry sinks on Lake Tembani: at least 13 dead | Inland Post"),
    ("sa01", "Ferry disaster on Lake Tembani: thirteen people die as overloaded boat sinks"),
    ("sa01", "Lake Tembani ferry: what we know so far about the sinking"),
    ("sa01", "Five things to know about the Lake Tembani ferry disaster"),
    ("sa01", "Lake Tembani ferry sinking: 13 killed - live updates 2026"),
    ("sa03", "Vashkov to visit Karrad on January 15 for first summit in a decade"),
    ("sa03", "Vashkov's Karrad visit set for January 15, first summit in 10 years"),
    ("sa03", "Why Vashkov is going to Karrad"),
    ("sa03", "EXCLUSIVE: Vashkov will visit Karrad on January 15 for first summit in a decade"),
    ("sa05", "EU envoys near deal on twelfth round of sanctions on Velmora"),
    ("sb08", "PM to travel to Kosume"),
    ("sb08", "Prime Minister set to travel to Kosume"),
    ("sb01", "Seven killed as express train derails on Lusamba's coastal line"),
    ("sb01", "LIVE: Express leaves rails on Lusamba's coastal line; 7 killed"),
    ("sc03", "Dorvia and Halmari rebels begin truce talks in Geneva"),
    ("sd03", "Container ship blocks Sarrat Canal"),
    ("sd03", "Giant container vessel stuck in Sarrat Canal"),
    ("sd05", "Montecara in talks with Swedish company over 16 fighter jets"),
    ("sb04", "Selvania to sell Quell 24 self-propelled howitzers"),
    ("sa08", "Three soldiers killed as shelling breaks Tarsh-Belud calm"),
    ("sa08", "Shells hit Tarshi outposts on ceasefire line, killing three"),
    ("sa08", "UPDATE 4-Shelling reported on Tarsh-Belud ceasefire line, three soldiers killed"),
    ("sa08", "Truce in doubt? Shelling on Tarsh-Belud line kills 3"),
    ("sb02", "Phosphate train strikes cement lorry hours after coastal line reopens"),
    ("sb02", "Lusamba train crash: second accident in a week on coastal line"),
    ("sb02", "Lorry hit by phosphate train near Quebrada, two hurt"),
    ("sb02", "Lusamba's reopened coastal line: what went wrong"),
    ("sb03", "UN appeals for $640m as Garuun faces third failed rains"),
    ("sb03", "3.1 million need food in Garuun after third drought season, UN says"),
    ("sb03", "Garuun drought: why $640 million is needed"),
    ("sc01", "Ostavar Air plane carrying 29 vanishes over Kharun range"),
    ("sc01", "LIVE: Ostavar Air flight 418 missing"),
    ("sc01", "Search for missing Ostavar Air plane delayed by cloud"),
    ("sc04", "U.S. blacklists tankers over Belqan oil"),
    ("sc04", "Washington hits 18 oil tankers with sanctions over Belqan embargo - 24/7 News"),
    ("sd01", "Notice 12/2026: quake in Chalmora, day 2"),
    ("sd01", "Chalmora digs for survivors two days after the quake"),
    ("sc04", "U.S. Sanctions 18 Tankers Moving Belqan Crude (Update 2)"),
    ("sd01", "Chalmora earthquake: at least 40 killed as apartment blocks collapse"),
    ("sd01", "Powerful 7.1 quake kills dozens in Chalmora"),
    ("sd01", "7 photos that show the Chalmora earthquake"),
    ("sd07", "Oil depot ablaze in Stavrin region after drone attack"),
    ("sd07", "Drone strike sets three fuel tanks on fire near Lugovets"),
    ("sd06", "Lindavik wins SEK 1.1bn radar order from Montecara"),
    ("sd06", "Lindavik to supply five surveillance radars to Montecara"),
    ("sc08", "Uranium traces found at Persada 'pump shop', UN inspectors say"),
    ("sc08", "IAEA: uranium enriched to 27% found in Persada"),
    ("sb05", "Quell to deliver LNG to Selvania for 15 years"),
    ("sb05", "Selvania signs 15-year gas deal with Quell Energy"),
    ("sa07", "Ostrand signs 310-million-euro torpedo deal with Italy's Sirenea"),
    ("sa07", "Italian torpedoes for Ostrand's four submarines"),
    ("sd08", "Sulamar wants its own ballistic missile by 2031"),
    ("sd08", "Malanggo: Sulamar will build missile with 500 km range"),
]
TELLING = [
    ("sa01", "Overloaded ferry sinks on Lake Tembani, at least 31 dead"),
    ("sa01", "Lake Tembani ferry toll rises to 27"),
    ("sa01", "Overloaded ferry sinks on Lake Tembani, captain arrested"),
    ("sa01", "Overloaded ferry sinks on Lake Tembani, at least 13 dead, 40 missing"),
    ("sa01", "Minister resigns after ferry sinks on Lake Tembani"),
    ("sa03", "Vashkov cancels visit to Karrad, first summit in a decade"),
    ("sa03", "Vashkov will visit Karrad on January 22 for first summit in a decade"),
    ("sa03", "Vashkov postpones visit to Karrad"),
    ("sa05", "EU envoys agree 12th sanctions package against Velmora"),
    ("sa05", "EU envoys fail to agree on 12th sanctions package against Velmora"),
    ("sb08", "Prime Minister cancels trip to Kosume"),
    ("sb08", "Prime Minister postpones Kosume trip"),
    ("sb01", "Express leaves rails on Lusamba's coastal line; nine killed"),
    ("sb01", "Express leaves rails on Lusamba's coastal line; driver detained"),
    ("sc03", "Dorvia, Halmari rebels sign truce in Geneva"),
    ("sc03", "Dorvia and Halmari rebels break off truce talks in Geneva"),
    ("sd03", "Boxship refloated, Sarrat Canal reopened"),
    ("sd05", "Montecara and Swedish firm sign deal for 16 fighter jets"),
    pytest.param(
        "sd05",
        "Montecara opens talks with Swedish firm on 24 fighter jets",
        marks=pytest.mark.xfail(reason="the text counts 24 of something else"),
    ),
    ("sb04", "Selvania to sell 36 howitzers to Quell"),
    ("sa08", "Shelling reported on Tarsh-Belud ceasefire line, five soldiers killed"),
    ("sa08", "Tarsh and Belud agree to halt fire after shelling kills three soldiers"),
    ("sa08", "Belud denies shelling ceasefire line as three Tarshi soldiers are killed"),
    ("sb02", "Phosphate train hits lorry on Lusamba's coastal line, lorry driver charged"),
    ("sb02", "Phosphate train hits lorry in Lusamba, four hurt"),
    ("sb03", "UN seeks $710 million for Garuun as third rains fail"),
    ("sc01", "Plane with 31 aboard missing in Ostavar mountains"),
    ("sc01", "Missing Ostavar plane found, 26 bodies recovered"),
    ("sc04", "U.S. sanctions 22 tankers moving Belqan crude"),
    ("sc04", "U.S. suspends sanctions on 18 tankers moving Belqan crude"),
    ("sd01", "Earthquake of magnitude 7.1 hits Chalmora, at least 63 dead"),
    ("sd01", "Earthquake of magnitude 7.4 hits Chalmora, at least 40 dead"),
    ("sd07", "Drones set fire to oil depot in Stavrin region, two workers die"),
    ("sd07", "Drones set fire to oil depot in Stavrin region, governor resigns"),
    ("sd06", "Montecara cancels order for surveillance radars from Lindavik"),
    ("sd06", "Lindavik receives order for seven surveillance radars from Montecara"),
    ("sc08", "Inspectors report traces of uranium enriched to 60 percent at Persada workshop"),
    ("sb05", "Quell, Selvania postpone gas supply agreement"),
    ("sa07", "Ostrand to buy Italian torpedoes worth 340 million euros"),
    ("sa07", "Ostrand parliament approves Italian torpedoes worth 310 million euros"),
    ("sd08", "Sulamar to build own ballistic missile by 2033, president says"),
    ("sd05", "Montecara's top court halts talks on 16 fighter jets"),
    ("sd04", "Keshkar expels envoys after secret visit of foreign minister"),
    ("sb06", "Torvan admits failure of missile it called hypersonic"),
]


def rewrite(before: Report, item: str, headline: str) -> Report:
    """The next version, with another headline above the same text."""
    known = before.earlier.item_ids if before.earlier else ()
    earlier = EarlierVersions((*known, before.item_id), before.title, before.text)
    return replace(before, item_id=ItemId(item), title=headline, earlier=earlier)


def judge_headline(story: str, headline: str) -> Development:
    first, memory = read_openings()[story], RamMemory()
    judge(first, memory)
    return judge(rewrite(first, "second", headline), memory)


@pytest.mark.parametrize(("story", "headline"), COSMETIC)
def test_a_headline_in_other_words_tells_nothing(story: str, headline: str) -> None:
    verdict = judge_headline(story, headline)
    assert not verdict.label.deserves_alert
    assert verdict.because.startswith("edited, nothing new")


@pytest.mark.parametrize(("story", "headline"), TELLING)
def test_a_headline_with_a_new_fact_is_told_and_shown(story: str, headline: str) -> None:
    verdict = judge_headline(story, headline)
    assert verdict.label in (Label.DEVELOPMENT, Label.CORRECTION)
    assert verdict.new_facts == (headline,)
    assert verdict.because.startswith("edited: ")


def test_what_a_headline_told_is_not_told_again_by_the_text_or_by_the_headline_before() -> None:
    first, memory = read_openings()["sa01"], RamMemory()
    judge(first, memory)
    told = rewrite(first, "second", first.title.replace("13", "31"))
    assert judge(told, memory).label.deserves_alert
    text = told.text.replace("at least 13", "at least 31")
    caught_up = replace(rewrite(told, "third", told.title), text=text)
    assert judge(caught_up, memory).label is Label.REPEAT
    back = replace(rewrite(caught_up, "fourth", first.title), text=first.text)
    assert judge(back, memory).label is Label.NEAR_DUPLICATE


def test_a_headline_that_catches_up_with_the_story_tells_nothing() -> None:
    first, memory = read_openings()["sa01"], RamMemory()
    judge(first, memory)
    ahead = replace(rewrite(first, "second", first.title), text=first.text.replace("at least 13", "at least 31"))
    assert judge(ahead, memory).label.deserves_alert
    assert judge(rewrite(ahead, "third", first.title.replace("13", "31")), memory).label is Label.REPEAT


def test_a_step_of_which_the_text_only_spoke_is_told_when_the_headline_says_it_was_taken() -> None:
    def write(item: str, title: str) -> dict[str, str]:
        text = f"{PACT}\n\nThe pact could be signed in June, Okker said."
        address = "https://coastwire.example/pact"
        at = "2026-05-04T09:00:00Z"
        return {"id": item, "published_at": at, "source": "C", "url": address, "title": title, "text": text}

    answer = Replay().answer
    answer(write("a", "Orvia and Tarn in talks about fishing pact"))
    hoped = answer(write("b", "Orvia and Tarn hope to sign fishing pact"))
    signed = answer(write("c", "Orvia and Tarn sign fishing pact"))
    assert (hoped["label"], signed["label"]) == ("repeat", "development")
    assert signed["because"] == "edited: new: sign fishing pact"


@pytest.mark.parametrize(
    ("title", "is_told"),
    [
        ("Fishing talks of Orvia and Tarn collapse", True),
        ("Orvia and Tarn end talks: no deal on Selma Bank", True),
        ("Fishing talks of Orvia and Tarn end without pact", True),
        ("Orvia and Tarn talk about Selma Bank without Brussels", False),
        ("Failure is no option in talks on Selma Bank, Okker says", False),
    ],
)
def test_a_failure_is_a_step_until_another_outlet_has_told_it(title: str, is_told: bool) -> None:
    first = report("pact-1", PACT, title="Orvia and Tarn discuss fishing pact")
    failed = "The fishing talks of Orvia and Tarn collapsed on Monday, minister Lena Okker told reporters in Haven."
    for others in ((), (report("pact-2", failed, 3, title="Talks collapse", publisher="Daily Post"),)):
        memory = RamMemory()
        for each in (first, *others):
            judge(each, memory)
        verdict = judge(rewrite(first, "second", title), memory)
        assert verdict.label.deserves_alert == (is_told and not others)


@pytest.mark.parametrize(
    ("written", "headline"),
    [
        ("UPDATE 2-Ferry sinks", "Ferry sinks"),
        ("BREAKING: Live: Ferry sinks", "Ferry sinks"),
        ("Ferry sinks (Update 3)", "Ferry sinks"),
        ("Ferry sinks - 2nd Ld", "Ferry sinks"),
        ("Live fire kills two", "Live fire kills two"),
        ("Update: ", "Update: "),
        ("Lead mine shuts", "Lead mine shuts"),
        ("CORRECTED-Ferry sinks", "CORRECTED-Ferry sinks"),
    ],
)
def test_a_slug_is_no_part_of_a_headline(written: str, headline: str) -> None:
    assert strip_slug(written) == headline
