"""What a new article costs in the three judging rooms while the archive grows, in a real PostgreSQL.

usage: python benchmarks/judge_scale.py [--articles 10000,1000000] [--plot docs/images/judge_scale.svg]

Every archive gets a database of its own in one embedded PostgreSQL. 1,000 invented articles of 400 words in 500
stories are judged and then multiplied in SQL: what is a copy's own (names, numbers, phrases) becomes its own again,
what articles share (common words and names, stock sentences) stays shared, so that every list of the index has the
length it would have. 9,524 articles a day, ten a story: 1,000,000 articles are 105 days, with 20,000 stories open;
the rooms remember the last 60 days. Then the same new articles walk through the steps over each archive in turns of
--block articles: half follow a story of the archive, the others open one, follow that or copy an earlier article.

Time on the clock holds commits and what else this machine is doing; CPU time is that of this process and of its
server process together, and is what is compared.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from invented_news import InventedNews
from sqlalchemy import text
from tqdm import tqdm

from pipeline import steps
from pipeline.config import Settings
from pipeline.judge import KEEP_DAYS, judge_development, judge_duplicate, judge_story
from pipeline.models import Article, PublishedFrom, Report, RunId
from pipeline.store.database import Database, Transaction
from pipeline.store.desk import open_memory
from pipeline.store.embedded import open_embedded
from pipeline.store.records import save_article
from pipeline.store.runs import start_run
from pipeline.store.stories import save_assignment, save_development

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RUN = RunId("archive")
ARTICLES_A_DAY, ARTICLES_A_STORY = 9524, 10
BASE_ARTICLES, BASE_STORIES = 1000, 500
TICKS = os.sysconf("SC_CLK_TCK")


# ---------------------------------------------------------------- the archive


def write_base(news: InventedNews) -> list[Report]:
    """The articles that the archive is multiplied from: the last ones in time."""
    gap = timedelta(days=1) / ARTICLES_A_DAY
    return [news.write(n, n % BASE_STORIES, NOW - (BASE_ARTICLES - n) * gap) for n in range(BASE_ARTICLES)]


def store_report(tx: Transaction, report: Report, waiting_for: str | None) -> None:
    """An article as it stands after classification."""
    tx.execute(
        text(
            "INSERT INTO items (id, source_id, source_name, publisher, url, canonical_url, hints, first_seen_at, "
            "first_run_id, waiting_for) VALUES (:id, 's', :source, :publisher, :url, :url, '{}', :at, :run, :waiting)"
        ),
        {
            "id": report.item_id,
            "source": report.source,
            "publisher": report.publisher,
            "url": report.url,
            "at": report.published_at,
            "run": RUN,
            "waiting": waiting_for,
        },
    )
    save_article(
        tx, Article(report.item_id, report.url, report.title, report.text, report.published_at, PublishedFrom.META)
    )


def fill_base(database: Database, reports: list[Report]) -> None:
    """The base articles, judged for good."""
    with database.begin() as tx, open_memory(tx) as memory:
        start_run(tx, RUN, NOW, False, started_at=NOW)
        for report in tqdm(reports, desc="base articles", unit="article"):
            store_report(tx, report, None)
            duplicate = judge_duplicate(report, memory)
            assignment = judge_story(report, duplicate, memory)
            save_assignment(tx, report, assignment)
            save_development(tx, judge_development(report, duplicate, assignment, memory), NOW)


_STORED = (
    """INSERT INTO items (id, source_id, source_name, publisher, url, canonical_url, hints, first_seen_at, first_run_id)
       SELECT lpad(c::text, 8, '0') || right(id, 8), source_id, source_name, publisher, url || '-' || c,
              url || '-' || c, hints, first_seen_at - c * :step, first_run_id
       FROM items, generate_series(1, :last) c""",
    """INSERT INTO articles SELECT lpad(c::text, 8, '0') || right(item_id, 8), title, published_at - c * :step, record
       FROM articles, generate_series(1, :last) c""",
    """INSERT INTO stories SELECT 's-' || lpad(c::text, 8, '0') || right(id, 8), title, opened_at - c * :step,
              last_at - c * :step FROM stories, generate_series(1, :last) c WHERE c % 5 = 0""",
    """INSERT INTO story_members (item_id, story_id, record) SELECT lpad(c::text, 8, '0') || right(item_id, 8),
              's-' || lpad((c / 5 * 5)::text, 8, '0') || right(story_id, 8), record
       FROM story_members, generate_series(1, :last) c""",
    """INSERT INTO developments SELECT lpad(c::text, 8, '0') || right(item_id, 8),
              's-' || lpad((c / 5 * 5)::text, 8, '0') || right(story_id, 8), label, importance, decided_at - c * :step,
              record FROM developments, generate_series(1, :last) c""",
    """INSERT INTO outcomes SELECT id, room, first_run_id, 'done', '', true, first_seen_at
       FROM items, unnest(ARRAY['dedupe', 'group', 'detect']) room ON CONFLICT DO NOTHING""",
)
_REMEMBERED = (
    """CREATE TABLE shared_terms AS SELECT term FROM (SELECT kind, unnest(terms) AS term FROM memories) t
       GROUP BY kind, term HAVING count(*) > CASE kind WHEN 'StoryState' THEN 2 ELSE 1 END""",
    "CREATE UNIQUE INDEX ON shared_terms (term)",
    """CREATE TABLE base_terms AS SELECT kind, key, array_agg(term) AS terms, array_agg(shared.term IS NULL) AS is_own
       FROM memories, unnest(terms) AS term LEFT JOIN shared_terms AS shared USING (term) GROUP BY kind, key""",
    # What no two base articles share is a copy's own.
    """CREATE UNLOGGED TABLE copied AS SELECT kind, lpad(c::text, 8, '0') || key AS key, at - c * :step AS at, record,
              (at - c * :step)::date - DATE '0001-01-01' + 1 AS day,
              ARRAY(SELECT CASE WHEN is_own THEN hashint8extended(term, c) ELSE term END
                    FROM unnest(base.terms, base.is_own) AS each (term, is_own)) AS terms
       FROM memories LEFT JOIN base_terms AS base USING (kind, key), generate_series(1, :kept) c
       WHERE kind NOT IN ('StoryState', 'Told') OR c % 5 = 0""",
    "ALTER TABLE memory_terms DROP CONSTRAINT pk_memory_terms",
    "INSERT INTO memories SELECT kind, key, at, record, day, terms FROM copied",
    "INSERT INTO memory_terms SELECT unnest(terms), day, key FROM copied",
    "ALTER TABLE memory_terms ADD CONSTRAINT pk_memory_terms PRIMARY KEY (term, day, key)",
    "DROP TABLE copied, base_terms, shared_terms",
    "UPDATE term_counts SET documents = documents * (:last + 1)",
    # The names and numbers that the copies have brought: about two an article (Heaps' law).
    "INSERT INTO term_counts SELECT hashint8extended(n, 1), 1 FROM generate_series(1, 2 * :base * :last) n",
)


def multiply(database: Database, articles: int) -> None:
    """Copies of the base articles, each lot one lot's time earlier, until there are as many."""
    last = articles // BASE_ARTICLES - 1
    step = timedelta(days=1) * BASE_ARTICLES / ARTICLES_A_DAY
    kept = min(last, int(timedelta(days=KEEP_DAYS) / step))
    values = {
        ":base": str(BASE_ARTICLES),
        ":kept": str(kept),
        ":last": str(last),
        ":step": f"INTERVAL '{step.total_seconds()} seconds'",
    }
    for statement in tqdm([*_REMEMBERED, *_STORED], desc=f"{articles:,} articles", unit="statement"):
        for name, value in values.items():
            statement = statement.replace(name, value)
        with database.begin() as tx:
            tx.execute(text(statement))
    with database.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


