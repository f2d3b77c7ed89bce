"""How fast topics are told: articles of one processor second, time to load the model, memory.

    python benchmarks/topics_speed.py

The articles are made of the shipped examples, 400 words each. They are read twice: by a process that knows no word
yet, and once more by the same process in another order, with one word in a hundred replaced by one that it never met,
as it goes in a process that has read news for an hour. Every time is processor time, and of many short rounds the
median and the best are given: on a machine that others use, the best is nearest to the truth.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tqdm import tqdm

from pipeline.classify.model import TopicModel
from pipeline.models import ItemId
from pipeline.topic_model import load_topic_model, read_examples

ROOT = Path(__file__).resolve().parents[1]
MODELS, SEEDS = ROOT / "data" / "models", ROOT / "seeds"
WORDS, ROUND, ROUNDS, SEED = 400, 50, 60, 7

LOAD = """
import sys, time
from pathlib import Path
from pipeline.topic_model import load_topic_model
start = time.process_time()
model = load_topic_model(Path(sys.argv[1]), Path(sys.argv[2]))
loaded = time.process_time() - start
model.classify("a", "Ferry sinks off port", "The ship capsized.")
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(loaded, time.process_time(), int(peak.split()[1]) / 1024)
"""


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    measure_load()  # trains a model where there is none, in a process whose memory does not count
    loaded, answered, megabytes = measure_load()
    print(f"model loaded in {loaded:.2f} s; first answer after {answered:.2f} s of a new process, {megabytes:.0f} MB")
    articles, model = make_articles(), load_topic_model(MODELS, SEEDS)
    for name, some in (("all words new", articles), ("most words known", renew_words(articles))):
        speeds = measure_speed(model, some)
        median, best = statistics.median(speeds), max(speeds)
        print(f"articles of {WORDS} words, {name}: median {median:.0f}, best {best:.0f} a second")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


def measure_load() -> list[float]:
    run = [sys.executable, "-c", LOAD, str(MODELS), str(SEEDS)]
    return [float(one) for one in subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()]


def make_articles() -> list[tuple[str, str]]:
    """Half of them have one subject, half go from subject to subject."""
    _, examples = read_examples(SEEDS)
    mixed = random.Random(SEED).sample(examples, len(examples))
    words = [word for one in [*examples, *mixed] for word in f"{one.title}. {one.text}".split()]
    starts = range(0, len(words) - WORDS, WORDS)
    articles = [(" ".join(words[at : at + 9]), " ".join(words[at + 9 : at + WORDS])) for at in starts]
    return random.Random(SEED).sample(articles, min(len(articles), ROUND * ROUNDS))


def renew_words(articles: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The articles in another order, every hundredth word of their texts one that nobody knows."""
    chance = random.Random(SEED)
    return [
        (title, " ".join(make_word(chance) if at % 100 == 50 else word for at, word in enumerate(text.split())))
        for title, text in chance.sample(articles, len(articles))
    ]


def make_word(chance: random.Random) -> str:
    return "".join(chance.choices("aeiounrstlmdk", k=8))


def measure_speed(model: TopicModel, articles: list[tuple[str, str]]) -> list[float]:
    speeds = []
    for at in tqdm(range(0, len(articles) - ROUND + 1, ROUND), unit="round"):
        start = time.process_time()
        for title, text in articles[at : at + ROUND]:
            model.classify(ItemId("a"), title, text)
        speeds.append(ROUND / (time.process_time() - start))
    return speeds


if __name__ == "__main__":
    main()
