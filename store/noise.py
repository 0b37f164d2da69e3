"""What noise rules read: the rules themselves, what each of them hit, what was set aside, and what people decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, literal, or_, select, tuple_

from store.schema import author, conversation, event, mention, noise_hit, noise_rule
from store.types import Instant

_TICK = timedelta(microseconds=1)
_SET_ASIDE = ("spam", "ignored")


_SHOWN = (
    noise_rule.c.kind,
    noise_rule.c.shown,
    noise_rule.c.proposes,
    noise_rule.c.archived_at.label("rule_archived_at"),
    conversation.c.id.label("conversation_id"),
    conversation.c.source_id,
    conversation.c.author_name,
    conversation.c.title,
    conversation.c.snippet,
    conversation.c.status,
)


@dataclass(frozen=True, slots=True)
class HitCount:
    """How often a rule hit: in the last day, week and four weeks, and ever; when last; how many it set aside."""

    day: int
    week: int
    month: int
    total: int
    last_at: datetime | None
    set_aside: int


def standing_rules(conn: Connection) -> list[Row[Any]]:
    """All noise rules that are not archived, oldest first."""
    return list(conn.execute(select(noise_rule).where(noise_rule.c.archived_at.is_(None)).order_by(noise_rule.c.id)))


def stamp_of_rules(conn: Connection) -> datetime | None:
    """When a noise rule last changed: whether what was read before still holds. Served by ix_noise_rule_updated."""
    stamp: datetime | None = conn.execute(select(func.max(noise_rule.c.updated_at))).scalar_one()
    return stamp


def next_stamp(conn: Connection, now: datetime) -> datetime:
    """When a rule that changes now says it changed: later than every one before it, whatever the clocks say."""
    newest = stamp_of_rules(conn)
    return now if newest is None else max(now, newest + _TICK)


def same_rule(conn: Connection, kind: str, value: str) -> list[Row[Any]]:
    """Standing rules about one thing. Served by ix_noise_rule_value."""
    c = noise_rule.c
    wanted = select(noise_rule).where(c.kind == kind, c.value == value, c.archived_at.is_(None))
    return sorted(conn.execute(wanted), key=lambda row: int(row.id))


def with_values(conn: Connection, values: Collection[str]) -> list[Row[Any]]:
    """Standing rules about any of these, at most a few hundred. Served by ix_noise_rule_value."""
    c = noise_rule.c
    wanted = select(c.kind, c.value, c.platform, c.brand_id, c.source_id)
    return list(conn.execute(wanted.where(c.value.in_(list(values)), c.archived_at.is_(None))))


def texts_of(conn: Connection, mention_ids: Collection[int]) -> list[Row[Any]]:
    """What some mentions say, without those that were erased. Served by the primary key."""
    c = mention.c
    found: list[Row[Any]] = []
    ids = sorted(mention_ids)
    for start in range(0, len(ids), 500):
        wanted = select(c.id, c.title, c.text, c.kind, c.url).where(c.id.in_(ids[start : start + 500]))
        found += conn.execute(wanted.where(c.deleted_at.is_(None)))
    return found


def forget_words(conn: Connection, needles: Sequence[str], *, at: datetime) -> int:
    """End and empty the rules about somebody: that hold one of these lower-case needles. How many.

    Where only the reason names them, that is emptied and the rule stands.
    """
    c = noise_rule.c

    def naming(*columns: Any) -> ColumnElement[bool]:
        return or_(*(func.lower(column).contains(one, autoescape=True) for column in columns for one in needles))

    n = _forget(conn, naming(c.value, c.shown), at)
    return n + conn.execute(noise_rule.update().where(naming(c.why)).values(why="")).rowcount


def _forget(conn: Connection, which: ColumnElement[bool], at: datetime) -> int:
    c = noise_rule.c
    found = list(conn.execute(select(c.id).where(which)).scalars())
    for rule_id in found:
        ended = {"active": False, "archived_at": at, "updated_at": next_stamp(conn, at)}
        bare = {"value": "", "shown": "", "why": "", "keys": None}
        conn.execute(noise_rule.update().where(c.id == rule_id).values(**bare, **ended))
    return len(found)


def forget_rules(conn: Connection, rule_ids: Collection[int], *, at: datetime) -> int:
    """End and empty some rules; how many."""
    return _forget(conn, noise_rule.c.id.in_(list(rule_ids)), at)


def forget_texts(conn: Connection, mention_ids: Collection[int], *, at: datetime) -> None:
    """End the rules that were made of the texts of some mentions: nothing is like what is erased."""
    c = noise_rule.c
    values = [str(one) for one in mention_ids]
    _forget(conn, and_(c.value.in_(values), c.kind == "like"), at)


def hit_counts(conn: Connection, *, now: datetime, rule_id: int | None = None) -> dict[int, HitCount]:
    """How often every noise rule hit, or only one, by rule id. Served by ix_noise_hit_rule."""
    c = noise_hit.c
    spans = [func.count().filter(c.at > now - timedelta(days=days)) for days in (1, 7, 28)]
    wanted = select(c.rule_id, *spans, func.count(), func.max(c.at), func.count(c.event_id)).group_by(c.rule_id)
    if rule_id is not None:
        wanted = wanted.where(c.rule_id == rule_id)
    return {row[0]: HitCount(*row[1:]) for row in conn.execute(wanted)}


def instants_of(conn: Connection, rule_id: int, *, since: datetime, limit: int) -> list[datetime]:
    """When one rule hit, newest first. Served by ix_noise_hit_rule."""
    c = noise_hit.c
    wanted = select(c.at).where(c.rule_id == rule_id, c.at >= since).order_by(c.at.desc()).limit(limit)
    return list(conn.execute(wanted).scalars())


def hits_of(conn: Connection, rule_id: int, *, after: int = 0, limit: int | None = None) -> list[Row[Any]]:
    """What one rule set aside, in the order in which it came; with `limit` a page of it. Served by the primary key."""
    c = noise_hit.c
    wanted = select(noise_hit).where(c.rule_id == rule_id, c.mention_id > after, c.event_id.is_not(None))
    return list(conn.execute(wanted.order_by(c.mention_id).limit(limit)))


def events_of(conn: Connection, rule_id: int, conversation_ids: Sequence[int]) -> list[int]:
    """The events by which a rule set conversations aside. Served by ix_noise_hit_conversation."""
    c = noise_hit.c
    wanted = select(c.event_id).where(c.rule_id == rule_id, c.conversation_id.in_(conversation_ids))
    return list(conn.execute(wanted.where(c.event_id.is_not(None)).order_by(c.event_id)).scalars())


def hits_by(conn: Connection, event_ids: Sequence[int]) -> list[Row[Any]]:
    """The hits that set conversations aside with these events, found by the conversations the events are about."""
    of = select(event.c.object_id).where(event.c.id.in_(event_ids))
    talks = [int(each) for each in conn.execute(of).scalars()] if event_ids else []
    c = noise_hit.c
    wanted = select(noise_hit).where(c.conversation_id.in_(talks), c.event_id.in_(event_ids))
    return list(conn.execute(wanted.order_by(c.mention_id))) if talks else []


def n_set_aside(conn: Connection, rule_id: int) -> int:
    """How many conversations one rule set aside, ever. Served by ix_noise_hit_rule."""
    c = noise_hit.c
    return conn.execute(select(func.count()).where(c.rule_id == rule_id, c.event_id.is_not(None))).scalar_one()


def set_aside(
    conn: Connection, *, rule_id: int | None = None, before: tuple[datetime, int] | None = None, limit: int
) -> list[Row[Any]]:
    """What noise rules set aside, newest first, each with its rule and how its conversation stands now.

    Served by ix_noise_hit_at, or by ix_noise_hit_rule for one rule.
    """
    c = noise_hit.c
    some = select(noise_hit).where(c.event_id.is_not(None)).order_by(c.at.desc(), c.mention_id.desc()).limit(limit)
    if rule_id is not None:
        some = some.where(c.rule_id == rule_id)
    if before is not None:
        some = some.where(_earlier(before))
    return list(conn.execute(_shown(some)))


def proposed(conn: Connection, *, limit: int) -> list[Row[Any]]:
    """The newest hits that set nothing aside, each with its rule and how its conversation stands now.

    Those of rules that only propose are among them. Served by ix_noise_hit_at.
    """
    c = noise_hit.c
    some = select(noise_hit).where(c.event_id.is_(None)).order_by(c.at.desc(), c.mention_id.desc()).limit(limit)
    return list(conn.execute(_shown(some)))


def _shown(some: Select[Any]) -> Select[Any]:
    hit = some.subquery()
    return (
        select(hit.c.rule_id, hit.c.mention_id, hit.c.at, hit.c.event_id, *_SHOWN)
        .join(conversation, conversation.c.id == hit.c.conversation_id)
        .join(noise_rule, noise_rule.c.id == hit.c.rule_id)
        .order_by(hit.c.at.desc(), hit.c.mention_id.desc())
    )


def totals(conn: Connection, *, now: datetime) -> tuple[int, int, int]:
    """How many conversations noise rules set aside: in the last day, in the last week, and ever."""
    c = noise_hit.c
    spans = [func.count().filter(c.at > now - timedelta(days=days)) for days in (1, 7)]
    found = conn.execute(select(*spans, func.count()).where(c.event_id.is_not(None))).one()
    return found[0], found[1], found[2]


def brought_back(conn: Connection, rule_ids: Collection[int] | None = None) -> dict[int, int]:
    """By rule, how many conversations that it set aside are noise no more: somebody said so."""
    c = noise_hit.c
    wanted = (
        select(c.rule_id, func.count())
        .join(conversation, conversation.c.id == c.conversation_id)
        .where(c.event_id.is_not(None), conversation.c.status.not_in(_SET_ASIDE))
        .group_by(c.rule_id)
    )
    if rule_ids is not None:
        wanted = wanted.where(c.rule_id.in_(list(rule_ids)))
    return {row[0]: row[1] for row in conn.execute(wanted)}


def standing_in(conn: Connection, conversation_id: int) -> list[Row[Any]]:
    """What noise rules hit in a conversation, oldest first. Served by ix_noise_hit_conversation."""
    c = noise_hit.c
    found = conn.execute(select(noise_hit).where(c.conversation_id == conversation_id))
    return sorted(found, key=lambda row: (row.at, row.rule_id))


def answering_us(conn: Connection, mention_ids: Sequence[int]) -> frozenset[int]:
    """Those of some messages that answer something of ours in their conversation. Served by ix_mention_thread.

    Where the platform does not say what a message answers, it does when we said anything there before it.
    """
    here, ours = mention.alias("here"), mention.alias("ours")
    named = and_(ours.c.namespace == here.c.namespace, ours.c.external_id == here.c.parent_external_id)
    earlier = and_(here.c.parent_external_id.is_(None), ours.c.sort_at < here.c.sort_at)
    said = (ours.c.conversation_id == here.c.conversation_id, ours.c.direction == "outbound", or_(named, earlier))
    found: set[int] = set()
    for start in range(0, len(mention_ids), 500):
        some = list(mention_ids[start : start + 500])
        wanted = select(here.c.id).where(here.c.id.in_(some), select(literal(1)).where(*said).exists())
        found.update(conn.execute(wanted).scalars())
    return frozenset(found)


_DECIDED = (
    conversation.c.id,
    conversation.c.status,
    conversation.c.status_reason,
    conversation.c.platform,
    conversation.c.sort_at,
    conversation.c.n_outbound,
    conversation.c.assignee_id,
    conversation.c.author_id,
    author.c.handle,
    author.c.name.label("author_name"),
    author.c.external_id.label("author_external_id"),
    mention.c.title,
    mention.c.text,
    mention.c.url,
    mention.c.lang,
)


def decided(conn: Connection, statuses: Sequence[str], *, since: datetime, limit: int) -> list[Row[Any]]:
    """Conversations in some states since an instant, newest first, with their first message and its author.

    Served by ix_conversation_closed or ix_conversation_newest.
    """
    c = conversation.c
    wanted = (
        select(*_DECIDED)
        .join(mention, mention.c.id == c.first_mention_id)
        .join(author, author.c.id == c.author_id, isouter=True)
        .where(c.status.in_(list(statuses)), c.sort_at >= since, mention.c.deleted_at.is_(None))
        .order_by(c.sort_at.desc(), c.id.desc())
        .limit(limit)
    )
    return list(conn.execute(wanted))


def marked_by_hand(conn: Connection, conversation_ids: Sequence[int]) -> frozenset[int]:
    """Those conversations that a person closed as spam or as ignored. Served by ix_event_object."""
    c = event.c
    found: set[int] = set()
    for start in range(0, len(conversation_ids), 500):
        some = [str(one) for one in conversation_ids[start : start + 500]]
        wanted = select(c.object_id).where(
            c.object_type == "conversation", c.object_id.in_(some), c.action.in_(_SET_ASIDE), c.actor_type == "human"
        )
        found.update(int(one) for one in conn.execute(wanted).scalars())
    return frozenset(found)


def _earlier(before: tuple[datetime, int]) -> Any:
    c = noise_hit.c
    return tuple_(c.at, c.mention_id) < tuple_(literal(before[0], Instant()), literal(before[1]))