# ---------------------------------------------------------------- the new articles


def write_new(news: InventedNews, count: int) -> list[Report]:
    """Articles after NOW."""
    reports: list[Report] = []
    for n in range(count):
        number, at = 10**6 + n, NOW + timedelta(seconds=9 * n)
        story = (n * 7 % BASE_STORIES) if n % 2 else BASE_STORIES + (n // 8 * 8 if n % 8 == 4 else n)
        report = news.write(number, story, at)
        if n % 10 == 5:
            earlier = reports[n * 3 // 4]
            report = replace(report, text=earlier.text.rsplit("\n\n", 4)[0], title=earlier.title)
        reports.append(report)
    return reports


@dataclass
class Archive:
    """One database, and what its blocks of new articles have cost, in seconds an article."""

    articles: int
    database: Database
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)


def judge_block(archive: Archive, reports: list[Report], number: int) -> None:
    """Walk a block of new articles through the three rooms."""
    with archive.database.begin() as tx:
        for report in reports:
            store_report(tx, report, "dedupe")
    walk = steps.Walk(RunId(f"block-{number}"), NOW, Settings(), archive.database)
    with archive.database.begin() as tx:
        start_run(tx, walk.run_id, NOW, False, started_at=NOW)
        backend: int = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
    wall, cpu, server = time.perf_counter(), time.process_time(), read_cpu_seconds(backend)
    for room in (steps.dedupe_articles, steps.group_articles, steps.detect_developments):
        assert sum(room(walk).values()) == len(reports)
    served = read_cpu_seconds(backend) - server
    archive.wall.append((time.perf_counter() - wall) / len(reports))
    archive.cpu.append((time.process_time() - cpu + served) / len(reports))
    archive.server.append(served / len(reports))


def read_cpu_seconds(pid: int) -> float:
    """User and system time of a process (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(archives: list[Archive], new: list[Report], block: int) -> None:
    """The same blocks over every archive, in turns; what the first block warms up is not counted."""
    from pipeline.facts import read_report

    starts = range(0, len(new), block)
    with tqdm(total=len(starts) * len(archives), desc="new articles", unit="block") as bar:
        for turn, start in enumerate(starts):
            for archive in archives:
                read_report.cache_clear()
                judge_block(archive, new[start : start + block], turn)
                bar.update()
    for archive in archives:
        for figures in (archive.wall, archive.cpu, archive.server):
            del figures[0]


def report_archive(archive: Archive, smallest: Archive) -> None:
    """One line of figures."""
    with archive.database.begin() as tx:
        count = {
            name: tx.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("articles", "memories", "memory_terms", "term_counts")
        }
        open_stories = tx.execute(
            text("SELECT count(*) FROM memories WHERE kind = 'StoryState' AND at > :now"),
            {"now": NOW - timedelta(days=21)},
        ).scalar_one()
        size = tx.execute(text("SELECT pg_size_pretty(pg_database_size(current_database()))")).scalar_one()
    cpu, wall, server = (1000 * statistics.median(f) for f in (archive.cpu, archive.wall, archive.server))
    print(
        f"{archive.articles:>9,} articles  {cpu:5.2f} ms CPU an article ({1000 / cpu:4.0f} a second on one core), "
        f"of it {server:4.2f} in the server, {wall:5.2f} ms on the clock; "
        f"{statistics.median(archive.cpu) / statistics.median(smallest.cpu):4.2f} times the smallest"
    )
    print(
        f"          {open_stories:,} open stories, {size}, rows: " + ", ".join(f"{k} {v:,}" for k, v in count.items())
    )


def draw(archives: list[Archive], path: Path) -> None:
    """Cost against archive as an SVG, with the line that it must not cross."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    sizes = [archive.articles for archive in archives]
    cpu = [1000 * statistics.median(archive.cpu) for archive in archives]
    axes.fill_between(
        sizes,
        [1000 * statistics.quantiles(a.cpu, n=4)[0] for a in archives],
        [1000 * statistics.quantiles(a.cpu, n=4)[2] for a in archives],
        alpha=0.2,
        label="middle half of the blocks",
    )
    axes.plot(sizes, cpu, marker="o", label="CPU time, rooms and server")
    axes.plot(sizes, [1000 * statistics.median(a.server) for a in archives], marker="o", label="of it in the server")
    axes.axhline(cpu[0] * 1.5, linestyle="--", color="grey", label="1.5 times the smallest archive")
    axes.set(xscale="log", ylim=(0, cpu[0] * 1.7), xlabel="stored articles", ylabel="ms per new article")
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    print(f"drawn: {path}")


# ---------------------------------------------------------------- the command


@contextmanager
def open_archives(sizes: list[int], folder: Path, base: list[Report]) -> Iterator[list[Archive]]:
    """One filled database for each size."""
    import psycopg

    with open_embedded(folder / "postgres", ("base",)) as server:
        database = Database(server.url("base"))
        database.migrate()
        fill_base(database, base)
        database.close()
        archives = [Archive(size, Database(server.url(f"archive_{size}"))) for size in sizes]
        for archive in archives:
            with psycopg.connect(host=str(server.socket_dir), user="postgres", autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE archive_{archive.articles} TEMPLATE base")
            multiply(archive.database, archive.articles)
        yield archives
        for archive in archives:
            archive.database.close()


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", default="10000,1000000", help="sizes of the archives, with commas between")
    parser.add_argument("--new", type=int, default=1000, help="new articles judged over each archive")
    parser.add_argument("--block", type=int, default=100, help="of them in one turn")
    parser.add_argument("--plot", type=Path, help="where to draw the figures (SVG or PNG)")
    parser.add_argument("--folder", type=Path, help="where the databases are made and removed; a million take 9 GB")
    options = parser.parse_args()
    sizes = sorted(int(size) for size in options.articles.split(","))
    if min(sizes) < 2 * BASE_ARTICLES or options.new < 2 * options.block:
        parser.error(f"an archive has at least {2 * BASE_ARTICLES} articles, and there are at least two blocks")
    news = InventedNews()
    with (
        tempfile.TemporaryDirectory(dir=options.folder, prefix="judge-scale-", ignore_cleanup_errors=True) as folder,
        open_archives(sizes, Path(folder), write_base(news)) as archives,
    ):
        measure(archives, write_new(news, options.new), options.block)
        for archive in archives:
            report_archive(archive, archives[0])
        if options.plot:
            draw(archives, options.plot)


if __name__ == "__main__":
    main()
