"""Routing: what became of a conversation since it was last looked at. Idempotent, one transaction per handful.

Ingest marks a conversation `routing_pending` whenever a mention joins it, in the transaction that stores the mention.
Here the mark is taken off in the transaction that acts on it, so a crash at any moment leaves the mark or the result,
never neither. What is new is told by the counters that every event keeps: a message that arrives while an agent
resolves is new even if it was said before.

Does not know sources or connectors, and decides nothing about states: `inbox.states` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import OperationalError

from inbox import answered, due, moves, steps
from inbox.availability.keeping import stays_with
from inbox.desk import Desk
from inbox.noise import setting_aside
from inbox.promises.answering import on_answer
from inbox.replying import recognise
from inbox.rules import routing as rules
from inbox.settings import InboxSettings
from inbox.states import CLOSED_STATES, OPEN_STATES, By, Decision, Inbound, Status, decide, on_inbound
from inbox.stretches import stretches
from inbox.teams import default_team
from inbox.themes import routing as themes
from store import waiting
from store.commit.deciding import OLD
from store.commit.merging import MERGED
from store.engine import Store
from store.errors import StoreError
from store.records import CONTEXT
from store.schema import author, conversation, event, mention
from understanding.thanks import is_mere_thanks

_PER_TRANSACTION = 25
_MESSAGES_LOOKED_AT = 50
_EVENTS_LOOKED_AT = 50
_CLOSING = frozenset({"resolved", "ignored", "archived"})


def route_pending(store: Store, settings: InboxSettings, now: datetime, limit: int = 200) -> int:
    """Route conversations that wait for it, oldest first; how many were looked at. For the worker.

    One that fails takes those of its transaction back with it, so these are then routed one by one (`inbox.due`).

    Args:
        store: where.
        settings: teams, hours and promises.
        now: the instant of routing, aware UTC.
        limit: how many at most, so that one call stays short.
    """
    desk = Desk(store, settings, clock=lambda: now)
    with store.read() as conn:
        ids = waiting.routing_pending(conn, limit=limit)
    for some in stretches(ids, _PER_TRANSACTION):
        try:
            _route(desk, some, now)
        except (OperationalError, StoreError):
            raise
        except Exception:  # noqa: BLE001 - which of them it was, and what is wrong with it, is found one by one
            due.each(some, lambda conversation_id: _route(desk, (conversation_id,), now), "routing conversation")
    return len(ids)


def _route(desk: Desk, conversation_ids: Sequence[int], now: datetime) -> bool:
    with desk.store.write() as conn:
        steps.lock_all(conn, conversation_ids)
        for conversation_id in conversation_ids:
            route_one(desk, conn, conversation_id, now)
    return True


def route_one(desk: Desk, conn: Connection, conversation_id: int, now: datetime) -> None:
    """Route a conversation inside the caller's transaction, if it waits for it."""
    row = conn.execute(
        select(conversation)
        .where(conversation.c.id == conversation_id, conversation.c.routing_pending)
        .with_for_update()
    ).first()
    if row is None:
        return
    events = steps.events_of(conn, row.id, limit=_EVENTS_LOOKED_AT)
    # Taken off first: from here on our own steps count everything as heard.
    conn.execute(conversation.update().where(conversation.c.id == row.id).values(routing_pending=False))
    row = steps.load(conn, row.id)
    seen = next((one.after for one in events if "n_inbound" in (one.after or {})), None)
    first = not _was_routed(conn, row.id)
    if first:
        row = _first_time(desk, conn, row, now)
    counted = seen or {"n_inbound": 0, "n_outbound": 0}
    row = _answers(desk, conn, row, row.n_outbound - counted["n_outbound"], now)
    n_new = row.n_inbound - counted["n_inbound"]
    looked = setting_aside.on_messages(desk, conn, row, first=first, n_new=n_new, now=now)
    row = looked.row
    news = _News(
        n=n_new,
        noise=looked.noise,
        first=seen is None,
        closed_at=_closed_at(row, events),
        brought_work=_merged_open(events),
        fell=_fell(row, events, counted["n_inbound"]),
    )
    row = _messages(desk, conn, row, news, now)
    new = rules.new_messages(conn, row, first=first, n_new=news.n) if themes.asks(conn) else []
    row = rules.on_messages(desk, conn, row, first=first, n_new=news.n, now=now)
    row = themes.on_messages(desk, conn, row, new)
    # A later message of the customer can move the due time without being a step of its own.
    due_at = steps.after_move(desk, row, {})["sla_due_at"]
    if due_at != row.sla_due_at:
        conn.execute(conversation.update().where(conversation.c.id == row.id).values(sla_due_at=due_at))


def _first_time(desk: Desk, conn: Connection, row: Row[Any], now: datetime) -> Row[Any]:
    """Give it a team, and a due time unless it is closed or archived."""
    team_id = row.team_id or default_team(desk.settings)
    changes = steps.after_move(desk, row, {"team_id": team_id})
    step = steps.Step("routed", changes, facts={"team_id": team_id})
    steps.write(desk, conn, row, steps.RULE, step, now=now)
    return steps.load(conn, row.id)


