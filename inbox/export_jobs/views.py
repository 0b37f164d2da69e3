"""What screens show of exports: values only. Instants aware UTC, sizes in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox.export import PLAIN, Form, Withheld
from inbox.sentences import Sentence
from inbox.views import EVERYTHING, Filters, PersonRef
from inbox.whole_periods import Every, Period


class JobState(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SENDING = "sending"
    """Made, and on its way to where its schedule wants it."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether something is still to come."""
        return self in {JobState.QUEUED, JobState.RUNNING, JobState.SENDING}


class Destination(StrEnum):
    """Where a scheduled export goes; it stands in the list of finished exports in any case."""

    KEPT = "kept"
    """Nowhere else."""
    FOLDER = "folder"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is exported, and how it is written. One table gives one file; several give a ZIP with all of them."""

    tables: tuple[str, ...] = ("mentions",)
    filters: Filters = EVERYTHING
    form: Form = PLAIN


@dataclass(frozen=True, slots=True)
class JobView:
    """An export.

    Attributes:
        by: who asked for it; platforms count what leaves with that person.
        mine: whether the reader asked for it, and so may fetch it.
        schedule: name of the schedule that asked for it; "" for one asked for by hand.
        period: the period of a schedule.
        rows, total: written so far, of how many as far as that is known.
        name: of the file that can be fetched; "" before it is whole, and after it was removed.
        until: when the file is removed.
        held: what platforms did not let out.
        trouble: why it failed, or why it is tried again; None when all is well.
        again_at: when it is tried again.
        delivered_to: where a copy stands; "" when nowhere.
    """

    id: int
    state: JobState
    wanted: Wanted
    by: PersonRef
    mine: bool
    asked_at: datetime
    ended_at: datetime | None
    schedule: str
    period: Period | None
    rows: int
    total: int | None
    name: str
    size: int | None
    sha256: str
    until: datetime | None
    held: tuple[Withheld, ...]
    trouble: Sentence | None
    again_at: datetime | None
    delivered_to: str


@dataclass(frozen=True, slots=True)
class Jobs:
    """The exports that somebody sees, newest first. `idle`: jobs wait, and no worker takes them."""

    rows: tuple[JobView, ...]
    idle: bool


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What an export would hold, before it is made.

    Attributes:
        n: messages that its filter finds, among those that were looked at.
        whole: all were; else only the newest.
        at_most: the search is not counted in `n`: it can only be less.
        held: what platforms do not let out of them, and why.
    """

    n: int
    whole: bool
    at_most: bool
    held: tuple[Withheld, ...]


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """What is exported again and again.

    Attributes:
        next: the period that comes next, made at `next_at`.
        last: its last runs, newest first.
        mine: whether the reader may change it.
    """

    id: int
    name: str
    wanted: Wanted
    every: Every
    hour: int
    destination: Destination
    place: str
    next: Period
    next_at: datetime
    by: PersonRef
    paused: bool
    mine: bool
    last: tuple[JobView, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where scheduled exports may go.

    Attributes:
        folder: folders below this one; "" when none is configured.
        stores: configured object stores, id: name.
    """

    folder: str
    stores: Mapping[str, str]
