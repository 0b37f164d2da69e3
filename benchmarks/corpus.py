"""A made-up archive of any size, for measuring reads and for tests: the same seed gives the same rows.

Shaped like the archive that store decisions were measured on: words by Zipf's law, 200 sources of very different
size, 20 brands, 6 % open work, one conversation in ten a thread, and one thread of many mentions.
"""

from __future__ import annotations

import bisect
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection, Table

from store.commit.rollups import COUNTED, KEYS, Deltas
from store.engine import Store
from store.ids import id_floor
from store.indexes import INDEXES
from store.schema import (
    author,
    brand,
    conversation,
    conversation_tag,
    mention,
    mention_brand,
    mention_source,
    source,
    source_schedule,
    user_account,
)
from store.types import to_micros

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
SPAN = timedelta(days=720)
BRANDS = tuple(f"brand{number:02d}" for number in range(20))
SOURCES = tuple(f"source{number:03d}" for number in range(200))
PLATFORMS = ("mastodon", "feeds", "discourse", "hackernews", "files")
LANGS = ("nl", "en", "de", "fr", "und")
KINDS = ("post", "comment", "review", "article", "topic")
TEAMS = ("webcare", "sales", "press", None)
AGENTS = tuple(range(1, 31))
TAGS = ("invoice", "outage", "delivery", "praise", "rare")
_OPEN = ("new", "open", "waiting_customer", "waiting_internal", "snoozed")
_CLOSED = ("resolved",) * 30 + ("archived",) * 6 + ("ignored",) * 3 + ("spam",)
_BATCH = 5_000


def _zipf(count: int, power: float = 1.0) -> list[float]:
    return list(itertools.accumulate(1 / (rank + 1) ** power for rank in range(count)))


class Words:
    """Texts of words by Zipf's law: `word0` in most of them, `word30000` in almost none."""

    def __init__(self, rng: random.Random, vocabulary: int = 60_000, pool: int = 400_000) -> None:
        self._rng = rng
        weights = _zipf(vocabulary)
        numbers = rng.choices(range(vocabulary), cum_weights=weights, k=pool)
        self._pool = [f"word{number}" for number in numbers]

    def text(self, length: int) -> str:
        """So many words."""
        start = self._rng.randrange(len(self._pool) - length)
        return " ".join(self._pool[start : start + length])


@dataclass(slots=True)
class Batch:
    """Rows of some conversations, by table."""

    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: Table, **values: Any) -> None:
        """Add one row."""
        self.rows.setdefault(table, []).append(values)


