"""Words as matching sees them: case and accents folded, marks of mention and hashtag left behind.

The same words come out here, in SQLite's `unicode61 remove_diacritics 2` and in the folded text given to
PostgreSQL, so that a brand query, a search and a highlighted word agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text: its folded form and where it stands, as code points [start, end)."""

    word: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower-case and strip accents: `Één` becomes `een`. `ß` stays, as it does in both engines' search."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.lower())
    return decomposed if decomposed.isascii() else _BEYOND_ASCII.sub(_without_marks, decomposed)


def _without_marks(found: re.Match[str]) -> str:
    return "".join(char for char in found[0] if not unicodedata.combining(char))


def tokens(text: str) -> Iterator[Token]:
    """The words of a text with their places. `@name` and `#tag` give `name` and `tag`; `e-mail` gives two words."""
    for match in _WORD.finditer(text):
        yield Token(fold(match[0]), match.start(), match.end())


def words(text: str) -> list[str]:
    """The folded words of a text, in order. Folding the whole text first is the same and quicker."""
    return _WORD.findall(fold(text))
