"""What screens show of naming colleagues."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to name in a note. `insert` is what the composer puts after the `@`."""

    id: int
    login: str
    name: str
    insert: str
    team_id: str | None
    available: bool
