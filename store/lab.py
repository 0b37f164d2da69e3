"""What the query lab reads and keeps: the archive newest first, labels of what a query finds, dismissed phrases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from store.engine import Store
from store.ids import id_floor
from store.records import CONTEXT
from store.schema import (
    conversation,
    dismissed_phrase,
    mention,
    mention_brand,
    query_label,
    rollup_day_brand,
    source,
    unmatched,
)


@dataclass(frozen=True, slots=True)
class Walked:
    """One thing that came in, as a brand query judges it.

    Attributes:
        id: of the mention, or of the unmatched item.
        conversation_id: None for what no query matched.
        at: when it was said, or else found; aware UTC.
        url: of what no query matched; a mention's stands with its other facts.
    """

    id: int
    source_id: str
    title: str | None
    text: str
    lang: str
    at: datetime
    conversation_id: int | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class LabelRow:
    """What somebody said of one thing that a text finds; `relevant` None where it was passed over."""

    item_id: int
    relevant: bool | None
    labelled_by: int
    labelled_at: datetime


_M = mention.c
_TOLD = (_M.id, _M.source_id, _M.title, _M.text, _M.lang, _M.sort_at, _M.conversation_id)
"""The columns of a mention as `Walked` takes them."""


def text_key(brand_id: str, text: str) -> str:
    """What labels of a brand's query are kept under: equal for texts that differ in white space only."""
    return sha256(f"{brand_id}\n{' '.join(text.split())}".encode("utf-8", "replace")).hexdigest()


def phrase_key(phrase: str) -> str:
    """What a dismissed phrase is kept as."""
    return sha256(phrase.encode("utf-8", "replace")).hexdigest()


