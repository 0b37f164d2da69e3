"""Phrases of one, two and three words that a text may be about, for counting who says what.

A phrase never begins or ends with an empty word and never runs over the end of a sentence; so each one can be found
again by searching for it. Links, mentioned accounts, addresses and numbers (orders, telephones, postcodes) take no
part: they say who, not what about.
"""

from __future__ import annotations

import re

from understanding.fold import fold
from understanding.prepared import Prepared
from understanding.stop_words import NEGATIONS, stop_words

LONGEST_TEXT = 2_000
"""Code points that are looked at: what a message is about, it says by then."""
LONGEST_WORD = 40
SIZES = 3
_PIECE = re.compile(r"[.!?;:()\[\]\"“”…|]+|(?:[^\W_]|[\u0300-\u036f])+")
_APART = re.compile(r"https?://\S+|\S*@\S*|#\w+", re.IGNORECASE)
"""What takes no part, and over which no phrase runs: links, names and addresses, and hashtags, which stand alone."""
_NUMBER = re.compile(r"^\d+$|\d\D*\d\D*\d")


def phrases(prepared: Prepared, lang: str) -> set[str]:
    """Every phrase of a text once, folded, words apart by one space. A hashtag is a phrase of its own.

    Args:
        prepared: the text taken apart.
        lang: ISO 639-1, for the words that say nothing; `und` when it is not known.
    """
    empty = stop_words(lang)
    said = _APART.sub(" . ", prepared.text[:LONGEST_TEXT])
    found: set[str] = {word for tag in prepared.tags if _counts(word := fold(tag)) and word not in empty}
    before: list[str] = []
    for piece in _PIECE.findall(fold(said)):
        if not _counts(piece):
            before = []
            continue
        if piece not in empty:
            if len(piece) > 1:
                found.add(piece)
            for size in range(1, len(before) + 1):
                start = before[-size]
                if start not in empty or start in NEGATIONS:
                    found.add(" ".join([*before[-size:], piece]))
        before = [*before, piece][-(SIZES - 1) :]
    return found


def _counts(piece: str) -> bool:
    """Whether a piece is a word that may be part of a phrase, not the end of a sentence nor a number."""
    return piece[0].isalnum() and len(piece) <= LONGEST_WORD and (piece.isalpha() or not _NUMBER.search(piece))
