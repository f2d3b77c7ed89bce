"""Small invented streams for the judging rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.models import ItemId, Report

START = datetime(2026, 5, 4, 9, tzinfo=UTC)  # a Monday

CRANE = """At least 12 people were killed when a crane fell on a market in Port Arden on Monday, the fire service said.

Rescuers pulled 9 people alive from under the crane, fire chief Ines Carrow told reporters at the scene.

The crane was being used to build a 30-storey hotel beside the market, which draws thousands of shoppers."""

PACT = """Orvia and Tarn are in talks about a fishing pact for the Selma Bank, minister Lena Okker said on Monday.

The pact would let 40 boats from Tarn fish off the bank for five years, Okker told reporters in Orvia's capital, Haven.

Orvia closed the bank to foreign boats in 2019 after stocks of cod fell by half."""


def report(item: str, text: str, hours: float = 0, *, title: str = "", publisher: str = "Coastwire") -> Report:
    """An article that appears some hours after the start."""
    at = START + timedelta(hours=hours)
    return Report(ItemId(item), at, publisher, publisher, f"https://{publisher}.example/{item}", title, text)


STREAM = (
    report("crane-1", CRANE, title="Crane falls on market in Port Arden, 12 dead"),
    report("pact-1", PACT, 1, title="Orvia and Tarn discuss fishing pact"),
    report("crane-2", CRANE + "\n\nSubscribe to our newsletter.", 2, title="Horror at market", publisher="Daily Post"),
    report(
        "crane-3",
        CRANE.replace("At least 12", "At least 31").replace("on Monday", "on Monday, and 3 are missing"),
        26,
        title="Port Arden crane toll rises to 31",
    ),
    report(
        "pact-2",
        "Orvia and Tarn on Wednesday signed a fishing pact for the Selma Bank, Orvia's foreign minister Lena Okker "
        "said.\n\nThe pact lets 40 boats from Tarn fish off the bank for five years, she told reporters in Haven.\n\n"
        "Orvia closed the bank to foreign boats in 2019 after stocks of cod fell by half.",
        50,
        title="Orvia and Tarn sign fishing pact",
    ),
    report(
        "crane-4",
        "The number of people killed when a crane fell on a market in Port Arden on Monday is 29, not 31 as first "
        "reported, the fire service said on Thursday, correcting its earlier count.\n\nTwo bodies had been counted "
        "twice, fire chief Ines Carrow told reporters.",
        75,
        title="Fire service corrects Port Arden crane toll to 29",
    ),
)
