"""Which elements of a page are furniture, by tag, by class and id words, or because they are hidden."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from pipeline.clean.rulebook import load_furniture, load_tags

SILENT_TAGS = load_tags("silent")
"""Tags that hold no text for a reader: they go without being listed."""

_TAG_RULES = {
    "nav": "navigation",
    "footer": "footer",
    "aside": "sidebar",
    "form": "form",
    "button": "button",
    "figcaption": "caption",
    "figure": "caption",
    "dialog": "overlay",
    "menu": "navigation",
    "label": "form",
    "fieldset": "form",
    "header": "page_header",
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_ABOUT_ITSELF = "".join(
    rf"(?<!{word}[_\-])" for word in ("has", "with", "no", "without", "hide", "is", "show", "non")
)
"""class="has-sidebar" is said of an element beside a sidebar, not of the sidebar."""
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


_BODY_HINT = re.compile(
    r"(?<![a-z])(article_*-?_*(body|content|text|copy)|articlebody|entry_*-?_*content|post_*-?_*(content|body|text)"
    r"|story_*-?_*(body|content|text)|body-?copy|body-?text|td-post-content|news-?_?(text|body|content)"
    r"|detail-?(content|text|body)|caas-body|single-content|story-?contents?|article-?page-?content)(?![a-z])",
    re.IGNORECASE,
)
_WEAK_BODY_HINT = re.compile(r"(?<![a-z])(article|story|post|entry|main|content)(?![a-z])", re.IGNORECASE)


@lru_cache(maxsize=8192)
def names_body(hint: str) -> bool:
    """True for class and id words that publishers give to the body of an article only."""
    return bool(_BODY_HINT.search(hint))


@lru_cache(maxsize=8192)
def may_name_body(hint: str) -> bool:
    """True for words that a container around an article often has."""
    return bool(_WEAK_BODY_HINT.search(hint)) or names_body(hint)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """All words of all rules in one alternation; the group that matched names the rule."""
    groups = []
    for number, rule in enumerate(load_furniture()):
        words = sorted(rule.words, key=len, reverse=True)
        groups.append(f"(?P<r{number}>{'|'.join(re.escape(word) for word in words)})")
    return re.compile(rf"{_NOT_ABOUT_ITSELF}(?<![^\s_\-])(?:{'|'.join(groups)})(?![^\s_\-])")


@lru_cache(maxsize=8192)
def match_hint(hint: str) -> tuple[str, bool]:
    """(rule name, keeps its blocks apart) for the class and id words of an element; ("", False) for none."""
    words = _CAMEL.sub("-", hint).lower()
    found = _pattern().search(words)
    if found is None or found.lastgroup is None:
        return "", False
    rule = load_furniture()[int(found.lastgroup[1:])]
    return rule.name, rule.keeps_blocks


def match_element(element: etree._Element, tag: str, hint: str) -> tuple[str, bool]:
    """The furniture rule of one element: ("", False) for an element that may hold the article."""
    if tag in _TAG_RULES:
        return _TAG_RULES[tag], False
    if tag in ("html", "body", "main", "article"):
        return "", False
    style = element.get("style")
    if element.get("hidden") is not None or (style and _HIDDEN_STYLE.search(style)):
        return "hidden", False
    return match_hint(hint) if hint else ("", False)
