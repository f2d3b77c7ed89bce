"""The line contract of `wirewatch classify`."""

from __future__ import annotations

import pytest

from pipeline.classify.model import TopicModel
from pipeline.filters.classify import make_classify_answer
from pipeline.filters.lines import LineError


def test_an_answer_has_topics_with_terms_and_every_score(model: TopicModel) -> None:
    answer = make_classify_answer(model)({"id": "a", "title": "Ferry sinks off port", "text": "The ship capsized."})
    assert answer["id"] == "a"
    assert [set(topic) for topic in answer["topics"]] == [{"topic", "probability", "terms"}]
    assert set(answer["scores"]) == set(model.topics.topic_ids)


def test_missing_texts_are_empty_texts(model: TopicModel) -> None:
    assert make_classify_answer(model)({"id": "a", "title": None})["topics"] == []


def test_a_text_that_is_no_string_is_a_line_error(model: TopicModel) -> None:
    with pytest.raises(LineError):
        make_classify_answer(model)({"id": "a", "title": 3, "text": ""})


def test_a_foreign_text_says_so(model: TopicModel) -> None:
    answer = make_classify_answer(model)({"id": "a", "title": "", "text": "Президент прибыл в Ханой с визитом."})
    assert answer["unsupported_language"] is True
