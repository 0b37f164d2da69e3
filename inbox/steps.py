"""One step of work: lock the conversation, check it, change it and append its event, in one transaction.

Every action of the inbox goes through `write`. It knows nothing of which steps are allowed: that is decided by the
pure modules before. An event keeps the changed columns before and after, the version it made, and how much of the
thread had been seen (`n_inbound`, `n_outbound`), so that a later look can tell what is new since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox import timeline
from inbox.desk import Desk
from inbox.errors import Changed, ClaimedByOther, NotAllowed, NotFound
from inbox.permissions import Permission
from inbox.states import CLOCK_RUNS, OPEN_STATES, Status
from inbox.teams import due, promise_for
from inbox.views import CurrentUser, Done
from store.schema import conversation, event, user_account
from store.types import Instant

UNDO_WINDOW = timedelta(seconds=10)
CONVERSATION = "conversation"
# Renewed by every activity, so it says nothing about what an agent decided.
VOLATILE = frozenset({"claimed_until"})
_INSTANTS = frozenset(column.name for column in conversation.c if isinstance(column.type, Instant))
_EVENTS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Doer:
    """Who makes a step: a person, or (without an id) a rule, the source or the clock."""

    type: str
    id: int | None = None

    @classmethod
    def person(cls, user: CurrentUser) -> Doer:
        """A signed-in person."""
        return cls("human", user.id)


SOURCE = Doer("source")
CLOCK = Doer("clock")
RULE = Doer("rule")


@dataclass(frozen=True, slots=True)
class Step:
    """What a step changes and records.

    Attributes:
        code: the event's action.
        changes: columns of the conversation and their new values; unchanged ones are dropped.
        reason: why, in the person's words or as a code.
        facts: what else the event tells (the tag, the note's id).
        wall_s, business_s: duration that this step ended, in seconds.
        at: when it happened, if not now.
        undo_of: the event it takes back.
    """

    code: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    wall_s: float | None = None
    business_s: float | None = None
    at: datetime | None = None
    undo_of: int | None = None


def load(conn: Connection, conversation_id: int) -> Row[Any]:
    """The conversation, locked until the transaction ends (SQLite: the write lock; PostgreSQL: the row).

    Raises:
        NotFound: there is no such conversation.
    """
    row = conn.execute(select(conversation).where(conversation.c.id == conversation_id).with_for_update()).first()
    if row is None:
        raise NotFound(what="conversation", key=conversation_id)
    return row


def write(desk: Desk, conn: Connection, row: Row[Any], doer: Doer, step: Step, *, now: datetime) -> Done:
    """Apply a step to the locked row and append its event."""
    changes = {name: value for name, value in step.changes.items() if getattr(row, name) != value}
    values: dict[str, Any] = {**changes, "version": row.version + 1}
    if holds_claim(row, doer.id, now) and "claimed_by" not in changes:
        values["claimed_until"] = now + timedelta(minutes=desk.settings.claim_minutes)
    conn.execute(conversation.update().where(conversation.c.id == row.id).values(**values))
    event_id = desk.store.new_id()
    conn.execute(
        event.insert().values(
            id=event_id,
            at=step.at or now,
            actor_type=doer.type,
            actor_id=doer.id,
            object_type=CONVERSATION,
            object_id=str(row.id),
            action=step.code,
            before={name: plain(getattr(row, name)) for name in changes},
            after={
                **{name: plain(value) for name, value in changes.items()},
                "version": row.version + 1,
                "n_inbound": row.n_inbound,
                "n_outbound": row.n_outbound,
                "recorded_at": plain(now),
                "facts": {name: plain(value) for name, value in step.facts.items()},
            },
            reason=step.reason,
            cycle=changes.get("cycle", row.cycle),
            wall_s=step.wall_s,
            business_s=step.business_s,
            undo_of=step.undo_of,
        )
    )
    return Done(
        conversation_id=row.id,
        version=row.version + 1,
        code=step.code,
        params=dict(step.facts),
        event_id=event_id,
        undo_until=now + UNDO_WINDOW if step.undo_of is None else None,
    )


def nothing(row: Row[Any], code: str, **params: Any) -> Done:
    """The answer when nothing had to change."""
    return Done(row.id, row.version, code, params, None, None)


def after_move(desk: Desk, row: Row[Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the changes what follows from them: `is_open`, and when the conversation is due."""
    status = Status(changes.get("status", row.status))
    due_at = None
    if status in CLOCK_RUNS:
        clock = due(
            promise_for(desk.settings, changes.get("team_id", row.team_id)),
            cycle_started_at=changes.get("cycle_started_at", row.cycle_started_at),
            unanswered_since=changes.get("unanswered_since", row.unanswered_since),
        )
        due_at = clock.at if clock else None
    return {**changes, "is_open": status in OPEN_STATES, "sla_due_at": due_at}


def holds_claim(row: Row[Any], user_id: int | None, now: datetime) -> bool:
    """Whether this person has the conversation now."""
    return (
        user_id is not None and row.claimed_by == user_id and row.claimed_until is not None and row.claimed_until > now
    )


def check_free(conn: Connection, row: Row[Any], user: CurrentUser, now: datetime, *, take_over: bool = False) -> None:
    """Make sure that nobody else has the conversation.

    Raises:
        ClaimedByOther: somebody has it, and this is no taking over.
        NotAllowed: taking over is for leads.
    """
    taken = row.claimed_by is not None and row.claimed_until is not None and row.claimed_until > now
    if not taken or row.claimed_by == user.id:
        return
    if not take_over:
        raise ClaimedByOther(name_of(conn, row.claimed_by), row.claimed_until)
    if not user.may(Permission.TAKE_OVER):
        raise NotAllowed(Permission.TAKE_OVER, user.role)


def check_unchanged(conn: Connection, row: Row[Any], user: CurrentUser, version: int | None) -> None:
    """Make sure that nobody else, and not the customer, changed the conversation since `version`.

    One's own steps since do not count: two tabs of one agent do not block each other.

    Raises:
        Changed: with a sentence for each change.
    """
    if version is None or version == row.version:
        return
    told: dict[int, str | None] = {}
    for later in events_of(conn, row.id, limit=_EVENTS_LOOKED_AT):
        made = (later.after or {}).get("version", 0)
        if made > version:
            mine = later.actor_type == "human" and later.actor_id == user.id
            told[made] = None if mine else timeline.sentence(later, name_of(conn, later.actor_id))
    silent = set(range(version + 1, row.version + 1)) - told.keys()
    what = [text for _, text in sorted(told.items()) if text is not None]
    if silent or version > row.version:
        what.append("The thread changed: a message came in or was edited.")
    if what:
        raise Changed(tuple(what), row.version)


def events_of(conn: Connection, conversation_id: int, *, limit: int) -> list[Row[Any]]:
    """The latest events of a conversation, newest first. Index: ix_event_object."""
    found = conn.execute(
        select(event)
        .where(event.c.object_type == CONVERSATION, event.c.object_id == str(conversation_id))
        .order_by(event.c.id.desc())
        .limit(limit)
    )
    return list(found)


def undone_ids(events: Iterable[Row[Any]]) -> frozenset[int]:
    """Which of these events were taken back by another of them."""
    return frozenset(one.undo_of for one in events if one.undo_of is not None)


def name_of(conn: Connection, user_id: int | None) -> str:
    """The name of somebody, for a sentence."""
    if user_id is None:
        return ""
    name = conn.execute(select(user_account.c.name).where(user_account.c.id == user_id)).scalar()
    return str(name) if name is not None else "somebody"


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def typed(name: str, value: Any) -> Any:
    """A column's value read back from an event."""
    return datetime.fromisoformat(value) if name in _INSTANTS and isinstance(value, str) else value
