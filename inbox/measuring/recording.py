"""Appending the facts that a step ends, and taking back those of a step that is undone: `inbox.steps.write` calls it.

Every step of a conversation goes through there, so none can forget its facts. Most steps (a tag, a note) end nothing
and cost nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from inbox.desk import Desk
from inbox.measuring import clocks, facts
from inbox.measuring.facts import Answer, Fact, Situation
from inbox.measuring.kinds import ANSWERS, OF_MOVES, Kind
from inbox.states import Status
from inbox.teams import promise_for
from store import kpi_facts
from store.commit.deciding import ADDRESSED
from store.schema import mention, source

_MESSAGES_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Then:
    """What a fact keeps of its conversation as it was at that moment."""

    id: int
    cycle: int
    team_id: str | None
    source_id: str
    brand_ids: tuple[str, ...]


def record(
    desk: Desk,
    conn: Connection,
    row: Row[Any],
    changes: Mapping[str, Any],
    *,
    actor: tuple[str, int | None],
    step: Any,
    event_id: int,
    now: datetime,
) -> None:
    """Append what a step ended, in its transaction.

    Args:
        desk: settings and ids.
        conn: the transaction.
        row: the conversation before the step.
        changes: what changed.
        actor: type and id of who made it.
        step: the `inbox.steps.Step`.
        event_id: the event that was written for it.
        now: the instant, aware UTC.
    """
    if step.undo_of is not None:
        # A rule that is taken back long after leaves alone what happened since; then its facts stand too.
        moved = "status" in changes or "team_id" in changes
        kinds = None if moved else [kind.value for kind in Kind if kind not in OF_MOVES]
        kpi_facts.retract(conn, row.id, step.undo_of, by=event_id, kinds=kinds)
        return
    made = list(facts.of_claim(row, changes, doer_id=actor[1] if actor[0] == "human" else None, now=now))
    answers = step.code in ANSWERS
    moves = "status" in changes or clocks.changes_team(row, changes)
    if answers or moves:
        situation = Situation(
            row, promise_for(desk.settings, row.team_id), kpi_facts.of_conversation(conn, row.id), now
        )
        if answers:
            made += facts.of_answer(situation, _answer(conn, row, step, now))
        if moves:
            made += facts.of_move(situation, changes, actor_type=actor[0], reason=step.reason)
        if changes.get("status") == Status.RESOLVED:
            made += _shift(conn, row, now)
    append(desk, conn, row, made, actor=actor, event_id=event_id)


def append(
    desk: Desk,
    conn: Connection,
    row: Row[Any] | Then,
    made: list[Fact],
    *,
    actor: tuple[str, int | None],
    event_id: int | None,
) -> None:
    """Append facts of a conversation, with the team, source and brands that it has, or had then."""
    if not made:
        return
    for one in made:
        if one.replaces is not None:
            kpi_facts.retract_one(conn, one.replaces, by=event_id or one.replaces)
    rows = []
    for fact_id, one in zip(desk.store.new_ids(len(made)), made, strict=True):
        values = asdict(replace(one, user_id=one.user_id or (actor[1] if actor[0] == "human" else None)))
        values.pop("replaces")
        rows.append(
            {
                **values,
                "id": fact_id,
                "kind": one.kind.value,
                "left_out": None if one.left_out is None else one.left_out.value,
                "conversation_id": row.id,
                "cycle": row.cycle,
                "team_id": row.team_id,
                "source_id": row.source_id,
                "brand_ids": list(row.brand_ids or ()),
                "actor_type": actor[0],
                "event_id": event_id,
            }
        )
    kpi_facts.append(conn, rows)


def _answer(conn: Connection, row: Row[Any], step: Any, now: datetime) -> Answer:
    return Answer(
        at=step.at or now,
        first=bool(step.facts.get("first")),
        said_at=step.said_at,
        promise_from=step.promise_from,
        addressed=addressed(conn, row),
        wall_s=step.wall_s,
        business_s=step.business_s,
    )


def addressed(conn: Connection, row: Row[Any]) -> bool:
    """Whether the customer spoke to us: in private, on a channel of our own, or by naming us."""
    if row.visibility == "private":
        return True
    if conn.execute(select(source.c.own).where(source.c.id == row.source_id)).scalar():
        return True
    c = mention.c
    flags = select(c.flags).where(c.conversation_id == row.id, c.direction == "inbound")
    found = conn.execute(flags.order_by(c.sort_at).limit(_MESSAGES_LOOKED_AT)).scalars()
    return any(ADDRESSED in (each or ()) for each in found)


def _shift(conn: Connection, row: Row[Any], now: datetime) -> list[Fact]:
    """How the tone of who began the conversation changed; nothing when they wrote once."""
    c = mention.c
    said = select(c.id, c.author_id, c.sentiment).where(
        c.conversation_id == row.id, c.direction == "inbound", c.deleted_at.is_(None)
    )
    first = conn.execute(said.order_by(c.sort_at, c.id).limit(1)).first()
    if first is None:
        return []
    same = c.author_id.is_(None) if first.author_id is None else c.author_id == first.author_id
    last = conn.execute(said.where(same).order_by(c.sort_at.desc(), c.id.desc()).limit(1)).first()
    if last is None or last.id == first.id:
        return []
    return [facts.shift(first.sentiment, last.sentiment, at=now)]
