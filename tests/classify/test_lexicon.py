"""A lexicon changes how fast an article is read, never what is read in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.classify.lexicon import MOST_CHARACTERS, Lexicon, PairColumn, Table
from pipeline.classify.model import TopicModel
from pipeline.classify.tokens import split_tokens
from pipeline.models import ItemId

WORDS = st.sampled_from(
    ["North", "Korea's", "killed", "U.S.-led", "troops.", "South", "West", "12,000", "Reuters", "…"]
)


def read_tokens(lexicon: Lexicon, text: str) -> list[str]:
    return [*lexicon.spell_tokens(lexicon.find_tokens(lexicon.read(text)))]


@given(texts=st.lists(st.lists(WORDS | st.text(max_size=8), max_size=12).map(" ".join), max_size=4))
def test_what_was_read_before_changes_nothing(texts: list[str]) -> None:
    lexicon = Lexicon()
    assert [read_tokens(lexicon, text) for text in texts] == [split_tokens(text) for text in texts]


def test_pieces_are_spelled_as_the_text_has_them() -> None:
    lexicon = Lexicon()
    assert lexicon.spell_pieces(lexicon.read("Armed men KILLED envoys of North Korea, twice")) == (
        "Armed men KILLED envoys of North Korea twice"
    )


def test_columns_know_the_words_from_before_and_after_they_were_made() -> None:
    lexicon = Lexicon()
    lexicon.read("gold silver")
    lengths = Table(lexicon, lambda token: [len(token)] * (token == "gold"))
    pairs = PairColumn(lexicon, {("gold", "coin"): 7, ("coin", "gold"): 8}, str)
    tokens = lexicon.find_tokens(lexicon.read("silver gold coin gold silver coin"))
    assert [found.tolist() for found in lengths.read(tokens)] == [[4, 4], [1, 3]]
    assert [found.tolist() for found in pairs.read(tokens)] == [[1, 2], [7, 8]]


def test_a_flood_of_new_words_is_forgotten_and_answers_stay(model: TopicModel) -> None:
    title, text = "Army shells rebel town", "Mortars were fired at North Korean rebels before the ceasefire."
    before = model.classify(ItemId("a"), title, text)
    lexicon = model.vectoriser.finder.lexicon
    for at in range(MOST_CHARACTERS // 50):
        lexicon.read(f"{at:x}" * 10)
    assert lexicon.is_full
    assert model.classify(ItemId("a"), title, text) == before
    assert not lexicon.is_full
