"""Brands and the versions of their queries. A version is never changed: a new one takes over from its instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store.engine import Store
from store.schema import brand, query_version


@dataclass(frozen=True, slots=True)
class BrandRecord:
    """A brand as the configuration declares it, with its query's text."""

    id: str
    name: str
    query: str
    competitor: bool = False


@dataclass(frozen=True, slots=True)
class BrandRow:
    """A brand as the store knows it; `competitor`: one that is only compared with."""

    id: str
    name: str
    competitor: bool


@dataclass(frozen=True, slots=True)
class QueryVersionRow:
    """One version of a brand's query. `author` is a login, or `config`; `valid_from` aware UTC."""

    id: int
    brand_id: str
    text: str
    author: str
    valid_from: datetime


def sync_brands(store: Store, brands: Sequence[BrandRecord], now: datetime) -> None:
    """Make the store's brands those of the configuration.

    A brand that is no longer declared stays (its mentions name it). A query text becomes a new version only when
    the configuration's text changed, so a version saved on screen is not undone by the next start.
    """
    with store.write() as conn:
        have = {row.id: row for row in conn.execute(select(brand))}
        for record in brands:
            values = {"name": record.name, "competitor": record.competitor}
            if record.id not in have:
                conn.execute(brand.insert().values(id=record.id, **values))
            elif (have[record.id].name, have[record.id].competitor) != (record.name, record.competitor):
                conn.execute(brand.update().where(brand.c.id == record.id).values(**values))
            last = conn.execute(
                select(query_version.c.text)
                .where(query_version.c.brand_id == record.id, query_version.c.author == "config")
                .order_by(query_version.c.id.desc())
                .limit(1)
            ).scalar()
            if last != record.query:
                conn.execute(
                    query_version.insert().values(
                        id=store.new_id(), brand_id=record.id, text=record.query, author="config", valid_from=now
                    )
                )


def save_query(conn: Connection, store: Store, brand_id: str, text: str, *, author: str, now: datetime) -> int:
    """Save a new version of a brand's query that counts from `now`, in the caller's transaction; returns its id."""
    version_id = store.new_id()
    conn.execute(
        query_version.insert().values(id=version_id, brand_id=brand_id, text=text, author=author, valid_from=now)
    )
    return version_id


def take_up(conn: Connection, store: Store, version: QueryVersionRow) -> None:
    """Note that the configuration says what a version says, as of that version: it takes over from nothing newer."""
    values = {"brand_id": version.brand_id, "text": version.text, "valid_from": version.valid_from}
    conn.execute(query_version.insert().values(id=store.new_id(), author="config", **values))


def versions_of(conn: Connection, brand_id: str) -> list[QueryVersionRow]:
    """All versions of a brand's query, oldest first; the last one that has begun counts."""
    c = query_version.c
    wanted = select(query_version).where(c.brand_id == brand_id).order_by(c.valid_from, c.id)
    return [QueryVersionRow(**row) for row in conn.execute(wanted).mappings()]


def query_versions(store: Store, brand_id: str | None = None) -> list[QueryVersionRow]:
    """All versions, oldest first; of one brand or of all."""
    query = select(query_version).order_by(query_version.c.valid_from, query_version.c.id)
    if brand_id is not None:
        query = query.where(query_version.c.brand_id == brand_id)
    with store.read() as conn:
        return [QueryVersionRow(**row) for row in conn.execute(query).mappings()]


def current_queries(store: Store, now: datetime) -> dict[str, str]:
    """The query text that counts at `now`, by brand id."""
    return {row.brand_id: row.text for row in query_versions(store) if row.valid_from <= now}


def all_brands(conn: Connection) -> list[BrandRow]:
    """Every brand that was ever declared, our own before competitors."""
    c = brand.c
    return [BrandRow(*row) for row in conn.execute(select(c.id, c.name, c.competitor).order_by(c.competitor, c.id))]


def brand_names(store: Store) -> dict[str, str]:
    """Names of all brands by id."""
    with store.read() as conn:
        return {row.id: row.name for row in conn.execute(select(brand).order_by(brand.c.id))}
