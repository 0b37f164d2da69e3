"""What automation rules read: the rules themselves, the messages they judge, and how often each of them hit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal, literal_column, select, true, tuple_

from store.matching import SAID
from store.records import CONTEXT
from store.schema import author, conversation, event, mention, rule
from store.types import Instant

NEWEST_OF_A_THREAD = 20
"""Of each conversation rules look at so many of its newest messages, and at its first."""

_TICK = timedelta(microseconds=1)
_BY_RULE: ColumnElement[bool] = literal_column("event.actor_type = 'rule'")


@dataclass(frozen=True, slots=True)
class HitCount:
    """How often a rule hit: in the last day, the last week, the four weeks before now, and ever; and when last."""

    day: int
    week: int
    month: int
    total: int
    last_at: datetime | None


def standing_rules(conn: Connection) -> list[Row[Any]]:
    """All rules that are not archived, in their order. A house has hundreds at most; the table is read as a whole."""
    return list(conn.execute(select(rule).where(rule.c.archived_at.is_(None)).order_by(rule.c.position, rule.c.id)))


def stamp_of_rules(conn: Connection) -> tuple[int, datetime | None]:
    """How many rules there ever were and when one of them last changed: whether what was read before still holds.

    Whoever changes a rule gives it an `updated_at` later than that of all others, see `next_stamp`.
    """
    n, newest = conn.execute(select(func.count(), func.max(rule.c.updated_at))).one()
    return n, newest


def next_stamp(conn: Connection, now: datetime) -> datetime:
    """When a rule that changes now says it changed: later than every rule before it, whatever the clocks say."""
    newest = conn.execute(select(func.max(rule.c.updated_at))).scalar_one()
    return now if newest is None else max(now, newest + _TICK)


_SAID = (
    *SAID,
    mention.c.flags,
    mention.c.author_id,
    mention.c.first_seen_at,
    mention.c.namespace,
    author.c.external_id.label("author_external_id"),
)


def messages_since(conn: Connection, conversation_id: int, *, after: int | None, limit: int) -> list[Row[Any]]:
    """The newest inbound messages of a conversation that joined it after a mention, oldest first.

    Served by ix_mention_thread.
    """
    c = mention.c
    wanted = (
        select(*_SAID)
        .select_from(_with_author())
        .where(c.conversation_id == conversation_id, c.direction == "inbound")
        .order_by(c.id.desc())
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(c.id > after)
    return sorted(_said(conn.execute(wanted)), key=lambda row: (row.sort_at, row.id))


def first_messages(conn: Connection, conversations: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The message that each of some conversations (rows) began with. Served by the primary key."""
    ids = [row.first_mention_id for row in conversations if row.first_mention_id is not None]
    if not ids:
        return []
    wanted = select(*_SAID).select_from(_with_author()).where(mention.c.id.in_(ids), mention.c.direction == "inbound")
    return _said(conn.execute(wanted))


def messages_of(conn: Connection, conversation_ids: Collection[int]) -> list[Row[Any]]:
    """The first and the newest inbound messages of some conversations, oldest first. Served by ix_mention_thread."""
    if not conversation_ids:
        return []
    c = mention.c
    numbered = (
        select(
            c.id.label("mention_id"),
            func.row_number().over(partition_by=c.conversation_id, order_by=(c.sort_at, c.id)).label("from_start"),
            func.row_number()
            .over(partition_by=c.conversation_id, order_by=(c.sort_at.desc(), c.id.desc()))
            .label("from_end"),
        )
        .where(c.conversation_id.in_(sorted(conversation_ids)), c.direction == "inbound")
        .subquery()
    )
    wanted = (
        select(*_SAID)
        .select_from(_with_author().join(numbered, numbered.c.mention_id == c.id))
        .where((numbered.c.from_start == 1) | (numbered.c.from_end <= NEWEST_OF_A_THREAD))
        .order_by(c.sort_at, c.id)
    )
    return _said(conn.execute(wanted))


