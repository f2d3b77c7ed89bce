"""The language of a text, ISO 639-1: by its commonest words where they are clear, by py3langid where they are not.

py3langid is right more often but takes 0.8 CPU seconds to load, which a run of English news never needs.
"""

from __future__ import annotations

import re

SAMPLE_CHARS = 1_500
MIN_CHARS = 40
CLEAR_SHARE = 0.12  # of the words are common words of one language ...
CLEAR_LEAD = 2.0  # ... and at least twice as many as of any other

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the of and to in that is for was with said as at by from has are have it not were which its",
    "de": "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch wird hat",
    "fr": "le les des et du une est dans pour qui sur au par avec plus ce pas sont cette été aux",
    "es": "el los las del que una por con para se al su más como este ha fue sus desde según",
    "pt": "os das dos uma não com para foi mais ao pela pelo são também ele segundo está um em",
    "it": "il di che della per una sono con del gli più alla nel dei delle anche ha è dal stato",
    "nl": "het een van de dat niet voor op zijn met wordt ook naar heeft bij zich",
    "pl": "się nie na że jest do przez oraz ze jak dla po był został które",
    "sv": "och att det som är för på med av inte till den har om ett",
    "tr": "ve bir bu için ile olarak da de olan gibi daha çok sonra kadar",
    "id": "yang dan di dengan untuk dari ini itu pada tidak dalam akan oleh",
    "ru": "и в не на что с по как из за для это его также был от года",
    "uk": "та що на не для від про як до це за його який також щодо",
}
_LANGUAGES_OF = {
    word: [code for code, words in _COMMON.items() if word in words.split()]
    for words_ in _COMMON.values()
    for word in words_.split()
}


def detect_language(text: str) -> str:
    """ISO 639-1 code, "" for a text too short to tell."""
    sample = text[:SAMPLE_CHARS]
    if len(sample) < MIN_CHARS:
        return ""
    return _by_common_words(sample) or _by_model(sample)


def _by_common_words(sample: str) -> str:
    words = _WORD.findall(sample.lower())
    counts = dict.fromkeys(_COMMON, 0)
    for word in words:
        for code in _LANGUAGES_OF.get(word, ()):
            counts[code] += 1
    best, second = sorted(counts, key=lambda code: counts[code], reverse=True)[:2]
    is_clear = counts[best] >= CLEAR_SHARE * len(words) and counts[best] >= CLEAR_LEAD * counts[second]
    return best if is_clear and len(words) >= 8 else ""


def _by_model(sample: str) -> str:
    import py3langid  # type: ignore[import-untyped]  # here, because loading it costs more than a hundred pages

    return str(py3langid.classify(sample)[0])
