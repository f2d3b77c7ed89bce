"""Articles of 400 invented words for the benchmarks: how often a word, a name and a phrase returns is as in real news.

Words follow Zipf's law. Half of a story's names are its own, half come from a pool that all stories share; two of its
twenty sentences are stock that other articles carry too.
"""

from __future__ import annotations

import random
from bisect import bisect
from datetime import datetime
from itertools import accumulate

from pipeline.models import ItemId, Report
from pipeline.text import list_words

SYLLABLES = list_words("ba ke lo mi nu ra se ti vo za dor fel gan hin jur")
WORDS, NAMES, STOCK_SENTENCES = 30_000, 2_000, 300
SENTENCES, WORDS_PER_SENTENCE = 20, 20
NAME_EVERY = 9  # words: real articles of 400 words hold about as many names and numbers


class InventedNews:
    """Writes articles; the same number and story always give the same text."""

    def __init__(self, seed: int = 1) -> None:
        dice = random.Random(seed)
        self._words = [_make_word(dice) for _ in range(WORDS)]
        self._names = [_make_word(dice).capitalize() for _ in range(NAMES)]
        self._word_weights = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))
        self._name_weights = list(accumulate(1 / (rank + 10) for rank in range(NAMES)))
        self._stock = [
            self._write_sentence(dice, self._names[:50], ["12", "20", "100"]) for _ in range(STOCK_SENTENCES)
        ]

    def write(self, number: int, story: int, at: datetime) -> Report:
        """Article `number`, about story `story`."""
        own, dice = random.Random(f"story {story}"), random.Random(f"article {number}")
        names = [_make_word(own).capitalize() for _ in range(4)]
        names += self._choose(own, self._names, self._name_weights, 4)
        numbers = [str(own.randint(13, 9999)) for _ in range(4)] + [str(dice.randint(2, 99)) for _ in range(2)]
        sentences = [self._write_sentence(dice, names, numbers) for _ in range(SENTENCES - 2)]
        sentences += dice.sample(self._stock, 2)
        title = sentences[0][4:60]
        publisher = f"Outlet {number % 50}"
        return Report(ItemId(f"{number:016d}"), at, publisher, publisher, f"u{number}", title, "\n\n".join(sentences))

    def _write_sentence(self, dice: random.Random, names: list[str], numbers: list[str]) -> str:
        words = self._choose(dice, self._words, self._word_weights, WORDS_PER_SENTENCE - 1)
        for place in range(dice.randrange(NAME_EVERY), len(words), NAME_EVERY):
            words[place] = dice.choice(names if dice.random() < 0.6 else numbers)
        return "The " + " ".join(words) + "."

    def _choose(self, dice: random.Random, things: list[str], weights: list[float], count: int) -> list[str]:
        return [things[bisect(weights, dice.random() * weights[-1], 0, len(things) - 1)] for _ in range(count)]


def _make_word(dice: random.Random) -> str:
    return "".join(dice.choices(SYLLABLES, k=dice.randint(2, 4)))
