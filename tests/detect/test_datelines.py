"""Datelines are cut off; what only looks like one stays."""

from __future__ import annotations

import pytest

from pipeline.facts.dateline import strip_dateline


@pytest.mark.parametrize(
    "dateline",
    [
        "BELMARK, 12 May (Outlet) - ",
        "PORT SELLAN, March 2 (Meridian) - ",
        "MBUTO, Kasembe, Jan 11 (Inland) — ",
        "VARDENGRAD, January 15, 2027 /VNA/ - ",
        "Sinpyong, March 6 (HCNA) -- ",
        "AL-QURAYN: ",
        "PUERTO LIMA VIEJA – ",
        "ŻELNIK, 3rd May (DSA) - ",
    ],
)
def test_place_day_and_agency_are_cut_off(dateline: str) -> None:
    assert strip_dateline(dateline + "A ferry sank.") == "A ferry sank."


@pytest.mark.parametrize(
    "sentence",
    [
        "Names: Munn and Sorrel.",
        "One: Kestrel can be hit.",
        "Forty thousand tonnes: that is how much beef will be allowed in.",
        "Lumo - the phone maker - beat forecasts.",
        "11:52 Belud has just put out its version.",
        "The council (nine states) - all of it - agreed.",
        "BELMARK, 12 May (Outlet) -",
        "",
    ],
)
def test_what_only_looks_like_a_dateline_stays(sentence: str) -> None:
    assert strip_dateline(sentence) == sentence
