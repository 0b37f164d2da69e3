"""Sources as configured, how they fare, and what the collector remembers of each of their queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from store.engine import Store
from store.records import ValidatorRecord
from store.schema import query_state, source, source_schedule, validator

# First polls of many sources at start-up are spread over at most this long, or their pace if that is shorter.
SPREAD_S = 300


BY_HAND = "manual"
"""The source, connector and namespace of what people enter themselves: nothing asks it, so it has no schedule."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as the configuration declares it; times in seconds."""

    id: str
    connector: str
    platform: str
    name: str
    every_s: int
    archive_after_s: int
    own: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class QueryStateRecord:
    """What is remembered of one query of a source. `state` is the connector's own; instants aware UTC."""

    query_id: str
    label: str = ""
    state: Mapping[str, Any] | None = None
    not_before: datetime | None = None
    error_class: str | None = None
    error_text: str | None = None
    failures: int = 0


def sync_sources(store: Store, sources: Sequence[SourceRecord], now: datetime) -> None:
    """Make the store's sources those of the configuration.

    What is not declared any more is switched off, never removed: its mentions still name it. New sources are due
    at once, spread so that many do not start in the same second; a source whose interval became shorter is
    brought forward. Health and schedule of the others stay.
    """
    with store.write() as conn:
        have = {row.id: row for row in conn.execute(select(source))}
        paces = {row.source_id: row for row in conn.execute(select(source_schedule))}
        declared = {record.id for record in sources}
        for gone in sorted(one for one in set(have) - declared if have[one].connector != BY_HAND):
            conn.execute(source.update().where(source.c.id == gone).values(enabled=False, health="off"))
        fresh = [record for record in sources if record.id not in paces]
        for position, record in enumerate(fresh):
            step = min(SPREAD_S, record.every_s) / max(1, len(fresh))
            conn.execute(
                source_schedule.insert().values(
                    source_id=record.id,
                    due_at=now + timedelta(seconds=position * step),
                    pace_s=record.every_s,
                    fence=0,
                    failures=0,
                )
            )
        for record in sources:
            _sync_one(conn, record, have.get(record.id), now)


def _sync_one(conn: Connection, record: SourceRecord, old: Any, now: datetime) -> None:
    values = {
        "connector": record.connector,
        "platform": record.platform,
        "name": record.name,
        "own": record.own,
        "enabled": record.enabled,
        "every_s": record.every_s,
        "archive_after_s": record.archive_after_s,
    }
    if old is None:
        health = "ok" if record.enabled else "off"
        conn.execute(source.insert().values(id=record.id, health=health, health_text="", **values))
        return
    if old.health == "off" and record.enabled:
        values |= {"health": "ok", "health_text": "", "error_class": None, "error_since": None}
    elif not record.enabled:
        values |= {"health": "off"}
    conn.execute(source.update().where(source.c.id == record.id).values(**values))
    if record.every_s != old.every_s:
        soonest = now + timedelta(seconds=record.every_s)
        mine = source_schedule.c.source_id == record.id
        conn.execute(source_schedule.update().where(mine).values(pace_s=record.every_s))
        conn.execute(source_schedule.update().where(mine, source_schedule.c.due_at > soonest).values(due_at=soonest))


def ensure_by_hand(conn: Connection, store: Store, name: str) -> None:
    """Make the source of what people enter, at its first use. It is never due."""
    row = {
        "id": BY_HAND,
        "connector": BY_HAND,
        "platform": BY_HAND,
        "name": name,
        "own": True,
        "enabled": True,
        "every_s": 86_400,
        "archive_after_s": 0,
        "health": "ok",
        "health_text": "",
    }
    store.dialect.insert_or_keep(conn, source, [row], unique=("id",))


def query_states(store: Store, source_id: str) -> dict[str, QueryStateRecord]:
    """What is remembered of the queries of one source, by query id."""
    with store.read() as conn:
        rows = conn.execute(select(query_state).where(query_state.c.source_id == source_id))
        return {
            row.query_id: QueryStateRecord(
                query_id=row.query_id,
                label=row.label,
                state=row.state,
                not_before=row.not_before,
                error_class=row.error_class,
                error_text=row.error_text,
                failures=row.failures,
            )
            for row in rows
        }


