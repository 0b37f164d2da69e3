"""Samples of mentions that people label, to know how often the sentiment is right; and what they are drawn of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from store.corrections import Correction
from store.engine import Store
from store.records import CONTEXT
from store.schema import label_item, label_sample, mention

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Drawable:
    """A mention that a sample may hold: its language, the sentiment that stands, whether an agent gave it."""

    mention_id: int
    lang: str
    answer: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A sample; `strata` is how many mentions of each language the month had."""

    month: str
    seed: str
    wanted: int
    strata: Mapping[str, int]
    drawn_at: datetime


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item of a sample; see the table. `gone`: its mention was removed, so nobody can label it any more."""

    month: str
    place: int
    mention_id: int
    lang: str
    answer: str
    by_hand: bool
    label: str | None
    labelled_by: int | None
    labelled_at: datetime | None
    gone: bool


_ITEMS: Select[Any] = select(
    *(label_item.c[name] for name in ItemRow.__slots__[:-1]), mention.c.deleted_at.is_not(None)
).select_from(label_item.join(mention, mention.c.id == label_item.c.mention_id))


def drawable(store: Store, since: datetime, until: datetime) -> Iterator[Drawable]:
    """Every scored mention of customers in [since, until), by id: what roll-ups count, but for what was removed.

    Reads all mentions, in short transactions along the primary key: a worker asks it once a month.
    """
    c = mention.c
    after = 0
    columns = (c.id, c.lang, c.sentiment, c.sentiment_corrected_by, c.flags)
    while True:
        query = (
            select(*columns)
            .where(
                c.id > after,
                c.sort_at >= since,
                c.sort_at < until,
                c.direction == "inbound",
                c.dup_of.is_(None),
                c.deleted_at.is_(None),
                c.sentiment.is_not(None),
            )
            .order_by(c.id)
            .limit(_BATCH)
        )
        with store.read() as conn:
            rows = conn.execute(query).all()
        for row in rows:
            if CONTEXT not in (row.flags or ()):
                yield Drawable(row.id, row.lang, row.sentiment, row.sentiment_corrected_by is not None)
        if len(rows) < _BATCH:
            return
        after = rows[-1].id


def samples(conn: Connection, *, limit: int) -> list[SampleRow]:
    """The latest samples, newest first (primary key)."""
    c = label_sample.c
    query = select(c.month, c.seed, c.wanted, c.strata, c.drawn_at).order_by(c.month.desc()).limit(limit)
    return [SampleRow(*row) for row in conn.execute(query)]


def keep(conn: Connection, store: Store, sample: SampleRow, items: Sequence[Drawable]) -> bool:
    """Keep a sample in this order; False when the month has one already."""
    store.dialect.serialize(conn, "klankbord samples")
    standing = select(label_sample.c.month).where(label_sample.c.month == sample.month)
    if conn.execute(standing).first() is not None:
        return False
    conn.execute(label_sample.insert().values({name: getattr(sample, name) for name in SampleRow.__slots__}))
    rows: list[dict[str, Any]] = [
        {
            "month": sample.month,
            "place": place,
            "mention_id": one.mention_id,
            "lang": one.lang,
            "answer": one.answer,
            "by_hand": one.by_hand,
        }
        for place, one in enumerate(items)
    ]
    if rows:
        conn.execute(label_item.insert(), rows)
    return True


def items(conn: Connection, month: str) -> list[ItemRow]:
    """All items of a sample, in their order (primary key)."""
    query = _ITEMS.where(label_item.c.month == month).order_by(label_item.c.place)
    return [ItemRow(*row) for row in conn.execute(query)]


def label(
    conn: Connection, month: str, place: int, said: str | None, *, by: int | None, at: datetime | None, was: str | None
) -> bool:
    """Say what an item is, where `was` still stands (None: nobody said anything); False when it does not."""
    c = label_item.c
    stands = c.label.is_(None) if was is None else c.label == was
    done = conn.execute(
        label_item.update()
        .where(c.month == month, c.place == place, stands)
        .values(label=said, labelled_by=by, labelled_at=at)
    )
    return bool(done.rowcount)


def labelled_texts(conn: Connection, *, months: int) -> list[Correction]:
    """The texts of the latest samples that somebody labelled with a tone, as they are labelled, by id."""
    latest = [one.month for one in samples(conn, limit=months)]
    query: Select[Any] = (
        select(*(mention.c[name] for name in ("id", "title", "text", "lang", "rating")), label_item.c.label)
        .select_from(label_item.join(mention, mention.c.id == label_item.c.mention_id))
        .where(
            label_item.c.month.in_(latest),
            label_item.c.label.in_(("negative", "neutral", "positive")),
            mention.c.deleted_at.is_(None),
        )
        .order_by(mention.c.id)
    )
    return [Correction(*row) for row in conn.execute(query)]
