"""Which facts of a sentence its story has not had, and how the sentence speaks: the features of the gate."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from pipeline.detect.cues import KINDS, find_cues
from pipeline.detect.told import Told
from pipeline.facts import ArticleView, Quantity, SentenceView
from pipeline.facts.names import find_outlet_names, find_skeleton
from pipeline.facts.numbers import is_same_value

NAME_PREFIX = 5  # Severia, Severian, Severia's: one name
MOST = 3  # of each kind of fact; more of the same says no more
_CUE_FEATURES = {kind: f"cue_{kind}" for kind in KINDS}
_CLOCK = re.compile(r"\W*\d{1,2}[:.]\d\d\b")  # an entry of a live page


@dataclass(frozen=True, slots=True)
class NewFacts:
    """The facts of one sentence that the story has not had."""

    quantities: tuple[Quantity, ...] = ()
    changed: tuple[tuple[Quantity, Quantity], ...] = ()  # (value told, value now) of the same subject
    names: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


class ToldIndex:
    """`Told`, arranged for questions. Lives for one article."""

    def __init__(self, told: Told, view: ArticleView) -> None:
        self.told = told
        self._names = set(told.names) | find_outlet_names(view.source, view.publisher)
        self._prefixes = {name[:NAME_PREFIX] for name in self._names if len(name) >= NAME_PREFIX}
        self._skeletons = {s for s in map(find_skeleton, self._names) if len(s) >= 3}
        self._stages, self._dates, self._stems = set(told.stages), set(told.dates), set(told.stems)
        self._days = {date[5:] for date in told.dates}
        self._values = {(quantity.value, quantity.unit) for quantity in told.quantities}
        self._loose = [quantity for quantity in told.quantities if quantity.unit or quantity.is_rough]
        self._postings: dict[str, list[int]] = defaultdict(list)  # of the article's own words
        words = {stem for sentence in (view.title, *view.sentences) for stem in sentence.stems}
        for number, stems in enumerate(told.sentences):
            for stem in words.intersection(stems):
                self._postings[stem].append(number)
        self._nearest: dict[tuple[str, ...], float] = {}

    def find_new(self, sentence: SentenceView) -> NewFacts:
        """What a sentence says that the story has not had."""
        quantities = tuple(q for q in sentence.quantities if not self._has_quantity(q))
        return NewFacts(
            quantities=quantities,
            changed=tuple((old, q) for q in quantities if (old := self._find_former(q))),
            names=tuple(n for n in sentence.names if not self.has_name(n)),
            stages=tuple(s for s in sentence.stages if s not in self._stages),
            dates=tuple(d for d in sentence.dates if d not in self._dates),
        )

    def has_name(self, name: str) -> bool:
        """True for a name that was told, in whatever spelling or inflection."""
        if name in self._names or (len(name) >= NAME_PREFIX and name[:NAME_PREFIX] in self._prefixes):
            return True
        skeleton = find_skeleton(name)
        return len(skeleton) >= 3 and skeleton in self._skeletons

    def was_told_otherwise(self, stage: str) -> bool:
        """True for a step that was told as not taken, or for a "!step" that was told as taken."""
        return (stage[1:] if stage[0] == "!" else "!" + stage) in self._stages

    def _has_quantity(self, quantity: Quantity) -> bool:
        if (quantity.value, quantity.unit) in self._values:
            return True
        # A plain count is another one as soon as it differs at all from plain counts.
        others = self.told.quantities if quantity.unit or quantity.is_rough else self._loose
        return any(is_same_value(quantity, told) for told in others)

    def _find_former(self, quantity: Quantity) -> Quantity | None:
        """The last value told of the same thing."""
        for told in reversed(self.told.quantities):
            if quantity.subject and told.subject == quantity.subject and told.unit == quantity.unit:
                return told
        return None

    def measure_nearest(self, stems: tuple[str, ...]) -> float:
        """The largest share of the words of one of the article's sentences that one told sentence holds, 0..1."""
        if stems not in self._nearest:
            words = set(stems)
            hits = Counter(chain.from_iterable(self._postings.get(word, ()) for word in words))
            self._nearest[stems] = max(hits.values(), default=0) / len(words) if words else 1.0
        return self._nearest[stems]

    def measure_unseen(self, stems: Sequence[str]) -> float:
        """The share of a sentence's words that the story has never used, 0..1."""
        words = set(stems)
        return len(words - self._stems) / len(words) if words else 0.0


def measure_sentence(sentence: SentenceView, new: NewFacts, index: ToldIndex, place: int) -> dict[str, float]:
    """The named features of one sentence, without those that are 0; `place` counts from 0."""
    features = dict.fromkeys(sentence.marks, 1.0)
    features["nearest"] = nearest = index.measure_nearest(sentence.stems)
    features["unseen"] = index.measure_unseen(sentence.stems)
    features["place"] = math.log1p(place)
    features["lead"] = float(place < 2)
    features["length"] = math.log1p(len(sentence.stems))
    if _CLOCK.match(sentence.text):
        features["clock"] = 1.0
    if "negated" in features:
        features["denied"] = nearest
    cues = find_cues(sentence)
    features.update((_CUE_FEATURES[kind], 1.0) for kind in cues)
    _add_facts(features, sentence, new)
    if new.stages and any(map(index.was_told_otherwise, new.stages)):
        features["turned"] = 1.0
    if new.quantities and len(sentence.quantities) > len(new.quantities):
        _add_both(features, cues)
    return features


def _add_facts(features: dict[str, float], sentence: SentenceView, new: NewFacts) -> None:
    old_quantities = len(sentence.quantities) - len(new.quantities)
    old_names = len(sentence.names) - len(new.names)
    features["new_quantities"] = float(min(len(new.quantities), MOST))
    features["new_names"] = float(min(len(new.names), MOST))
    features["new_stages"] = float(min(len(new.stages), MOST))
    features["new_dates"] = float(min(len(new.dates), MOST))
    features["old_quantities"] = float(min(old_quantities, MOST))
    features["old_names"] = float(min(old_names, MOST))
    if (old_quantities or old_names) and not (new.quantities or new.names or new.dates):
        features["all_told"] = 1.0
    if new.changed:
        features["changed"] = 1.0
        features["falls"] = float(any(now.value < old.value for old, now in new.changed))


def _add_both(features: dict[str, float], cues: frozenset[str]) -> None:
    """For a sentence with a value that was told and one that was not."""
    features["both"] = 1.0
    features["both_not"] = float("not_number" in cues)
    features["both_recalled"] = float("recalls" in cues)
