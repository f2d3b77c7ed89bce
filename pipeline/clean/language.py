"""The language of a text, ISO 639-1: by its commonest words where they are clear, by py3langid where they are not.

py3langid is right more often but takes 0.8 CPU seconds to load, which a run of English news never needs.
"""

from __future__ import annotations

import re

SAMPLE_CHARS = 1_500
MIN_CHARS = 40
MIN_WORDS = 8
CLEAR = ((0.09, 1.6), (0.05, 2.0))
"""(share of common words of one language among all, how many times as many as of any other); tables have few."""

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the of and to in that is for was with said as at by from has are have it not were which its",
    "de": "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch wird hat",
    "fr": "de la le les des et du une est dans pour qui sur au par avec plus ce pas sont cette été aux",
    "es": "de la en el los las del que una por con para se al su más como este ha fue sus desde según",
    "pt": "de janeiro fevereiro março maio junho julho setembro outubro novembro dezembro da do em"
    " na no que os das dos uma não com para foi mais ao pela pelo são também ele segundo está um em",
    "it": "il di che della per una sono con del gli più alla nel dei delle anche ha è dal stato",
    "nl": "het een van de dat niet voor op zijn met wordt ook naar heeft bij zich",
    "pl": "się nie na że jest do przez oraz ze jak dla po był został które",
    "sv": "och att det som är för på med av inte till den har om ett",
    "tr": "ve bir bu için ile olarak olan gibi daha çok sonra kadar",
    "id": "kita ada juga bisa yang dan di dengan untuk dari ini itu pada tidak dalam akan oleh",
    "ru": "и в не на что с по как из за для это его также был от года",
    "uk": "та що на не для від про як до це за його який також щодо",
}
_LANGUAGES_OF = {
    word: [code for code, words in _COMMON.items() if word in words.split()]
    for words_ in _COMMON.values()
    for word in words_.split()
}


_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)
"""Scripts that one language of the news is written in; kana first, because Japanese uses Chinese characters too."""
SCRIPT_SHARE = 0.15


def detect_language(text: str, declared: str = "") -> str:
    """ISO 639-1 code, "" for a text too short to tell. `declared` is what the page says of itself: it breaks ties."""
    sample = text[:SAMPLE_CHARS]
    if len(sample) < MIN_CHARS:
        return ""
    return _by_script(sample) or _by_common_words(sample, declared[:2].lower()) or _by_model(sample)


def _by_script(sample: str) -> str:
    if sample.isascii():
        return ""
    return next((code for code, letters in _SCRIPTS if len(letters.findall(sample)) >= SCRIPT_SHARE * len(sample)), "")


def _by_common_words(sample: str, declared: str) -> str:
    words = _WORD.findall(sample.lower())
    counts = dict.fromkeys(_COMMON, 0)
    for word in words:
        for code in _LANGUAGES_OF.get(word, ()):
            counts[code] += 1
    best, second = sorted(counts, key=lambda code: counts[code], reverse=True)[:2]
    if best == declared and counts[best]:
        return best
    is_clear = any(
        counts[best] >= share * len(words) and counts[best] >= lead * counts[second] for share, lead in CLEAR
    )
    return best if is_clear and len(words) >= MIN_WORDS else ""


def _by_model(sample: str) -> str:
    import py3langid  # type: ignore[import-untyped]  # here, because loading it costs more than a hundred pages

    return str(py3langid.classify(sample)[0])
