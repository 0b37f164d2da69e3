"""What screens show of presence."""

from __future__ import annotations

from dataclasses import dataclass

from inbox.views import PersonRef


@dataclass(frozen=True, slots=True)
class Someone:
    """A colleague at a conversation. `writing` when they type there, else they look at it."""

    person: PersonRef
    writing: bool
