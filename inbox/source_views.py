"""What screens show of sources: health, and the coverage ledger as bars. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class CoverState(StrEnum):
    """What is known of a stretch of time at a source."""

    COVERED = "covered"
    GAP = "gap"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CoverageBar:
    """A stretch [start, end) of the coverage ledger; `text` says why a gap is one."""

    start: datetime
    end: datetime
    state: CoverState
    text: str = ""


@dataclass(frozen=True, slots=True)
class QueryHealth:
    """The ledger of one query of a source."""

    query_id: str
    label: str
    bars: tuple[CoverageBar, ...]
    n_gaps: int


@dataclass(frozen=True, slots=True)
class MeterView:
    """What a source used of something its platform charges or counts. Amounts in `unit`; `period`: day or month.

    `most`: limit per period, None when it is only counted; `kept`: the part of it that reading leaves for answers.
    `today`, `month`: used on this local day and in this local month. `ends_at`: when the period begins anew.
    `used_up`: reading has used its part; `used_up_at`: when it will have at this rate, None when it lasts.
    """

    name: str
    unit: str
    period: str
    most: Decimal | None
    kept: Decimal
    used: Decimal
    today: Decimal
    month: Decimal
    ends_at: datetime
    used_up: bool = False
    used_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source as people read it. Delays in seconds, from publication to being visible; None when unknown.

    `health`: ok, waiting, trouble, login, refused, gone, off, paused. `level`: ok, attention or dark. `calls_day`:
    requests it cost in the last 24 hours.
    """

    id: str
    name: str
    connector: str
    platform: str
    own: bool
    enabled: bool
    health: str
    level: str
    text: str
    error_since: datetime | None
    last_ok_at: datetime | None
    last_item_at: datetime | None
    next_due_at: datetime | None
    every_s: int
    stored: int
    duplicates: int
    quarantined: int
    open_gaps: int
    delay_p50_s: float | None
    delay_p95_s: float | None
    queries: tuple[QueryHealth, ...] = ()
    calls_day: int = 0
    paused_at: datetime | None = None
    meters: tuple[MeterView, ...] = ()


@dataclass(frozen=True, slots=True)
class RunView:
    """One look at a source: what was asked, received and kept. `trouble` is a sentence; None when all went well."""

    id: int
    query_label: str
    started_at: datetime
    took_s: float | None
    asked_from: datetime
    asked_to: datetime
    calls: int
    received: int
    stored: int
    changed: int
    duplicate: int
    unmatched: int
    set_aside: int
    trouble: str | None


@dataclass(frozen=True, slots=True)
class SetAside:
    """Something a source brought that could not be read: an item, or a whole answer."""

    id: int
    found_at: datetime
    external_id: str | None
    whole_answer: bool
    error: str
    tries: int


@dataclass(frozen=True, slots=True)
class HealthBar:
    """The one bar for the whole team: worst level, and a source per line that needs a look, worst first."""

    level: str
    n_sources: int
    n_attention: int
    n_dark: int
    worst: tuple[SourceHealth, ...]
