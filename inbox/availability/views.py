"""What screens show of people at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OwnState:
    """How one stands oneself.

    Attributes:
        away: said to be away, until `away_until` (None: until one says otherwise).
        n_open: conversations on one's desk, new or open.
        most_open: how many at most are offered by "next for me"; None for no limit.
    """

    away: bool
    away_until: datetime | None
    n_open: int
    most_open: int | None

    @property
    def full(self) -> bool:
        """Whether the desk is full, so that nothing new is offered."""
        return self.most_open is not None and self.n_open >= self.most_open


@dataclass(frozen=True, slots=True)
class PersonAtWork:
    """Somebody of the team, for whoever leads it.

    Attributes:
        state: available, away, off (outside planned hours).
        here: the browser was open on the inbox within the last minute.
        hours: planned hours of their own; None: the team's.
        free: how many more may be offered; None for no limit.
    """

    id: int
    name: str
    login: str
    role: str
    team_id: str | None
    state: str
    here: bool
    away_until: datetime | None
    hours: str | None
    skills: tuple[str, ...]
    most_open: int | None
    n_open: int
    free: int | None


@dataclass(frozen=True, slots=True)
class TeamNow:
    """A team at this moment.

    Attributes:
        open_now: whether its calendar says that it is open.
        n_available: people who can be given work now.
        free: places left on the desks of those with a limit; None when somebody available has none.
        waiting: new or open conversations of this team on nobody's desk.
    """

    id: str | None
    name: str
    open_now: bool
    n_people: int
    n_available: int
    n_open: int
    free: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday (Monday 0), local time: mean inflow in it, and how many people are planned.

    `people` is None where the group is smaller than `smallest_group`, because it would tell on single people.
    """

    weekday: int
    hour: int
    inflow: float
    people: float | None


@dataclass(frozen=True, slots=True)
class Load:
    """Inflow per hour and weekday against people planned, over whole local days.

    Attributes:
        first: local day.
        n_days: local days it rests on.
        n: inbound mentions in them, duplicates not folded (the roll-up counts what came in).
        n_people: people whose planned hours are counted.
    """

    cells: tuple[Cell, ...]
    first: date
    n_days: int
    n: int
    n_people: int
    smallest_group: int


@dataclass(frozen=True, slots=True)
class NothingNext:
    """Why nothing is next for somebody, though they asked.

    Attributes:
        full: their desk holds so many conversations, which is the most it may hold; None when that is not why.
        skills: what waits takes these skills, which others have first; empty when that is not why either.
    """

    full: int | None = None
    skills: tuple[str, ...] = ()
