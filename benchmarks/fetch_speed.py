"""How many pages the front door reads per second, and in how much memory: 1,000 sources on 200 hosts, 20,000 pages.

usage: python benchmarks/fetch_speed.py [--pages 20000] [--plot docs/images/fetch_speed.svg]

Three runs, each in a process of its own, against a server in another process of this machine (200 addresses of
127.0.0.0/8; articles of about 100 kB, each with its own text):

    room        check_sources and stream_pages; the pages are counted and let go
    database    the step fetch_sources: the same, and everything stored in an embedded PostgreSQL
    polite      the step again with a pause between two requests to one host, kept in the book of hosts that all
                workers share: how far the wall time is above what the host with the most requests must take
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from pipeline.models import Source, SourceId, SourceKind

ROOT = Path(__file__).resolve().parents[1]
HOSTS, SOURCES = 200, 1000
NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
PAGE_BYTES = 100_000
POLITE_PAUSE_SECONDS = 2.0
POLITE_PAGES = 4000
MODES = ("room", "database", "polite")


# ---------------------------------------------------------------- the sites


class Site(asyncio.Protocol):
    """HTTP/1.1 with kept connections, as little as a server can do: the other side is what is measured."""

    port = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._arrived = b""

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        while b"\r\n\r\n" in self._arrived:
            head, _, self._arrived = self._arrived.partition(b"\r\n\r\n")
            host = self._transport.get_extra_info("sockname")[0]
            body = answer_path(head.split(b" ", 2)[1].decode(), f"http://{host}:{Site.port}")
            status = b"200 OK" if body else b"404 Not Found"
            self._transport.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)


def answer_path(path: str, base: str) -> bytes:
    """/feed/SOURCE/PAGES or /2026/03/01/SOURCE-NUMBER.html; robots.txt is not there."""
    if path.startswith("/feed/"):
        source, pages = path.removeprefix("/feed/").split("/")
        return make_feed(source, int(pages), base)
    return make_page(path) if path.startswith("/2026/") else b""


def make_feed(source: str, pages: int, base: str) -> bytes:
    items = "".join(
        f"<item><title>Report {number} of desk {source}</title><link>{base}/2026/03/01/{source}-{number}.html</link>"
        f"<pubDate>Sun, 01 Mar 2026 05:00:00 GMT</pubDate><description>{html.escape(FILLER[:300])}</description></item>"
        for number in range(pages)
    )
    return f'<rss version="2.0"><channel><title>Desk {source}</title>{items}</channel></rss>'.encode()


def make_filler() -> str:
    """Paragraphs of invented words with the accents, tags and scripts of a real page."""
    dice = random.Random(7)
    words = [
        "".join(
            dice.choices(
                ["ba", "ke", "lo", "mi", "nü", "ra", "se", "ti", "vö", "za", "dor", "fel", "gan", "hin", "jur"], k=3
            )
        )
        for _ in range(5000)
    ]
    parts: list[str] = []
    while sum(map(len, parts)) < PAGE_BYTES - 2000:
        sentence = " ".join(dice.choices(words, k=40))
        parts.append(
            f'<div class="block" data-id="{len(parts)}"><p>{sentence}.</p><a href="/tag/{words[0]}">x</a></div>'
        )
        parts.append(f"<script>window.state = {json.dumps(dice.choices(words, k=30))};</script>")
    return "".join(parts)


FILLER = make_filler()


def make_page(path: str) -> bytes:
    name = path.rpartition("/")[2]
    head = f'<title>Report {name}</title><link rel="canonical" href="{path}"><meta charset="utf-8">'
    return f"<!doctype html><html><head>{head}</head><body><h1>Report {name}</h1>{FILLER}</body></html>".encode()


def serve(port: multiprocessing.Queue[int]) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Site, "0.0.0.0", 0, backlog=1000)
        Site.port = server.sockets[0].getsockname()[1]
        port.put(Site.port)
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def open_sites() -> Iterator[int]:
    """The port on which all hosts of 127.0.0.0/8 answer."""
    queue: multiprocessing.Queue[int] = multiprocessing.Queue()
    process = multiprocessing.Process(target=serve, args=(queue,), daemon=True)
    process.start()
    try:
        yield queue.get(timeout=30)
    finally:
        process.terminate()
        process.join()


def make_sources(port: int, pages: int) -> list[Source]:
    """The feeds, dealt over the hosts, with the same number of articles each."""
    each = max(pages // SOURCES, 1)
    count = min(SOURCES, pages)
    hosts = [f"127.0.{10 + host // 100}.{host % 100 + 1}" for host in range(HOSTS)]
    return [
        Source(SourceId(f"s{number}"), f"s{number}", f"p{number % HOSTS}", SourceKind.RSS,
               f"http://{hosts[number % HOSTS]}:{port}/feed/{number}/{each}")
        for number in range(count)
    ]  # fmt: skip


# ---------------------------------------------------------------- the measured process


@dataclass
class Run:
    """What one run measured: a sample for each hundredth of its pages."""

    mode: str
    total: int
    started: float = field(default_factory=time.perf_counter)
    pages: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    done: int = 0
    cpu_started: float = field(default_factory=time.process_time)

    def __post_init__(self) -> None:
        self.bar = tqdm(total=self.total, desc=self.mode, unit=" pages")
        self.sample()

    def note(self, *_: object) -> None:
        """One page is done."""
        self.done += 1
        self.bar.update()
        if self.done % max(self.total // 100, 1) == 0:
            self.sample()

    def sample(self) -> None:
        self.pages.append(self.done)
        self.seconds.append(time.perf_counter() - self.started)
        self.megabytes.append(read_megabytes())

    def report(self, **more: float) -> dict[str, object]:
        self.bar.close()
        self.sample()
        cpu = time.process_time() - self.cpu_started
        return {
            "mode": self.mode, "pages": self.pages, "seconds": self.seconds, "megabytes": self.megabytes,
            "cpu_seconds": cpu, **more,
        }  # fmt: skip


def read_megabytes() -> float:
    """Resident memory of this process."""
    resident_pages = int(Path("/proc/self/statm").read_text().split()[1])
    return resident_pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure_room(sources: list[Source], total: int) -> dict[str, object]:
    """Everything but the database."""
    from pipeline.fetch import FetchSettings, check_sources, stream_pages
    from pipeline.models import FetchedPage, FetchFailure

    settings = FetchSettings("Wirewatch/0.1 (benchmark)", allow_loopback=True, host_delay_seconds=0, concurrency=256)
    run = Run("room", total)
    entries = [entry for check in check_sources(sources, {}, settings, NOW) for entry in check.entries]
    checked_seconds = time.perf_counter() - run.started
    assert len(entries) == total, f"{len(entries)} entries instead of {total}"

    def note(answer: FetchedPage | FetchFailure) -> None:
        assert isinstance(answer, FetchedPage), answer
        run.note()

    stream_pages(entries, settings, NOW, note)
    return run.report(checked_seconds=checked_seconds)


def measure_database(sources: list[Source], total: int, pause_seconds: float, mode: str) -> dict[str, object]:
    """The step of the walk, with a real database."""
    from pipeline.steps import fetch_sources, open_walk, plan_run
    from pipeline.steps.walk import Progress
    from pipeline.store.sources import add_source

    with tempfile.TemporaryDirectory(prefix="wirewatch-", ignore_cleanup_errors=True) as folder:
        os.environ |= {
            "WIREWATCH_DATA_DIR": folder,
            "WIREWATCH_ALLOW_LOOPBACK": "true",
            "WIREWATCH_HOST_DELAY_SECONDS": str(pause_seconds),
            "WIREWATCH_BATCH_SIZE": "1000",
        }
        os.environ.pop("WIREWATCH_DATABASE_URL", None)
        run: Run | None = None

        def show(step: str, total_of_step: int) -> object:
            return run.note if run is not None and step == "fetch" else lambda: None

        progress: Progress = show  # type: ignore[assignment]
        with open_walk("speed", NOW, progress=progress) as walk:
            with walk.database.begin() as tx:
                for source in sources:
                    add_source(tx, source, NOW)
            batches = plan_run(walk)
            run = Run(mode, total)
            for batch in batches:
                fetch_sources(walk, batch)
            assert run.done == total, f"{run.done} pages instead of {total}"
            return run.report()


def measure(mode: str, port: int, pages: int) -> dict[str, object]:
    sources = make_sources(port, pages)
    total = len(sources) * max(pages // SOURCES, 1)
    if mode == "room":
        return measure_room(sources, total)
    return measure_database(sources, total, POLITE_PAUSE_SECONDS if mode == "polite" else 0.0, mode)


# ---------------------------------------------------------------- all runs


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20_000, help="pages to read in the first two runs (20000)")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs/images/fetch_speed.svg", help="where to draw")
    parser.add_argument("--only", choices=MODES, help="one of the runs")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        mode, port, pages, answer = options.child.split(":", 3)
        Path(answer).write_text(json.dumps(measure(mode, int(port), int(pages))))
        return
    runs = []
    with open_sites() as port, tempfile.TemporaryDirectory() as folder:
        for mode in [options.only] if options.only else MODES:
            pages = min(options.pages, POLITE_PAGES) if mode == "polite" else options.pages
            answer = Path(folder) / f"{mode}.json"
            command = [sys.executable, __file__, "--child", f"{mode}:{port}:{pages}:{answer}"]
            subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
            runs.append(json.loads(answer.read_text()))
            print(describe(runs[-1]))
    if not options.only:
        draw(runs, options.plot)


def describe(run: dict[str, list[float]]) -> str:
    """One line for a person."""
    pages, seconds = run["pages"][-1], run["seconds"][-1]
    text = f"{run['mode']}: {pages} pages in {seconds:.1f} s, {pages / seconds:.0f} per second, "
    text += f"{run['cpu_seconds']:.1f} CPU seconds, at most {max(run['megabytes']):.0f} MB"
    if run["mode"] == "polite":
        # Its robots.txt, its feeds and its pages, a pause between any two of them.
        least = (pages / HOSTS + SOURCES / HOSTS) * POLITE_PAUSE_SECONDS
        text += f"; the busiest host must take {least:.1f} s: {100 * (seconds / least - 1):+.1f} %"
    return text


def draw(runs: list[dict[str, list[float]]], path: Path) -> None:
    """Pages over time, memory over pages."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "wirewatch"
    from matplotlib import pyplot

    figure, (speed, memory) = pyplot.subplots(1, 2, figsize=(9, 3.4))
    for run in runs:
        if run["mode"] == "polite":
            continue
        rate = run["pages"][-1] / run["seconds"][-1]
        speed.plot(run["seconds"], run["pages"], label=f"{run['mode']}: {rate:.0f} pages per second")
        memory.plot(run["pages"], run["megabytes"], label=run["mode"])
    longest = max(run["seconds"][-1] for run in runs if run["mode"] != "polite")
    speed.plot([0, longest], [0, 250 * longest], color="grey", linestyle=":", label="250 pages per second")
    speed.set(xlabel="seconds", ylabel="pages of 100 kB", ylim=(0, max(runs[0]["pages"]) * 1.05))
    memory.axhline(400, color="grey", linestyle=":", label="400 MB")
    memory.set(xlabel="pages", ylabel="resident memory (MB)", ylim=(0, 450))
    for axes in (speed, memory):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    print(f"drawn: {path}")


if __name__ == "__main__":
    main()
