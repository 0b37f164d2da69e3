"""Which phrases stand out in one pile of texts against another, each phrase once: of overlapping ones the best."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from understanding.contrast import Distinct, background, distinctive

PRIOR = 0.1
"""What the prior weighs, as a share of all that was counted in both piles. With fifty texts' worth beside 14,640 texts
a phrase of 149 against 0 came after one of 71 against 24; with a tenth it comes where it belongs, and 3 against 0 stays
hidden where 5 against 0 is shown."""
SURE = 1.645
"""Below so many standard deviations (95 % on the one side that is asked for) a difference may be chance."""
NEARLY = 0.7
"""Of the texts with the shorter of two phrases, so many must hold the longer one for it to say the same."""


def standing_out(
    here: Mapping[str, int], other: Mapping[str, int], *, most: int = 30, support: int = 3
) -> list[Distinct]:
    """The phrases that are said more here than in the other pile, surest first.

    Args:
        here: how many texts say each phrase (`understanding.phrases`).
        other: the same of the other pile.
        most: at most so many.
        support: phrases that fewer texts of `here` say are left out.
    """
    prior = background(here, other, strength=PRIOR * math.fsum((*here.values(), *other.values())))
    found = distinctive(here, other, prior=prior, support=support)
    return collapse((one for one in found if one.z >= SURE and one.in_a >= support), most=most)


def collapse(found: Iterable[Distinct], *, most: int) -> list[Distinct]:
    """Of phrases that overlap the best one, in the order given.

    A longer phrase takes the place of a shorter one in it when nearly as many say it (`NEARLY`), and is left out when
    fewer do; so is one that overlaps at its end and is said about as often.
    """
    kept: list[Distinct] = []
    words: list[list[str]] = []
    for one in found:
        mine = one.phrase.split(" ")
        place = _place(one, mine, kept, words)
        if place is None:
            continue
        if place < len(kept):
            kept[place], words[place] = one, mine
        elif len(kept) < most:
            kept.append(one)
            words.append(mine)
    return kept


def _place(one: Distinct, mine: list[str], kept: list[Distinct], words: list[list[str]]) -> int | None:
    """Where a phrase goes: behind the others, in the place of one that it says better, or nowhere."""
    for at, (other, theirs) in enumerate(zip(kept, words, strict=True)):
        if _inside(theirs, mine):
            return at if one.in_a >= NEARLY * other.in_a else None
        alike = NEARLY * other.in_a <= one.in_a <= other.in_a / NEARLY
        if _inside(mine, theirs):
            if other.in_a >= NEARLY * one.in_a:
                return None
        elif alike and (_runs_over(mine, theirs) or _runs_over(theirs, mine)):
            return None
    return len(kept)


def _inside(short: list[str], long: list[str]) -> bool:
    size = len(short)
    return size < len(long) and any(long[at : at + size] == short for at in range(len(long) - size + 1))


def _runs_over(one: list[str], other: list[str]) -> bool:
    """Whether the end of one is the beginning of the other."""
    return any(one[-size:] == other[:size] for size in range(1, min(len(one), len(other))))