def _said(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Without what was only fetched because a message answers it: nobody said that to us."""
    return [row for row in rows if CONTEXT not in (row.flags or ())]


def wrote_before(conn: Connection, mention_ids: Sequence[int]) -> frozenset[int]:
    """Those of some mentions whose author had written in another conversation before. Served by ix_mention_author."""
    if not mention_ids:
        return frozenset()
    here, earlier = mention.alias("here"), mention.alias("earlier")
    before = (
        select(literal(1))
        .where(
            earlier.c.author_id == here.c.author_id,
            earlier.c.sort_at < here.c.sort_at,
            earlier.c.conversation_id != here.c.conversation_id,
        )
        .exists()
    )
    wanted = select(here.c.id).where(here.c.id.in_(mention_ids), here.c.author_id.is_not(None), before)
    return frozenset(conn.execute(wanted).scalars())


def recent_conversations(
    conn: Connection, *, since: datetime, before: tuple[datetime, int] | None, limit: int
) -> list[Row[Any]]:
    """Conversations since an instant, newest first, a page at a time. Served by ix_conversation_newest."""
    c = conversation.c
    wanted = select(conversation).where(c.sort_at >= since).order_by(c.sort_at.desc(), c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(tuple_(c.sort_at, c.id) < tuple_(literal(before[0], Instant()), literal(before[1])))
    return list(conn.execute(wanted))


def open_ids(conn: Connection, *, after: int, limit: int) -> list[int]:
    """Ids of open conversations behind an id, in order: one walk along the primary key over a whole run."""
    c = conversation.c
    return list(
        conn.execute(select(c.id).where(c.is_open == true(), c.id > after).order_by(c.id).limit(limit)).scalars()
    )


def newest_open(conn: Connection, *, limit: int) -> list[int]:
    """Ids of the open conversations in which something was said last. Served by ix_conversation_open."""
    c = conversation.c
    return list(
        conn.execute(select(c.id).where(c.is_open).order_by(c.sort_at.desc(), c.id.desc()).limit(limit)).scalars()
    )


def n_open(conn: Connection) -> int:
    """How many conversations are open. Served by ix_conversation_open."""
    return conn.execute(select(func.count()).select_from(conversation).where(conversation.c.is_open)).scalar_one()


def steps_named(conn: Connection, action: str, conversation_ids: Sequence[int]) -> list[Row[Any]]:
    """The events of one action in some conversations, oldest first. Served by ix_event_object."""
    c = event.c
    found: list[Row[Any]] = []
    for start in range(0, len(conversation_ids), 500):
        some = [str(one) for one in conversation_ids[start : start + 500]]
        wanted = select(event).where(c.object_type == "conversation", c.object_id.in_(some), c.action == action)
        found += conn.execute(wanted.order_by(c.id))
    return found


def hit_counts(conn: Connection, *, now: datetime, rule_id: int | None = None) -> dict[int, HitCount]:
    """How often every rule hit, or only one, by rule id. Served by ix_event_rule, which it reads alone."""
    c = event.c
    spans = [func.count().filter(c.at > now - timedelta(days=days)) for days in (1, 7, 28)]
    wanted = (
        select(c.actor_id, *spans, func.count(), func.max(c.at))
        .where(_BY_RULE, c.actor_id.is_not(None))
        .group_by(c.actor_id)
    )
    if rule_id is not None:
        wanted = wanted.where(c.actor_id == rule_id)
    return {row[0]: HitCount(row[1], row[2], row[3], row[4], row[5]) for row in conn.execute(wanted)}


def hits_of(
    conn: Connection,
    rule_id: int,
    *,
    since: datetime | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Row[Any]]:
    """Events of one rule, newest first, a page at a time. Served by ix_event_rule."""
    c = event.c
    wanted = select(event).where(_BY_RULE, c.actor_id == rule_id).order_by(c.at.desc(), c.id.desc()).limit(limit)
    if since is not None:
        wanted = wanted.where(c.at >= since)
    if before is not None:
        wanted = wanted.where(tuple_(c.at, c.id) < tuple_(literal(before[0], Instant()), literal(before[1])))
    return list(conn.execute(wanted))


def undone_among(conn: Connection, events: Sequence[Row[Any]]) -> frozenset[int]:
    """Which events of conversations were taken back since. Served by ix_event_object."""
    c = event.c
    found: set[int] = set()
    objects = sorted({one.object_id for one in events})
    for start in range(0, len(objects), 500):
        wanted = select(c.undo_of).where(
            c.object_type == "conversation", c.object_id.in_(objects[start : start + 500]), c.undo_of.is_not(None)
        )
        found.update(conn.execute(wanted).scalars())
    return frozenset(one.id for one in events if one.id in found)


def _with_author() -> Any:
    return mention.join(author, author.c.id == mention.c.author_id, isouter=True)
