"""A small desk of two topics, whose model is trained in a moment."""

from __future__ import annotations

import json
from pathlib import Path

TOPICS = """
[[topics]]
id = "bees"
label = "Bees"
definition = "News about bees, hives and honey."
words = ["bee", "hive", "honey", "beekeeper"]
phrases = ["honey bee", "swarm of bees"]
counter_examples = ["The spelling bee was won by a girl of nine."]

[[topics]]
id = "boats"
label = "Boats"
definition = "News about boats, sails and harbours."
words = ["boat", "sail", "harbour", "yacht"]
phrases = ["sailing boat"]
"""
PLACES = ["orchard", "meadow", "valley", "island", "village", "market", "school", "chapel", "bridge", "tower", "mill"]
PEOPLE = ["farmer", "teacher", "painter", "baker", "student", "doctor", "singer", "gardener", "joiner", "tailor"]


def make_text(number: int, topic: str) -> dict[str, object]:
    place, person = PLACES[number % len(PLACES)], PEOPLE[number // len(PLACES) % len(PEOPLE)]
    body = {
        "bees": f"The {person} found a swarm near the {place} and the beekeeper took the hive and its honey away.",
        "boats": f"The {person} built a boat behind the {place} and will sail it out of the harbour.",
        "": f"The {person} opened a small shop beside the {place} and sold bread and paper there.",
    }[topic]
    return {"title": f"News of the {place}", "text": body, "topics": [topic] if topic else []}


def write_seeds(folder: Path, texts_of_each: int = 80) -> Path:
    """A seeds folder with that many texts of each topic and of none."""
    (folder / "labelled").mkdir(parents=True)
    (folder / "topics.toml").write_text(TOPICS, "utf-8")
    rows = [make_text(number, topic) for number in range(texts_of_each) for topic in ("bees", "boats", "")]
    (folder / "labelled" / "all.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return folder
