"""The main job on real input: five articles on five kinds of web site, and the same five as plain text files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pipeline.fetch import FetchSettings, detect_source
from pipeline.models import Label, PublishedFrom
from pipeline.steps import run_walk
from pipeline.store.database import Database
from pipeline.store.reports import ItemLife, read_item_life
from pipeline.store.tables import items, metadata
from tests.site_server import serve_site
from tests.slack_server import SlackServer
from tests.walk.conftest import OpenWalk

NOW = datetime(2024, 6, 26, 6, 0, tzinfo=UTC)
FEEDS = ("friday/rss.xml", "nya360/atom.xml", "frontline/news-sitemap.xml", "timenews/feed.xml", "blade/")
NAMED_DATES = {"003_5f7e7f06f41d1e97", "004_aa954623e1d8c68c"}

Gold = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def gold(shared: Path) -> Gold:
    read: Gold = json.loads((shared / "seeds" / "gold.json").read_text(encoding="utf-8"))
    return read


def count_rows(database: Database) -> dict[str, int]:
    with database.begin() as tx:
        return {
            name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("runs", "source_checks")  # a look that finds nothing new is still a look
        }


def read_lives(database: Database, parts: dict[str, str]) -> dict[str, ItemLife]:
    """The life of each article, found by a part of its address."""
    with database.begin() as tx:
        urls = {row.url: row.id for row in tx.execute(select(items.c.id, items.c.url))}
        found = {name: [i for url, i in urls.items() if part in url] for name, part in parts.items()}
        assert {name: len(ids) for name, ids in found.items()} == dict.fromkeys(parts, 1)
        lives = {name: read_item_life(tx, ids) for name, ids in found.items()}
    return {name: life for name, life in lives.items() if life}


def check_texts(lives: dict[str, ItemLife], gold: Gold) -> None:
    for name, wanted in gold.items():
        article = lives[name].article
        assert article is not None
        left = [line for line in wanted["must_drop"] if line in article.text]
        lost = [line for line in wanted["must_keep"] if line not in article.text]
        assert (left, lost) == ([], []), name


def check_stories(lives: dict[str, ItemLife], gold: Gold) -> None:
    members: dict[str, set[str]] = {}
    wanted: dict[str, set[str]] = {}
    for name, life in lives.items():
        assert life.assignment is not None
        members.setdefault(life.assignment.story_id, set()).add(name)
        wanted.setdefault(gold[name]["story"], set()).add(name)
    assert sorted(map(sorted, members.values())) == sorted(map(sorted, wanted.values()))


def check_topics(lives: dict[str, ItemLife], gold: Gold) -> None:
    pairs = [
        (set(gold[name]["topics"]), {m.topic for m in life.classification.topics})
        for name, life in lives.items()
        if life.classification
    ]
    hits = sum(len(wanted & got) for wanted, got in pairs)
    micro_f1 = 2 * hits / sum(len(wanted) + len(got) for wanted, got in pairs)
    difference = {
        name: sorted(set(gold[name]["topics"]) ^ {m.topic for m in life.classification.topics})
        for name, life in lives.items()
        if life.classification
    }
    print(f"topics: micro F1 {micro_f1:.2f}, different: {difference}")
    assert micro_f1 >= 0.8, difference


def label_of(life: ItemLife) -> Label:
    assert life.development is not None
    return life.development.label


def test_five_articles_on_five_kinds_of_site(
    shared: Path, gold: Gold, database: Database, walk_at: OpenWalk, watch: Callable[..., None], slack: SlackServer
) -> None:
    with serve_site(shared / "seed_site") as base:
        settings = FetchSettings("Wirewatch/0.1 (test)", allow_loopback=True, host_delay_seconds=0)
        watch(*(detect_source(f"{base}/{path}", settings) for path in FEEDS), now=NOW)
        with walk_at(NOW) as walk:
            funnel = run_walk(walk)
        before = count_rows(database)
        posted = len(slack.messages)
        with walk_at(NOW + timedelta(hours=1)) as walk:
            again = run_walk(walk)

    lives = read_lives(database, {name: f"/{wanted['site']}/" for name, wanted in gold.items()})
    assert funnel.count("articles") == 5
    check_texts(lives, gold)
    for name, life in lives.items():
        assert life.article is not None
        assert f"{life.article.published_at:%Y-%m-%d}" == gold[name]["published"], name
        assert gold[name]["title_contains"] in life.article.title
    check_topics(lives, gold)
    check_stories(lives, gold)
    labels = sorted(label_of(life) for life in lives.values())
    assert labels.count(Label.NEW_STORY) == 2
    assert label_of(lives["004_aa954623e1d8c68c"]) in (Label.DEVELOPMENT, Label.CORRECTION)
    assert label_of(lives["000_df32ef510ba669f3"]) in (Label.DEVELOPMENT, Label.CORRECTION)
    assert posted == sum(label_of(life).deserves_alert for life in lives.values()) == funnel.count("alerted")

    assert count_rows(database) == before, "the same input again makes no new rows"
    assert (again.count("new"), again.count("alerted"), len(slack.messages)) == (0, 0, posted)


def test_five_text_files_through_the_folder_days_apart(
    shared: Path,
    gold: Gold,
    tmp_path: Path,
    database: Database,
    walk_at: OpenWalk,
    watch: Callable[..., None],
    slack: SlackServer,
) -> None:
    settings = FetchSettings("Wirewatch/0.1 (test)")
    arrivals = {
        "002_e9e1df0c1fccae5e": datetime(2023, 9, 12, 18, tzinfo=UTC),
        "003_5f7e7f06f41d1e97": datetime(2023, 9, 13, 6, tzinfo=UTC),
        "004_aa954623e1d8c68c": datetime(2023, 9, 19, 6, tzinfo=UTC),
        "001_7359b282372563b3": datetime(2024, 6, 20, 6, tzinfo=UTC),
        "000_df32ef510ba669f3": datetime(2024, 6, 25, 6, tzinfo=UTC),
    }
    watch(detect_source(str(tmp_path), settings), now=NOW)
    for name, day in arrivals.items():
        shutil.copy(shared / "seeds" / f"{name}.txt", tmp_path)
        with walk_at(day) as walk:
            funnel = run_walk(walk)
        assert (funnel.count("new"), funnel.count("articles")) == (1, 1), name

    lives = read_lives(database, {name: name for name in gold})
    check_texts(lives, gold)
    for name, life in lives.items():
        assert life.article is not None
        if name in NAMED_DATES:
            assert life.article.published_from is PublishedFrom.VISIBLE, name
            assert f"{life.article.published_at:%Y-%m-%d}" == gold[name]["published"], name
        else:
            assert life.article.published_from is PublishedFrom.FIRST_SEEN, name
            assert life.article.published_at == arrivals[name], name
    check_topics(lives, gold)
    check_stories(lives, gold)
    labels = {name: label_of(life) for name, life in lives.items()}
    assert [labels[name] for name in ("002_e9e1df0c1fccae5e", "001_7359b282372563b3")] == [Label.NEW_STORY] * 2
    assert all(labels[name].deserves_alert for name in ("004_aa954623e1d8c68c", "000_df32ef510ba669f3")), labels
    assert len(slack.keys()) == sum(label.deserves_alert for label in labels.values())

    before = count_rows(database)
    with walk_at(NOW) as walk:
        assert run_walk(walk).count("alerted") == 0
    assert count_rows(database) == before
