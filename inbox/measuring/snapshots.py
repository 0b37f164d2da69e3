"""The clock's part of figures: the backlog every quarter of an hour, and deadlines that pass while nobody acts.

Duties of the worker, safe in several workers at once and again after a crash.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from inbox import due
from inbox.desk import Desk
from inbox.measuring import facts, recording
from inbox.measuring.facts import Fact, Situation
from inbox.settings import InboxSettings
from inbox.states import CLOCK_RUNS
from inbox.teams import promise_for
from store import backlog, kpi_facts, open_work
from store.engine import Store
from store.kpi_facts import Wanted

EVERY = timedelta(minutes=15)


def snapshot(store: Store, now: datetime) -> bool:
    """Note how the backlog stands, once every quarter of an hour; False when that was done already."""
    quarter = quarter_of(now)
    with store.read() as conn:
        newest = backlog.latest(conn)
        if newest is not None and newest >= quarter:
            return False
        rows = backlog.stand(conn, now=now)
    with store.write() as conn:
        backlog.keep(conn, store.dialect, quarter, rows)
    return True


def quarter_of(at: datetime) -> datetime:
    """The quarter of an hour that an instant lies in, by UTC."""
    at = at.astimezone(UTC)
    return at - (at - datetime(1970, 1, 1, tzinfo=UTC)) % EVERY


def note_missed(store: Store, settings: InboxSettings, now: datetime) -> int:
    """Append the deadlines that have passed unmet; of how many conversations."""
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        ids = [row.id for row, _passed in passed_unnoted(desk, conn, now)]
    return due.each(ids, lambda conversation_id: _note(desk, conversation_id, now), "noting missed deadlines of")


def passed_unnoted(
    desk: Desk, conn: Connection, now: datetime, wanted: Wanted | None = None
) -> list[tuple[Row[Any], list[Fact]]]:
    """Open conversations with deadlines that have passed unmet and which nobody has noted yet."""
    promises = {team.id: promise_for(desk.settings, team.id) for team in desk.settings.teams}
    rows = open_work.unnoted(
        conn,
        now=now,
        states=CLOCK_RUNS,
        answering=[team for team, promise in promises.items() if promise.first_response_s is not None],
        resolving=[team for team, promise in promises.items() if promise.resolution_s is not None],
        wanted=wanted,
    )
    standing = kpi_facts.of_many(conn, [row.id for row in rows])
    situations = (Situation(row, promises[row.team_id], standing[row.id], now) for row in rows)
    return [(one.row, passed) for one in situations if (passed := list(facts.fallen(one)))]


def _note(desk: Desk, conversation_id: int, now: datetime) -> bool:
    with desk.store.write() as conn:
        row = kpi_facts.talk(conn, conversation_id, lock=True)
        if row is None or row.status not in CLOCK_RUNS:
            return False
        standing = kpi_facts.of_conversation(conn, row.id)
        made = list(facts.fallen(Situation(row, promise_for(desk.settings, row.team_id), standing, now)))
        recording.append(desk, conn, row, made, actor=("clock", None), event_id=None)
        return bool(made)
