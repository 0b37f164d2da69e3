"""The cases behind each figure, read from facts, conversations, promises and roll-ups. Decides nothing about sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.kpis.catalogue import KPIS, Kpi
from inbox.kpis.tally import Case, Open
from inbox.kpis.views import Asked
from inbox.measuring.kinds import NOISE, WAITS, Kind
from inbox.measuring.snapshots import passed_unnoted
from inbox.states import CLOCK_RUNS, NO_ANSWER_NEEDED, Status
from store import figures, kpi_facts, open_work, promises
from store.kpi_facts import Arrived, Told, Wanted
from store.open_work import Standing

_AGES = {"answer_rate_24h": timedelta(hours=24), "answer_rate_7d": timedelta(days=7)}
_STATES = {"resolution_time": None, "waiting_time": WAITS, "backlog": None, "oldest_open": None}
_DEADLINES = ("sla_met", "sla_response_met", "sla_resolution_met")
_FIRST = {"first_response_time": True, "next_response_time": False}


@dataclass
class Gathering:
    """Reads what several figures rest on once, for one question. Not to be kept: it is as old as its connection."""

    desk: Desk
    conn: Connection
    asked: Asked
    now: datetime
    kinds: tuple[Kind, ...] = tuple(sorted({kind for kpi in KPIS for kind in kpi.kinds}))
    _told: dict[str, list[Told]] | None = field(default=None, init=False)

    @cached_property
    def wanted(self) -> Wanted:
        """The question as the store knows it."""
        asked = self.asked
        return Wanted(asked.since, asked.until, asked.team_ids, asked.source_ids, asked.brand_ids, asked.user_id)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Of the workspace."""
        return ZoneInfo(self.desk.settings.timezone)

    def cases(self, kpi: Kpi, *, by_hour: bool = False) -> list[Case]:
        """The cases of a figure; those of inflow by hour where its days will not do."""
        special: dict[str, Callable[[], Iterable[Case]]] = {
            "inflow": self._by_hour if by_hour else self.inflow_by_day,
            "inflow_first_seen": self._first_seen,
            "relevance_rate": self._relevance,
            "promises_kept": self._promises,
            "sentiment_shift": self._shifts,
            "reopen_rate": self._reopened,
        }
        if kpi.id in special:
            return list(special[kpi.id]())
        if kpi.id in _AGES:
            return list(self._answered(_AGES[kpi.id]))
        found = [_of_fact(told) for kind in kpi.kinds for told in self._facts(kind)]
        if Kind.DEADLINE_FIRST in kpi.kinds or Kind.DEADLINE_RESOLUTION in kpi.kinds:
            found += [case for kind, case in self._overdue if kind in kpi.kinds]
        return found

    def standing(self, kpi: Kpi) -> list[Standing] | None:
        """What is still open of a figure, in groups; None where nothing of it can be open."""
        conn, wanted = self.conn, self.wanted
        still: dict[str, Callable[[], list[Standing]]] = {
            **{each: partial(open_work.standing, conn, wanted, first=first) for each, first in _FIRST.items()},
            **{each: partial(open_work.standing, conn, wanted, states=states) for each, states in _STATES.items()},
            **{each: partial(_as_groups, partial(self._young, age)) for each, age in _AGES.items()},
            **dict.fromkeys(_DEADLINES, self._due_later),
            "handle_time": partial(open_work.claimed, conn, wanted, now=self.now),
            "promises_kept": partial(_as_groups, self._running),
        }
        return still[kpi.id]() if kpi.id in still else None

    def open_ids(self, kpi: Kpi) -> list[tuple[int, datetime]]:
        """The conversations that are still open of a figure, and since when, in the order of their ids."""
        conn, wanted = self.conn, self.wanted
        still: dict[str, Callable[[], list[tuple[int, datetime]]]] = {
            **{each: partial(open_work.standing_ids, conn, wanted, first=first) for each, first in _FIRST.items()},
            **{each: partial(open_work.standing_ids, conn, wanted, states=states) for each, states in _STATES.items()},
            **{each: partial(_as_ids, partial(self._young, age)) for each, age in _AGES.items()},
            **dict.fromkeys(
                _DEADLINES, partial(open_work.due_ids, conn, wanted, states=CLOCK_RUNS, since=self._from_now)
            ),
            "handle_time": partial(open_work.claimed_ids, conn, wanted, now=self.now),
            "promises_kept": partial(_as_ids, self._running),
        }
        return still[kpi.id]() if kpi.id in still else []

    def _due_later(self) -> list[Standing]:
        return open_work.due_within(self.conn, self.wanted, states=CLOCK_RUNS, since=self._from_now)

    @property
    def _from_now(self) -> datetime:
        return max(self.now, self.asked.since)

    def _facts(self, kind: Kind) -> list[Told]:
        if self._told is None:
            self._told = {each: [] for each in self.kinds}
            for told in kpi_facts.of_period(self.conn, self.kinds, self.wanted):
                self._told[told.kind].append(told)
        return self._told[kind]

    @cached_property
    def _arrived(self) -> list[Arrived]:
        return kpi_facts.arrived(self.conn, self.wanted)

    @cached_property
    def _due(self) -> list[promises.FellDue]:
        return promises.fell_due(self.conn, self.wanted)

    def _running(self) -> list[promises.FellDue]:
        return [one for one in self._due if one.state == "open" and one.at >= self.now]

    def _young(self, age: timedelta) -> list[Arrived]:
        """What has no answer and is too young to say that it got none in time."""
        waiting = (one for one in self._arrived if _answerable(one) and one.first_s is None)
        return [one for one in waiting if one.at + age > self.now]

    @cached_property
    def _overdue(self) -> list[tuple[Kind, Case]]:
        """Deadlines that passed unmet and which the clock has not noted yet."""
        return [
            (one.kind, Case(row.id, row.team_id, row.source_id, row.assignee_id, one.ended_at))
            for row, passed in passed_unnoted(self.desk, self.conn, self.now, self.wanted)
            for one in passed
            if self.asked.since <= one.ended_at < self.asked.until
        ]

    def inflow_by_day(self) -> list[Case]:
        """Inflow of whole local days, of each source."""
        first = self.asked.since.astimezone(self.zone).date()
        last = (self.asked.until - timedelta(microseconds=1)).astimezone(self.zone).date()
        days = figures.volume_by_day(
            self.conn,
            first=first,
            last=last,
            by="source_id",
            brand_ids=self.asked.brand_ids or (figures.ALL_BRANDS,),
            source_ids=self.asked.source_ids,
        )
        return [
            Case(None, None, day.key, None, datetime.combine(day.day, datetime.min.time(), self.zone), n=day.n)
            for day in days
        ]

    def _by_hour(self) -> Iterable[Case]:
        for brand in self.asked.brand_ids or (figures.ALL_BRANDS,):
            hours = figures.volume_by_hour(self.conn, since=self.asked.since, until=self.asked.until, brand_id=brand)
            for hour in hours:
                yield Case(None, None, "", None, hour.hour, n=hour.n)

    def _first_seen(self) -> Iterable[Case]:
        for one in kpi_facts.first_seen(self.conn, self.wanted):
            yield Case(None, None, one.source_id, None, one.hour, n=one.n - one.folded)
            if one.folded:
                yield Case(None, None, one.source_id, None, one.hour, n=one.folded, left_out="folded")

    def _relevance(self) -> Iterable[Case]:
        for one in self._arrived:
            left_out = "archived" if one.status == Status.ARCHIVED else None
            hit = one.status not in NOISE
            yield Case(one.conversation_id, one.team_id, one.source_id, None, one.at, hit=hit, left_out=left_out)

    def _answered(self, age: timedelta) -> Iterable[Case]:
        young = {one.conversation_id for one in self._young(age)}
        for one in self._arrived:
            if one.conversation_id in young:
                continue
            hit = one.first_s is not None and one.first_s <= age.total_seconds()
            left_out = None if _answerable(one) else "not_answerable"
            yield Case(one.conversation_id, one.team_id, one.source_id, None, one.at, hit=hit, left_out=left_out)

    def _promises(self) -> Iterable[Case]:
        for one in self._due:
            if one.state == "open" and one.at >= self.now:
                continue
            left_out = "not_promised" if one.state in {"suggested", "dropped"} else None
            hit = one.state == "kept"
            yield Case(one.conversation_id, one.team_id, one.source_id, None, one.at, hit=hit, left_out=left_out)

    def _shifts(self) -> Iterable[Case]:
        latest: dict[int, Told] = {}
        for told in self._facts(Kind.SENTIMENT_SHIFT):
            if told.conversation_id not in latest or latest[told.conversation_id].at < told.at:
                latest[told.conversation_id] = told
        return map(_of_fact, latest.values())

    def _reopened(self) -> Iterable[Case]:
        for told in self._facts(Kind.RESOLUTION):
            yield _of_fact(told)._replace(left_out=None)
        for told in self._facts(Kind.REOPENED):
            yield _of_fact(told)._replace(n=0, hit=True)


def open_of(groups: Sequence[Standing] | None) -> Open | None:
    """Groups of open work added up."""
    if groups is None:
        return None
    return Open(
        sum(one.n for one in groups), min((one.oldest_at for one in groups if one.oldest_at is not None), default=None)
    )


def _as_groups(read: Callable[[], Iterable[Arrived | promises.FellDue]]) -> list[Standing]:
    return [Standing(one.team_id, one.source_id, None, 1, one.at) for one in read()]


def _as_ids(read: Callable[[], Iterable[Arrived | promises.FellDue]]) -> list[tuple[int, datetime]]:
    return sorted((one.conversation_id, one.at) for one in read())


def _of_fact(told: Told) -> Case:
    _kind, talk, team_id, source_id, user_id, at, wall_s, business_s, met, value, left_out = told
    return Case(talk, team_id, source_id, user_id, at, wall_s, business_s, met is True, 1, value, left_out)


def _answerable(one: Arrived) -> bool:
    needless = one.status == Status.RESOLVED and one.reason == NO_ANSWER_NEEDED and one.first_s is None
    return not needless and one.status not in {*NOISE, Status.ARCHIVED}
