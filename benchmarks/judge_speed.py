"""Cost per article of the three judging rooms while the archive grows, in memory, on one core.

usage: python benchmarks/judge_speed.py [ARTICLES]    (default 20000; 400 words each, four articles a story)

Prints articles per second and peak memory for each tenth of the run. The texts are made of invented words whose
frequencies follow Zipf's law; every story has its own names and numbers.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from datetime import UTC, datetime, timedelta

from pipeline.garbage import spare_what_is_there
from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import ItemId, Report
from pipeline.text import list_words

START = datetime(2026, 1, 5, tzinfo=UTC)
SYLLABLES = list_words("ba ke lo mi nu ra se ti vo za dor fel gan hin jur")
WORDS_PER_ARTICLE = 400
ARTICLES_PER_STORY = 4
STORY_GAP = 2000  # articles of other stories between two of one


def make_words(dice: random.Random, count: int) -> list[str]:
    """Invented words of two to four syllables."""
    return ["".join(dice.choices(SYLLABLES, k=dice.randint(2, 4))) for _ in range(count)]


def make_report(number: int, vocabulary: list[str], weights: list[float]) -> Report:
    """Article `number` of the stream."""
    story = number % STORY_GAP + number // (STORY_GAP * ARTICLES_PER_STORY) * STORY_GAP
    own, dice = random.Random(story), random.Random(number * 7919)
    names = [word.capitalize() for word in make_words(own, 8)]
    numbers = [str(own.randint(13, 9999)) for _ in range(6)]
    words = dice.choices(vocabulary, cum_weights=weights, k=WORDS_PER_ARTICLE)
    for place in range(6, WORDS_PER_ARTICLE, 9):
        words[place] = dice.choice(names if place % 2 else numbers)
    text = "\n\n".join("The " + " ".join(words[at : at + 20]) + "." for at in range(0, WORDS_PER_ARTICLE, 20))
    at = START + timedelta(minutes=number)
    return Report(ItemId(f"n{number}"), at, "s", f"p{number % 50}", f"u{number}", " ".join(words[:8]), text)


def main(articles: int) -> None:
    """See the module."""
    dice = random.Random(1)
    vocabulary = make_words(dice, 30_000)
    total, weights = 0.0, []
    for rank in range(len(vocabulary)):
        total += 1 / (rank + 10)
        weights.append(total)
    memory, step = RamMemory(), articles // 10
    for tenth in range(10):
        reports = [make_report(n, vocabulary, weights) for n in range(tenth * step, (tenth + 1) * step)]
        started = time.process_time()
        opened = 0
        with spare_what_is_there():  # as the replay filter and the steps do
            for report in reports:
                duplicate = judge_duplicate(report, memory)
                assignment = judge_story(report, duplicate, memory)
                judge_development(report, duplicate, assignment, memory)
                opened += assignment.is_new
        rate = step / (time.process_time() - started)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{(tenth + 1) * step:8d} articles  {rate:6.0f} per CPU second  {peak_mb:6.0f} MB  {opened} stories opened"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
