"""Until when a platform takes an answer: some do only for so long after what the customer wrote. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def until_of(capabilities: Mapping[str, Any] | None) -> datetime | None:
    """The instant (aware UTC) after which the platform takes no answer; None without one."""
    kept = (capabilities or {}).get("reply_until")
    return datetime.fromisoformat(kept) if isinstance(kept, str) else None


def as_of(capabilities: Mapping[str, Any] | None, now: datetime) -> dict[str, Any]:
    """What the platform allows with a message at this moment.

    While an answer is taken the reason why not, kept for afterwards, is left out.
    """
    may = dict(capabilities or {})
    until = until_of(may)
    if not may.get("can_reply") or until is None:
        return may
    if now < until:
        return {name: value for name, value in may.items() if name != "why_not_reply"}
    return {**may, "can_reply": False}
