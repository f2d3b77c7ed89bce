"""What the shipped model says about texts that nobody trained it on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.classify.model import TopicModel
from pipeline.models import Classification, ItemId


def classify(model: TopicModel, title: str, text: str = "", language: str = "") -> Classification:
    return model.classify(ItemId("item"), title, text, language)


def topics_of(found: Classification) -> set[str]:
    return {match.topic for match in found.topics}


@pytest.mark.parametrize(
    ("title", "text", "topics"),
    [
        ("Commuter train derails outside Lyon, 14 hurt", "Two carriages left the rails at a crossing.", {"transport"}),
        ("Rebels ambush army patrol, kill six soldiers", "Gunmen opened fire on the troops.", {"military_operation"}),
        ("EU imposes new sanctions on the junta", "The bloc froze assets of 12 generals.", {"sanctions"}),
        ("Cyclone leaves 40,000 homeless", "Aid agencies flew tents and clean water to survivors.", {"humanitarian"}),
        ("Inspectors find enriched uranium at site", "The nuclear watchdog asked for access.", {"weapons_programme"}),
        ("Striker scores twice as United win the cup", "The coach praised his young team.", set()),
        ("Chip maker's quarterly profit rises 12 percent", "Shares rose two percent after the report.", set()),
    ],
)
def test_plain_news_gets_its_topic(model: TopicModel, title: str, text: str, topics: set[str]) -> None:
    assert topics_of(classify(model, title, text)) == topics


def test_an_article_may_have_two_topics(model: TopicModel) -> None:
    found = classify(
        model,
        "President arrives in Ankara to sign order for 24 fighter jets",
        "The visiting president held talks with his Turkish counterpart. The two leaders signed a contract under which "
        "Turkey sells fighter jets, missiles and ammunition to the visitor's air force.",
    )
    assert topics_of(found) == {"state_visit", "arms_deal"}


def test_every_topic_has_a_score_even_when_none_fits(model: TopicModel) -> None:
    found = classify(model, "Garden show opens", "Roses and tulips were on display.")
    assert found.topics == ()
    assert set(found.scores) == set(model.topics.topic_ids)


def test_the_terms_are_words_of_the_article_and_carry_the_topic(model: TopicModel) -> None:
    found = classify(model, "Airline cancels flights as pilots strike", "Passengers slept at the airport.")
    (match,) = found.topics
    assert match.topic == "transport"
    article = "airline cancels flights as pilots strike passengers slept at the airport"
    assert match.terms
    assert all(term.lower() in article for term in match.terms)
    assert {"airline", "flights", "pilots", "airport"} & {term.lower() for term in match.terms}


def test_topics_come_most_probable_first_and_above_their_threshold(model: TopicModel) -> None:
    found = classify(
        model,
        "Foreign ministers meet in Geneva on nuclear inspections",
        "The ministers held talks on uranium enrichment and on lifting sanctions imposed over the nuclear programme.",
    )
    probabilities = [match.probability for match in found.topics]
    assert probabilities == sorted(probabilities, reverse=True)
    thresholds = dict(zip(model.topics.topic_ids, model.decision.thresholds.tolist(), strict=True))
    assert all(match.probability >= round(thresholds[match.topic], 4) for match in found.topics)


@pytest.mark.parametrize(
    "text",
    [
        "Der Bundeskanzler ist am Montag in Paris eingetroffen und wird mit dem Präsidenten über die Lage sprechen.",
        "Le président est arrivé lundi à Rome pour des entretiens avec le premier ministre sur les sanctions.",
        "El presidente llegó este lunes a Lima para una visita de Estado y firmó el acuerdo con su homólogo.",
        "Президент прибыл в понедельник в Ханой с государственным визитом.",
        "A miniszterelnök hétfőn Varsóba érkezett, hogy a szankciókról tárgyaljon.",
        "金正恩国务委员长乘坐专列抵达俄罗斯。",
    ],
)
def test_a_foreign_text_is_counted_not_guessed(model: TopicModel, text: str) -> None:
    found = classify(model, "", text)
    assert found.unsupported_language
    assert found.topics == ()


@pytest.mark.parametrize(
    "title",
    [
        "Putin lands in Hanoi",
        "NATO jets bomb Pristina depot",
        "Van der Bellen visits San Marino",
        "Shr 12 cts vs 9 cts",
        "Erdoğan lands in Şanlıurfa",
    ],
)
def test_a_short_english_headline_is_not_taken_for_foreign(model: TopicModel, title: str) -> None:
    assert not classify(model, title).unsupported_language


def test_a_wrong_language_tag_does_not_silence_an_english_text(model: TopicModel) -> None:
    text = "The army said that rebels had attacked a convoy of soldiers on the road to the capital."
    assert not classify(model, "Convoy attacked", text, language="de").unsupported_language


def test_an_empty_text_has_no_topics(model: TopicModel) -> None:
    found = classify(model, "", "")
    assert found.topics == ()
    assert set(found.scores.values()) == {0.0}


def test_countries_and_years_do_not_decide(model: TopicModel) -> None:
    first = classify(model, "Kenya sends troops to Uganda in 1987", "Soldiers crossed the border on Monday.")
    second = classify(model, "Norway sends troops to Iceland in 2031", "Soldiers crossed the border on Friday.")
    assert first.scores == second.scores


def test_the_second_subject_of_a_long_article_is_found(model: TopicModel) -> None:
    visit = "The president met the prime minister and the two leaders held talks on closer ties. "
    train = "The armoured train has ninety carriages and runs on old railway tracks at sixty kilometres an hour. "
    found = classify(model, "Leaders meet for summit", visit * 5 + train * 6)
    assert topics_of(found) == {"state_visit", "transport"}


@settings(max_examples=60, deadline=None)
@given(title=st.text(max_size=80), text=st.text(max_size=400))
def test_any_text_gets_probabilities(model: TopicModel, title: str, text: str) -> None:
    found = classify(model, title, text)
    assert all(0.0 <= score <= 1.0 for score in found.scores.values())
    assert all(match.topic in found.scores for match in found.topics)