def _answers(desk: Desk, conn: Connection, row: Row[Any], n_new: int, now: datetime) -> Row[Any]:
    """Record answers of ours that appeared on the platform, oldest first. Bots are not counted as people."""
    if n_new <= 0 or not row.n_inbound:
        return row
    for message in reversed(_newest(conn, row.id, "outbound", n_new)):
        if recognise.settle(desk, conn, row.id, message, now):
            row = steps.load(conn, row.id)
            continue
        if message.is_bot or message.sort_at < row.cycle_started_at:
            continue
        said_at = min(message.sort_at, now)
        heard = on_answer(desk, conn, row, steps.SOURCE, text=message.text, at=said_at, now=now, said_by=None)
        row = heard.row
        step = answered.step_of(
            desk, conn, row, "answered", at=said_at, changes={}, facts={"mention_id": message.id, **heard.facts}
        )
        keep = {"unanswered_since": row.unanswered_since, "last_outbound_at": row.last_outbound_at}
        changes = steps.after_move(desk, row, keep)
        steps.write(desk, conn, row, steps.SOURCE, replace(step, changes=changes), now=now)
        row = steps.load(conn, row.id)
    return row


def _messages(desk: Desk, conn: Connection, row: Row[Any], news: _News, now: datetime) -> Row[Any]:
    """Open again what the customer wrote in."""
    status = Status(row.status)
    found = [] if news.n <= 0 else _newest(conn, row.id, "inbound", news.n)
    found = [message for message in found if message.id not in news.noise]
    if status in CLOSED_STATES:
        found = [message for message in found if message.fresh]
    read = [Inbound(message.sort_at, is_mere_thanks(message.text, message.lang)) for message in found]
    muted = row.muted_at is not None
    if not muted and status in CLOSED_STATES and (news.brought_work or news.fell):
        # Work nobody had handled came along in a merge, or a review lost its stars: work, whatever it says.
        decision: Decision | None = decide(status, Status.OPEN, By.SOURCE)
    elif news.first and status is not Status.ARCHIVED:
        return row
    else:
        decision = on_inbound(row.status, closed_at=news.closed_at, messages=read, muted=muted)
    if decision is None:
        if not read or status not in CLOSED_STATES:
            return row
        code = "wrote_muted" if muted else "thanked"
        steps.write(desk, conn, row, steps.SOURCE, steps.Step(code, {"unanswered_since": None}), now=now)
        return steps.load(conn, row.id)
    changes = moves.changes_of(decision, row, now=now, user_id=None)
    seen_at = min((message.first_seen_at for message in found), default=row.unanswered_since or now)
    changes["unanswered_since"] = row.unanswered_since or seen_at
    if decision.new_cycle:
        changes["cycle_started_at"] = min((message.at for message in read), default=now)
        changes["unanswered_since"] = seen_at
    if not stays_with(desk, conn, row.assignee_id, row.team_id, now):
        changes["assignee_id"] = None
    facts = {"from": decision.before.value, "to": decision.after.value}
    code = "reopened" if decision.new_cycle else "customer_wrote"
    step = steps.Step(code, steps.after_move(desk, row, changes), facts=facts)
    steps.write(desk, conn, row, steps.SOURCE, step, now=now)
    return steps.load(conn, row.id)


def _newest(conn: Connection, conversation_id: int, direction: str, n: int) -> list[_Found]:
    """The latest mentions to join a conversation, newest first, with whether they were found in time."""
    rows = conn.execute(
        select(
            mention.c.id,
            mention.c.sort_at,
            mention.c.first_seen_at,
            mention.c.flags,
            mention.c.text,
            mention.c.lang,
            author.c.is_bot,
        )
        .join(author, author.c.id == mention.c.author_id, isouter=True)
        .where(mention.c.conversation_id == conversation_id, mention.c.direction == direction)
        .order_by(mention.c.id.desc())
        .limit(_MESSAGES_LOOKED_AT)
    )
    found = [
        _Found(
            id=row.id,
            sort_at=row.sort_at,
            first_seen_at=row.first_seen_at,
            text=row.text,
            lang=row.lang,
            is_bot=bool(row.is_bot),
            fresh=OLD not in (row.flags or ()),
        )
        for row in rows
        if CONTEXT not in (row.flags or ())  # nobody said it to us, and no counter counts it
    ]
    return found[:n]


@dataclass(frozen=True, slots=True)
class _News:
    """What is new of the customer: how many messages, since when it is closed, and what merges brought along.

    `noise`: messages that a noise rule met; they open nothing.
    """

    n: int
    noise: frozenset[int]
    first: bool
    closed_at: datetime | None
    brought_work: bool
    fell: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A mention as routing looks at it. `fresh`: found soon enough after it was said to be work."""

    id: int
    sort_at: datetime
    first_seen_at: datetime
    text: str
    lang: str
    is_bot: bool
    fresh: bool


def _was_routed(conn: Connection, conversation_id: int) -> bool:
    wanted = select(event.c.id).where(
        event.c.object_type == steps.CONVERSATION,
        event.c.object_id == str(conversation_id),
        event.c.action == "routed",
    )
    return conn.execute(wanted.limit(1)).first() is not None


def _closed_at(row: Row[Any], events: Sequence[Row[Any]]) -> datetime | None:
    """When it was closed by hand or rule; None for what was archived when it came in."""
    closings: list[datetime] = [
        one.at for one in events if one.action in _CLOSING or (one.after or {}).get("status") in _CLOSING
    ]
    resolved_at: datetime | None = row.resolved_at
    return resolved_at or next(iter(closings), None)


def _merged_open(events: Sequence[Row[Any]]) -> bool:
    """Whether open work was merged into the conversation since its last step."""
    for one in events:
        if "n_inbound" in (one.after or {}):
            return False
        if one.action == MERGED and (one.before or {}).get("status") in OPEN_STATES:
            return True
    return False


def _fell(row: Row[Any], events: Sequence[Row[Any]], counted: int) -> bool:
    """Whether ingest says that a closed one waits for an answer again though nothing new was said: a rating fell.

    Closing and thank-yous clear `unanswered_since`; a merge may set it, so it tells nothing right after one.
    """
    if not events or events[0].action == MERGED:
        return False
    return row.unanswered_since is not None and row.n_inbound == counted
