"""How good an answer is, measured against what people say it should be: shares with their margin, classes, calibration.

Everything here counts; nothing of it knows what the classes are.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_Z = 1.959964
_BINS = 10
_ROUNDS = 300
LENGTHS = ((1, 19), (20, 49), (50, 99), (100, 279), (280, None))
"""Buckets of length in code points, both ends included."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share 0-1 of n, with its 95 % interval by Wilson (1927); 0 to 1 where nothing was counted."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share itself; 0 where nothing was counted."""
        return self.hits / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence."""
        return self.bounds(_Z)

    def bounds(self, z: float) -> tuple[float, float]:
        """Where the true share lies, `z` standard deviations to either side."""
        if not self.n:
            return 0.0, 1.0
        centre = self.value + z * z / (2 * self.n)
        spread = z * math.sqrt(self.value * (1 - self.value) / self.n + z * z / (4 * self.n * self.n))
        whole = 1 + z * z / self.n
        return max(0.0, (centre - spread) / whole), min(1.0, (centre + spread) / whole)


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer beside the truth. `sure` is whether it would be shown as such; `length` in code points."""

    truth: str
    said: str
    confidence: float
    sure: bool
    length: int


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class: how many texts have it; of those said to have it the share that has (precision), and the reverse."""

    name: str
    n: int
    precision: Share
    recall: Share

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        wrong = self.precision.n - self.precision.hits + self.recall.n - self.recall.hits
        return 2 * self.recall.hits / (2 * self.recall.hits + wrong) if self.recall.hits else 0.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Answers on texts of a range of lengths."""

    shortest: int
    longest: int | None
    right: Share


@dataclass(frozen=True, slots=True)
class Figures:
    """How good answers were. The likeliest class counts, also where the answer was not sure.

    Attributes:
        right: answers that are the truth.
        macro_f1: mean F1 of the classes that occur.
        classes: every class that occurs, in the order of `names` or of the alphabet.
        lengths: by length of the text; empty buckets are left out.
        calibration_error: mean distance between confidence and share right, over ten bins of confidence.
        calibration_chance: the error that confidences without fault would show on so few answers, by chance alone: the
            mean distance of a binomial from its mean, by the normal approximation.
        sure: answers that were sure enough to be shown.
        right_when_sure: those of them that are the truth.
    """

    right: Share
    macro_f1: float
    classes: tuple[ClassFigures, ...]
    lengths: tuple[Bucket, ...]
    calibration_error: float
    calibration_chance: float
    sure: Share
    right_when_sure: Share


def measured(judged: Iterable[Judged], names: Sequence[str] = ()) -> Figures:
    """Count answers against the truth.

    Args:
        judged: the answers.
        names: classes in the order to show them; others follow.
    """
    answers = list(judged)
    truths, said, hits = Counter[str](), Counter[str](), Counter[str]()
    bins = [[0.0, 0.0, 0.0] for _ in range(_BINS)]
    for each in answers:
        right = each.truth == each.said
        truths[each.truth] += 1
        said[each.said] += 1
        hits[each.truth] += right
        box = bins[min(_BINS - 1, int(each.confidence * _BINS))]
        box[0] += each.confidence
        box[1] += right
        box[2] += each.confidence * (1 - each.confidence)
    order = [*(name for name in names if name in truths), *sorted(set(truths) - set(names))]
    classes = tuple(
        ClassFigures(name, truths[name], Share(hits[name], said[name]), Share(hits[name], truths[name]))
        for name in order
    )
    sure = [each for each in answers if each.sure]
    return Figures(
        right=Share(hits.total(), len(answers)),
        macro_f1=_macro_f1(Counter((each.truth, each.said) for each in answers)) if answers else 0.0,
        classes=classes,
        lengths=tuple(_buckets(answers)),
        calibration_error=sum(abs(told - was) for told, was, _ in bins) / len(answers) if answers else 0.0,
        calibration_chance=sum(math.sqrt(2 / math.pi * spread) for *_, spread in bins) / len(answers)
        if answers
        else 0.0,
        sure=Share(len(sure), len(answers)),
        right_when_sure=Share(sum(each.truth == each.said for each in sure), len(sure)),
    )


def macro_f1_interval(judged: Iterable[Judged], *, seed: int = 1) -> tuple[float, float]:
    """Where the macro-F1 lies with 95 % confidence: the middle 95 % of 300 samples drawn anew from the answers.

    Percentile bootstrap (Efron 1979); 0 to 1 without answers. The same answers and seed give the same interval.
    """
    cells = Counter((each.truth, each.said) for each in judged)
    if not cells:
        return 0.0, 1.0
    rng = random.Random(seed)  # noqa: S311 - no secret is drawn
    drawn = sorted(
        _macro_f1(Counter(rng.choices(list(cells), list(cells.values()), k=cells.total()))) for _ in range(_ROUNDS)
    )
    return drawn[round(_ROUNDS * 0.025)], drawn[round(_ROUNDS * 0.975) - 1]


def _macro_f1(cells: Counter[tuple[str, str]]) -> float:
    truths, said, hits = Counter[str](), Counter[str](), Counter[str]()
    for (truth, answer), count in cells.items():
        truths[truth] += count
        said[answer] += count
        hits[truth] += count * (truth == answer)
    return sum(2 * hits[name] / (truths[name] + said[name]) for name in truths) / len(truths)


def _buckets(answers: Sequence[Judged]) -> Iterable[Bucket]:
    for shortest, longest in LENGTHS:
        among = [each for each in answers if shortest <= each.length and (longest is None or each.length <= longest)]
        if among:
            yield Bucket(shortest, longest, Share(sum(each.truth == each.said for each in among), len(among)))
