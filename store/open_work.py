"""Open work as figures count it: how much of whom, since when, and which deadlines of it passed without being noted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal, or_, select

from store.kpi_facts import STANDS, Wanted, of_conversations
from store.ordering import DueKey
from store.schema import conversation, kpi_fact


class Standing(NamedTuple):
    """How much open work of one team, source and assignee there is, and since when the oldest of it."""

    team_id: str | None
    source_id: str
    user_id: int | None
    n: int
    oldest_at: datetime | None


def standing(
    conn: Connection,
    wanted: Wanted,
    *,
    states: Collection[str] | None = None,
    first: bool | None = None,
) -> list[Standing]:
    """Open work now, grouped. Reads ix_conversation_open, and ix_kpi_fact_cycle where `first` asks.

    Args:
        conn: a connection of `Store.read()`.
        wanted: whose; the period does not matter.
        states: only in these.
        first: only what waits for the first answer of its cycle (True), or for a later one (False).
    """
    c = conversation.c
    oldest = c.sort_at if first is None else c.unanswered_since
    query = (
        select(c.team_id, c.source_id, c.assignee_id, func.count(), func.min(oldest))
        .where(*_open(wanted, states, first))
        .group_by(c.team_id, c.source_id, c.assignee_id)
    )
    return [Standing._make(row) for row in conn.execute(query)]


def standing_ids(
    conn: Connection, wanted: Wanted, *, states: Collection[str] | None = None, first: bool | None = None
) -> list[tuple[int, datetime]]:
    """The same, one by one in the order of ids: the conversation and since when."""
    c = conversation.c
    oldest = c.sort_at if first is None else c.unanswered_since
    query = select(c.id, oldest).where(*_open(wanted, states, first)).order_by(c.id)
    return [(row[0], row[1]) for row in conn.execute(query)]


def unanswered(conn: Connection, wanted: Wanted) -> list[Row[Any]]:
    """Open conversations that wait for the first answer of their cycle: what says when the cycle began."""
    c = conversation.c
    query = select(c.id, c.cycle, c.cycle_started_at, c.first_inbound_at).where(*_open(wanted, None, first=True))
    return list(conn.execute(query))


def claimed(conn: Connection, wanted: Wanted, *, now: datetime) -> list[Standing]:
    """What somebody has now, and since when. Served by ix_conversation_claim."""
    c = conversation.c
    query = (
        select(c.team_id, c.source_id, c.claimed_by, func.count(), func.min(c.claimed_at))
        .where(*_claimed(wanted, now))
        .group_by(c.team_id, c.source_id, c.claimed_by)
    )
    return [Standing._make(row) for row in conn.execute(query)]


def claimed_ids(conn: Connection, wanted: Wanted, *, now: datetime) -> list[tuple[int, datetime]]:
    """The same, one by one in the order of ids."""
    c = conversation.c
    since = func.coalesce(c.claimed_at, c.sort_at, type_=c.sort_at.type)
    query = select(c.id, since).where(*_claimed(wanted, now)).order_by(c.id)
    return [(row[0], row[1]) for row in conn.execute(query)]


def due_within(conn: Connection, wanted: Wanted, *, states: Collection[str], since: datetime) -> list[Standing]:
    """Open work that is due from an instant to the end of the period. Served by ix_conversation_inbox."""
    c = conversation.c
    query = (
        select(c.team_id, c.source_id, c.assignee_id, func.count(), func.min(c.sort_at))
        .where(*_due(wanted, states, since))
        .group_by(c.team_id, c.source_id, c.assignee_id)
    )
    return [Standing._make(row) for row in conn.execute(query)]


def due_ids(
    conn: Connection, wanted: Wanted, *, states: Collection[str], since: datetime
) -> list[tuple[int, datetime]]:
    """The same, one by one in the order of ids: the conversation and when it is due."""
    c = conversation.c
    query = select(c.id, c.sla_due_at).where(*_due(wanted, states, since)).order_by(c.id)
    return [(row[0], row[1]) for row in conn.execute(query)]


def unnoted(
    conn: Connection,
    *,
    now: datetime,
    states: Collection[str],
    answering: Collection[str],
    resolving: Collection[str],
    wanted: Wanted | None = None,
) -> list[Row[Any]]:
    """Open conversations that are overdue, of whose deadlines one may not have been noted as missed yet.

    Served by ix_conversation_inbox, of which they are the head; each looks into ix_kpi_fact_cycle.

    Args:
        conn: a connection of `Store.read()`.
        now: the moment that decides what is overdue.
        states: only in these.
        answering: teams that promise an answer.
        resolving: teams that promise a resolution.
        wanted: whose; None for all.
    """
    c = conversation.c
    of_this = (
        kpi_fact.c.conversation_id == c.id,
        kpi_fact.c.cycle == c.cycle,
        kpi_fact.c.team_id == c.team_id,
        STANDS,
    )
    answer = select(literal(1)).where(
        *of_this, kpi_fact.c.kind.in_(("deadline_first", "deadline_next")), kpi_fact.c.started_at == c.unanswered_since
    )
    whole = select(literal(1)).where(*of_this, kpi_fact.c.kind == "deadline_resolution")
    query = (
        select(conversation)
        .where(
            c.is_open,
            DueKey(c.sla_due_at) < now,
            c.status.in_(list(states)),
            or_(
                and_(c.team_id.in_(list(answering)), c.unanswered_since.is_not(None), ~answer.exists()),
                and_(c.team_id.in_(list(resolving)), ~whole.exists()),
            ),
        )
        .order_by(DueKey(c.sla_due_at), c.priority, c.sort_at, c.id)
    )
    if wanted is not None:
        query = query.where(*of_conversations(wanted))
        if wanted.user_id is not None:
            query = query.where(c.assignee_id == wanted.user_id)
    return list(conn.execute(query))


def _claimed(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    c = conversation.c
    found = [c.claimed_by.is_not(None), c.claimed_until > now, *of_conversations(wanted)]
    return found if wanted.user_id is None else [*found, c.claimed_by == wanted.user_id]


def _due(wanted: Wanted, states: Collection[str], since: datetime) -> list[ColumnElement[bool]]:
    key = DueKey(conversation.c.sla_due_at)
    return [key >= since, key < wanted.until, *_open(wanted, states, None)]


def _open(wanted: Wanted, states: Collection[str] | None, first: bool | None) -> list[ColumnElement[bool]]:
    c = conversation.c
    found: list[ColumnElement[bool]] = [c.is_open, *of_conversations(wanted)]
    if wanted.user_id is not None:
        found.append(c.assignee_id == wanted.user_id)
    if states is not None:
        found.append(c.status.in_(list(states)))
    if first is not None:
        answered = select(literal(1)).where(
            kpi_fact.c.conversation_id == c.id,
            kpi_fact.c.kind == "first_response",
            kpi_fact.c.cycle == c.cycle,
            STANDS,
        )
        found += [c.unanswered_since.is_not(None), ~answered.exists() if first else answered.exists()]
    return found
