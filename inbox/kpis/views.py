"""What is asked of figures, and what is shown of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

By = Literal["team", "source", "hour", "weekday", "day", "week", "agent"]
Part = Literal["counted", "missed", "left_out", "open"]
MASKED = "masked"
"""Key of a split by people of whom there are too few to be told apart."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which figures are told: of [since, until), aware; of these teams, sources, brands; of one person.

    Empty is all. Only figures that can be told of a person are told with a `user_id`.
    """

    since: datetime
    until: datetime
    team_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class KpiRow:
    """A conversation behind a figure.

    Attributes:
        at: when it happened, or since when it is open.
        value: seconds, 1 or 0 for what was met or not, or points; None where it has none.
        business_value: the same in business time, for durations.
        left_out: code of why it is not counted.
    """

    conversation_id: int
    at: datetime
    value: float | None = None
    business_value: float | None = None
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The share answered within so many seconds, open ones counted for as long as they have waited (Kaplan-Meier).

    Attributes:
        points: seconds and the share (0-1) that was answered by then; growing.
        n: first answers.
        n_open: conversations of the period that wait for their first answer.
    """

    points: tuple[tuple[float, float], ...]
    n: int
    n_open: int


@dataclass(frozen=True, slots=True)
class BacklogAt:
    """How the open work of the teams asked for stood at one moment."""

    at: datetime
    n_open: int
    by_status: dict[str, int]
    by_team: dict[str, int]
    overdue: int
    unanswered: int
    oldest_open_at: datetime | None
    oldest_unanswered_at: datetime | None


@dataclass(frozen=True, slots=True)
class BacklogView:
    """The backlog every quarter of an hour of a period, oldest first, and how it stands now."""

    snapshots: tuple[BacklogAt, ...]
    live: BacklogAt
