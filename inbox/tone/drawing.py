"""Drawing a random sample, each language in proportion. Pure: the same mentions and seed give the same sample."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from store.label_samples import Drawable


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample in the order in which it is offered, and how many mentions of each language it was drawn of."""

    items: tuple[Drawable, ...]
    strata: Mapping[str, int]


def draw(mentions: Iterable[Drawable], *, seed: str, wanted: int) -> Drawn:
    """Draw at most `wanted` mentions: each language by its share, within it those whose hash with the seed is lowest.

    Holds `wanted` mentions per language at most, however many come by.
    """
    lowest: dict[str, list[tuple[int, int, Drawable]]] = {}
    counts: dict[str, int] = {}
    for one in mentions:
        counts[one.lang] = counts.get(one.lang, 0) + 1
        heap = lowest.setdefault(one.lang, [])
        entry = (-_lot(seed, one.mention_id), one.mention_id, one)
        if len(heap) < wanted:
            heapq.heappush(heap, entry)
        elif heap and entry > heap[0]:
            heapq.heapreplace(heap, entry)
    chosen: list[tuple[int, int, Drawable]] = []
    for lang, n in shares(counts, wanted).items():
        chosen += sorted(lowest[lang], reverse=True)[:n]
    # Languages mixed: whoever stops half-way has labelled a random half.
    return Drawn(tuple(one for _, _, one in sorted(chosen, reverse=True)), dict(sorted(counts.items())))


def shares(counts: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many of each language, in proportion (largest remainders); never more than there are."""
    total = sum(counts.values())
    wanted = min(wanted, total)
    if not total:
        return {}
    exact = {lang: wanted * n / total for lang, n in counts.items()}
    given = {lang: int(share) for lang, share in exact.items()}
    left: Sequence[str] = sorted(exact, key=lambda lang: (given[lang] - exact[lang], lang))
    for lang in left[: wanted - sum(given.values())]:
        given[lang] += 1
    return given


def _lot(seed: str, mention_id: int) -> int:
    return int.from_bytes(blake2b(f"{seed} {mention_id}".encode(), digest_size=8).digest(), "big")