def author_count(conversations: int) -> int:
    """How many people wrote so many conversations."""
    return max(500, min(50_000, conversations // 4))


class Sayings(Protocol):
    """Whatever makes texts."""

    def text(self, length: int) -> str:
        """So many words."""


def batches(
    conversations: int, *, seed: int = 7, long_thread: int = 0, words: Sayings | None = None
) -> Iterator[Batch]:
    """All rows, in batches; a whole conversation never spans two."""
    rng = random.Random(seed)
    words = words or Words(rng, pool=min(400_000, 100_000 + conversations * 10))
    authors = author_count(conversations)
    source_weights, brand_weights, lang_weights = _zipf(len(SOURCES), 1.3), _zipf(len(BRANDS)), _zipf(len(LANGS), 2)
    first = id_floor(NOW - SPAN)
    step = (id_floor(NOW) - first) // (conversations + 1)
    batch = Batch()
    for number in range(conversations):
        row_id = first + step * (number + 1)
        at = NOW - SPAN * ((conversations - number) / conversations)
        where = SOURCES[bisect.bisect(source_weights, rng.random() * source_weights[-1])]
        brands = {BRANDS[bisect.bisect(brand_weights, rng.random() * brand_weights[-1])]}
        if rng.random() < 0.1:
            brands.add(BRANDS[rng.randrange(len(BRANDS))])
        lang = LANGS[bisect.bisect(lang_weights, rng.random() * lang_weights[-1])]
        size = 1 if rng.random() < 0.9 else rng.randrange(2, 6)
        if long_thread and number == conversations // 2:
            size = long_thread
        _conversation(
            batch, rng, words, row_id, at, where=where, brands=sorted(brands), lang=lang, size=size, authors=authors
        )
        if len(batch.rows[conversation]) >= _BATCH:
            yield batch
            batch = Batch()
    if batch.rows:
        yield batch


def _conversation(
    batch: Batch,
    rng: random.Random,
    words: Sayings,
    row_id: int,
    at: datetime,
    *,
    where: str,
    brands: list[str],
    lang: str,
    size: int,
    authors: int,
) -> None:
    platform = PLATFORMS[SOURCES.index(where) % len(PLATFORMS)]
    kind = KINDS[rng.randrange(len(KINDS))]
    age = (NOW - at) / SPAN
    is_open = rng.random() < (0.6 if age < 0.08 else 0.013)
    status = rng.choice(_OPEN if is_open else _CLOSED)
    claimed = status in {"open", "waiting_customer", "waiting_internal"}
    assignee = rng.choice(AGENTS) if claimed or (not is_open and rng.random() < 0.7) else None
    rating = rng.randrange(1, 6) / 5 if kind == "review" else None
    sentiment = rng.choice(("negative", "neutral", "neutral", "positive"))
    text = words.text(rng.randrange(10, 60))
    author_id = 1 + int(rng.random() ** 2 * authors)
    due = at + timedelta(hours=rng.randrange(1, 72)) if is_open and rng.random() < 0.7 else None
    for turn in range(size):
        said_at = at + timedelta(minutes=7 * turn)
        mention_id = row_id + turn
        body = text if turn == 0 else words.text(20)
        batch.add(
            mention,
            id=mention_id,
            platform=platform,
            source_id=where,
            namespace=platform,
            external_id=f"x{mention_id}",
            conversation_id=row_id,
            author_id=author_id if turn % 2 == 0 else 1 + rng.randrange(authors),
            kind=kind if turn == 0 else "comment",
            direction="inbound",
            visibility="public",
            title=words.text(6) if kind in {"article", "topic"} and turn == 0 else None,
            text=body,
            lang=lang,
            sentiment=sentiment,
            rating=rating,
            url=f"https://social.example/{mention_id}",
            published_at=said_at,
            sort_at=said_at,
            first_seen_at=said_at + timedelta(seconds=40),
            last_seen_at=said_at + timedelta(seconds=40),
            capabilities={},
            extra={},
            flags=[],
            revision=0,
        )
        batch.add(mention_source, mention_id=mention_id, source_id=where, query_id="q")
        for one in brands:
            batch.add(mention_brand, brand_id=one, mention_id=mention_id)
    batch.add(
        conversation,
        id=row_id,
        key=f"{platform}:{row_id}",
        source_id=where,
        platform=platform,
        status=status,
        is_open=is_open,
        cycle=1,
        cycle_started_at=at,
        priority=rng.choice((0, 1, 2, 2, 3, 3, 3, 4)),
        why=rng.choice((None, "complaint", "question")),
        team_id=rng.choice(TEAMS),
        assignee_id=assignee,
        claimed_by=None,
        claimed_until=None,
        snoozed_until=NOW + timedelta(days=1) if status == "snoozed" else None,
        sla_due_at=due,
        routing_pending=False,
        visibility="public",
        kind=kind,
        title=None,
        snippet=text[:200],
        author_id=author_id,
        author_name=f"author {author_id}",
        lang=lang,
        sentiment=sentiment,
        rating=rating,
        url=f"https://social.example/{row_id}",
        brand_ids=brands,
        n_inbound=size,
        n_outbound=0,
        n_duplicates=0,
        n_notes=0,
        first_mention_id=row_id,
        last_mention_id=row_id + size - 1,
        first_inbound_at=at,
        last_inbound_at=at + timedelta(minutes=7 * (size - 1)),
        unanswered_since=at if is_open and rng.random() < 0.8 else None,
        sort_at=at + timedelta(minutes=7 * (size - 1)),
        version=0,
    )
    if rng.random() < 0.05:
        batch.add(conversation_tag, tag=TAGS[rng.randrange(4)], conversation_id=row_id)
    if rng.random() < 0.0002:
        batch.add(conversation_tag, tag="rare", conversation_id=row_id)


def fill(store: Store, conversations: int, *, seed: int = 7, long_thread: int = 0, words: Sayings | None = None) -> int:
    """Write the archive into an empty, migrated store; returns the number of mentions.

    Indexes and full text are made at the end, which is several times faster than keeping them up row by row. `words`
    makes the texts, by Zipf's law unless told otherwise.
    """
    total = 0
    with store.write() as conn:
        _standing_rows(conn, author_count(conversations))
        triggers = _drop_upkeep(conn)
    days: dict[tuple[Any, ...], int] = {}
    for batch in batches(conversations, seed=seed, long_thread=long_thread, words=words):
        with store.write() as conn:
            for table, rows in batch.rows.items():
                _insert(conn, table, rows)
        total += len(batch.rows[mention])
        for row in batch.rows[mention]:
            key = (row["sort_at"].date(), row["source_id"], row["lang"], row["sentiment"])
            days[key] = days.get(key, 0) + 1
    with store.write() as conn:
        _rollups(conn, days)
        _restore_upkeep(conn, triggers)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE" if store.is_sqlite else "VACUUM ANALYZE")
        conn.commit()  # SQLite's connections begin a transaction even so; without this the statistics were lost
    return total


def _standing_rows(conn: Connection, authors: int) -> None:
    for name in SOURCES:
        platform = PLATFORMS[SOURCES.index(name) % len(PLATFORMS)]
        values = {"id": name, "connector": "files", "platform": platform, "name": name.title(), "own": False}
        conn.execute(
            source.insert().values(
                every_s=900, archive_after_s=172_800, enabled=True, health="ok", health_text="", **values
            )
        )
    due = [{"source_id": name, "due_at": NOW + timedelta(seconds=number)} for number, name in enumerate(SOURCES)]
    conn.execute(source_schedule.insert().values(pace_s=900, failures=0, fence=0), due)
    for name in BRANDS:
        conn.execute(brand.insert().values(id=name, name=name.title(), competitor=False))
    for number in AGENTS:
        values = {"id": number, "login": f"agent{number}", "name": f"Agent {number}", "role": "agent", "active": True}
        conn.execute(user_account.insert().values(created_at=NOW, is_example=True, **values))
    rows = [
        {
            "id": number,
            "external_id": f"a{number}",
            "platform": "mastodon",
            "name": f"author {number}",
            "is_staff": False,
            "is_bot": False,
            "person_id": number // 2 if number <= 400 else None,
        }
        for number in range(1, authors + 1)
    ]
    _insert(conn, author, rows)


def _rollups(conn: Connection, days: dict[tuple[Any, ...], int]) -> None:
    """As if all was said at noon."""
    found = Deltas(ZoneInfo("UTC"))
    for (day, where, lang, felt), n in days.items():
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        found.add(
            sort_at=noon,
            first_seen_at=noon,
            source_id=where,
            lang=lang,
            kind="post",
            sentiment=felt,
            brand_ids=(),
            times=n,
        )
    for table in KEYS:
        names = (*KEYS[table], *COUNTED)
        summed = found.summed(table)
        conn.execute(table.insert(), [dict(zip(names, (*key, *summed[key]), strict=True)) for key in summed])


def _insert(conn: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """The quickest way of each engine: executemany on the driver, or COPY."""
    names = list(rows[0])
    columns = ", ".join(names)
    cursor = conn.connection.cursor()
    if conn.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608
        cursor.executemany(statement, [[_sqlite(row[name]) for name in names] for row in rows])
        return
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([_postgres(row[name]) for name in names])


def _sqlite(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_micros(value)
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _postgres(value: Any) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _drop_upkeep(conn: Connection) -> list[str]:
    """Take indexes and full-text upkeep away; returns what makes the triggers again as the migration made them."""
    for index in INDEXES:
        conn.exec_driver_sql(f"DROP INDEX {index.name}")
    if conn.dialect.name == "sqlite":
        triggers = list(conn.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'").scalars())
        for name in ("insert", "update", "delete"):
            conn.exec_driver_sql(f"DROP TRIGGER mention_fts_{name}")
        return triggers
    conn.exec_driver_sql("ALTER TABLE mention DISABLE TRIGGER mention_search_insert")
    conn.exec_driver_sql("DROP INDEX ix_mention_search_tsv")
    return []


def _restore_upkeep(conn: Connection, triggers: list[str]) -> None:
    engine = "sqlite" if conn.dialect.name == "sqlite" else "postgresql"
    for index in INDEXES:
        conn.exec_driver_sql(index.ddl(engine))
    if engine == "sqlite":
        for statement in triggers:
            conn.exec_driver_sql(statement)
        conn.exec_driver_sql("INSERT INTO mention_fts(mention_fts) VALUES ('rebuild')")
        conn.exec_driver_sql("INSERT INTO mention_fts(mention_fts) VALUES ('optimize')")
        return
    conn.exec_driver_sql("ALTER TABLE mention ENABLE TRIGGER mention_search_insert")
    conn.exec_driver_sql("INSERT INTO mention_search SELECT id, klankbord_tsv(title, text) FROM mention")
    conn.exec_driver_sql("CREATE INDEX ix_mention_search_tsv ON mention_search USING gin (tsv)")
