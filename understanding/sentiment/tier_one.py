"""Tier 1: scores every text inline, and says which words did it."""

from __future__ import annotations

from hashlib import blake2b

from understanding.prepared import Prepared
from understanding.sentiment.answer import NO_WORDS, Because, Scored, Scorer, Words, judged
from understanding.sentiment.features import OF_WORDS, Features, features
from understanding.sentiment.lexicon import Lexicon
from understanding.sentiment.model import Model, committed
from understanding.sentiment.wordlists import LANGUAGES, words_version


def tier_one(words: Words = NO_WORDS, model: Model | None = None) -> Scorer:
    """The inline scorer, with the users' words and a refitted model where there is one. Safe to share between threads.

    Does not read the database or the clock: the same text gives the same answer for the same `version`.
    """
    return _TierOne(words, model or committed())


class _TierOne:
    def __init__(self, words: Words, model: Model) -> None:
        self._model = model
        negative, _, positive = model.weights
        self._pulls = [(positive[at] - negative[at]) / model.temperature for at in range(OF_WORDS)]
        self._lexicons = {lang: Lexicon(lang, words) for lang in (*LANGUAGES, "und")}
        self.version = _version(words, model)

    def score(self, prepared: Prepared, lang: str, *, rating: float | None = None, explain: bool = True) -> Scored:
        """Score a text; see `Scorer`."""
        found = features(prepared, self._lexicons.get(lang, self._lexicons["und"]), rating, places=explain)
        return judged(self._model.chances((*found.values, 1.0)), self._because(found) if found.places else ())

    def _because(self, found: Features) -> tuple[Because, ...]:
        """What each place adds to the log-odds of positive against negative: what they would lose without it."""
        first, second, third = self._pulls
        speaks_for, against, balance, *_ = found.values
        whole = first * speaks_for + second * against + third * balance
        told = []
        for place in found.places:
            speaks_for, against, balance = found.without(place)
            less = first * speaks_for + second * against + third * balance
            told.append(Because(place.start, place.end, whole - less))
        return tuple(told)


def _version(words: Words, model: Model) -> str:
    shipped = f"{model.version}-{words_version()}"
    if words == NO_WORDS:
        return shipped
    told = repr((sorted(words.boosts.items()), sorted(words.excluded)))
    return f"{shipped}-{blake2b(told.encode(), digest_size=4).hexdigest()}"
