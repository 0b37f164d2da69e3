"""What changed between two texts of a query, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LONGEST = 4_000
"""Words and signs that are compared; beyond that all of it counts as changed, because comparing takes their square."""

_PIECE = re.compile(r'"[^"]*"|[()]|[^\s()"]+|"')


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


def changes(before: str, after: str) -> tuple[Change, ...]:
    """Stretches of both texts in reading order; `same` and `removed` make the old one, `same` and `added` the new."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if max(len(old), len(new)) > LONGEST:
        return tuple(one for one in (Change("removed", before), Change("added", after)) if one.text)
    found: list[Change] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Change("same", _text(old[i1:i2])))
            continue
        if i2 > i1:
            found.append(Change("removed", _text(old[i1:i2])))
        if j2 > j1:
            found.append(Change("added", _text(new[j1:j2])))
    return tuple(found)


def _text(pieces: Sequence[str]) -> str:
    return " ".join(pieces).replace("( ", "(").replace(" )", ")")
