"""Putting the house together: from a configuration to an open store and an inbox.

Each part is handed what it needs; nothing reads the configuration by itself. What reaches outside stands in
`klankbord.outside`, so that a process which never does so need not load it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from inbox.desk import Desk
from inbox.service import Inbox
from klankbord.config import Config, load_config
from pipeline.settings import SourceSettings
from store import brands, sources
from store.engine import Store, open_store

CONFIG_VARIABLE = "KLANKBORD_CONFIG"
"""Environment variable with the path of the configuration, for processes that `up` starts."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


def config_path(given: Path | None = None) -> Path:
    """The configuration to use: the one given, `KLANKBORD_CONFIG`, config.local.yaml, or else config.yaml."""
    if given is not None:
        return given
    if found := os.environ.get(CONFIG_VARIABLE):
        return Path(found)
    local = Path("config.local.yaml")
    return local if local.exists() else Path("config.yaml")


@contextmanager
def opened(config: Config, *, clock: Clock = utc_now, durable: bool = True) -> Iterator[Store]:
    """An open store at the newest schema, knowing the configured sources and brands; closed at the end.

    Args:
        config: names the database, sources and brands.
        clock: aware UTC.
        durable: see `store.engine.open_store`.

    Raises:
        StoreError: the database cannot be reached, or is newer than this Klankbord.
    """
    store = open_store(config.database, durable=durable)
    try:
        store.migrate()
        declare(store, config, clock())
        yield store
    finally:
        store.close()


def declare(store: Store, config: Config, now: datetime) -> None:
    """Tell the store which sources and brands the configuration declares."""
    sources.sync_sources(store, [_source_record(source) for source in config.sources], now)
    found = [brands.BrandRecord(brand.id, brand.name, brand.query, brand.competitor) for brand in config.brands]
    brands.sync_brands(store, found, now)


def desk(store: Store, config: Config, clock: Clock = utc_now) -> Desk:
    """What functions of the inbox stand on."""
    return Desk(store, config.inbox_settings(), clock)


def inbox() -> Inbox:
    """The inbox for the dashboard's process, from the configuration that `klankbord` names in the environment."""
    config = load_config(config_path())
    store = open_store(config.database, checkpoints=False)
    store.migrate()
    return Inbox(store, config.inbox_settings())


def _source_record(source: SourceSettings) -> sources.SourceRecord:
    from connectors.registry import load

    return sources.SourceRecord(
        id=source.id,
        connector=source.connector,
        platform=load(source.connector).platform,
        name=source.name or source.id,
        every_s=int(source.every.total_seconds()),
        archive_after_s=int(source.archive_after.total_seconds()),
        own=source.own,
        enabled=source.enabled,
    )
