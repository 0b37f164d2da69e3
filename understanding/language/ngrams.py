"""Which byte n-grams texts hold, and how often: the walk of py3langid's automaton, for many texts at once.

The library walks a text byte by byte. Here a page of texts is walked together, a byte of each at a time, so that each
step is one of arrays: a third of the cost for 200 texts. For a few it is the library's own walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import LanguageIdentifier, visit_counts

_MANY = 10
"""Texts from which walking them together is cheaper."""
_TOGETHER = 256
"""Texts that are walked together at most, so that any number takes a few megabytes."""

Counts = tuple[NDArray[np.intp], NDArray[np.float32]]
"""The numbers of the n-grams of a text, ascending, and how often each stands in it."""


class Ngrams:
    """The n-grams that a model of py3langid knows. Safe to share between threads.

    Args:
        model: the whole model, as the library read it.
    """

    def __init__(self, model: LanguageIdentifier) -> None:
        self._one_by_one: tuple[Any, Any, Any] = (model.tk_nextmove, model._rowbase, model.tk_output)  # noqa: SLF001 -- what its own walk takes
        self._following, self._row, self._found = map(np.asarray, self._one_by_one)
        self._known = len(model.nb_ptc)

    def counts(self, texts: Sequence[bytes]) -> Iterator[Counts]:
        """What each text holds, in the order of the texts."""
        for start in range(0, len(texts), _TOGETHER):
            some = texts[start : start + _TOGETHER]
            yield from map(self._walk, some) if len(some) < _MANY else self._walk_together(some)

    def _walk(self, text: bytes) -> Counts:
        found = sorted((visit_counts(*self._one_by_one, text) or {}).items())
        return np.array([place for place, _ in found], np.intp), np.array([times for _, times in found], np.float32)

    def _walk_together(self, texts: Sequence[bytes]) -> Iterator[Counts]:
        lengths = np.array([len(text) for text in texts], np.intp)
        order = np.argsort(-lengths, kind="stable")  # the longest first: who still walks stands together
        walking = len(texts) - np.searchsorted(np.sort(lengths), np.arange(lengths.max()), side="right")
        letters = np.zeros((len(walking), len(texts)), np.intp)
        for column, number in enumerate(order):
            letters[: lengths[number], column] = np.frombuffer(texts[number], np.uint8)
        met = np.full(letters.shape, -1, np.intp)
        state = np.zeros(len(texts), np.intp)
        for step, n in enumerate(walking):
            state = self._following.take(self._row.take(state[:n]) + letters[step, :n])
            met[step, :n] = self._found.take(state)
        # One sort for all: an n-gram of a later text is a larger number.
        keys, times = np.unique((met + order * self._known)[met >= 0], return_counts=True)
        ends = np.searchsorted(keys, np.arange(1, len(texts) + 1) * self._known)
        start = 0
        for number, end in enumerate(ends):
            yield keys[start:end] - number * self._known, times[start:end].astype(np.float32)
            start = end
