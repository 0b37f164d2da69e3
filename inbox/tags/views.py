"""What screens show of tags: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

COLOURS: tuple[str, ...] = ("grey", "red", "orange", "green", "blue", "violet")
"""The colours a tag can have; screens know how each looks in light and dark."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag of the vocabulary, or one that is only in use.

    Attributes:
        n, n_open: conversations that have it, and those of them that are open.
        n_rules: automation rules that add it.
        archived_at: since when it is offered no more.
    """

    tag: str
    description: str = ""
    colour: str | None = None
    n: int = 0
    n_open: int = 0
    n_rules: int = 0
    created_at: datetime | None = None
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renaming:
    """How far a tag was replaced by another: `n` conversations so far, `left` to go; `Tags.go_on` until `done`."""

    old: str
    new: str
    n: int
    left: int
    done: bool = False
