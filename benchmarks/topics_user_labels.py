"""What labels of readers add to the topic model, simulated on labelled texts of your own.

    python benchmarks/topics_user_labels.py LABELLED.jsonl

The file (JSON lines with title, text, topics) is cut into four folds. Labels are taken from three of them, as if
readers had given them: at random, and picked as `wirewatch label` picks them. The fourth fold is measured, in turn.
Nothing of the file is kept. Takes about four minutes of CPU time.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from topics_learning_curve import ROOT, SEED, read_measured
from tqdm import tqdm

from pipeline.classify.examples import Example
from pipeline.classify.model import TopicModel
from pipeline.classify.training import TrainingSettings, train_model
from pipeline.classify.upkeep.asking import Candidate, choose_questions
from pipeline.classify.upkeep.figures import Answer, answer_examples, measure_answers
from pipeline.models import Figures, ItemId
from pipeline.topic_model import read_examples

PLOT = ROOT / "docs" / "images" / "topics_user_labels.png"
FOLDS = 4
AT_RANDOM, PICKED = "at random", "picked by `wirewatch label`"
SIZES = {AT_RANDOM: (50, 200, 1000), PICKED: (50, 200)}

Choose = Callable[[Sequence[Example], int], Sequence[Example]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--out", type=Path, default=PLOT, help="where the plot goes")
    options = parser.parse_args()
    topics, examples = read_examples(ROOT / "seeds")
    readers = [replace(one, is_label=True) for one in read_measured(options.labelled)]
    random.Random(SEED).shuffle(readers)
    trainings = 1 + FOLDS * sum(map(len, SIZES.values()))
    with tqdm(total=trainings, desc="trainings") as bar:

        def train(given: Sequence[Example]) -> TopicModel:
            model = train_model([*examples, *given], topics, TrainingSettings())
            bar.update()
            return model

        start = train([])
        before = measure_answers(answer_examples(start, readers), start)
        choosers: dict[str, Choose] = {
            AT_RANDOM: lambda pool, count: pool[:count],
            PICKED: lambda pool, count: pick(pool, start, count),
        }
        after = {
            (how, count): measure_gain(train, choosers[how], readers, count)
            for how, counts in SIZES.items()
            for count in counts
        }
    print_table(before, after)
    draw(before, after, options.out)


def measure_gain(
    train: Callable[[Sequence[Example]], TopicModel], choose: Choose, readers: Sequence[Example], count: int
) -> Figures:
    answers: list[Answer] = []
    for fold in range(FOLDS):
        pool = [one for at, one in enumerate(readers) if at % FOLDS != fold]
        model = train(choose(pool, count))
        answers += answer_examples(model, readers[fold::FOLDS])
    return measure_answers(answers, model)


def pick(pool: Sequence[Example], model: TopicModel, count: int) -> list[Example]:
    candidates = []
    for at, one in enumerate(pool):
        item_id = ItemId(str(at))
        found = model.classify(item_id, one.title, one.text)
        candidates.append(Candidate(item_id, one.title, one.text, item_id, found))
    return [pool[int(question.candidate.item_id)] for question in choose_questions(candidates, model, count)]


def print_table(before: Figures, after: dict[tuple[str, int], Figures]) -> None:
    print("| labels | macro F1 | worst topic F1 | macro AP |\n|---|---|---|---|")
    rows = {"none": before} | {f"{count} {how}": figures for (how, count), figures in after.items()}
    for name, figures in rows.items():
        worst = min(one.f1 for one in figures.topics)
        print(f"| {name} | {figures.macro_f1:.3f} | {worst:.2f} | {mean_precision(figures):.3f} |")


def mean_precision(figures: Figures) -> float:
    return sum(one.average_precision for one in figures.topics) / len(figures.topics)


def draw(before: Figures, after: dict[tuple[str, int], Figures], out: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.6))
    places = {0: 0, **{count: at for at, count in enumerate(SIZES[AT_RANDOM], start=1)}}
    for how, marker, colour in ((AT_RANDOM, "o", "C0"), (PICKED, "^", "C1")):
        points = [(0, before)] + [(count, one) for (said, count), one in after.items() if said == how]
        x = [places[count] for count, _ in points]
        name = how.replace("`", "")
        axes.plot(x, [one.macro_f1 for _, one in points], marker + "-", color=colour, label=f"macro F1, {name}")
        axes.plot(x, [mean_precision(one) for _, one in points], marker + ":", color=colour, label=f"macro AP, {name}")
    axes.set(xlabel="labels of readers", ylim=(0.68, 0.88))
    axes.set_xticks(list(places.values()), [f"{count:,}" for count in places])
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, ncols=2)
    figure.tight_layout()
    figure.savefig(out, dpi=130, metadata={"Software": None})
    print(f"drawn: {out}")


if __name__ == "__main__":
    main()
