"""One step of work: lock the conversation, check it, change it and append its event, in one transaction.

Every action of the inbox goes through `write`. It knows nothing of which steps are allowed: that is decided by the
pure modules before. An event keeps the changed columns before and after, the version it made, and how much of the
thread had been heard (`n_inbound`, `n_outbound`), so that a later look can tell what is new since.
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
from inbox.measuring import clocks, recording
from inbox.permissions import Permission
from inbox.states import CLOCK_RUNS, CLOSED_STATES, OPEN_STATES, Status
from inbox.teams import due, promise_for
from inbox.views import CurrentUser, Done
from store.schema import conversation, event, user_account
from store.types import Instant

UNDO_WINDOW = timedelta(seconds=10)
"""How long undo is offered after a step."""
UNDO_GRACE = timedelta(seconds=5)
"""What was pressed within the window may take so long to get here, on a slow line or a busy machine."""
FOR_GOOD = UNDO_WINDOW + UNDO_GRACE
"""After so long nobody takes a step back, so what tells others of it may leave."""
CONVERSATION = "conversation"
# Renewed by every activity, so it says nothing about what an agent decided.
VOLATILE = frozenset({"claimed_until", "active_at", "active_s"})
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
        said_at: when the customer wrote what this step answers.
        promise_from: since when the promise of an answer to that runs.
        undo_of: the event it takes back.
        saw_all: whoever decided had every message before their eyes, also those that routing has not seen yet.
    """

    code: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    wall_s: float | None = None
    business_s: float | None = None
    at: datetime | None = None
    said_at: datetime | None = None
    promise_from: datetime | None = None
    undo_of: int | None = None
    saw_all: bool = False


def load(conn: Connection, conversation_id: int) -> Row[Any]:
    """The conversation, locked until the transaction ends (SQLite: the write lock; PostgreSQL: the row).

    Raises:
        NotFound: there is no such conversation.
    """
    row = conn.execute(select(conversation).where(conversation.c.id == conversation_id).with_for_update()).first()
    if row is None:
        raise NotFound(what="conversation", key=conversation_id)
    return row


def lock_all(conn: Connection, conversation_ids: Iterable[int]) -> None:
    """Lock conversations before many of them are changed, so that nobody waits for one while others hold the rest.

    Rows that many steps write (counters of themes) are then always locked after all conversations.
    """
    ids = sorted(conversation_ids)
    query = select(conversation.c.id).where(conversation.c.id.in_(ids)).order_by(conversation.c.id)
    conn.execute(query.with_for_update()).all()


def write(desk: Desk, conn: Connection, row: Row[Any], doer: Doer, step: Step, *, now: datetime) -> Done:
    """Apply a step to the locked row, append its event, and the facts that figures make of it."""
    changes = {name: value for name, value in step.changes.items() if getattr(row, name) != value}
    silent: dict[str, Any] = {}
    if step.undo_of is None:
        running = clocks.after(row, changes, doer_id=doer.id if doer.type == "human" else None, now=now)
        changes |= {name: value for name, value in running.told.items() if getattr(row, name) != value}
        silent = running.silent
    values: dict[str, Any] = {**changes, **silent, "version": row.version + 1}
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
                **_heard(conn, row, step),
                "recorded_at": plain(now),
                "facts": {name: plain(value) for name, value in {**desk.facts, **step.facts}.items()},
            },
            reason=step.reason,
            cycle=changes.get("cycle", row.cycle),
            wall_s=step.wall_s,
            business_s=step.business_s,
            undo_of=step.undo_of,
        )
    )
    recording.record(desk, conn, row, changes, actor=(doer.type, doer.id), step=step, event_id=event_id, now=now)
    return Done(
        conversation_id=row.id,
        version=row.version + 1,
        code=step.code,
        params=dict(step.facts),
        event_id=event_id,
        undo_until=now + UNDO_WINDOW if step.undo_of is None else None,
    )


def _heard(conn: Connection, row: Row[Any], step: Step) -> dict[str, int]:
    """How much of the thread has been heard: all of it, unless messages wait for routing that the doer did not see.

    Those must stay news to routing, so the counters of the step before stand on; there are none before the first.
    Who closes what routing never looked at was about all that stood there: only what comes later opens it again.
    """
    everything = {"n_inbound": row.n_inbound, "n_outbound": row.n_outbound}
    if not row.routing_pending or step.saw_all:
        return everything
    counted = next((one.after for one in events_of(conn, row.id, limit=1)), None) or {}
    if "n_inbound" not in counted and step.changes.get("status") in CLOSED_STATES:
        return everything
    return {name: counted[name] for name in everything if name in counted}


def nothing(row: Row[Any], code: str, **params: Any) -> Done:
    """The answer when nothing had to change."""
    return Done(row.id, row.version, code, params, None, None)


def after_move(desk: Desk, row: Row[Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the changes what follows from them: `is_open`, and when the conversation is due.

    It is due when the team's promised time ends, or when something promised to the customer is due, if that is sooner.
    """
    status = Status(changes.get("status", row.status))
    due_at = None
    if status in CLOCK_RUNS:
        promised_at = changes.get("promise_due_at", row.promise_due_at)
        clock = due(
            promise_for(desk.settings, changes.get("team_id", row.team_id)),
            cycle_started_at=changes.get("cycle_started_at", row.cycle_started_at),
            unanswered_since=changes.get("unanswered_since", row.unanswered_since),
        )
        due_at = min((at for at in (clock.at if clock else None, promised_at) if at is not None), default=None)
    return {**changes, "is_open": status in OPEN_STATES, "sla_due_at": due_at}


def is_claimed(row: Any, now: datetime) -> bool:
    """Whether somebody has the conversation now; `row` has at least the columns of a claim."""
    return row.claimed_by is not None and row.claimed_until is not None and row.claimed_until > now


def holds_claim(row: Row[Any], user_id: int | None, now: datetime) -> bool:
    """Whether this person has the conversation now."""
    return is_claimed(row, now) and row.claimed_by == user_id


def check_free(conn: Connection, row: Row[Any], user: CurrentUser, now: datetime, *, take_over: bool = False) -> None:
    """Make sure that nobody else has the conversation.

    Raises:
        ClaimedByOther: somebody has it, and this is no taking over.
        NotAllowed: taking over is for leads.
    """
    if not is_claimed(row, now) or row.claimed_by == user.id:
        return
    if not take_over:
        raise ClaimedByOther(name_of(conn, row.claimed_by), row.claimed_until)
    if not user.may(Permission.TAKE_OVER):
        raise NotAllowed(Permission.TAKE_OVER, user.role)


def check_unchanged(conn: Connection, row: Row[Any], user: CurrentUser, version: int | None) -> None:
    """Make sure that nobody else, and not the customer, changed the conversation since `version`.

    One's own steps since do not count: two tabs of one agent do not block each other. Nor does that it was given its
    team and due time: whoever opens what came in this second has seen all that was said.

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
            counts = not mine and later.action != "routed"
            told[made] = timeline.sentence(later, name_of(conn, later.actor_id)) if counts else None
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
