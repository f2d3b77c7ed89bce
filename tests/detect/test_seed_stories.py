"""The five seed documents end in two stories with the right labels."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.judge import RamMemory
from pipeline.models import ItemId, Report
from tests.detect.test_judging import judge_all

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.exists(), reason="the seed documents are not beside this checkout")
@pytest.mark.parametrize("first_of_the_morning", ["002", "003"])
def test_the_seeds_are_two_stories(first_of_the_morning: str) -> None:
    gold = json.loads((SEEDS / "gold.json").read_text("utf-8"))
    reports = []
    for name, page in gold.items():
        at = datetime.fromisoformat(page["published"]).replace(
            hour=8 if name[:3] == first_of_the_morning else 9, tzinfo=UTC
        )
        text = "\n\n".join(page["must_keep"])
        reports.append(Report(ItemId(name[:3]), at, page["site"], page["site"], name, page["title_contains"], text))
    verdicts = {str(v.item_id): v for v in judge_all(sorted(reports, key=lambda r: r.published_at), RamMemory())}
    story = {name: verdict.story_id for name, verdict in verdicts.items()}
    assert story["002"] == story["003"] == story["004"] != story["000"] == story["001"]
    labels = {name: str(verdict.label) for name, verdict in verdicts.items()}
    assert labels[first_of_the_morning] == labels["001"] == "new_story"
    assert labels["000"] == labels["004"] == "development"
