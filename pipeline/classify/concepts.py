"""Groups of meaning: which tokens of an article show which concepts and topics of topics.toml.

Concepts are numbers, in the order of their names, so that what a whole article shows is found with a few array
operations.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from pipeline.classify.lexicon import Column, Lexicon, PairColumn, Rows, Table, Tokens
from pipeline.classify.tokens import split_tokens
from pipeline.classify.topics import Concept, Topic, TopicSet

COUNTRY: Final = "country"  # any country or place
ABROAD: Final = "abroad"  # two countries in one sentence


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """What the tokens of an article show, in reading order."""

    places: Rows  # of single tokens
    concepts: Rows  # that each of them shows
    phrases: list[tuple[int, Tokens, int]]  # place of the first token, all tokens, concept; also across sentences


class ConceptFinder:
    """Finds concepts and topic words, with `country` for any country and `abroad` for two in a sentence."""

    def __init__(self, topics: TopicSet) -> None:
        self.lexicon = Lexicon()
        self.names = _name_concepts(topics)
        numbers = {name: number for number, name in enumerate(self.names)}
        self.topics = tuple(numbers[f"topic_{one.id}"] for one in topics.topics)  # in the order of the file
        self.is_topic = np.isin(np.arange(len(self.names)), self.topics)
        self._country, self._abroad = numbers[COUNTRY], numbers[ABROAD]
        self._words: dict[str, set[int]] = defaultdict(set)
        self._phrases: dict[Tokens, list[tuple[Tokens, int]]] = defaultdict(list)  # by their first two tokens
        for number, topic in zip(self.topics, topics.topics, strict=True):
            self._add(topic, number)
        for concept in topics.concepts:
            self._add(concept, numbers[concept.id])
        self._shown = Table(self.lexicon, self._look_up)
        starts = {start: at for at, start in enumerate(self._phrases)}
        self._phrases_of = [*self._phrases.values()]
        self._phrase_at = PairColumn(self.lexicon, starts, str)
        self._countries: dict[str, int] = {}
        self._country_of = Column(self.lexicon, self._number_country)

    def find(self, tokens: Rows) -> Sightings:
        """What the tokens show, one by one and as phrases."""
        concepts, places = self._shown.read(tokens)
        return Sightings(places, concepts, self._find_phrases(tokens))

    def find_countries(self, tokens: Rows) -> tuple[Rows, Rows]:
        """The places of countries, and for each of them a number that all its names share."""
        countries = self._country_of.read(tokens)
        places = np.flatnonzero(countries)
        return places, countries[places]

    def sort_by_sentence(self, tokens: Rows, seen: Sightings, sentence_of: Rows) -> tuple[Rows, Rows]:
        """Sentences and the concepts that they show, each once; a phrase counts within one sentence."""
        shows = np.zeros((int(sentence_of[-1]) + 1, len(self.names)), np.bool_)
        shows[sentence_of[seen.places], seen.concepts] = True
        for at, term, concept in seen.phrases:
            if sentence_of[at] == sentence_of[at + len(term) - 1]:
                shows[sentence_of[at], concept] = True
        places, countries = self.find_countries(tokens)
        named = sorted({*zip(sentence_of[places].tolist(), countries.tolist(), strict=True)})
        shows[[one for (one, _), (next_one, _) in pairwise(named) if one == next_one], self._abroad] = True
        return np.divmod(np.flatnonzero(shows), len(self.names))

    def _find_phrases(self, tokens: Rows) -> list[tuple[int, Tokens, int]]:
        places, starts = self._phrase_at.read(tokens)
        return [
            (at, term, concept)
            for at, start in zip(places.tolist(), starts.tolist(), strict=True)
            for term, concept in self._phrases_of[start]
            if len(term) == 2 or self.lexicon.spell_tokens(tokens[at : at + len(term)]) == term
        ]

    def _add(self, group: Topic | Concept, concept: int) -> None:
        for term in dict.fromkeys(tuple(split_tokens(term)) for term in (*group.words, *group.phrases)):
            if len(term) == 1:
                self._words[term[0]].add(concept)
            elif term:
                self._phrases[term[:2]].append((term, concept))

    def _look_up(self, token: str) -> set[int]:
        concepts = self._words.get(token, set())
        return concepts | {self._country} if ":" in token else concepts

    def _number_country(self, token: str) -> int:
        """The number of the country that a token names; 0 when it names none."""
        _, names, country = token.partition(":")
        return self._countries.setdefault(country, len(self._countries) + 1) if names else 0


def _name_concepts(topics: TopicSet) -> Tokens:
    """The names of all concepts, sorted; a topic is a concept too."""
    named = (*(f"topic_{one.id}" for one in topics.topics), *(one.id for one in topics.concepts))
    return tuple(sorted({COUNTRY, ABROAD, *named}))
