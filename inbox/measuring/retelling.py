"""Facts told again from events: filled in for what was done before facts were kept, and checked in `klankbord doctor`.

Filling in is a duty of the worker that ends by itself. It adds what an event tells and no fact has, so it may be done
twice, and stop anywhere. Business time that no event has is by the calendar of today, because no older one is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.measuring import recording
from inbox.measuring.clocks import started
from inbox.measuring.earlier import Retold, of_events
from inbox.measuring.kinds import ANSWERS, Kind
from inbox.settings import InboxSettings
from inbox.stretches import stretches
from inbox.teams import promise_for
from store import kpi_facts
from store.engine import Store
from store.facts import fact, keep_fact

PROGRESS = "facts_filled"
_DONE = "done"
_PER_RUN = 1000
_PER_TRANSACTION = 25
_PER_LOOK = 500
_MADE = frozenset({Kind.ANSWER, Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE, Kind.RESOLUTION, Kind.REOPENED})
"""What every step leaves, whenever it was done; how long somebody waited is compared by its resolution."""


@dataclass(frozen=True, slots=True)
class FactDifference:
    """A step whose facts are not what its event says: kind and seconds."""

    event_id: int
    stored: tuple[tuple[str, float | None], ...]
    true: tuple[tuple[str, float | None], ...]


def fill(store: Store, settings: InboxSettings, *, limit: int = _PER_RUN) -> int:
    """Fill in what the next events tell; how many were looked at. Once all is done, one look tells so."""
    desk = Desk(store, settings)
    with store.read() as conn:
        after = fact(conn, PROGRESS)
        if after == _DONE:
            return 0
        found = kpi_facts.telling(conn, codes=ANSWERS, after=int(after or 0), limit=limit)
    talks = sorted({one.conversation_id for one in found})
    for some in stretches(talks, _PER_TRANSACTION):
        with store.write() as conn:
            for conversation_id in some:
                _fill_one(desk, conn, conversation_id)
    with store.write() as conn:
        keep_fact(store, conn, PROGRESS, found[-1].id if len(found) == limit else _DONE)
    return len(found)


def check_facts(store: Store, settings: InboxSettings, *, most: int = 100) -> list[FactDifference]:
    """Compare the facts with what the events tell, in one snapshot; at most `most` differences. Empty while filling."""
    desk, after = Desk(store, settings), 0
    differences: list[FactDifference] = []
    with store.snapshot() as conn:
        if fact(conn, PROGRESS) != _DONE:
            return []
        while found := kpi_facts.telling(conn, codes=ANSWERS, after=after, limit=_PER_LOOK):
            after = found[-1].id
            of_these = {one.id for one in found}
            for conversation_id in sorted({one.conversation_id for one in found}):
                differences += _compare(desk, conn, conversation_id, of_these)
                if len(differences) >= most:
                    return differences[:most]
    return differences


def _fill_one(desk: Desk, conn: Connection, conversation_id: int) -> None:
    row = kpi_facts.talk(conn, conversation_id, lock=True)
    if row is None:
        return
    have = {one.event_id for one in kpi_facts.all_of_conversation(conn, conversation_id)}
    for one in _retold(desk, conn, row):
        if one.event.id in have:
            continue
        addressed = recording.addressed(conn, row) if one.fact.kind is Kind.ANSWER else None
        told = one.fact if addressed is None else replace(one.fact, met=not addressed)
        then = recording.Then(row.id, one.cycle, one.team_id, row.source_id, tuple(row.brand_ids or ()))
        recording.append(
            desk, conn, then, [told], actor=(one.event.actor_type, one.event.actor_id), event_id=one.event.id
        )


def _compare(desk: Desk, conn: Connection, conversation_id: int, event_ids: set[int]) -> Iterable[FactDifference]:
    row = kpi_facts.talk(conn, conversation_id, lock=False)
    if row is None:
        return
    true, stored = _by_event(_retold(desk, conn, row)), _stored(kpi_facts.of_conversation(conn, conversation_id))
    for event_id in sorted({*true, *stored} & event_ids):
        one, other = true.get(event_id, Counter()), stored.get(event_id, Counter())
        if one != other:
            yield FactDifference(event_id, tuple(sorted(other, key=repr)), tuple(sorted(one, key=repr)))


def _retold(desk: Desk, conn: Connection, row: Any) -> list[Retold]:
    events = kpi_facts.events_of(conn, row.id)
    begun_at = row.first_inbound_at or started(row)
    return list(
        of_events(events, begun_at=begun_at, calendar_of=lambda team_id: promise_for(desk.settings, team_id).calendar)
    )


def _by_event(retold: Sequence[Retold]) -> dict[int, Counter[tuple[str, float | None]]]:
    found: dict[int, Counter[tuple[str, float | None]]] = {}
    for one in retold:
        if one.fact.kind in _MADE:
            found.setdefault(one.event.id, Counter())[one.fact.kind.value, one.event.wall_s] += 1
    return found


def _stored(facts: Sequence[Any]) -> dict[int, Counter[tuple[str, float | None]]]:
    found: dict[int, Counter[tuple[str, float | None]]] = {}
    for one in facts:
        if one.kind in _MADE and one.event_id is not None and one.left_out != "unanswered":
            # Only a resolve by a person has its duration in the event too.
            seconds = None if one.kind == Kind.REOPENED or one.left_out == "by_rule" else one.wall_s
            found.setdefault(one.event_id, Counter())[one.kind, seconds] += 1
    return found
