"""`wirewatch classify`: one JSON line in, its topics out."""

from __future__ import annotations

from typing import Any

from pipeline.classify.model import TopicModel
from pipeline.filters.lines import Answer, read_text
from pipeline.models import ItemId


def make_classify_answer(model: TopicModel) -> Answer:
    """The answer to one line: `id`, `title`, `text` -> `id`, `topics` [{topic, probability, terms}], `scores`.

    A title or text that is no string raises LineError.
    """

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        title, text = read_text(line, "title"), read_text(line, "text")
        found = model.classify(ItemId(str(line.get("id", ""))), title, text, read_text(line, "language"))
        topics = [
            {"topic": one.topic, "probability": one.probability, "terms": list(one.terms)} for one in found.topics
        ]
        extra = {"unsupported_language": True} if found.unsupported_language else {}
        return {"id": line.get("id"), "topics": topics, "scores": dict(found.scores), **extra}

    return answer
