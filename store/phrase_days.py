"""Phrases counted per day: which days must be counted (again), what was said then, and adding days up.

A row counts what rows of `rollup_day_source` count, so it is up to date when both hold the same number. Nothing is
counted twice or left out, whatever is interrupted: a day of a source is always counted whole, and replaced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, and_, func, or_, select

from store.engine import Store
from store.records import CONTEXT
from store.schema import mention, mention_brand, phrase_day, rollup_day_source
from store.search import search_mentions, unjudged
from store.search_nodes import Phrase, Term
from store.volumes import SENTIMENTS, counted_of

MOST = 3_000
"""Phrases that are kept of one row, the commonest; a row of 3,000 takes some 60 kB."""
LOOKED_AT = 300
"""Messages that are looked at for who says a phrase."""

CellKey = tuple[str, str]
"""brand ("" for all), sentiment ("" for none)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text that is counted. `cells`: where."""

    title: str | None
    text: str
    lang: str
    cells: tuple[CellKey, ...]


@dataclass(slots=True)
class Pile:
    """Texts added up: how many, and how many say each phrase."""

    n: int
    counts: Counter[str]


def stale(conn: Connection, *, since: date, until: date) -> list[tuple[date, str]]:
    """Days in [since, until) of sources whose texts are not all counted as they stand, newest first."""
    true = _counted(conn, since, until)
    stored = _numbers(conn, since, until)
    differ = {key[:2] for key in {*true, *stored} if true.get(key, 0) != stored.get(key, 0)}
    return sorted(differ, key=lambda one: (-one[0].toordinal(), one[1]))


def texts(conn: Connection, day: date, source_id: str, *, timezone: ZoneInfo) -> list[Said]:
    """What counts of one local day of a source. Served by ix_mention_source and ix_mention_brand_mention."""
    start, end = (_midnight(one, timezone) for one in (day, day + timedelta(days=1)))
    c = mention.c
    query = (
        select(c.id, c.title, c.text, c.lang, c.sentiment, c.flags)
        .where(c.source_id == source_id, c.sort_at >= start, c.sort_at < end)
        .where(c.direction == "inbound", c.dup_of.is_(None))
        .order_by(c.id)
    )
    rows = [row for row in conn.execute(query) if CONTEXT not in (row.flags or ())]
    brands = _brands(conn, [row.id for row in rows])
    return [Said(row.title, row.text, row.lang, _cells(row.sentiment, brands.get(row.id, ()))) for row in rows]


def replace(
    conn: Connection, store: Store, day: date, source_id: str, piles: Mapping[CellKey, Pile], *, most: int = MOST
) -> None:
    """Keep what was counted of a day of a source, in place of what stood there."""
    c = phrase_day.c
    store.dialect.serialize(conn, f"klankbord phrases {day} {source_id}")
    conn.execute(phrase_day.delete().where(c.day == day, c.source_id == source_id))
    rows = [
        {
            "day": day,
            "source_id": source_id,
            "brand_id": brand_id,
            "sentiment": sentiment,
            "n_texts": pile.n,
            "counts": orjson.dumps(commonest(pile.counts, most)).decode(),
        }
        for (brand_id, sentiment), pile in sorted(piles.items())
    ]
    if rows:
        conn.execute(phrase_day.insert(), rows)


def commonest(counts: Mapping[str, int], most: int) -> dict[str, int]:
    """At most so many phrases, the commonest, in an order that is the same each time. Pure."""
    if len(counts) <= most:
        return dict(sorted(counts.items()))
    kept = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most]
    return dict(sorted(kept))


def added_up(
    conn: Connection,
    *,
    since: date,
    until: date,
    brand_id: str = "",
    source_ids: Sequence[str] = (),
    sentiments: Sequence[str] | None = None,
) -> Pile:
    """Days in [since, until) added up, in some tens of milliseconds per hundred rows."""
    c = phrase_day.c
    query = select(c.n_texts, c.counts).where(c.day >= since, c.day < until, c.brand_id == brand_id)
    if source_ids:
        query = query.where(c.source_id.in_(sorted(source_ids)))
    if sentiments is not None:
        query = query.where(c.sentiment.in_(sorted(sentiments)))
    n, counts = 0, Counter[str]()
    for row in conn.execute(query):
        n += row.n_texts
        counts.update(orjson.loads(row.counts))
    return Pile(n, counts)


def said_by(
    conn: Connection,
    phrase: str,
    *,
    timezone: ZoneInfo,
    since: date,
    until: date,
    brand_id: str = "",
    source_ids: Sequence[str] = (),
    sentiments: Sequence[str] | None = None,
) -> list[tuple[int | None, int]]:
    """Who said a phrase lately, `(author, conversation)`, newest first, of the newest `LOOKED_AT` that hold it.

    Everybody whose platform does not tell who they are counts as one: None.
    """
    words = tuple(phrase.split(" "))
    said = Term(words[0]) if len(words) == 1 else Phrase(words, ordered=True)
    hits = search_mentions(conn, unjudged(said), limit=LOOKED_AT)
    c = mention.c
    query = select(c.author_id, c.conversation_id).where(
        c.id.in_([hit.mention_id for hit in hits]),
        c.direction == "inbound",
        c.dup_of.is_(None),
        c.sort_at >= _midnight(since, timezone),
        c.sort_at < _midnight(until, timezone),
    )
    if brand_id:
        found = select(mention_brand.c.mention_id).where(
            mention_brand.c.brand_id == brand_id, mention_brand.c.mention_id == c.id
        )
        query = query.where(found.exists())
    if source_ids:
        query = query.where(c.source_id.in_(sorted(source_ids)))
    if sentiments is not None:
        query = query.where(c.sentiment.in_(sorted(sentiments)))
    return [(row.author_id, row.conversation_id) for row in conn.execute(query.order_by(c.id.desc()))]


def forget_days(conn: Connection, said: Iterable[tuple[str, datetime]]) -> None:
    """Let the days be counted anew on which something was said that is erased: `(source, when)`."""
    days: dict[str, set[date]] = {}
    for source_id, at in said:
        middle = at.astimezone(UTC).date()  # the local day is this one or one beside it
        days.setdefault(source_id, set()).update(middle + timedelta(days=step) for step in (-1, 0, 1))
    c = phrase_day.c
    places = [and_(c.source_id == source_id, c.day.in_(sorted(found))) for source_id, found in sorted(days.items())]
    if places:
        conn.execute(phrase_day.delete().where(or_(*places)))


def forget_before(conn: Connection, day: date) -> int:
    """Drop days that are too old to be compared with anything; how many rows."""
    return int(conn.execute(phrase_day.delete().where(phrase_day.c.day < day)).rowcount)


def _counted(conn: Connection, since: date, until: date) -> dict[tuple[date, str, str, str], int]:
    """Texts by day, source, brand and sentiment, as the roll-ups count them."""
    c = rollup_day_source.c
    keys = (c.day, c.source_id, c.brand_id)
    sums = [func.sum(counted_of(rollup_day_source, (mood,))) for mood in SENTIMENTS]
    rows = conn.execute(select(*keys, *sums).where(c.day >= since, c.day < until).group_by(*keys))
    return {
        (row[0], row[1], row[2], mood): int(n) for row in rows for mood, n in zip(SENTIMENTS, row[3:], strict=True) if n
    }


def _numbers(conn: Connection, since: date, until: date) -> dict[tuple[date, str, str, str], int]:
    c = phrase_day.c
    keys = (c.day, c.source_id, c.brand_id, c.sentiment)
    rows = conn.execute(select(*keys, c.n_texts).where(c.day >= since, c.day < until))
    return {(row[0], row[1], row[2], row[3]): int(row[4]) for row in rows if row[4]}


def _cells(sentiment: str | None, brands: Iterable[str]) -> tuple[CellKey, ...]:
    return tuple((brand, sentiment or "") for brand in ("", *brands))


def _brands(conn: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    c = mention_brand.c
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for row in conn.execute(select(c.mention_id, c.brand_id).where(c.mention_id.in_(some))):
            found.setdefault(row.mention_id, []).append(row.brand_id)
    return found


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone).astimezone(UTC)
