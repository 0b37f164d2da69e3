"""Who is named in a note. Pure.

`@login`, `@Full Name` and, when only one person has it, `@First`. Capitals do not matter. The longest name that fits
wins, and an `@` inside a word (an e-mail address) names nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_JOINS = frozenset("._@+-")


@dataclass(frozen=True, slots=True)
class Nameable:
    """Somebody who can be named."""

    id: int
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch [start, end) of the note, in code points, that names somebody; it starts with the `@`."""

    user_id: int
    start: int
    end: int


def named(text: str, people: Sequence[Nameable]) -> tuple[Named, ...]:
    """Who is named, in the order of the text; somebody named twice stands there twice."""
    spellings = _spellings(people)
    longest = max((len(one) for one in spellings), default=0)
    found: list[Named] = []
    at = text.find("@")
    while at != -1:
        end = at + 1
        if at == 0 or not _inside(text[at - 1]):
            for length in range(min(longest, len(text) - at - 1), 0, -1):
                user_id = spellings.get(text[at + 1 : at + 1 + length].casefold())
                if user_id is not None and _ends(text, at + 1 + length):
                    end = at + 1 + length
                    found.append(Named(user_id, at, end))
                    break
        at = text.find("@", end)
    return tuple(found)


def _spellings(people: Sequence[Nameable]) -> dict[str, int]:
    """Every way to write somebody. A name or first name that two people share names neither."""
    firsts = Counter(one.name.split()[0].casefold() for one in people if one.name.split())
    wholes = Counter(one.name.casefold() for one in people)
    found: dict[str, int] = {}
    for one in people:
        first = one.name.split()[0].casefold() if one.name.split() else ""
        if first and firsts[first] == 1:
            found[first] = one.id
    for one in people:
        if one.name.strip() and wholes[one.name.casefold()] == 1:
            found[one.name.casefold()] = one.id
    return found | {one.login.casefold(): one.id for one in people}


def _inside(char: str) -> bool:
    return char.isalnum() or char in _JOINS


def _ends(text: str, at: int) -> bool:
    """Whether a name may end here: not in the middle of a word or of a longer login."""
    if at >= len(text):
        return True
    if text[at].isalnum() or text[at] == "_":
        return False
    return not (text[at] in _JOINS and at + 1 < len(text) and text[at + 1].isalnum())
