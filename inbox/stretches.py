"""Long lists cut into stretches: so many per transaction, so many per statement. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

_One = TypeVar("_One")


def stretches(all_of_them: Sequence[_One], size: int) -> Iterator[Sequence[_One]]:
    """The same things in the same order, `size` at a time; the last stretch may be shorter."""
    return (all_of_them[start : start + size] for start in range(0, len(all_of_them), size))
