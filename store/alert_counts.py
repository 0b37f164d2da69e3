"""What alert rules count and quote beyond the roll-ups: conversations of a theme, messages of a query, their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from store.engine import Store
from store.records import CONTEXT
from store.schema import alert_hour, author, conversation, conversation_theme, mention, mention_brand, source
from store.search import MentionHit, search_mentions
from store.search_nodes import AllOf, Among, Between, TextSearch

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which messages are meant; "", empty and None for all."""

    brand_id: str = ""
    source_ids: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    theme_id: int | None = None
    search: TextSearch | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a window, with what may drive a spike. `author_id` None where the platform does not say."""

    id: int
    conversation_id: int
    source_id: str
    author_id: int | None
    at: datetime
    title: str | None
    text: str
    lang: str
    sentiment: str | None
    visibility: str


def theme_hours(conn: Connection, theme_id: int, *, since: datetime, until: datetime) -> dict[datetime, int]:
    """Conversations that raise a theme by the hour in which they began. Served by the key of conversation_theme.

    `day` narrows the links first: it is that of the message that raised the theme, so never before the conversation.
    """
    link, talk = conversation_theme.c, conversation.c
    wanted = (
        select(talk.first_inbound_at)
        .select_from(conversation_theme.join(conversation, talk.id == link.conversation_id))
        .where(link.theme_id == theme_id, link.day >= since.date() - _DAY)
        .where(talk.first_inbound_at >= since, talk.first_inbound_at < until)
    )
    return _by_hour(conn.execute(wanted).scalars())


def matching_hours(
    conn: Connection, wanted: Slice, *, since: datetime, until: datetime, limit: int
) -> tuple[dict[datetime, int], datetime]:
    """Messages that match a search by hour, in [since, until), and since when that is all of them.

    At most `limit` are counted, newest first: where there are more, the counts begin at the hour after the oldest one.
    """
    hits = _found(conn, wanted, since=since, until=until, limit=limit)
    rows = _rows(conn, wanted, [hit.mention_id for hit in hits])
    instants = [at for _id, at in rows if since <= at < until]
    whole_from = since
    if len(hits) >= limit and instants:
        whole_from = _hour(min(instants)) + timedelta(hours=1)
    return {hour: n for hour, n in _by_hour(instants).items() if hour >= whole_from}, whole_from


def kept_hours(conn: Connection, rule_id: int) -> dict[datetime, int]:
    """The counts that are kept of a rule (primary key)."""
    c = alert_hour.c
    return {row.hour: row.n for row in conn.execute(select(c.hour, c.n).where(c.rule_id == rule_id))}


def keep_hours(
    conn: Connection, store: Store, rule_id: int, counts: Mapping[datetime, int], *, since: datetime
) -> None:
    """Keep counts of a rule from an hour on, in place of what stood there, inside the caller's transaction."""
    c = alert_hour.c
    conn.execute(alert_hour.delete().where(c.rule_id == rule_id, c.hour >= since))
    rows = [{"rule_id": rule_id, "hour": hour, "n": n} for hour, n in sorted(counts.items()) if n and hour >= since]
    if rows:
        store.dialect.upsert_rows(conn, alert_hour, rows, ("n",))


def forget_hours(conn: Connection, rule_id: int, *, before: datetime | None = None) -> None:
    """Drop the counts of a rule, or those before an hour."""
    c = alert_hour.c
    mine = alert_hour.delete().where(c.rule_id == rule_id)
    conn.execute(mine if before is None else mine.where(c.hour < before))


def heard(conn: Connection, wanted: Slice, *, since: datetime, until: datetime, limit: int) -> list[Heard]:
    """Messages in [since, until), oldest first; of more than `limit` the newest. Served by ix_mention_source."""
    if wanted.search is not None:
        hits = _found(conn, wanted, since=since, until=until, limit=limit)
        ids = [row_id for row_id, at in _rows(conn, wanted, [hit.mention_id for hit in hits]) if since <= at < until]
        return _heard(conn, ids)
    if wanted.theme_id is not None:
        return _heard(conn, list(conn.execute(_of_theme(wanted.theme_id, since, until, limit)).scalars()))
    sources = wanted.source_ids or tuple(conn.execute(select(source.c.id)).scalars())
    found: list[tuple[datetime, int]] = []
    for source_id in sources:  # one after the other, each along its index
        found += [(row.sort_at, row.id) for row in conn.execute(_of_source(wanted, source_id, since, until, limit))]
    return _heard(conn, [row_id for _at, row_id in sorted(found, reverse=True)[:limit]])


