"""Why a page is no article: one word and a sentence, or nothing."""

from __future__ import annotations

import re

from pipeline.clean.blocks import Block
from pipeline.clean.settings import CleanSettings

_ERROR_TITLE = re.compile(
    r"\b(404|403|410|50[0234])\b.{0,30}\b(not found|error|forbidden|gone|unavailable)|^\W*(404|403|500|502|503)\W*$"
    r"|\b(page|file|article|document) (was |is |could )?(not|n.t) (be )?(found|available|exist)|^not found$"
    r"|^error\b.{0,12}$|access (to this page has been )?denied|^forbidden$"
    r"|just a moment\.\.\.|attention required|are you (a robot|human)"
    r"|seite nicht gefunden|page non trouvée|página no encontrada|страница не найдена|page introuvable",
    re.IGNORECASE,
)
_WALL = re.compile(
    r"(subscribe|register|sign in|log in|create (a|your) (free )?account)\b.{0,60}"
    r"\b(to (continue|read|keep|view|access)|for (full|unlimited) access)"
    r"|(article|content|story) is (only |exclusively )?(for|available to|reserved for)\b.{0,30}(subscribers|members)"
    r"|(enable|turn on) (javascript|cookies)( and cookies)? to continue|(verify|confirm) (that )?you are (a )?human"
    r"|to (continue|keep) reading.{0,80}(subscribe|sign|log|register)"
    r"|réservé aux abonnés|nur für abonnenten|solo para suscriptores",
    re.IGNORECASE,
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_CLIP = re.compile(r"\b(watch|video|clip|live ?stream|player)\b", re.IGNORECASE)
CJK_CHARS_PER_WORD = 2  # Japanese and Chinese write no spaces
MIN_LISTING_LINKS = 12
LISTING_LINK_SHARE = 0.6
MAX_TEASER_WORDS = 60  # with a wall under it: longer beginnings are worth an alert
MIN_TEASERS = 6
MAX_BLOCKS_PER_TEASER = 1.6
MAX_TEASER_CHARS = 260
_FRONT_PAGE = re.compile(r"^https?://[^/]+/?([?#].*)?$", re.IGNORECASE)


def count_words(text: str) -> int:
    """Words, with scripts that write no spaces counted by characters."""
    return len(text.split()) + len(_CJK.findall(text)) // CJK_CHARS_PER_WORD


def judge(title: str, blocks: list[Block], settings: CleanSettings, url: str = "") -> tuple[str, str]:
    """(reason, detail) of the rejection, ("", "") for an article. `url` tells a front page."""
    kept = [block for block in blocks if not block.rule]
    words = sum(count_words(block.text) for block in kept)
    if words < 120 and _ERROR_TITLE.search(title):
        return "error_page", f"the title says {title[:80]!r}"
    if words < MAX_TEASER_WORDS and any(block.rule == "wall" for block in blocks):
        return "wall", f"{words} words before a subscription wall"
    if words >= settings.min_words:
        return _judge_listing(kept, blocks, url)
    everything = " ".join(block.text for block in blocks)[:20_000]
    if _WALL.search(everything):
        return "wall", f"{words} words before a subscription or robot wall"
    if any(block.rule == "video_player" or block.rule == "video_label" for block in blocks) or _CLIP.search(title):
        return "video_only", f"{words} words beside a player"
    links = sum(block.rule in ("link_line", "navigation", "related") or block.link_share > 0.5 for block in blocks)
    if links >= MIN_LISTING_LINKS:
        return "listing", f"{words} words beside {links} blocks of links"
    if words == 0:
        return "not_an_article", "no paragraph of text"
    return ("stub" if title else "too_short"), f"{words} words, fewer than {settings.min_words}"


def _judge_listing(kept: list[Block], blocks: list[Block], url: str) -> tuple[str, str]:
    chars = sum(len(block.text) for block in kept)
    linked = sum(len(block.text) * block.link_share for block in kept)
    if chars and linked / chars > LISTING_LINK_SHARE:
        return "listing", f"{linked / chars:.0%} of the text is links"
    headlines = sum(block.is_heading and block.link_share > LISTING_LINK_SHARE for block in kept)
    teasers = [block for block in kept if not block.is_heading]
    is_short = chars < MAX_TEASER_CHARS * len(teasers)
    if headlines >= MIN_TEASERS and len(teasers) <= MAX_BLOCKS_PER_TEASER * headlines and is_short:
        return "listing", f"{headlines} linked headlines over {len(teasers)} short paragraphs"
    links = sum(block.link_share > LISTING_LINK_SHARE for block in blocks)
    if links >= MIN_LISTING_LINKS and _FRONT_PAGE.search(url):
        return "listing", f"a front page with {links} blocks of links"
    return "", ""
