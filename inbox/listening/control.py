"""Looking now, pausing and going on. The worker obeys within a tick; each is an event of the source."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import events
from inbox.desk import Desk
from inbox.errors import BadInput, NotFound
from inbox.sentences import Sentence
from inbox.source_views import RunView, SetAside
from inbox.views import CurrentUser
from store import quarantine, source_health
from store.schema import query_state, source, source_schedule

SOURCE = "source"
_RUNS = 20
_SET_ASIDE = 20


def look_now(desk: Desk, user: CurrentUser, source_id: str) -> None:
    """Make a source due at once. What the platform asked us to wait for still holds, per query.

    Raises:
        NotFound: no such source.
        BadInput: it is switched off or paused.
    """
    with desk.store.write() as conn:
        row = _found(conn, source_id)
        if not row.enabled or row.paused_at is not None:
            raise BadInput(Sentence("{name} is not listened to now; let it go on first.", name=row.name))
        now = desk.clock()
        due = source_schedule.c
        conn.execute(source_schedule.update().where(due.source_id == source_id, due.due_at > now).values(due_at=now))
        _record(desk, conn, user, source_id, "source_asked")


def pause(desk: Desk, user: CurrentUser, source_id: str) -> None:
    """Ask a source nothing more until somebody lets it go on. What it misses meanwhile is asked for afterwards.

    Raises:
        NotFound: no such source.
    """
    with desk.store.write() as conn:
        row = _found(conn, source_id)
        if row.paused_at is None:
            conn.execute(source.update().where(source.c.id == source_id).values(paused_at=desk.clock()))
            _record(desk, conn, user, source_id, "source_paused")


def go_on(desk: Desk, user: CurrentUser, source_id: str) -> None:
    """End a pause; the source is due at once, and asked for all it has missed as far as its platform allows.

    Raises:
        NotFound: no such source.
    """
    with desk.store.write() as conn:
        row = _found(conn, source_id)
        if row.paused_at is not None:
            conn.execute(source.update().where(source.c.id == source_id).values(paused_at=None))
            conn.execute(
                source_schedule.update().where(source_schedule.c.source_id == source_id).values(due_at=desk.clock())
            )
            _record(desk, conn, user, source_id, "source_resumed")


def last_looks(desk: Desk, source_id: str) -> tuple[RunView, ...]:
    """The last looks at a source, newest first."""
    with desk.store.read() as conn:
        rows = source_health.last_runs(conn, source_id, limit=_RUNS)
        state = query_state.c
        labels = {
            row.query_id: row.label
            for row in conn.execute(select(state.query_id, state.label).where(state.source_id == source_id))
        }
    return tuple(
        RunView(
            id=row.id,
            query_label=labels.get(row.query_id) or row.query_id,
            started_at=row.started_at,
            took_s=(row.ended_at - row.started_at).total_seconds() if row.ended_at else None,
            asked_from=row.asked_from,
            asked_to=row.asked_to,
            calls=row.http_calls,
            received=row.received,
            stored=row.stored,
            changed=row.changed,
            duplicate=row.duplicate,
            unmatched=row.unmatched,
            set_aside=row.quarantined,
            trouble=row.error_text or row.error_class,
        )
        for row in rows
    )


def set_aside(desk: Desk, source_id: str) -> tuple[SetAside, ...]:
    """What could not be read and still waits, oldest first, at most twenty."""
    return tuple(
        SetAside(row.id, row.found_at, row.external_id, row.whole_answer, row.error, row.tries)
        for row in quarantine.list_quarantine(desk.store, source_id=source_id, limit=_SET_ASIDE)
    )


def _found(conn: Connection, source_id: str) -> Row[Any]:
    row = conn.execute(select(source).where(source.c.id == source_id).with_for_update()).first()
    if row is None:
        raise NotFound(what="source", key=source_id)
    return row


def _record(desk: Desk, conn: Connection, user: CurrentUser, source_id: str, action: str) -> None:
    events.append(desk, conn, (SOURCE, source_id), action, actor_id=user.id)