def validators(store: Store, source_id: str, query_id: str) -> dict[str, ValidatorRecord]:
    """Validators of the last committed answers of one query, by URL."""
    with store.read() as conn:
        rows = conn.execute(
            select(validator).where(validator.c.source_id == source_id, validator.c.query_id == query_id)
        )
        return {
            row.url: ValidatorRecord(
                url=row.url,
                etag=row.etag,
                last_modified=row.last_modified,
                body_sha256=row.body_sha256,
                moved_to=row.moved_to,
            )
            for row in rows
        }


def label_query(store: Store, source_id: str, query_id: str, label: str) -> None:
    """Remember what a query is called for people; costs a write only when it changed."""
    with store.read() as conn:
        mine = (query_state.c.source_id == source_id, query_state.c.query_id == query_id)
        if conn.execute(select(query_state.c.label).where(*mine)).scalar() == label:
            return
    with store.write() as conn:
        set_query_state(conn, store, source_id, query_id, {"label": label})


def record_trouble(
    store: Store,
    source_id: str,
    *,
    now: datetime,
    health: str,
    health_text: str,
    error_class: str,
    query_id: str | None = None,
    error_text: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """Write down that a source, and one query of it, is in trouble.

    Args:
        store: where.
        source_id: which source.
        now: aware UTC; `error_since` keeps the first moment of the same trouble.
        health: waiting, trouble, login, refused, gone or off.
        health_text: plain sentence without secrets.
        error_class: name of the error.
        query_id: the query it concerns; None when the whole source.
        error_text: technical text for the query; `health_text` when left out.
        not_before: the query is not asked again before this.
    """
    with store.write() as conn:
        old = conn.execute(select(source).where(source.c.id == source_id).with_for_update()).one_or_none()
        if old is not None:
            same = old.error_class == error_class and old.error_since is not None
            conn.execute(
                source.update()
                .where(source.c.id == source_id)
                .values(
                    health=health,
                    health_text=health_text,
                    error_class=error_class,
                    error_since=old.error_since if same else now,
                )
            )
        if query_id is not None:
            failed = conn.execute(
                select(query_state.c.failures).where(
                    query_state.c.source_id == source_id, query_state.c.query_id == query_id
                )
            ).scalar()
            set_query_state(
                conn,
                store,
                source_id,
                query_id,
                {
                    "not_before": not_before,
                    "error_class": error_class,
                    "error_text": error_text or health_text,
                    "failures": (failed or 0) + 1,
                },
            )


def record_success(
    store: Store,
    source_id: str,
    *,
    now: datetime,
    query_id: str | None = None,
    last_item_at: datetime | None = None,
    health: str = "ok",
    health_text: str = "",
) -> None:
    """Write down that a source answered; clears the trouble of the query, or of the whole source.

    Args:
        store: where.
        source_id: which source.
        now: aware UTC.
        query_id: the query that answered; its back-off ends. The source's own health is then only cleared when
            no other query of it is in trouble.
        last_item_at: when the newest item was published or seen; never moves back.
        health: ok, or what is still to be told.
        health_text: plain sentence.
    """
    with store.write() as conn:
        if query_id is not None:
            clear = {"not_before": None, "error_class": None, "error_text": None, "failures": 0}
            set_query_state(conn, store, source_id, query_id, clear)
        old = conn.execute(select(source).where(source.c.id == source_id).with_for_update()).one_or_none()
        if old is None:
            return
        values: dict[str, Any] = {"last_ok_at": now}
        newest = max((at for at in (old.last_item_at, last_item_at) if at is not None), default=None)
        if newest is not None:
            values["last_item_at"] = newest
        troubled = conn.execute(
            select(func.count())
            .select_from(query_state)
            .where(query_state.c.source_id == source_id, query_state.c.error_class.is_not(None))
        ).scalar_one()
        if not troubled:
            values |= {"health": health, "health_text": health_text, "error_class": None, "error_since": None}
        conn.execute(source.update().where(source.c.id == source_id).values(**values))


def set_query_state(conn: Connection, store: Store, source_id: str, query_id: str, values: dict[str, Any]) -> None:
    """Write these columns of a query's memory inside the caller's transaction, whether it exists or not.

    One statement, because another process may make the row in this very moment.
    """
    row = {"source_id": source_id, "query_id": query_id, "label": "", "state": {}, "failures": 0, **values}
    store.dialect.upsert_rows(conn, query_state, [row], tuple(values))
