"""Draw what share of the developments of labelled streams would be shown in the channel, by threshold of importance.

usage: python benchmarks/broadcast_share.py [STREAM.jsonl ...] [--out docs/images/broadcast_share.svg]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fit_gate import make_report, read_stream
from matplotlib.figure import Figure
from tqdm import tqdm

from pipeline.alert.routes import BROADCAST_IMPORTANCE
from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Label

ROOT = Path(__file__).resolve().parents[1]
THRESHOLDS = tuple(n / 100 for n in range(50, 100))


def judge_replies(path: Path) -> list[float]:
    """The importance of every development and correction that is found in a stream."""
    memory = RamMemory()
    found = []
    for row in tqdm(read_stream(path), desc=path.name, unit="article"):
        report = make_report(row)
        duplicate = judge_duplicate(report, memory)
        verdict = judge_development(report, duplicate, judge_story(report, duplicate, memory), memory)
        if verdict.label in (Label.DEVELOPMENT, Label.CORRECTION):
            found.append(verdict.importance)
    return found


def draw_shares(shares: list[float], out: Path) -> None:
    """The curve, with the threshold that routes take when they name none."""
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.step(THRESHOLDS, [100 * share for share in shares], where="post", color="#1f3a5f")
    axes.axvline(BROADCAST_IMPORTANCE, color="#a33", linestyle="--")
    axes.set_xlabel("broadcast_importance")
    axes.set_ylabel("replies shown in the channel, %")
    axes.set_ylim(0, 102)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "streams", nargs="*", type=Path, default=sorted((ROOT / "seeds/streams").glob("stream_*.jsonl"))
    )
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/broadcast_share.svg")
    arguments = parser.parse_args()
    replies = [importance for path in arguments.streams for importance in judge_replies(path)]
    counts = [sum(importance >= threshold for importance in replies) for threshold in THRESHOLDS]
    for threshold, count in zip(THRESHOLDS, counts, strict=True):
        print(f"{threshold:.2f}  {count:3d} of {len(replies)}  {count / len(replies):.0%}")
    draw_shares([count / len(replies) for count in counts], arguments.out)
    print(f"drawn: {arguments.out}")


if __name__ == "__main__":
    main()
