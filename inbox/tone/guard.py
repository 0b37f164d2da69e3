"""Whether a newly fitted model may take the place of the one that counts. Pure.

Two questions, each answered on examples that neither model has learnt from, example by example (paired): how many has
only the new one right, how many only the old one.

* **Held-back corrections**: a third of what agents corrected, chosen by a hash so that a correction never changes
  sides. There must be `MIN_HELD` of them, and the new model must have more of them right. What is as good is not
  adopted: it would change labels for nothing.
* **The labelled random samples** of the last year. Corrections are mostly mistakes, so a model may gain on them and
  lose on everything else. With `MIN_SAMPLE` labelled mentions or more, it must not have more of them wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

MIN_HELD = 30
"""Held-back corrections below which nothing is adopted: fewer could gain by chance alone."""

MIN_SAMPLE = 30
"""Labelled mentions of samples below which they are not asked."""

_HELD_OF_256 = 85


class Outcome(StrEnum):
    """What came of an attempt."""

    ADOPTED = "adopted"
    FEW = "few"
    """Too few corrections are held back."""
    NO_GAIN = "no_gain"
    WORSE = "worse"
    """Worse on the held-back corrections."""
    SAMPLE_WORSE = "sample_worse"
    """Better on the corrections, worse on the random sample."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Two models on the same examples.

    Attributes:
        n: examples.
        right_before, right_after: how many the old and the new model have right.
        better, worse: how many only the new one, and only the old one has right.
    """

    n: int = 0
    right_before: int = 0
    right_after: int = 0
    better: int = 0
    worse: int = 0

    @property
    def gain(self) -> int:
        """By how many examples the new model is better; negative when it is worse."""
        return self.better - self.worse


def is_held_back(mention_id: int) -> bool:
    """Whether the correction of this mention is never learnt from; about one in three."""
    return blake2b(str(mention_id).encode(), digest_size=1, person=b"held back").digest()[0] < _HELD_OF_256


def compare(pairs: Iterable[tuple[bool, bool]]) -> Paired:
    """Count examples of which each says whether the old and whether the new model has it right."""
    n = before = after = better = worse = 0
    for old, new in pairs:
        n += 1
        before += old
        after += new
        better += new and not old
        worse += old and not new
    return Paired(n, before, after, better, worse)


def decide(held: Paired, sample: Paired) -> Outcome:
    """Whether the new model is adopted, or why not."""
    if held.n < MIN_HELD:
        return Outcome.FEW
    if held.gain < 0:
        return Outcome.WORSE
    if held.gain == 0:
        return Outcome.NO_GAIN
    if sample.n >= MIN_SAMPLE and sample.gain < 0:
        return Outcome.SAMPLE_WORSE
    return Outcome.ADOPTED
