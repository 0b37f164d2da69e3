"""Which facts a step of a conversation ends. Pure: values in, facts out; no store, no clock.

A step finds a `Situation`: the conversation as it stood before it, with the facts that it has. The business time of a
duration is that of the calendar which is valid when it ends; it is never worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from inbox.measuring import clocks
from inbox.measuring.kinds import NOISE, WAITS, Kind, LeftOut
from inbox.states import CLOCK_RUNS, NO_ANSWER_NEEDED, Status
from inbox.teams import Promise

PEOPLE = frozenset({"human", "specialist"})
_SCORES = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}


@dataclass(frozen=True, slots=True)
class Fact:
    """A duration or an outcome; see `store.tables.kpi_facts.KpiFact` for its columns.

    `user_id` is whose it is, where that is not who made the step. `replaces` is a fact that this one corrects.
    """

    kind: Kind
    ended_at: datetime
    started_at: datetime | None = None
    wall_s: float | None = None
    business_s: float | None = None
    met: bool | None = None
    value: float | None = None
    left_out: LeftOut | None = None
    user_id: int | None = None
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A conversation as a step finds it: its row, what its team promises, the facts it has, and the instant."""

    row: Any
    promise: Promise
    standing: Sequence[Any]
    now: datetime

    def noted(self, kind: Kind, start: datetime | None = None) -> Any:
        """The fact that tells already how this deadline of this team ended; None when there is none."""
        row = self.row
        for one in self.standing:
            same = one.kind == kind and one.cycle == row.cycle and one.team_id == row.team_id
            if same and start in (None, one.started_at):
                return one
        return None

    def answered(self) -> bool:
        """Whether a person answered in this cycle."""
        return any(one.kind == Kind.FIRST_RESPONSE and one.cycle == self.row.cycle for one in self.standing)

    def due(self, start: datetime, seconds: int) -> datetime:
        """When a promise of so many seconds of business time is over."""
        return self.promise.calendar.add(start, seconds)

    def took(self, kind: Kind, since: datetime, *, left_out: LeftOut | None = None) -> Fact:
        """A duration that ends now."""
        return Fact(
            kind,
            started_at=since,
            ended_at=self.now,
            wall_s=max(0.0, (self.now - since).total_seconds()),
            business_s=self.promise.calendar.between(since, self.now),
            left_out=left_out,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a person.

    Attributes:
        at: when it was given.
        first: whether it is the first one of the cycle.
        said_at: when the customer wrote what it answers; None when nothing was unanswered.
        promise_from: when we saw that; None likewise.
        addressed: whether the customer had addressed us.
        wall_s, business_s: from `said_at`, None when it was given before.
    """

    at: datetime
    first: bool
    said_at: datetime | None
    promise_from: datetime | None
    addressed: bool
    wall_s: float | None
    business_s: float | None


def of_answer(situation: Situation, answer: Answer) -> Iterator[Fact]:
    """What an answer ends: the response, and the deadline that it met or missed."""
    given = Fact(
        Kind.ANSWER,
        started_at=answer.said_at,
        ended_at=answer.at,
        wall_s=answer.wall_s,
        business_s=answer.business_s,
    )
    yield replace(given, met=not answer.addressed)
    if answer.first:
        left_out = None if answer.wall_s is not None else LeftOut.BEFORE_MESSAGE
        yield replace(given, kind=Kind.FIRST_RESPONSE, left_out=left_out)
    elif answer.wall_s is not None:
        yield replace(given, kind=Kind.NEXT_RESPONSE)
    seconds = situation.promise.first_response_s
    if answer.promise_from is None or seconds is None:
        return
    kind = Kind.DEADLINE_FIRST if answer.first else Kind.DEADLINE_NEXT
    due_at = situation.due(answer.promise_from, seconds)
    deadline = Fact(kind, started_at=answer.promise_from, ended_at=due_at, met=answer.at <= due_at)
    noted = situation.noted(kind, answer.promise_from)
    if noted is None:
        yield deadline
    elif deadline.met and not noted.met:
        # It was given in time, and came to be known after the clock had looked.
        yield replace(deadline, replaces=noted.id)


def of_move(situation: Situation, changes: Mapping[str, Any], *, actor_type: str, reason: str | None) -> Iterator[Fact]:
    """What a change of state or team ends: waiting, deadlines that had passed, and with a resolve the cycle."""
    row, now = situation.row, situation.now
    after = changes.get("status", row.status)
    other_team = clocks.changes_team(row, changes)
    made: list[Fact] = []
    if row.status in WAITS and (after not in WAITS or other_team) and not (actor_type == "rule" and after in NOISE):
        made.append(situation.took(Kind.WAITED, clocks.waits_since(row)))
    if row.status in CLOCK_RUNS and (after not in CLOCK_RUNS or other_team):
        made += fallen(situation)
    if after == Status.RESOLVED and row.status != Status.RESOLVED:
        now_standing = [*situation.standing, *(_standing(row, one) for one in made)]
        made += _closing(replace(situation, standing=now_standing), why_left_out(actor_type, reason))
    if row.status == Status.RESOLVED and "cycle" in changes:
        made.append(Fact(Kind.REOPENED, started_at=row.resolved_at, ended_at=now))
    yield from made


def fallen(situation: Situation) -> Iterator[Fact]:
    """Deadlines of an open conversation that have passed unmet and were not noted yet."""
    row, promise = situation.row, situation.promise
    if row.unanswered_since is not None and promise.first_response_s is not None:
        kind = Kind.DEADLINE_NEXT if situation.answered() else Kind.DEADLINE_FIRST
        if situation.noted(kind, row.unanswered_since) is None:
            due_at = situation.due(row.unanswered_since, promise.first_response_s)
            if due_at < situation.now:
                yield Fact(kind, started_at=row.unanswered_since, ended_at=due_at, met=False)
    if promise.resolution_s is not None and situation.noted(Kind.DEADLINE_RESOLUTION) is None:
        due_at = situation.due(row.cycle_started_at, promise.resolution_s)
        if due_at < situation.now:
            yield Fact(Kind.DEADLINE_RESOLUTION, started_at=row.cycle_started_at, ended_at=due_at, met=False)


def of_claim(row: Any, changes: Mapping[str, Any], *, doer_id: int | None, now: datetime) -> Iterator[Fact]:
    """The time somebody was at work on it, when their claim ends; nothing when there was no sign of them."""
    if row.claimed_by is None or row.claimed_at is None or "claimed_by" not in changes:
        return
    own = doer_id == row.claimed_by
    seconds = (row.active_s or 0.0) + (clocks.gap(row, now) if own else 0.0)
    if seconds > 0:
        ended_at = now if own else row.active_at
        yield Fact(Kind.HANDLE, started_at=row.claimed_at, ended_at=ended_at, wall_s=seconds, user_id=row.claimed_by)


def shift(first: str | None, last: str | None, *, at: datetime) -> Fact:
    """How the tone of a customer changed from their first message to their last, -2 to 2."""
    one, other = _SCORES.get(first or ""), _SCORES.get(last or "")
    if one is None or other is None:
        return Fact(Kind.SENTIMENT_SHIFT, ended_at=at, left_out=LeftOut.UNTOLD)
    return Fact(Kind.SENTIMENT_SHIFT, ended_at=at, value=other - one)


def _closing(situation: Situation, left_out: LeftOut | None) -> Iterator[Fact]:
    row, promise, now = situation.row, situation.promise, situation.now
    whole = situation.took(Kind.RESOLUTION, clocks.started(row), left_out=left_out)
    yield whole
    waited = [one for one in situation.standing if one.kind == Kind.WAITED and one.cycle == row.cycle]
    wall_s, business_s = (sum(getattr(one, name) or 0.0 for one in waited) for name in ("wall_s", "business_s"))
    yield replace(whole, kind=Kind.WAITING, wall_s=wall_s, business_s=business_s)
    if promise.resolution_s is not None and situation.noted(Kind.DEADLINE_RESOLUTION) is None:
        due_at = situation.due(row.cycle_started_at, promise.resolution_s)
        met = now <= due_at
        yield Fact(
            Kind.DEADLINE_RESOLUTION,
            started_at=row.cycle_started_at,
            ended_at=due_at,
            met=met,
            left_out=left_out if met else None,
        )
    since = row.unanswered_since
    if since is None:
        return
    answered = situation.answered()
    if answered:
        yield Fact(Kind.NEXT_RESPONSE, started_at=since, ended_at=now, left_out=LeftOut.UNANSWERED)
    kind = Kind.DEADLINE_NEXT if answered else Kind.DEADLINE_FIRST
    if promise.first_response_s is not None and situation.noted(kind, since) is None:
        due_at = situation.due(since, promise.first_response_s)
        yield Fact(kind, started_at=since, ended_at=due_at, left_out=LeftOut.WITHDRAWN)


def why_left_out(actor_type: str, reason: str | None) -> LeftOut | None:
    """Why a resolved cycle is not counted, by who resolved it and why; None when it is."""
    if actor_type not in PEOPLE:
        return LeftOut.BY_RULE
    return LeftOut.NO_ANSWER_NEEDED if reason == NO_ANSWER_NEEDED else None


@dataclass(frozen=True, slots=True)
class _Standing:
    """A fact as it will stand, with the columns that later facts of the same step look at."""

    kind: str
    cycle: int
    team_id: str | None
    started_at: datetime | None
    wall_s: float | None
    business_s: float | None


def _standing(row: Any, one: Fact) -> _Standing:
    return _Standing(one.kind, row.cycle, row.team_id, one.started_at, one.wall_s, one.business_s)
