"""The five real articles: their topic sets, from the paragraphs that belong to the article."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.classify.model import TopicModel
from pipeline.models import ItemId

GOLD = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "gold.json"
MICRO_F1_FLOOR = 0.8


@pytest.mark.skipif(not GOLD.exists(), reason=f"the real articles are not here: {GOLD}")
def test_topics_of_the_real_articles(model: TopicModel) -> None:
    right = wrong = 0
    differences = []
    for name, gold in json.loads(GOLD.read_text("utf-8")).items():
        if "must_keep" not in gold:
            continue
        found = model.classify(ItemId(name), gold["title_contains"], "\n\n".join(gold["must_keep"]))
        said, true = {match.topic for match in found.topics}, set(gold["topics"])
        right += len(said & true)
        wrong += len(said ^ true)
        differences.append(f"{name}: missed {sorted(true - said)}, false {sorted(said - true)}")
    micro_f1 = 2 * right / (2 * right + wrong)
    assert micro_f1 >= MICRO_F1_FLOOR, f"micro F1 {micro_f1:.2f}\n" + "\n".join(differences)
