"""From rows of the store to what noise rules look at, and the rules as they stand. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row

from inbox.noise.index import Entry, Kind, NoiseIndex, Seen
from store import noise, thread
from store.commit.deciding import ADDRESSED
from understanding.duplicates import Words, fingerprint

_KINDS = frozenset(Kind)


def entry_of(row: Row[Any], examples: Mapping[str, Words]) -> Entry | None:
    """A kept rule, ready for looking up; None when this version does not know its kind, or its text is gone."""
    if row.kind not in _KINDS or not row.value or (row.kind == Kind.LIKE and row.value not in examples):
        return None
    return Entry(
        id=row.id,
        kind=Kind(row.kind),
        value=row.value,
        platform=row.platform,
        brand_id=row.brand_id,
        source_id=row.source_id,
        direct=row.direct,
        proposes=row.proposes,
        keys=tuple(row.keys or ()),
        ends_at=row.ends_at,
        example=examples.get(row.value) if row.kind == Kind.LIKE else None,
    )


def examples_of(conn: Connection, rows: Sequence[Row[Any]]) -> dict[str, Words]:
    """The texts that rules about a text were made of, by their value; those that were erased are missing."""
    ids = [int(row.value) for row in rows if row.kind == Kind.LIKE and row.value.isdecimal()]
    return {str(one.id): words_of(one) for one in noise.texts_of(conn, ids)}


def words_of(row: Row[Any]) -> Words:
    """What a message (its row) says, as likeness reads it."""
    return Words(row.text, row.title, row.kind, row.url)


def current(conn: Connection) -> NoiseIndex:
    """The rules that are switched on, as they stand in this transaction. Read anew only when one of them changed."""
    stamp = noise.stamp_of_rules(conn)
    known = _read.get(conn.engine)
    if known is None or known[0] != stamp:
        rows = [one for one in noise.standing_rules(conn) if one.active] if stamp is not None else []
        examples = examples_of(conn, rows)
        entries = (entry_of(one, examples) for one in rows)
        known = (stamp, NoiseIndex(one for one in entries if one is not None))
        _read[conn.engine] = known
    return known[1]


def keys_of(said: Words) -> tuple[int, ...]:
    """The keys by which texts that say the same find each other; none for a text of a few words."""
    found = fingerprint(said)
    return found.near if found.exact is None else (found.exact, *found.near)


def seen_of(conn: Connection, messages: Sequence[Row[Any]], index: NoiseIndex, *, now: datetime) -> tuple[Seen, ...]:
    """What rules know of messages (rows of `store.ruling`), in their order.

    Args:
        conn: a connection.
        messages: the rows.
        index: what is not asked by any of its rules is not looked up.
        now: the instant of looking.
    """
    of_brands: Mapping[int, Sequence[str]] = {}
    if messages and any(one.brand_id is not None for one in index.entries):
        of_brands = thread.brands_of(conn, [one.id for one in messages])
    return tuple(_seen(one, index, now, frozenset(of_brands.get(one.id, ()))) for one in messages)


def _seen(row: Row[Any], index: NoiseIndex, now: datetime, brands: frozenset[str]) -> Seen:
    said = words_of(row) if index.asks_texts else None
    return Seen(
        mention_id=row.id,
        at=now,
        platform=row.platform,
        source_id=row.source_id,
        brands=brands,
        handle=row.handle or "",
        account=row.author_external_id or "",
        url=row.url,
        title=row.title or "",
        text=row.text,
        direct=row.visibility == "private" or ADDRESSED in (row.flags or ()),
        said=said,
        keys=() if said is None else keys_of(said),
    )


_read: WeakKeyDictionary[Engine, tuple[datetime | None, NoiseIndex]] = WeakKeyDictionary()
"""The index of each store as it was last made, with its stamp."""
