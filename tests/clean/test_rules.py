"""Every rule of the rule books, by its own examples."""

import re

import pytest

from pipeline.clean.furniture import match_hint, names_body
from pipeline.clean.lines import find_rule
from pipeline.clean.rulebook import LineRule, load_furniture, load_line_rules

DROPS = [(rule.name, line) for rule in load_line_rules() for line in rule.drops]
KEEPS = [(rule.name, line) for rule in load_line_rules() for line in rule.keeps]
WORDS = [(rule.name, word) for rule in load_furniture() for word in rule.words]


@pytest.mark.parametrize("rule", load_line_rules(), ids=lambda rule: rule.name)
def test_every_rule_has_examples_both_ways(rule: LineRule) -> None:
    assert rule.drops
    assert rule.keeps


@pytest.mark.parametrize(("name", "line"), DROPS)
def test_line_is_furniture(name: str, line: str) -> None:
    own = next(rule for rule in load_line_rules() if rule.name == name)
    assert own.matches(line, line.lower())
    assert line.count(" ") < own.max_words
    assert find_rule(line) is not None


@pytest.mark.parametrize(("name", "line"), KEEPS)
def test_line_is_news(name: str, line: str) -> None:
    found = find_rule(line)
    assert found is None, found.name if found else ""


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_class_word_is_furniture(name: str, word: str) -> None:
    assert match_hint(f"block-a {word}")[0]
    assert match_hint(word)[0]


@pytest.mark.parametrize(
    "hint", ["header", "loaded", "has-sidebar", "no-comments", "headline", "article-header", "roadmap"]
)
def test_class_word_is_not_furniture(hint: str) -> None:
    assert match_hint(hint) == ("", False)


def test_camel_case_words_are_parted() -> None:
    assert match_hint("RelatedPosts")[0] == "related"


@pytest.mark.parametrize("hint", ["articleBody", "entry-content", "story-body__inner", "article__body", "post_content"])
def test_body_hint(hint: str) -> None:
    assert names_body(hint)


@pytest.mark.parametrize("rule", load_line_rules(), ids=lambda rule: rule.name)
def test_patterns_for_small_letters_ask_for_none_else(rule: LineRule) -> None:
    bare = re.sub(r"\\.", "", rule.small.pattern) if rule.small else ""
    assert bare == bare.lower()
    assert all(need == need.lower() for need in rule.needs)
