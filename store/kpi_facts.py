"""Facts of figures as rows: appended, taken back, and read by period, by conversation and by what began in a period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Text,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from store.filters import holds_brand
from store.ids import EPOCH, id_floor
from store.records import CONTEXT
from store.schema import conversation, event, kpi_fact, mention, mention_brand

# Spelled as the partial indexes spell it, because both planners match the condition by its text.
STANDS: ColumnElement[bool] = literal_column("kpi_fact.retracted_by IS NULL")
_CHUNK = 500
_FIRST: ColumnElement[bool] = literal_column("kpi_fact.kind = 'first_response'")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts: of [since, until), and only of these teams, sources, brands, this person; empty is all."""

    since: datetime
    until: datetime
    team_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    user_id: int | None = None


class Told(NamedTuple):
    """A fact as figures read it; see `KpiFact`. `at` is what decides its period and its hour."""

    kind: str
    conversation_id: int
    team_id: str | None
    source_id: str
    user_id: int | None
    at: datetime
    wall_s: float | None
    business_s: float | None
    met: bool | None
    value: float | None
    left_out: str | None


class Arrived(NamedTuple):
    """A conversation by when the customer first wrote, and how long its first answer took (None: none yet)."""

    conversation_id: int
    team_id: str | None
    source_id: str
    at: datetime
    status: str
    reason: str | None
    first_s: float | None


