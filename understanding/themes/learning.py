"""Learning from links which theme a text is about: multinomial logistic regression over hashed words.

Deterministic: the same examples in the same order give the same weights. Two thousand links are fitted in a third of a
second. Measured in docs/themes.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from understanding.prepared import prepare
from understanding.themes.features import features

VERSION = 1
_ROUNDS, _STEP, _MOMENTUM, _SHRINK = 60, 8.0, 0.9, 0.01
_DIGITS = 4
_CAUTION = 60.0
"""What is learned counts n / (n + 60): of 100 links it is less sure than it looks. Measured in docs/themes.md."""
_HELD = 5
"""One example in so many is held back for measuring."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A text and the theme that somebody linked it to."""

    text: str
    lang: str
    theme_id: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned. JSON-able by `to_json`.

    Attributes:
        theme_ids: in the order of the weights.
        usual: what is known of each theme before a word is read, from its share among the links.
        weights: per place of a word one weight per theme; log-odds.
    """

    theme_ids: tuple[int, ...]
    usual: tuple[float, ...]
    weights: Mapping[int, tuple[float, ...]]

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "version": VERSION,
            "theme_ids": list(self.theme_ids),
            "usual": list(self.usual),
            "weights": {str(place): list(row) for place, row in self.weights.items()},
        }

    @classmethod
    def from_json(cls, kept: Any) -> Learned | None:
        """Read back; None when another version wrote it, or nothing is there."""
        if not isinstance(kept, Mapping) or kept.get("version") != VERSION:
            return None
        weights = {int(place): tuple(row) for place, row in kept["weights"].items()}
        return cls(tuple(kept["theme_ids"]), tuple(kept["usual"]), weights)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How often the right theme came first, and among the first two, for `n` examples that were not learned from."""

    n: int
    top_1: float
    top_2: float


def learn(taught: Sequence[Taught]) -> Learned | None:
    """Learn from examples; None without any word to learn from."""
    found = [(list(features(prepare(one.text), one.lang)), one.theme_id) for one in taught]
    return _fit([one for one in found if one[0]])


def measure(taught: Sequence[Taught], *, always: Sequence[Taught] = ()) -> HeldBack | None:
    """Learn from four in five and try the fifth; None where fewer than ten could be tried.

    Args:
        taught: links, in an order that says nothing.
        always: what is learned from and never tried, such as examples that somebody wrote.
    """
    kept = [*always, *(one for place, one in enumerate(taught) if place % _HELD)]
    held = [one for place, one in enumerate(taught) if place % _HELD == 0]
    learned = learn(kept)
    if learned is None or len(held) < 2 * _HELD:
        return None
    first = second = 0
    for one in held:
        z = logits(learned, features(prepare(one.text), one.lang))
        best = sorted(z, key=lambda theme_id: (-z[theme_id], theme_id))[:2]
        first += best[0] == one.theme_id
        second += one.theme_id in best
    return HeldBack(len(held), first / len(held), second / len(held))


def logits(learned: Learned, found: Mapping[int, str]) -> dict[int, float]:
    """Per theme how much speaks for it, before it is made a share of one."""
    known = [row for place in found if (row := learned.weights.get(place)) is not None]
    length = math.sqrt(len(found)) or 1.0
    return {
        theme_id: learned.usual[at] + math.fsum(row[at] for row in known) / length
        for at, theme_id in enumerate(learned.theme_ids)
    }


def _fit(found: Sequence[tuple[Sequence[int], int]]) -> Learned | None:
    """Full-batch gradient descent with momentum; texts of length one, so that long ones do not shout."""
    if not found:
        return None
    theme_ids = sorted({theme_id for _, theme_id in found})
    n, sizes = len(found), np.array([len(places) for places, _ in found])
    every = np.concatenate([np.asarray(places) for places, _ in found])
    used, column = np.unique(every, return_inverse=True)
    row = np.repeat(np.arange(n), sizes)
    value = (1.0 / np.sqrt(sizes))[row][:, None]
    row_starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    by_column = np.argsort(column, kind="stable")
    column_starts = np.concatenate(([0], np.cumsum(np.bincount(column))[:-1]))
    wanted = np.zeros((n, len(theme_ids)))
    wanted[np.arange(n), [theme_ids.index(theme_id) for _, theme_id in found]] = 1.0
    usual = np.log(wanted.mean(axis=0))
    weights = np.zeros((len(used), len(theme_ids)))
    speed = np.zeros_like(weights)
    for _ in range(_ROUNDS):
        z = np.add.reduceat(value * weights[column], row_starts, axis=0) + usual
        share = np.exp(z - z.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        missing = value * (wanted - share)[row]
        gradient = (np.add.reduceat(missing[by_column], column_starts, axis=0) - _SHRINK * weights) / n
        speed = _MOMENTUM * speed + gradient
        weights += _STEP * speed
    caution = n / (n + _CAUTION)
    return Learned(
        tuple(theme_ids),
        tuple(round(float(one) * caution, _DIGITS) for one in usual),
        {
            int(place): tuple(round(float(one) * caution, _DIGITS) for one in weights[at])
            for at, place in enumerate(used)
        },
    )
