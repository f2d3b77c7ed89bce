"""What a site prints on page after page is furniture, whatever it says.

    memory = learn(memory, clean_page(page, memory=memory, now=now))

The memory is a record of fingerprints with weights, so that it can be stored,
bounded and passed in. It forgets slowly: a block that a site stopped printing fades.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.clean.blocks import Block
from pipeline.models import Article, Rejection

RULE = "site_memory"
FADE = 0.97  # per page learnt: a block unseen for 23 pages has half its weight
LEAST_WEIGHT = 0.3  # lighter blocks are forgotten
MAX_BLOCKS = 400  # fingerprints per site, the heaviest
LEAST_SHARE = 0.5  # of the remembered pages that must have printed a block: a story's background recurs on few
LONG_WORDS = 35  # a longer block must have been seen on two pages: it could be news
LEAST_LETTERS = 5
MOST_KNOWN_SHARE = 0.5  # a page of which more is known is a copy of an earlier article, not furniture


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """What was kept of the pages of one site."""

    pages: float = 0.0  # learnt so far, faded alike
    blocks: Mapping[str, float] = field(default_factory=dict)  # fingerprint -> on how many pages, faded


def fingerprint(text: str) -> str:
    """The first 48 bits of the SHA-256 of a block's letters and digits, digits made alike; "" for a mere line."""
    plain = "".join("0" if c.isdigit() else c for c in text.casefold() if c.isalnum())
    if len(plain) < LEAST_LETTERS:
        return ""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def learn(memory: SiteMemory, outcome: Article | Rejection) -> SiteMemory:
    """The memory after one more page of the site; a rejected page teaches nothing."""
    if isinstance(outcome, Rejection):
        return memory
    known = [item.text for item in outcome.dropped if item.rule == RULE]
    weights = {key: weight * FADE for key, weight in memory.blocks.items()}
    for key in {fingerprint(text) for text in [*outcome.text.split("\n\n"), *known]} - {""}:
        weights[key] = weights.get(key, 0.0) + 1.0
    heaviest = sorted(weights.items(), key=lambda item: item[1], reverse=True)[:MAX_BLOCKS]
    return SiteMemory(memory.pages * FADE + 1.0, {key: weight for key, weight in heaviest if weight >= LEAST_WEIGHT})


def drop_remembered(blocks: list[Block], memory: SiteMemory) -> list[Block]:
    """The same blocks without those that the site's other pages print as well.

    A page that is mostly known is the same article at another address, or a wire text
    printed again: nothing of it is furniture.
    """
    kept = [block for block in blocks if not block.rule]
    often = Counter(block.text for block in kept)  # "Pros" and "Cons" under ten products are the article's own labels
    known = {text for text, times in often.items() if times == 1 and _is_known(text, memory)}
    if sum(len(text) for text in known) > MOST_KNOWN_SHARE * sum(len(block.text) for block in kept):
        return blocks
    return [block.drop(RULE) if block.text in known else block for block in blocks]


def _is_known(text: str, memory: SiteMemory) -> bool:
    weight = memory.blocks.get(fingerprint(text), 0.0)
    least = 1.5 if text.count(" ") + 1 > LONG_WORDS else LEAST_WEIGHT
    return weight >= max(least, LEAST_SHARE * memory.pages)
