"""Recognising that two texts say the same: reposts, copies with another link or another case."""

from __future__ import annotations

from hashlib import blake2b

from understanding.fold import words
from understanding.links import without_links

MIN_WORDS = 6
"""Shorter texts are never folded: two people who both write "Bedankt!" are two people."""

_REPOST_MARKS = {"rt", "via"}


def exact_key(text: str) -> int | None:
    """A signed 64-bit key that equal texts share, whatever their case, accents, links and punctuation.

    Returns:
        None for texts under `MIN_WORDS` words.
    """
    said = [word for word in words(without_links(text)) if word not in _REPOST_MARKS]
    if len(said) < MIN_WORDS:
        return None
    digest = blake2b(" ".join(said).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
