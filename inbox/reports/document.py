"""What a report tells, as it is kept: figures and ids. Names are looked up when it is read, quotes stand apart.

Nobody's words are in it, so it may stay when somebody is erased. `VERSION` grows when a reader must know the
difference.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """A figure of the period and of the one before. `value` is a count, a share 0-1, seconds (median), or points."""

    id: str
    unit: str
    value: float | None
    n: int
    left_out: int
    mean: float | None
    p90: float | None
    business_value: float | None
    business_p90: float | None
    n_open: int | None
    value_before: float | None
    n_before: int


class Day(_Part):
    """A local day: messages that came in, how many of them were found late, first answers that were given."""

    day: date
    inflow: int
    late: int
    answers: int


class Compared(_Part):
    """How many there were of something, and how many in the period before."""

    key: str
    n: int
    n_before: int


class Kept(_Part):
    """Deadlines of a team: the share (0-1) that was met, of how many."""

    team_id: str
    met: float | None
    n: int


class Accuracy(_Part):
    """How often the tone is right by a labelled sample: a share 0-1 with its 95 % interval, on n."""

    month: str
    right: float
    low: float
    high: float
    n: int


class SourceState(_Part):
    """How well a source was read: open gaps, and seconds from publication to being seen."""

    source_id: str
    health: str
    open_gaps: int
    delay_p50_s: float | None
    delay_p95_s: float | None


class Spike(_Part):
    """Hours in which an alert fired, from `at` on: by which rule, how many came and how many were expected."""

    at: datetime
    hours: int
    rule_id: int
    n: int
    expected: float | None


class Document(_Part):
    """A whole report.

    Attributes:
        first, last: local days, both included; `first_before`, `last_before` those of the period before.
        brands: by volume, those of competitors too; keys are ids. `themes` likewise, counted by conversation.
    """

    version: int = VERSION
    first: date
    last: date
    first_before: date
    last_before: date
    timezone: str
    figures: tuple[Figure, ...]
    days: tuple[Day, ...]
    sources: tuple[Compared, ...]
    brands: tuple[Compared, ...]
    tones: tuple[Compared, ...]
    accuracy: Accuracy | None
    deadlines: tuple[Kept, ...]
    themes: tuple[Compared, ...]
    spikes: tuple[Spike, ...] = ()
    states: tuple[SourceState, ...]


class UnreadableReportError(ValueError):
    """A kept report that this version cannot read; make it anew for the same days."""


def read(stored: Any) -> Document:
    """Read a document as it was kept.

    Raises:
        UnreadableReportError: another version wrote it.
    """
    try:
        return Document.model_validate(stored)
    except ValidationError as error:
        msg = "this report was kept by another version of Klankbord; make it anew for the same days"
        raise UnreadableReportError(msg) from error
