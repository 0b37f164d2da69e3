"""What one heap of texts says that another does not: words and phrases ranked by how surely they tell the two apart.

The measure is the weighted log-odds ratio with an informative Dirichlet prior (B. L. Monroe, M. P. Colaresi and
K. M. Quinn, "Fightin' Words", Political Analysis 16:4, 2008, equations 16 and 22). The prior says how often a phrase
is said at all, so that a rare phrase has to prove more than a common one, and a common one that both heaps say alike
ranks nowhere. Counts may be of texts or of times said, as long as both sides count alike.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Distinct:
    """A phrase and how it tells two heaps apart.

    Attributes:
        phrase: as it was counted.
        z: how sure: the log-odds ratio in standard deviations. Above 1.96 it is hardly chance; below 0 it is of `b`.
        log_odds: how much: natural logarithm of the ratio of odds in `a` and in `b`, drawn towards 0 by the prior.
        in_a: its count in the first heap.
        in_b: its count in the second.
    """

    phrase: str
    z: float
    log_odds: float
    in_a: float
    in_b: float


def background(*heaps: Mapping[str, float], strength: float = 100.0) -> dict[str, float]:
    """A prior from counts: how often each phrase is said in all heaps together, as if among `strength` phrases.

    Args:
        heaps: counts; the two that are compared will do when there is nothing larger.
        strength: how much has to be counted before it outweighs the prior; the sum of what is given back.
    """
    said: dict[str, float] = {}
    for heap in heaps:
        for phrase, n in heap.items():
            said[phrase] = said.get(phrase, 0.0) + n
    total = math.fsum(said.values())
    return {phrase: strength * n / total for phrase, n in said.items() if n > 0} if total > 0 else {}


def distinctive(
    counts_a: Mapping[str, float], counts_b: Mapping[str, float], *, prior: Mapping[str, float], support: float = 1.0
) -> list[Distinct]:
    """Phrases of `a` against `b`, what is surest of `a` first and what is surest of `b` last.

    Args:
        counts_a: how often each phrase is said in the first heap.
        counts_b: the same of the second.
        prior: pseudo-counts above 0 per phrase, such as `background(...)`; what it does not know gets its least one.
        support: phrases counted less often than this in both heaps are left out.
    """
    least = min(prior.values(), default=0.01)
    phrases = [
        phrase
        for phrase in {**counts_a, **counts_b}
        if max(counts_a.get(phrase, 0.0), counts_b.get(phrase, 0.0)) >= support
    ]
    strength = math.fsum(prior.values()) or least
    all_a, all_b = math.fsum(counts_a.values()) + strength, math.fsum(counts_b.values()) + strength
    ranked = []
    for phrase in phrases:
        expected = prior.get(phrase, least)
        in_a, in_b = counts_a.get(phrase, 0.0), counts_b.get(phrase, 0.0)
        log_odds = _log_odds(in_a + expected, all_a) - _log_odds(in_b + expected, all_b)
        spread = math.sqrt(1 / (in_a + expected) + 1 / (in_b + expected))
        ranked.append(Distinct(phrase, log_odds / spread, log_odds, in_a, in_b))
    return sorted(ranked, key=lambda one: (-one.z, one.phrase))


def _log_odds(said: float, of: float) -> float:
    # A heap of one phrase alone says nothing else: half a count stands for what it might have said.
    return math.log(said / max(of - said, 0.5))
