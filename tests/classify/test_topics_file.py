"""A wrong topics or examples file is refused with a text that names the place."""

from __future__ import annotations

import pytest

from pipeline.classify.examples import Example, parse_examples
from pipeline.classify.topics import parse_topics
from pipeline.classify.training import TrainingSettings, train_model
from pipeline.errors import SettingError

GOOD = '[[topics]]\nid = "bees"\nlabel = "Bees"\ndefinition = "Bees."\nwords = ["bee"]\n'


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("", "no \\[\\[topics\\]\\]"),
        ("id = ", "not valid TOML"),
        ('topics = "bees"', "\\[\\[topics\\]\\]"),
        (GOOD.replace('"bees"', '"Bees!"'), "'Bees!'"),
        (GOOD.replace('words = ["bee"]', ""), "bees needs words or phrases"),
        (GOOD.replace('["bee"]', '"bee"'), "words of bees"),
        (GOOD.replace('label = "Bees"', 'label = ""'), "bees needs label"),
        (GOOD + "colour = 1", "unknown key 'colour'"),
        (GOOD + GOOD, "bees is defined twice"),
    ],
)
def test_a_wrong_topics_file_names_what_is_wrong(toml: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse_topics(toml)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ('{"title": "a"}', "line 2: .*title and text"),
        ('{"title": "a", "text": "b", "topics": "bees"}', "line 2: topics must be a list"),
        ('{"title": "a", "text": "b", "topics": ["wasps"]}', "line 2: unknown topic 'wasps'"),
    ],
)
def test_a_wrong_example_names_its_line(line: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        parse_examples("\n" + line, ["bees"], "mine.jsonl")


def test_examples_are_read_with_their_topics() -> None:
    line = '{"title": "A", "text": "B", "topics": ["bees"], "style": "brief"}'
    assert parse_examples(line, ["bees"], "mine.jsonl") == [Example("A", "B", ("bees",))]


def test_a_topic_without_examples_cannot_be_trained() -> None:
    with pytest.raises(SettingError, match="bees has 0 examples"):
        train_model([Example("Bee", "Hive.", ())], parse_topics(GOOD), TrainingSettings())


@pytest.mark.parametrize("precision", ["0", "1", "1.5", "true", '"high"'])
def test_a_precision_that_is_no_share_is_refused(precision: str) -> None:
    with pytest.raises(SettingError, match="precision of bees"):
        parse_topics(GOOD + f"precision = {precision}")


def test_a_topic_may_ask_for_its_own_precision() -> None:
    asked = parse_topics(GOOD + "precision = 0.95").topics[0]
    assert (asked.precision, parse_topics(GOOD).topics[0].precision) == (0.95, None)
