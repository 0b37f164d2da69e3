"""What a text says, as the words that tell themes apart: for learning from links and for likeness to examples."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from understanding.fold import fold, words
from understanding.phrases import LONGEST_TEXT
from understanding.prepared import Prepared
from understanding.stop_words import stop_words

BUCKETS = 1 << 15
"""Places that words are hashed to; two thousand links hold some six thousand different ones."""
_LONG, _PART = 8, 6
"""A word of so many letters also counts by its beginning and end of so many: "bezorgkosten" is of "bezorging"."""
_NUMBER = "0"


def features(prepared: Prepared, lang: str) -> dict[int, str]:
    """The places of a text's words, each with the word that led there (the whole word for its parts).

    Where two words meet in one place the earlier one is told.
    """
    empty = stop_words(lang)
    found: dict[int, str] = {}
    for word in [*words(prepared.prose[:LONGEST_TEXT]), *map(fold, prepared.tags)]:
        if word in empty:
            continue
        for part in _parts(word):
            found.setdefault(bucket(part), word)
    return found


def bucket(part: str) -> int:
    """Where a word is hashed to: the same on every machine."""
    return crc32(part.encode("utf-8", "surrogatepass")) % BUCKETS


def _parts(word: str) -> Iterable[str]:
    if any(char.isdigit() for char in word):
        return (_NUMBER,)
    if len(word) < _LONG:
        return (word,)
    return (word, f"{word[:_PART]}-", f"-{word[-_PART:]}")
