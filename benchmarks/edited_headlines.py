"""How many headlines would be told if an edit put them above the first article of their story, its text unchanged?

Those of later developments bring news; those of articles before the first development say the same in other words.

usage: python benchmarks/edited_headlines.py [STREAM.jsonl ...] [--show]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fit_gate import make_report, read_stream
from tqdm import tqdm

from pipeline.judge import RamMemory, judge_development, judge_duplicate, judge_story
from pipeline.models import Development, EarlierVersions, ItemId, Report

ROOT = Path(__file__).resolve().parents[1]


def list_headlines(rows: list[dict[str, Any]]) -> Iterator[tuple[Report, str, bool]]:
    """(first article of a story, another headline of it, whether that brings news)."""
    stories: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        stories.setdefault(row["story"], []).append(row)
    for first, *others in stories.values():
        has_news = False
        for other in others:
            is_news = other["label"] in ("development", "correction")
            has_news |= is_news
            if is_news or not has_news:
                yield make_report(first), other["title"], is_news


def judge_headline(first: Report, headline: str) -> Development:
    """The verdict on a version of an article under another headline."""
    memory = RamMemory()
    earlier = EarlierVersions((first.item_id,), first.title, first.text)
    edited = replace(first, item_id=ItemId("edited"), title=headline, earlier=earlier)
    verdicts = []
    for report in (first, edited):
        duplicate = judge_duplicate(report, memory)
        verdicts.append(judge_development(report, duplicate, judge_story(report, duplicate, memory), memory))
    return verdicts[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "streams", nargs="*", type=Path, default=sorted((ROOT / "seeds/streams").glob("stream_*.jsonl"))
    )
    parser.add_argument("--show", action="store_true", help="print what is missed and what is told for nothing")
    arguments = parser.parse_args()
    headlines = [each for path in arguments.streams for each in list_headlines(read_stream(path))]
    counts: Counter[tuple[bool, bool]] = Counter()
    for first, headline, is_news in tqdm(headlines, unit="headline"):
        verdict = judge_headline(first, headline)
        is_told = verdict.label.deserves_alert
        counts[is_news, is_told] += 1
        if arguments.show and is_told != is_news:
            tqdm.write(f"{'told' if is_told else 'missed'}: {first.title} => {headline} ({verdict.because})")
    for is_news, name in ((True, "that bring news"), (False, "in other words")):
        print(f"headlines {name}: {counts[is_news, True]} of {counts[is_news, True] + counts[is_news, False]} told")


if __name__ == "__main__":
    main()