def heard_by_ids(conn: Connection, ids: Collection[int]) -> list[Heard]:
    """Messages by their ids, oldest first; those whose content is gone are left out."""
    return _heard(conn, list(ids))


def author_names(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """How accounts are called, by id."""
    c = author.c
    rows = conn.execute(select(c.id, c.name, c.handle).where(c.id.in_(list(ids))))
    return {row.id: row.name or row.handle or "" for row in rows}


def _found(conn: Connection, wanted: Slice, *, since: datetime, until: datetime, limit: int) -> Sequence[MentionHit]:
    if wanted.search is None:
        return ()
    parts = [wanted.search.node, Between("sort_at", since, until), Among("direction", ("inbound",))]
    if wanted.source_ids:
        parts.append(Among("source_id", wanted.source_ids))
    if wanted.sentiments:
        parts.append(Among("sentiment", wanted.sentiments))
    return search_mentions(conn, TextSearch(AllOf(tuple(parts)), wanted.search.keep), limit=limit)


def _rows(conn: Connection, wanted: Slice, ids: Sequence[int]) -> list[tuple[int, datetime]]:
    """Of some mentions those that count, as the roll-ups count them, and of the brand that is meant."""
    c = mention.c
    found: list[tuple[int, datetime]] = []
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        query = select(c.id, c.sort_at, c.flags).where(c.id.in_(some), c.dup_of.is_(None))
        rows = conn.execute(_of_brand(query, wanted.brand_id))
        found += [(row.id, row.sort_at) for row in rows if CONTEXT not in (row.flags or ())]
    return found


def _of_source(wanted: Slice, source_id: str, since: datetime, until: datetime, limit: int) -> Select[Any]:
    c = mention.c
    query = (
        select(c.id, c.sort_at)
        .where(c.source_id == source_id, c.sort_at >= since, c.sort_at < until)
        .where(c.direction == "inbound", c.dup_of.is_(None), c.deleted_at.is_(None))
        .order_by(c.sort_at.desc(), c.id.desc())
        .limit(limit)
    )
    if wanted.sentiments:
        query = query.where(c.sentiment.in_(wanted.sentiments))
    return _of_brand(query, wanted.brand_id)


def _of_theme(theme_id: int, since: datetime, until: datetime, limit: int) -> Select[Any]:
    link, talk = conversation_theme.c, conversation.c
    return (
        select(talk.first_mention_id)
        .select_from(conversation_theme.join(conversation, talk.id == link.conversation_id))
        .where(link.theme_id == theme_id, link.day >= since.date() - _DAY)
        .where(talk.first_inbound_at >= since, talk.first_inbound_at < until, talk.first_mention_id.is_not(None))
        .order_by(talk.first_inbound_at.desc(), talk.id.desc())
        .limit(limit)
    )


def _of_brand(query: Select[Any], brand_id: str) -> Select[Any]:
    if not brand_id:
        return query
    b = mention_brand.c
    return query.where(select(b.mention_id).where(b.brand_id == brand_id, b.mention_id == mention.c.id).exists())


def _heard(conn: Connection, ids: Sequence[int]) -> list[Heard]:
    c = mention.c
    columns: tuple[Any, ...] = (
        c.id, c.conversation_id, c.source_id, c.author_id, c.sort_at, c.title, c.text, c.lang, c.sentiment,
        c.visibility,
    )  # fmt: skip
    found: list[Heard] = []
    for start in range(0, len(ids), 500):
        rows = conn.execute(select(*columns).where(c.id.in_(ids[start : start + 500]), c.deleted_at.is_(None)))
        found += [Heard(*row) for row in rows]
    return sorted(found, key=lambda one: (one.at, one.id))


def _by_hour(instants: Collection[datetime] | Any) -> dict[datetime, int]:
    return dict(Counter(_hour(at) for at in instants))


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
