"""What drives a spike: which link, source, author, theme or word makes a far larger part of it than of what was before.

Of each trait the share of messages that have it is compared, in the window and before it, as two binomials pooled under
the assumption that nothing changed (the two-proportion z-test), with half a message added on either side so that what
was never seen before is not infinitely sure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

SURE = 3.0
"""Standard deviations from which a difference is told: hundreds of words are compared, so 2 would be chance."""
FEWEST = 3
"""Messages that must have a trait."""
SMALLEST = 0.10
"""Share of the window that a trait must have to drive anything."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A trait that stands out.

    Attributes:
        trait: what kind it is of: link, source, author, theme, word.
        key: which one.
        n, of: messages of the window that have it, of all of them.
        n_before, of_before: the same before.
        explains: share of the window (0-1) that it has more than before would give.
    """

    trait: str
    key: str
    n: int
    of: int
    n_before: int
    of_before: int
    explains: float


def drivers(
    now: Mapping[str, Mapping[str, int]],
    before: Mapping[str, Mapping[str, int]],
    *,
    of: int,
    of_before: int,
) -> list[Driver]:
    """The surest trait of each kind, what explains most first.

    Args:
        now: by kind, how many messages of the window have each trait.
        before: the same of what was before.
        of: messages in the window.
        of_before: messages before.
    """
    found: list[Driver] = []
    for trait, counts in now.items():
        old = before.get(trait, {})
        best: Driver | None = None
        for key in sorted(counts):
            one = _compared(trait, key, (counts[key], of), (old.get(key, 0), of_before))
            if one is not None and (best is None or one.explains > best.explains):
                best = one
        if best is not None:
            found.append(best)
    return sorted(found, key=lambda one: (-one.explains, one.trait))


def _compared(trait: str, key: str, now: tuple[int, int], before: tuple[int, int]) -> Driver | None:
    (n, of), (n_before, of_before) = now, before
    if n < FEWEST or of == 0 or n / of < SMALLEST:
        return None
    here, there = (n + 0.5) / (of + 1), (n_before + 0.5) / (of_before + 1)
    pooled = (n + n_before + 1) / (of + of_before + 2)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / (of + 1) + 1 / (of_before + 1)))
    if spread <= 0 or (here - there) / spread < SURE:
        return None
    usual = n_before / of_before if of_before else 0.0
    return Driver(trait, key, n, of, n_before, of_before, n / of - usual)
