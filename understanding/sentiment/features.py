"""From a text to the numbers the model weighs, the same for every language; and which places they came from.

All that speaks for and against is added up in two sums; three features say how much there is of each and which has the
upper hand. Sums flatten out, so that the tenth complaint in a text adds less than the first. The other features say
what else tells: a wish that was not met, a negation of something the lexicon does not know, questions, stars.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from understanding.prepared import Prepared
from understanding.sentiment.lexicon import Lexicon
from understanding.sentiment.reading import SIGN, TURNED, Hit, Reading
from understanding.sentiment.tokens import TOKEN

_PER_TEXT = ("wishes", "you", "dots", "numbers")
_PER_LENGTH = ("idle_negations", "exclamations", "questions", "again", "time")
"""Counted per twenty words: a long text holds some of each without meaning anything by it."""

FEATURES = (
    "positive",
    "negative",
    "balance",
    *_PER_TEXT,
    *_PER_LENGTH,
    "ends_asking",
    "rated",
    "rated_low",
    "rated_high",
)
"""Names of the features, in the order of the model's weights; the first `OF_WORDS` come from words with feeling."""
OF_WORDS = 3

_COUNTED = {
    **{name: (FEATURES.index(name), False) for name in _PER_TEXT},
    **{name: (FEATURES.index(name), True) for name in _PER_LENGTH},
}
_ENDS_ASKING, _RATED = FEATURES.index("ends_asking"), FEATURES.index("rated")

READ = 4_000
"""Code points of a text that are read: feeling shows at the beginning, and time stays bounded."""

_SOFT = 3.0
"""Where a sum flattens: `s / (s + _SOFT)` of it counts, times `1 + _SOFT`."""
_LENGTH = 20.0
_MIDDLE = 0.6
"""The rating that is neither: three stars of five."""
_SIGN = 1.3
"""What an emoji or emoticon counts against a word of the same valence."""
_NOT_BAD = 0.5
"""What "not bad" counts against "good"; "not good" counts as much as "bad"."""


class Place(NamedTuple):
    """Where a hit stands and what it adds: code points [start, end) of `Prepared.text`, above 0 speaks for."""

    start: int
    end: int
    amount: float


@dataclass(frozen=True, slots=True)
class Features:
    """What was found in a text.

    Attributes:
        values: one per feature.
        places: what the first three are made of.
        speaks_for, against: the sums of the places.
    """

    values: tuple[float, ...]
    places: tuple[Place, ...] = ()
    speaks_for: float = 0.0
    against: float = 0.0

    def without(self, place: Place) -> tuple[float, float, float]:
        """What the first three features would be if this place said nothing."""
        if place.amount > 0:
            return _of_words(max(0.0, self.speaks_for - place.amount), self.against)
        return _of_words(self.speaks_for, max(0.0, self.against + place.amount))


def features(prepared: Prepared, lexicon: Lexicon, rating: float | None = None, *, places: bool = True) -> Features:
    """Read a text once; linear in its length, at most `READ` code points of it.

    Args:
        prepared: the text.
        lexicon: of its language.
        rating: 0-1.
        places: whether to tell where what was found stands.
    """
    text = prepared.text if len(prepared.text) <= READ else prepared.text[:READ]
    raws = TOKEN.findall(text)
    reading = Reading(raws, lexicon)
    amounts = [_amount(hit) for hit in reading.hits]
    speaks_for = against = 0.0
    for amount in amounts:
        if amount > 0:
            speaks_for += amount
        else:
            against -= amount
    share = 1.0 if reading.words <= _LENGTH else _LENGTH / reading.words
    values = [0.0] * len(FEATURES)
    values[:OF_WORDS] = _of_words(speaks_for, against)
    for name, count in reading.counts.items():
        at, per_length = _COUNTED[name]
        values[at] = min(1.0, count * share if per_length else count)
    if reading.ends_asking:
        values[_ENDS_ASKING] = 1.0
    if rating is None:
        rating = reading.rating
    if rating is not None:
        values[_RATED:] = _of_rating(rating)
    if not amounts:
        return Features(tuple(values))
    if not places:
        return Features(tuple(values), (), speaks_for, against)
    return Features(tuple(values), _places(text, raws, reading.hits, amounts), speaks_for, against)


def _of_words(speaks_for: float, against: float) -> tuple[float, float, float]:
    return (
        speaks_for * (1.0 + _SOFT) / (speaks_for + _SOFT),
        against * (1.0 + _SOFT) / (against + _SOFT),
        (speaks_for - against) / (speaks_for + against + 1.0),
    )


def _of_rating(rating: float) -> tuple[float, float, float]:
    away = (rating - _MIDDLE) / (1.0 - _MIDDLE)
    return 1.0, max(0.0, min(1.0, -away)), max(0.0, away)


def _amount(hit: Hit) -> float:
    if hit.kind == SIGN:
        return hit.value * _SIGN
    if hit.kind == TURNED:
        return -hit.value if hit.value > 0 else -hit.value * _NOT_BAD
    return hit.value


def _places(text: str, raws: list[str], hits: list[Hit], amounts: list[float]) -> tuple[Place, ...]:
    """Where the hits stand: the tokens follow each other, so each is looked for from the end of the last."""
    starts = []
    end = 0
    for raw in islice(raws, max(hit.last for hit in hits) + 1):
        start = text.index(raw, end)
        starts.append(start)
        end = start + len(raw)
    return tuple(
        Place(starts[hit.first], starts[hit.last] + len(raws[hit.last]), amount)
        for hit, amount in zip(hits, amounts, strict=True)
    )
