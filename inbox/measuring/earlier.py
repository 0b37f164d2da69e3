"""What the events of a conversation alone say of its facts. Pure: for a check, and for what was done before facts were.

Told again are the kinds that events hold whole: answers, responses, resolutions, waiting and reopening. Deadlines, time
at work and tones are not in events, so of what came before they are not told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from inbox.business_time import Calendar
from inbox.measuring.facts import Fact, why_left_out
from inbox.measuring.kinds import ANSWERS, NOISE, WAITS, Kind, LeftOut
from inbox.states import Status

RULE_UNDONE = "rule_undone"


@dataclass(frozen=True, slots=True)
class Retold:
    """A fact that an event tells, with the team and cycle at that moment."""

    event: Any
    fact: Fact
    team_id: str | None
    cycle: int


@dataclass
class _Talk:
    """A conversation as its events have it so far."""

    waits_since: datetime | None
    calendar_of: Callable[[str | None], Calendar]
    status: str = Status.NEW.value
    team_id: str | None = None
    cycle: int = 1
    begun_at: datetime | None = None
    waited: dict[int, list[tuple[float, float]]] = field(default_factory=dict)


def of_events(
    events: Sequence[Any], *, begun_at: datetime, calendar_of: Callable[[str | None], Calendar]
) -> Iterator[Retold]:
    """The facts that stand by the events of one conversation.

    Args:
        events: all of them, oldest first.
        begun_at: when the customer first wrote.
        calendar_of: the calendar of a team, for durations that no event has.
    """
    gone = taken_back(events)
    talk = _Talk(begun_at, calendar_of, begun_at=begun_at)
    for one in events:
        if one.undo_of is not None or gone.get(one.id, False):
            continue
        before, after = one.before or {}, one.after or {}
        for fact in _facts(talk, one, before, after):
            yield Retold(one, fact, talk.team_id, talk.cycle)
        talk.status = after.get("status", talk.status)
        talk.team_id = after.get("team_id", talk.team_id)
        if "cycle" in before:
            talk.cycle = after["cycle"]
            talk.begun_at = _instant(after.get("cycle_started_at")) or one.at


def taken_back(events: Sequence[Any]) -> dict[int, bool]:
    """The events that were taken back: True, or False where people had moved on and what a rule moved stands."""
    return {
        one.undo_of: one.action != RULE_UNDONE or not {"status", "team_id"}.isdisjoint(one.before or {})
        for one in events
        if one.undo_of is not None
    }


def _facts(talk: _Talk, one: Any, before: Any, after: Any) -> Iterator[Fact]:
    if one.action in ANSWERS:
        yield from of_answer(one)
    yield from _waited(talk, one, before, after)
    if after.get("status") == Status.RESOLVED and "status" in before:
        yield from _resolved(talk, one)
    if before.get("status") == Status.RESOLVED and "cycle" in before:
        yield Fact(Kind.REOPENED, started_at=_instant(before.get("resolved_at")), ended_at=one.at)


def of_answer(one: Any) -> Iterator[Fact]:
    """What the event of an answer tells."""
    since = None if one.wall_s is None else one.at - timedelta(seconds=one.wall_s)
    given = Fact(Kind.ANSWER, started_at=since, ended_at=one.at, wall_s=one.wall_s, business_s=one.business_s)
    yield given
    if ((one.after or {}).get("facts") or {}).get("first"):
        left_out = LeftOut.BEFORE_MESSAGE if one.wall_s is None else None
        yield replace(given, kind=Kind.FIRST_RESPONSE, left_out=left_out)
    elif one.wall_s is not None:
        yield replace(given, kind=Kind.NEXT_RESPONSE)


def _waited(talk: _Talk, one: Any, before: Any, after: Any) -> Iterator[Fact]:
    status = after.get("status", talk.status)
    other_team = talk.team_id is not None and after.get("team_id", talk.team_id) != talk.team_id
    waits = status in WAITS
    if talk.status in WAITS and (not waits or other_team):
        since = talk.waits_since or one.at
        took = max(0.0, (one.at - since).total_seconds()), talk.calendar_of(talk.team_id).between(since, one.at)
        if not (one.actor_type == "rule" and status in NOISE):
            talk.waited.setdefault(talk.cycle, []).append(took)
            yield Fact(Kind.WAITED, started_at=since, ended_at=one.at, wall_s=took[0], business_s=took[1])
        talk.waits_since = one.at
    elif waits and talk.status not in WAITS:
        talk.waits_since = (_instant(after.get("cycle_started_at")) if "cycle" in before else None) or one.at


def _resolved(talk: _Talk, one: Any) -> Iterator[Fact]:
    left_out = why_left_out(one.actor_type, one.reason)
    wall_s, business_s = one.wall_s, one.business_s
    since = talk.begun_at or one.at
    if wall_s is None:
        wall_s = max(0.0, (one.at - since).total_seconds())
        business_s = talk.calendar_of(talk.team_id).between(since, one.at)
    whole = Fact(
        Kind.RESOLUTION,
        started_at=since,
        ended_at=one.at,
        wall_s=wall_s,
        business_s=business_s,
        left_out=left_out,
    )
    yield whole
    stretches = talk.waited.get(talk.cycle, [])
    yield replace(
        whole,
        kind=Kind.WAITING,
        wall_s=sum(wall for wall, _ in stretches),
        business_s=sum(business for _, business in stretches),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