def walk_mentions(
    conn: Connection, *, since: datetime | None, before: int | None, limit: int
) -> tuple[list[Walked], int | None]:
    """Inbound mentions that are nobody's copy, newest first, a page at a time along the primary key.

    Args:
        conn: a connection of `Store.read()`.
        since: only what was said from this instant on; None for all.
        before: where the page before ended.
        limit: rows that are read; fewer come back where some are mere background.

    Returns:
        The page, and where the next one begins; None at the end.
    """
    c = mention.c
    first = or_(c.dup_of.is_(None), c.dup_of == c.id)  # of copies the first, or the heir of a first that went
    ours = (c.direction == "inbound", c.deleted_at.is_(None), first)
    wanted = select(*_TOLD, c.flags).where(*ours).order_by(c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(c.id < before)
    if since is not None:  # an id is made when something is found, so never before it was said
        wanted = wanted.where(c.id >= id_floor(since), c.sort_at >= since)
    rows = conn.execute(wanted).all()
    page = [
        Walked(row[0], row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows if CONTEXT not in (row[7] or ())
    ]
    return page, rows[-1][0] if len(rows) == limit else None


def walk_unmatched(
    conn: Connection, *, since: datetime | None, before: int | None, limit: int
) -> tuple[list[Walked], int | None]:
    """What sources that are read whole brought and no brand query matched, newest first; as `walk_mentions`."""
    c = unmatched.c
    said = func.coalesce(c.published_at, c.found_at)
    columns = (c.id, c.source_id, c.title, c.text, c.lang, c.published_at, c.found_at, c.url)
    wanted = select(*columns).order_by(c.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(c.id < before)
    if since is not None:
        wanted = wanted.where(c.id >= id_floor(since), said >= since)
    rows = conn.execute(wanted).all()
    page = [Walked(*row[:4], row[4] or "und", row[5] or row[6], url=row[7]) for row in rows]
    return page, rows[-1][0] if len(rows) == limit else None


def how_many(conn: Connection, *, since_day: date | None, since: datetime | None) -> int:
    """About how much both walks will bring: counted by the roll-ups, and by the side table."""
    c = rollup_day_brand.c
    mentions = select(func.coalesce(func.sum(c.n), 0)).where(c.brand_id == "")
    waiting = select(func.count()).select_from(unmatched)
    if since_day is not None:
        mentions = mentions.where(c.day >= since_day)
    if since is not None:
        waiting = waiting.where(unmatched.c.id >= id_floor(since))
    return int(conn.execute(mentions).scalar_one()) + int(conn.execute(waiting).scalar_one())


def oldest_unmatched(conn: Connection) -> datetime | None:
    """Since when what no query matched is kept; None when nothing is. Served by ix_unmatched_found."""
    found: datetime | None = conn.execute(select(func.min(unmatched.c.found_at))).scalar_one()
    return found


def matches_per_day(conn: Connection, brand_id: str, *, since: date) -> dict[date, int]:
    """How many mentions of a brand were said per local day."""
    c = rollup_day_brand.c
    wanted = select(c.day, func.sum(c.n)).where(c.brand_id == brand_id, c.day >= since).group_by(c.day).order_by(c.day)
    return {row[0]: int(row[1]) for row in conn.execute(wanted)}


def own_sources(conn: Connection) -> frozenset[str]:
    """Sources that belong to the workspace itself."""
    return frozenset(conn.execute(select(source.c.id).where(source.c.own)).scalars())


def labels_of(conn: Connection, key: str) -> list[LabelRow]:
    """What people said of what a text finds."""
    c = query_label.c
    wanted = select(c.item_id, c.relevant, c.labelled_by, c.labelled_at).where(c.text_key == key).order_by(c.item_id)
    return [LabelRow(*row) for row in conn.execute(wanted)]


def counts_of_labels(conn: Connection, keys: Collection[str]) -> dict[str, tuple[int, int]]:
    """Of each text that anybody labelled: how many were meant, and of how many."""
    c = query_label.c
    wanted = (
        select(c.text_key, func.count().filter(c.relevant), func.count())
        .where(c.text_key.in_(sorted(keys)), c.relevant.is_not(None))
        .group_by(c.text_key)
    )
    return {row[0]: (row[1], row[2]) for row in conn.execute(wanted)}


def put_label(conn: Connection, store: Store, key: str, brand_id: str, label: LabelRow) -> None:
    """Keep what somebody said of one thing; the last word counts."""
    row = {
        "text_key": key,
        "item_id": label.item_id,
        "brand_id": brand_id,
        "relevant": label.relevant,
        "labelled_by": label.labelled_by,
        "labelled_at": label.labelled_at,
    }
    store.dialect.upsert_rows(conn, query_label, [row], ("relevant", "labelled_by", "labelled_at"))


def take_label_back(conn: Connection, key: str, item_id: int) -> None:
    """Forget a label."""
    conn.execute(query_label.delete().where(query_label.c.text_key == key, query_label.c.item_id == item_id))


def said_to_be(conn: Connection, brand_id: str, *, relevant: bool, limit: int) -> list[Walked]:
    """Mentions that people said do, or do not, belong to a brand, newest first. Served by ix_query_label_brand."""
    c = query_label.c
    wanted = (
        select(*_TOLD)
        .select_from(query_label.join(mention, mention.c.id == c.item_id))
        .where(c.brand_id == brand_id, c.relevant.is_(relevant))
        .order_by(c.item_id.desc())
        .limit(limit)
    )
    return [Walked(*row) for row in conn.execute(wanted)]


def told_in(conn: Connection, brand_id: str, conversation_ids: Sequence[int]) -> list[Walked]:
    """What customers said of a brand in some conversations. Served by ix_mention_thread and the key of brands."""
    if not conversation_ids:
        return []
    ours = mention_brand.c
    wanted = (
        select(*_TOLD, _M.flags)
        .select_from(mention.join(mention_brand, (ours.mention_id == mention.c.id) & (ours.brand_id == brand_id)))
        .where(mention.c.conversation_id.in_(sorted(conversation_ids)), mention.c.direction == "inbound")
        .order_by(mention.c.id)
    )
    return [Walked(*row[:7]) for row in conn.execute(wanted) if CONTEXT not in (row.flags or ())]


def newest_of(conn: Connection, brand_id: str, *, limit: int) -> list[tuple[Walked, str]]:
    """The newest mentions of a brand, each with the state of its conversation. Served by the key of brands."""
    ours = mention_brand.c
    joined = mention_brand.join(mention, _M.id == ours.mention_id).join(
        conversation, conversation.c.id == _M.conversation_id
    )
    wanted = (
        select(*_TOLD, conversation.c.status)
        .select_from(joined)
        .where(ours.brand_id == brand_id, _M.direction == "inbound")
        .order_by(ours.mention_id.desc())
        .limit(limit)
    )
    return [(Walked(*row[:7]), row[7]) for row in conn.execute(wanted)]


def newest_in_state(conn: Connection, status: str, brand_id: str, *, open_: bool, limit: int) -> list[Row[Any]]:
    """Id and reason of the newest conversations in one state that are about a brand.

    Served by ix_conversation_closed or ix_conversation_open; at most `limit` conversations are looked at.
    """
    c = conversation.c
    is_open: ColumnElement[bool] = c.is_open if open_ else ~c.is_open
    wanted = (
        select(c.id, c.status_reason, c.brand_ids)
        .where(is_open, c.status == status)
        .order_by(c.sort_at.desc(), c.id.desc())
        .limit(limit)
    )
    return list(filter(lambda row: brand_id in (row.brand_ids or ()), conn.execute(wanted)))


def dismissed(conn: Connection, brand_id: str) -> frozenset[str]:
    """Keys of the proposals of a brand that were turned down."""
    c = dismissed_phrase.c
    return frozenset(conn.execute(select(c.phrase_key).where(c.brand_id == brand_id)).scalars())


def dismiss(conn: Connection, store: Store, brand_id: str, phrase: str, *, by: int, now: datetime) -> None:
    """Propose a phrase no more."""
    row = {"brand_id": brand_id, "phrase_key": phrase_key(phrase), "dismissed_by": by, "dismissed_at": now}
    store.dialect.upsert_rows(conn, dismissed_phrase, [row])


def one_item(conn: Connection, item_id: int) -> Walked | None:
    """A mention, or an item that no query matched, by its id; None when it is not there any more."""
    row = conn.execute(select(*_TOLD).where(_M.id == item_id, _M.deleted_at.is_(None))).first()
    if row is not None:
        return Walked(*row)
    u = unmatched.c
    said = (u.id, u.source_id, u.title, u.text, func.coalesce(u.lang, "und"), func.coalesce(u.published_at, u.found_at))
    waiting = conn.execute(select(*said).where(u.id == item_id)).first()
    return None if waiting is None else Walked(*waiting)
