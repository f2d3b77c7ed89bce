"""A sentence that was added to an article and only tells how things are is no news, whatever numbers it holds."""

from __future__ import annotations

import pytest

from pipeline.detect.novelty import NewFacts
from pipeline.detect.timeless import is_timeless
from pipeline.facts import SentenceView, read_report
from tests.detect.reports import report

# Of both lists the first half was written before the rule, the second after it.
TIMELESS = [
    "More than 50 ships a day use the waterway, which saves a voyage around the continent.",
    "The ministry employs 4,200 people.",
    "The company operates 17 depots in six provinces.",
    "The bridge is 640 metres long and rests on eleven piers.",
    "About 85 percent of the country's exports pass through the port.",
    "The army has 62,000 soldiers and an annual budget of 1.4 billion dollars.",
    "Each crossing takes some 70 minutes and costs less than two dollars.",
    "The town lies 180 km east of the capital at a height of 1,650 metres.",
    "Between 300 and 400 people cross the border at this point every week.",
    "The airline flies to 35 cities with a fleet of 21 aircraft.",
    "The average rainfall in these months is 640 millimetres.",
    "The canal is 164 km long and 24 metres deep.",
    "Its largest lock takes ships of up to 400 metres.",
    "Roughly one household in 6 owns a boat.",
    "A ticket costs 4 dollars, a tenth of a day's wage.",
    "The group has 3,100 members in 14 countries.",
    "Ferries make the journey nine times a week.",
    "The park covers 88,000 hectares and draws 120,000 visitors a year.",
    "Under the law ministers need a majority of 160 votes.",
    "Fishing accounts for 31 percent of the island's income.",
    "The office has 37 inspectors for 2,700 vessels.",
    "A howitzer of this kind fires six rounds a minute over 40 km.",
    "The peace deal of 2019 gives the province 12 of 60 seats.",
    "Doctors recommend at least 8 glasses of water.",
    "There are only 2 roads into the valley.",
    "The reactor supplies 18 percent of the power in the north.",
]
NEWS = [
    "Two more bodies were recovered in the evening, bringing the toll to 77.",
    "Rescuers pulled 17 survivors out of the water during the night.",
    "The government released 45 million dollars for the families.",
    "Shares of the company fell 14 percent on the announcement.",
    "Some 3,500 people were evacuated from the neighbouring villages.",
    "A second ship with 26 people aboard is missing.",
    "The delegation left after 40 minutes without an agreement.",
    "Parliament voted 212 to 83 for the motion.",
    "Another 19 people were taken to hospital.",
    "Police have arrested 23 people.",
    "More than 700 soldiers have been sent to the area.",
    "The payment was raised to 95 million euros.",
    "Traffic was diverted over 66 km of country roads.",
    "The neighbouring state closed 14 crossings.",
    "By noon 52 flights had been cancelled.",
    "A third tug with a crew of 11 joined the two others before noon.",
    "The cost of the rescue rose to 12 million dollars.",
    "Divers brought up 5 bags of mail from the wreck.",
    "The wind drove 19 boats ashore.",
    "Now 63 people are without shelter.",
    "Twelve more wagons are leaking acid.",
    "The state will pay each family 9,000 dollars.",
    "The bank lent the company 75 million euros.",
    "Three of the crew are dead.",
    "The guard shot at 2 men in a rowing boat.",
    "Troops went from house to house in 16 villages.",
    "Queues of 70 trucks formed at both ends of the bridge.",
    "The stock exchange closed 3.4 percent lower.",
    "Some 240 passengers spent the night in a sports hall.",
    "Engineers have found cracks of 30 centimetres in 4 pillars.",
    "The rebels gave up 7 of their posts.",
    "The talks resume on Friday.",
    "The bridge will carry 9,000 cars a day.",
    "The ministry says that 40 ships are at anchor.",
]


def read_sentence(text: str) -> tuple[SentenceView, NewFacts]:
    """A sentence, all of whose facts are new."""
    (sentence,) = read_report(report("x", text)).sentences
    return sentence, NewFacts(sentence.quantities, (), sentence.names, sentence.stages, sentence.dates)


@pytest.mark.parametrize("text", TIMELESS)
def test_how_things_are_is_no_news(text: str) -> None:
    assert is_timeless(*read_sentence(text))


@pytest.mark.parametrize("text", NEWS)
def test_what_happened_is_under_way_or_lies_ahead_may_be_news(text: str) -> None:
    assert not is_timeless(*read_sentence(text))
