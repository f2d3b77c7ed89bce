"""The stages of an affair: which step a sentence says was taken, whatever verb says it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, count

from pipeline.text import keep_answers, list_words, stem_word

_WORDS = {
    "planned": "plan planned plans intend intends propose proposed proposal scheduled draft drafted",
    "talks": "talks negotiate negotiating negotiations negotiated discussed met meeting meet summit",
    "agreed": "agreed agree agreement deal accord consensus",
    "signed": "signed sign signing initialled concluded",
    "approved": "approved approve approval ratified ratify passed adopted adopt endorsed cleared authorised authorized "
    "decided decide decision",
    "rejected": "rejected reject rejection refused refuse blocked block vetoed veto opposed",
    "delivered": "delivered deliver delivery handed shipped supplied arrived arrive arrival landed docked reached",
    "departed": "departed depart departure left leaves sailed",
    "started": "started start began begin begun launched launch opened open opens started commissioned inaugurated",
    "stopped": "stopped stop halted halt suspended suspend suspension paused closed close closure shut grounded ended",
    "resumed": "resumed resume reopened reopen restored restore restart restarted lifted lift",
    "delayed": "delayed delay delays postponed postpone postponement deferred slipped extended extend extension",
    "cancelled": "cancelled canceled cancel cancellation scrapped abandoned dropped withdrawn withdraw withdrew axed",
    "denied": "denied deny denies denial dismissed refuted false untrue wrong mistaken erroneous",
    "confirmed": "confirmed confirm confirms confirmation acknowledged admitted verified",
    "corrected": "corrected correction clarified clarify revised amended retracted apologised apologized misidentified",
    "accused": "accused accuse accusation alleged allegation blamed blame suspected",
    "detained": "detained detain arrested arrest custody held seized seize captured",
    "charged": "charged charge charges indicted indictment prosecuted sued lawsuit",
    "tried": "trial tried court hearing pleaded plead appeal appealed testified",
    "sentenced": "sentenced sentence convicted guilty jailed verdict fined acquitted ruled ruling",
    "released": "released release freed free bail",
    "resigned": "resigned resign resignation quit sacked fired dismissed dismissal ousted stepped stepping",
    "appointed": "appointed appoint appointment named elected nominated sworn replaced succeed succeeds successor",
    "killed": "killed kill dead died death deaths dies bodies fatal fatalities toll",
    "hurt": "injured wounded hurt injuries hospitalised hospitalized hospital",
    "rescued": "rescued rescue evacuated evacuate evacuation saved survivors survived recovered",
    "found": "found find discovered located identified identify traced",
    "missing": "missing lost disappeared vanished",
    "attacked": "attacked attack strike struck hit shelled bombed fired firing shot clash clashes",
    "tested": "tested test testing trial-fired exercise drill",
    "built": "built build construction assembled completed complete completion finished",
    "bought": "bought buy purchase purchased acquire acquired order ordered orders contract awarded sold sell sale",
    "paid": "paid pay payment compensation refund refunded",
    "investigated": "investigation investigating investigators inquiry probe inspect inspected inspectors examined",
    "caused": "cause caused blamed fault failure error",
    "warned": "warned warn warning threatened threaten ultimatum",
    "sanctioned": "sanctions sanctioned embargo banned ban blacklisted",
    "won": "won win wins victory beat defeated defeat lost",
    "raised": "raised raise rose rise increased increase grew climbed higher",
    "cut": "cut cuts reduced reduce fell fall dropped lowered lower",
}  # fmt: skip

_STAGES: dict[str, tuple[str, ...]] = {}
for _stage, _words in _WORDS.items():
    for _word in _words.split():
        _stem = stem_word(_word)
        if _stage not in _STAGES.get(_stem, ()):
            _STAGES[_stem] = (*_STAGES.get(_stem, ()), _stage)

NEGATIONS = frozenset(list_words("not no never nobody none neither nor without n't cannot nothing"))


def find_stages(words: Sequence[str]) -> tuple[str, ...]:
    """The stages a sentence names, in order, each once; "!" in front of one that is negated within four words."""
    found: dict[str, None] = {}
    named = list(map(_list_stages, words))
    for index in compress(count(), named):
        sign = "!" if is_negated(words[max(0, index - 4) : index]) else ""
        found.update((sign + stage, None) for stage in named[index])
    return tuple(found)


@keep_answers
def _list_stages(word: str) -> tuple[str, ...]:
    return _STAGES.get(stem_word(word), ())


def is_negated(words: Sequence[str]) -> bool:
    """True when one of the words turns the statement round."""
    return not NEGATIONS.isdisjoint(words) or "n't " in f"{' '.join(words)} "
