"""The clocks that run on a conversation: since when the customer waits, and how long somebody has been at work. Pure.

Kept on the row, so that the step that ends a stretch knows how long it was. Seconds; instants are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inbox.measuring.kinds import WAITS

IDLE_CUT_S = 300.0
"""What counts at most between two signs of activity."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a step makes of the clocks: `told` is part of the step and goes back with it, `silent` is not."""

    told: dict[str, Any] = field(default_factory=dict)
    silent: dict[str, Any] = field(default_factory=dict)


def after(row: Any, changes: Mapping[str, Any], *, doer_id: int | None, now: datetime) -> Clocks:
    """The clocks after a step that changes these columns of a conversation (not for taking a step back)."""
    clocks = Clocks()
    waited, waits = row.status in WAITS, changes.get("status", row.status) in WAITS
    if waited and not waits:
        clocks.told["waits_since"] = None
    elif waits and not waited:
        clocks.told["waits_since"] = changes.get("cycle_started_at", now)
    elif waited and changes_team(row, changes):
        clocks.told["waits_since"] = now
    if "claimed_by" in changes:
        begun = changes["claimed_by"] is not None
        clocks.told["claimed_at"] = now if begun else None
        clocks.told["active_at"] = now if begun else None
        clocks.told["active_s"] = 0.0 if begun else None
    elif row.claimed_by is not None and row.claimed_by == doer_id:
        clocks.silent.update(activity(row, now))
    return clocks


def activity(row: Any, now: datetime) -> dict[str, Any]:
    """The columns after a sign of activity of whoever has the conversation."""
    return {"active_at": now, "active_s": (row.active_s or 0.0) + gap(row, now)}


def gap(row: Any, now: datetime) -> float:
    """What counts of the time since the last sign of activity."""
    if row.active_at is None:
        return 0.0
    seconds: float = (now - row.active_at).total_seconds()
    return min(IDLE_CUT_S, max(0.0, seconds))


def changes_team(row: Any, changes: Mapping[str, Any]) -> bool:
    """Whether a step gives the conversation from one team to another."""
    return row.team_id is not None and "team_id" in changes and changes["team_id"] != row.team_id


def started(row: Any) -> datetime:
    """When the customer first wrote in the running cycle. Promises run from when we saw it, figures from here."""
    begun: datetime = row.cycle_started_at
    return min(begun, row.first_inbound_at or begun) if row.cycle == 1 else begun


def waits_since(row: Any) -> datetime:
    """Since when the customer waits in the state that the conversation has now."""
    since: datetime = row.waits_since or started(row)
    return since
