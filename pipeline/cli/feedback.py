"""`wirewatch feedback`: what readers said about alerts."""

from __future__ import annotations

import json
from collections import Counter

import click


@click.command()
def feedback() -> None:
    """Developments that readers reacted to, as JSON lines.

    Labels for the thresholds of detection and grouping.

    Keys: item, url, story, label, importance, certainty (the probability that made it an alert), and verdicts {useful,
    repeat, wrong_topic, wrong_story, mute, seen: how many readers}.
    """
    from pipeline.config import load_settings, open_database
    from pipeline.store.feedback import read_judged

    with open_database(load_settings()) as database, database.begin() as tx:
        judged = read_judged(tx)
    for each in judged:
        verdicts = Counter(given.verdict.value for given in each.given)
        line = {
            "item": each.item_id,
            "url": each.url,
            "story": each.development.story_id,
            "label": each.development.label.value,
            "importance": each.development.importance,
            "certainty": each.development.certainty,
            "verdicts": dict(sorted(verdicts.items())),
        }
        click.echo(json.dumps(line, ensure_ascii=False))
