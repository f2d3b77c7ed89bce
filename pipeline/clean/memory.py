"""What a site prints on page after page is furniture, whatever it says.

    memory = learn(memory, clean_page(page, memory=memory, now=now))

The memory is a record of fingerprints with weights, so that it can be stored,
bounded and passed in. It forgets slowly: a block that a site stopped printing fades.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.clean.blocks import Block
from pipeline.models import Article, Rejection

RULE = "site_memory"
FADE = 0.97  # per page learnt: a block unseen for 23 pages has half its weight
LEAST_WEIGHT = 0.3  # lighter blocks are forgotten
MAX_BLOCKS = 400  # fingerprints per site, the heaviest
LABEL_WORDS = 12  # a shorter sentence above or below the article is hardly ever news
LONG_WORDS = 35
LEAST_LETTERS = 5
MOST_KNOWN_SHARE = 0.5  # of an article's own text: where more is known, nothing is taken out
COPY_SHARE = 0.75  # where more is known, the page is an earlier article again and teaches nothing


_FACT = re.compile(r"\d|[“”„»«\"]")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"”»’')]*$")


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What must be remembered of a block before it counts as furniture."""

    pages: float  # on how many pages, faded
    share: float  # of the remembered pages: a story's background recurs on few


LABEL = _Evidence(LEAST_WEIGHT, 0.25)  # no sentence: one page is enough, and promotions take turns
SENTENCE = _Evidence(1.5, 0.5)
NEWS = _Evidence(4.0, 0.8)  # a long sentence, a figure, a quotation: an agency's background stands under many articles


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
    """The memory after one more page of the site; a rejected page teaches nothing, and neither does a copy."""
    if isinstance(outcome, Rejection):
        return memory
    known = [item.text for item in outcome.dropped if item.rule == RULE]
    kept = outcome.text.split("\n\n")
    if _share_seen(kept, memory) > COPY_SHARE:
        return memory  # the same article again: what it repeats is its text
    weights = {key: weight * FADE for key, weight in memory.blocks.items()}
    for key in {fingerprint(text) for text in [*kept, *known]} - {""}:
        weights[key] = weights.get(key, 0.0) + 1.0
    heaviest = sorted(weights.items(), key=lambda item: item[1], reverse=True)[:MAX_BLOCKS]
    return SiteMemory(memory.pages * FADE + 1.0, {key: weight for key, weight in heaviest if weight >= LEAST_WEIGHT})


def forget_text(memory: SiteMemory, text: str) -> SiteMemory:
    """The memory without an article's own paragraphs, for reading a later version of it: they are no furniture."""
    own = {fingerprint(paragraph) for paragraph in text.split("\n\n")}
    return SiteMemory(memory.pages, {key: weight for key, weight in memory.blocks.items() if key not in own})


def drop_remembered(blocks: list[Block], memory: SiteMemory) -> list[Block]:
    """The same blocks without those that the site's other pages print as well.

    A page whose own text is mostly known is the same article at another address, or a wire text printed again:
    nothing of it is furniture.
    """
    furniture = _find_furniture(blocks, memory)
    own = [block.text for i, block in enumerate(blocks) if not block.rule and i not in furniture]
    if _share_seen(own, memory) > MOST_KNOWN_SHARE:
        return blocks
    return [block.drop(RULE) if i in furniture else block for i, block in enumerate(blocks)]


def _share_seen(texts: list[str], memory: SiteMemory) -> float:
    """How much of a text stood on other pages, however few; 1.0 for no text, which leaves nothing to tell by."""
    seen = sum(len(text) for text in texts if fingerprint(text) in memory.blocks)
    return seen / sum(map(len, texts)) if texts else 1.0


def _find_furniture(blocks: list[Block], memory: SiteMemory) -> set[int]:
    kept = [i for i, block in enumerate(blocks) if not block.rule]
    often = Counter(blocks[i].text for i in kept)  # "Pros" and "Cons" under ten products are the article's own labels
    weights = {i: memory.blocks.get(fingerprint(blocks[i].text), 0.0) for i in kept}
    new = [i for i in kept if not weights[i]]
    first, last = (new[0], new[-1]) if new else (0, 0)
    found = set()
    for i in kept:
        needed = _weigh_evidence(blocks[i].text, not first < i < last)
        if weights[i] >= max(needed.pages, needed.share * memory.pages) and often[blocks[i].text] == 1:
            found.add(i)
    return found


def _weigh_evidence(text: str, at_edge: bool) -> _Evidence:
    words = text.count(" ") + 1
    if not _SENTENCE_END.search(text):
        return LABEL
    if words > LONG_WORDS or _FACT.search(text):
        return NEWS
    return LABEL if words < LABEL_WORDS and at_edge else SENTENCE
