"""A sketch of what a text says, small enough to stand beside its keys: most texts that are no copies need not be read.

Texts that share a turn of phrase share a key, so that many are met of which few are copies. A sketch has a bit for each
of a text's three-word shingles, 128 in all. Bits of the shorter text that the longer one lacks are shingles that it
lacks; where these are too many for `understanding.duplicates.likeness` to be above 0, nothing has to be read.

Pure. Says "no" only where likeness surely is 0, which a property test holds.
"""

from __future__ import annotations

from collections.abc import Iterable

UNKNOWN = b""
"""The sketch of what must be read: articles, which are recognised by other things than their words."""

_BITS = 128
_LAST = _BITS - 1
_NONE, _SET = b"0" * _BITS, ord("1")
_ALL = 2**_BITS - 1
_MOST = 2**16 - 1


def shape_of(words: int, ranks: Iterable[int]) -> bytes:
    """The sketch of a text: 18 bytes.

    Args:
        words: how many words it has.
        ranks: a number of each of its shingles.
    """
    bits = bytearray(_NONE)
    for rank in ranks:
        bits[rank & _LAST] = _SET
    return min(words, _MOST).to_bytes(2, "big") + int(bits, 2).to_bytes(_BITS // 8, "big")


class Glance:
    """One text's sketch, held against many others.

    Args:
        shape: of the text.
        longer: times that the longer of two copies may be as long.
        enough: share of the shorter one's shingles that the longer has too.
        edited: shingles that one other word takes away at most.
    """

    __slots__ = ("_bits", "_edited", "_lacks", "_longer", "_words")

    def __init__(self, shape: bytes, *, longer: float, enough: float, edited: int) -> None:
        self._words, self._bits = _read(shape) if shape else (0, 0)
        self._longer, self._lacks, self._edited = longer, 1 - enough, edited

    def may_be_alike(self, other: bytes | None) -> bool:
        """Whether the two may say the same; True where either is unknown."""
        if not other or not self._words:
            return True
        mine = self._words
        words, bits = _read(other)
        shorter, longer = (mine, words) if mine < words else (words, mine)
        if longer > self._longer * shorter:
            return False
        # Its last word may be cut off, which takes one shingle more; of two as long each may count as the shorter.
        most = max(self._edited, self._lacks * shorter + 1)
        if mine <= words and (self._bits & ~bits).bit_count() <= most:
            return True
        return words <= mine and (bits & ~self._bits).bit_count() <= most


def _read(shape: bytes) -> tuple[int, int]:
    whole = int.from_bytes(shape, "big")
    return whole >> _BITS, whole & _ALL
