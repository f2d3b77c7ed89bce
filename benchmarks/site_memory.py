"""How much the memory of a site helps: pages of it seen before, against F1 of the extracted text.

    python benchmarks/site_memory.py            # prints the curve and draws docs/images/site_memory.svg

Five invented sites (site_memory.toml) print the articles of the demo outlets between lines of their own that no rule
knows. Every site is read in several orders, once with its memory and once without. F1 is that of word 4-grams.
"""

from __future__ import annotations

import argparse
import html
import random
import re
import statistics
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from pipeline.clean import SiteMemory, clean_page, learn
from pipeline.models import Article, ContentFrom, FetchedPage, make_item_id

ROOT = Path(__file__).resolve().parents[1]
PLOT = ROOT / "docs" / "images" / "site_memory.svg"
PAGES = 16
SEED = 11
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=10, help="shuffled orders in which every site is read (10)")
    parser.add_argument("--plot", type=Path, default=PLOT, help="where to draw the curve (docs/images/site_memory.svg)")
    options = parser.parse_args()
    sites = tomllib.loads((Path(__file__).parent / "site_memory.toml").read_text("utf-8"))["site"]
    runs = [(site, order) for site in sites for order in range(options.orders)]
    read = [(read_site(site, order, True), read_site(site, order, False)) for site, order in tqdm(runs, unit=" runs")]
    curve = [statistics.mean(figures) for figures in zip(*(taught for taught, _ in read), strict=True)]
    plain = [statistics.mean(figures) for figures in zip(*(untaught for _, untaught in read), strict=True)]
    print("| pages seen | F1 with memory | F1 without |\n|---|---|---|")
    for seen, (taught, untaught) in enumerate(zip(curve, plain, strict=True)):
        print(f"| {seen} | {taught:.4f} | {untaught:.4f} |")
    draw_curve(curve, plain, options.plot)


def read_site(site: dict[str, Any], order: int, learns: bool) -> list[float]:
    """F1 of the first pages of a site, one after the other."""
    articles = read_articles()
    random.Random(f"{SEED} {order} {site['name']}").shuffle(articles)
    memory, figures = SiteMemory(), []
    for number, (title, paragraphs) in enumerate(articles[:PAGES]):
        markup = write_page(site, number, title, paragraphs, articles[number - 1][0])
        url = f"https://site.example/{number}"
        page = FetchedPage(make_item_id(url), url, NOW, NOW, ContentFrom.PAGE, html=markup)
        outcome = clean_page(page, now=NOW, memory=memory if learns else None)
        memory = learn(memory, outcome)
        text = outcome.text if isinstance(outcome, Article) else ""
        figures.append(measure_f1(text, "\n\n".join(paragraphs)))
    return figures


def read_articles() -> list[tuple[str, list[str]]]:
    """(title, paragraphs) of the demo outlets' articles."""
    outlets = [tomllib.loads(path.read_text("utf-8")) for path in sorted((ROOT / "seeds" / "demo").glob("*.toml"))]
    entries = [entry for outlet in outlets for entry in outlet["article"]]
    return [(entry["title"], [part.strip() for part in entry["text"].strip().split("\n\n")]) for entry in entries]


def write_page(site: dict[str, Any], number: int, title: str, paragraphs: list[str], other: str) -> str:
    marked = [f"<p>{html.escape(paragraph)}</p>" for paragraph in paragraphs]
    half = (len(marked) + 1) // 2
    promos = site.get("promo", [""])
    page: str = site["page"].format(
        title=html.escape(title),
        paragraphs="".join(marked[:half]),
        middle="".join(marked[half:]),
        promo=promos[number % len(promos)],
        other=html.escape(other),
        number=number,
    )
    return f"<html><head><title>{html.escape(title)} | {site['name']}</title></head><body>{page}</body></html>"


def measure_f1(text: str, true: str) -> float:
    found, expected = count_grams(text), count_grams(true)
    shared = sum((found & expected).values())
    return 2 * shared / max(1, sum(found.values()) + sum(expected.values()))


def count_grams(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def draw_curve(curve: list[float], plain: list[float], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "site_memory"  # the same figure is the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    axes.plot(range(len(curve)), curve, marker="o", color="#1d5f8a", label="with the site's memory")
    axes.plot(range(len(plain)), plain, linestyle="--", color="#8a8a8a", label="without")
    axes.set_xlabel("pages of the site seen before")
    axes.set_ylabel("F1 of the text (word 4-grams)")
    axes.set_ylim(min(plain) - 0.02, 1.0)
    axes.grid(alpha=0.3)
    axes.legend(loc="center right")
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
