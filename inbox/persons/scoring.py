"""Whether two accounts may be one person: a score 0-1 with its reasons, precision first. Pure.

A suggestion costs an agent a look, and a wrong yes shows one customer's words to another's case. So what many people
share (a common name, a handle made of one, a city) never reaches the bar, alone or together; a trait that only one
person has does. The weights are added; `SUGGESTED_AT` is the bar.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SUGGESTED_AT = 0.6
_WEIGHTS = {
    "same_email": 0.9,
    "same_phone": 0.9,
    "linked_both_ways": 0.85,
    "same_order": 0.65,
    "said_so": 0.65,
    "same_handle": 0.6,
    "linked": 0.4,
    "same_name": 0.35,
    "same_plain_handle": 0.2,
    "same_common_name": 0.15,
    "same_city": 0.1,
}
REASONS: tuple[str, ...] = tuple(_WEIGHTS)
"""Codes, weightiest first; screens translate them."""
# A rare name and the same town: two of them seldom live there.
_RARE_NAME_AND_CITY = 0.15
_SAME = {
    "email": "same_email",
    "phone": "same_phone",
    "order": "same_order",
    "handle": "same_handle",
    "name": "same_name",
    "plainhandle": "same_plain_handle",
    "commonname": "same_common_name",
    "city": "same_city",
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its clues."""

    platform: str
    clues: frozenset[str]
    is_bot: bool = False
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two accounts are one person, and why, weightiest reason first."""

    score: float
    reasons: tuple[str, ...]

    @property
    def suggested(self) -> bool:
        """Whether somebody should be asked."""
        return self.score >= SUGGESTED_AT


NOTHING = Likeness(0.0, ())


def compare(one: Account, other: Account, *, common: Iterable[str] = ()) -> Likeness:
    """Compare two accounts, in any order; `common` clues are shared by many accounts and therefore say nothing."""
    if one.is_bot or other.is_bot or one.is_staff != other.is_staff:
        return NOTHING
    left_out = frozenset(common)
    mine, theirs = one.clues - left_out, other.clues - left_out
    found = {_SAME[kind] for kind in map(_kind, mine & theirs) if kind in _SAME}
    if one.platform == other.platform:
        # One platform gives a handle once; that names are alike there says that they are two people.
        found -= {"same_handle", "same_plain_handle", "same_name", "same_common_name"}
    there, back = _answers(mine, theirs, "linked", "url"), _answers(theirs, mine, "linked", "url")
    if there and back:
        found.add("linked_both_ways")
    elif there or back:
        found.add("linked")
    if _answers(mine, theirs, "as", "called") or _answers(theirs, mine, "as", "called"):
        found.add("said_so")
    score = sum(_WEIGHTS[reason] for reason in found)
    if {"same_name", "same_city"} <= found:
        score += _RARE_NAME_AND_CITY
    return Likeness(round(min(score, 0.99), 3), tuple(reason for reason in REASONS if reason in found))


def _kind(clue: str) -> str:
    return clue.partition(":")[0]


def _answers(mine: frozenset[str], theirs: frozenset[str], kind: str, to: str) -> bool:
    """Whether a clue of one is the other side of a clue of the other."""
    wanted = {one.partition(":")[2] for one in mine if _kind(one) == kind}
    return any(_kind(one) == to and one.partition(":")[2] in wanted for one in theirs)
