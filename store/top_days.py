"""The commonest authors, sites, links and words of each day: which days must be counted (again), and adding days up.

Counted behind the work, whole days at a time, as `store.phrase_days` is: a row holds how many messages the roll-ups
counted of its day and brand when it was made, so that a difference tells that it must be made anew. Authors stand there
by id; what is erased lets its day be counted again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import orjson
from sqlalchemy import Connection, func, select

from store.engine import Store
from store.phrase_days import added_up as phrases_added_up
from store.phrase_days import commonest
from store.schema import phrase_day, rollup_day_brand, top_day

MOST = 300
"""Keys that are kept of a day, brand and kind: some 5 kB."""
WORDS = "words"
FROM_MESSAGES = ("authors", "sites", "links")

PileKey = tuple[str, str]
"""brand ("" for all), what."""
Counted = Mapping[PileKey, tuple[int, Mapping[str, int]]]
"""Over how many messages, and how many hold each key."""


@dataclass(slots=True)
class TopPile:
    """Days added up: over how many messages, how many hold each key, and whether rarer keys of a day were not kept."""

    n: int
    counts: Counter[str]
    cut: bool


def stale(conn: Connection, *, until: date) -> list[date]:
    """Local days before `until` whose messages are not all counted as they stand, newest first."""
    c = rollup_day_brand.c
    counted = select(c.day, c.brand_id, func.sum(c.n)).where(c.day < until).group_by(c.day, c.brand_id)
    true = {(row[0], row[1]): int(row[2]) for row in conn.execute(counted) if row[2]}
    return _different(true, _stored(conn, FROM_MESSAGES[0], until))


def stale_words(conn: Connection, *, until: date) -> list[date]:
    """Local days before `until` whose phrases were counted anew since, newest first."""
    c = phrase_day.c
    counted = select(c.day, c.brand_id, func.sum(c.n_texts)).where(c.day < until).group_by(c.day, c.brand_id)
    true = {(row[0], row[1]): int(row[2]) for row in conn.execute(counted) if row[2]}
    first = min((day for day, _ in true), default=until)
    kept = {key: n for key, n in _stored(conn, WORDS, until).items() if key[0] >= first}
    return _different(true, kept)


def replace(
    conn: Connection, store: Store, day: date, counted: Mapping[PileKey, tuple[int, Mapping[str, int]]]
) -> None:
    """Keep what was counted of a day from messages: over how many, and how many hold each key."""
    _replace(conn, store, day, FROM_MESSAGES, counted)


def replace_words(conn: Connection, store: Store, day: date) -> None:
    """Keep the commonest single words of a day, from its phrases."""
    brands = conn.execute(select(phrase_day.c.brand_id).where(phrase_day.c.day == day).distinct()).scalars().all()
    counted: dict[PileKey, tuple[int, Mapping[str, int]]] = {}
    for brand_id in brands:
        pile = phrases_added_up(conn, since=day, until=day + timedelta(days=1), brand_id=brand_id)
        counted[brand_id, WORDS] = (pile.n, {one: n for one, n in pile.counts.items() if " " not in one})
    _replace(conn, store, day, (WORDS,), counted)


def added_up(conn: Connection, what: str, *, brand_id: str, first: date, until: date) -> TopPile:
    """The local days in [first, until) of a brand ("" for all) added up. Served by the primary key."""
    c = top_day.c
    query = select(c.n_texts, c.counts).where(c.brand_id == brand_id, c.what == what, c.day >= first, c.day < until)
    n, counts, cut = 0, Counter[str](), False
    for row in conn.execute(query):
        told = orjson.loads(row.counts)
        n += row.n_texts
        cut = cut or len(told) >= MOST
        counts.update(told)
    return TopPile(n, counts, cut)


def forget_days(conn: Connection, said: Iterable[datetime]) -> None:
    """Let the days be counted anew on which something was said that is erased."""
    days = {at.date() + timedelta(days=step) for at in said for step in (-1, 0, 1)}  # the local day is one of these
    if days:
        conn.execute(top_day.delete().where(top_day.c.day.in_(sorted(days))))


def _stored(conn: Connection, what: str, until: date) -> dict[tuple[date, str], int]:
    c = top_day.c
    rows = conn.execute(select(c.day, c.brand_id, c.n_texts).where(c.what == what, c.day < until))
    return {(row[0], row[1]): row[2] for row in rows}


def _different(true: Mapping[tuple[date, str], int], stored: Mapping[tuple[date, str], int]) -> list[date]:
    return sorted({key[0] for key in {*true, *stored} if true.get(key, 0) != stored.get(key, 0)}, reverse=True)


def _replace(conn: Connection, store: Store, day: date, whats: tuple[str, ...], counted: Counted) -> None:
    c = top_day.c
    store.dialect.serialize(conn, f"klankbord tops {day}")
    conn.execute(top_day.delete().where(c.day == day, c.what.in_(whats)))
    rows = [
        {
            "brand_id": brand_id,
            "what": what,
            "day": day,
            "n_texts": n,
            "counts": orjson.dumps(commonest(counts, MOST)).decode(),
        }
        for (brand_id, what), (n, counts) in sorted(counted.items())
    ]
    if rows:
        conn.execute(top_day.insert(), rows)