def append(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append facts, inside the transaction of the step that made them."""
    conn.execute(kpi_fact.insert(), rows)


def of_conversation(conn: Connection, conversation_id: int) -> list[Row[Any]]:
    """The facts of a conversation that stand, oldest first. Served by ix_kpi_fact_cycle."""
    c = kpi_fact.c
    wanted = select(kpi_fact).where(c.conversation_id == conversation_id, STANDS).order_by(c.id)
    return list(conn.execute(wanted))


def of_many(conn: Connection, conversation_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The facts that stand of many conversations. Served by ix_kpi_fact_cycle."""
    found: dict[int, list[Row[Any]]] = {each: [] for each in conversation_ids}
    for start in range(0, len(conversation_ids), _CHUNK):
        some = list(conversation_ids[start : start + _CHUNK])
        for row in conn.execute(select(kpi_fact).where(kpi_fact.c.conversation_id.in_(some), STANDS)):
            found[row.conversation_id].append(row)
    return found


def all_of_conversation(conn: Connection, conversation_id: int) -> list[Row[Any]]:
    """Of all facts of a conversation, also those that were taken back, the kind and the step.

    Served by ix_kpi_fact_conversation.
    """
    c = kpi_fact.c
    return list(conn.execute(select(c.kind, c.event_id).where(c.conversation_id == conversation_id)))


class Telling(NamedTuple):
    """A step that ended something, and its conversation."""

    id: int
    conversation_id: int


def telling(conn: Connection, *, codes: Collection[str], after: int, limit: int) -> list[Telling]:
    """The next steps that are an answer, or that a conversation may be resolved or reopened by (primary key)."""
    c = event.c
    closing = cast(c.after, Text).like('%"status"%')
    query = (
        select(c.id, c.object_id)
        .where(c.id > after, c.object_type == "conversation", or_(c.action.in_(list(codes)), closing))
        .order_by(c.id)
        .limit(limit)
    )
    return [Telling(row.id, int(row.object_id)) for row in conn.execute(query)]


def events_of(conn: Connection, conversation_id: int) -> list[Row[Any]]:
    """All events of a conversation, oldest first. Served by ix_event_object."""
    mine = (event.c.object_type == "conversation", event.c.object_id == str(conversation_id))
    return list(conn.execute(select(event).where(*mine).order_by(event.c.id)))


def talk(conn: Connection, conversation_id: int, *, lock: bool) -> Row[Any] | None:
    """A conversation by its id, with `lock` until the writing transaction ends; None when it is gone."""
    query = select(conversation).where(conversation.c.id == conversation_id)
    return conn.execute(query.with_for_update() if lock else query).first()


def retract(
    conn: Connection, conversation_id: int, event_id: int, *, by: int, kinds: Collection[str] | None = None
) -> None:
    """Take back what a step told (of these kinds; None: all of it). Served by ix_kpi_fact_cycle."""
    c = kpi_fact.c
    told = kpi_fact.update().where(c.conversation_id == conversation_id, c.event_id == event_id, STANDS)
    if kinds is not None:
        told = told.where(c.kind.in_(list(kinds)))
    conn.execute(told.values(retracted_by=by))


def retract_one(conn: Connection, fact_id: int, *, by: int) -> None:
    """Take back one fact, because a step knows better."""
    conn.execute(kpi_fact.update().where(kpi_fact.c.id == fact_id).values(retracted_by=by))


def of_period(conn: Connection, kinds: Sequence[str], wanted: Wanted) -> list[Told]:
    """The facts of these kinds in a period, in no order. Served by ix_kpi_fact_period."""
    c = kpi_fact.c
    query = select(*_TOLD).where(
        STANDS, c.kind.in_(list(kinds)), c.ended_at >= wanted.since, c.ended_at < wanted.until, *_narrowed(wanted)
    )
    return list(map(Told._make, conn.execute(query).all()))


def begun_in(conn: Connection, wanted: Wanted) -> list[Told]:
    """First answers to cycles that began in a period, whenever the answer came. Served by ix_kpi_fact_begun.

    SQLite is told so: every second time it ran the same statement it went through all first answers ever given.
    """
    c = kpi_fact.c
    query = (
        select(*_TOLD)
        .where(_FIRST, STANDS, c.started_at >= wanted.since, c.started_at < wanted.until, *_narrowed(wanted))
        .with_hint(kpi_fact, "INDEXED BY ix_kpi_fact_begun", "sqlite")
    )
    return list(map(Told._make, conn.execute(query).all()))


def arrived(conn: Connection, wanted: Wanted) -> list[Arrived]:
    """Conversations whose first message was said in a period, with their first answer.

    Served by ix_conversation_arrived and ix_kpi_fact_cycle. Ids would not do: what is imported is stored long after
    it was said.
    """
    c = conversation.c
    soonest = (
        select(func.min(kpi_fact.c.wall_s))
        .where(kpi_fact.c.conversation_id == c.id, kpi_fact.c.kind == "first_response", kpi_fact.c.cycle == 1, STANDS)
        .scalar_subquery()
    )
    query = select(c.id, c.team_id, c.source_id, c.first_inbound_at, c.status, c.status_reason, soonest).where(
        c.first_inbound_at >= wanted.since, c.first_inbound_at < wanted.until, *of_conversations(wanted)
    )
    return list(map(Arrived._make, conn.execute(query).all()))


class FirstSeen(NamedTuple):
    """How many mentions of a source were first seen in an hour, and how many of these folded under others."""

    source_id: str
    hour: datetime
    n: int
    folded: int


def first_seen(conn: Connection, wanted: Wanted) -> list[FirstSeen]:
    """Inbound mentions first seen in a period. Walks the primary key: an id is made when its mention is stored."""
    c = mention.c
    hour = (c.id // literal_column(str(3600 << 22))).label("hour")
    query = (
        select(c.source_id, hour, func.count(), func.count(c.dup_of))
        .where(
            c.id >= id_floor(wanted.since),
            c.direction == "inbound",
            cast(c.flags, Text).not_like(f'%"{CONTEXT}"%'),
            c.first_seen_at >= wanted.since,
            c.first_seen_at < wanted.until,
        )
        .group_by(c.source_id, hour)
    )
    if wanted.source_ids:
        query = query.where(c.source_id.in_(list(wanted.source_ids)))
    if wanted.brand_ids:
        brands = select(mention_brand.c.mention_id).where(mention_brand.c.brand_id.in_(list(wanted.brand_ids)))
        query = query.where(c.id.in_(brands))
    return [
        FirstSeen(source_id, EPOCH + timedelta(hours=int(hours)), int(n), int(folded))
        for source_id, hours, n, folded in conn.execute(query)
    ]


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    c = kpi_fact.c
    found = _of(wanted, c.team_id, c.source_id, c.brand_ids)
    if wanted.user_id is not None:
        found.append(c.user_id == wanted.user_id)
    return found


def of_conversations(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Conditions on the table of conversations: of these teams, sources and brands."""
    c = conversation.c
    return _of(wanted, c.team_id, c.source_id, c.brand_ids)


def _of(
    wanted: Wanted, team_id: Column[Any], source_id: Column[Any], brand_ids: Column[Any]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.team_ids:
        found.append(team_id.in_(list(wanted.team_ids)))
    if wanted.source_ids:
        found.append(source_id.in_(list(wanted.source_ids)))
    if wanted.brand_ids:
        found.append(or_(*(holds_brand(brand_ids, brand) for brand in wanted.brand_ids)))
    return found


_TOLD = tuple(
    kpi_fact.c[name]
    for name in (
        "kind",
        "conversation_id",
        "team_id",
        "source_id",
        "user_id",
        "ended_at",
        "wall_s",
        "business_s",
        "met",
        "value",
        "left_out",
    )
)
