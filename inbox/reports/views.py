"""What the Reports page shows. Instants aware UTC, days local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from inbox.whole_periods import Every


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report that was made; `lang` is the language it is meant for.

    `made_by` is None where a schedule made it (`scheduled`), or somebody from the command line.
    """

    id: int
    first: date
    last: date
    lang: str
    made_at: datetime
    made_by: str | None
    scheduled: bool


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """Who gets a report how often; `due_on` is when the next one is made."""

    id: int
    every: Every
    lang: str
    receivers: tuple[str, ...]
    due_on: date
    made_by: str


@dataclass(frozen=True, slots=True)
class File:
    """A report to be taken away or sent along. The same report gives the same bytes."""

    name: str
    media_type: str
    body: bytes
