"""Putting the house together: from a configuration to an open store and an inbox.

Each part is handed what it needs; nothing reads the configuration by itself. What reaches outside stands in
`klankbord.outside`, so that a process which never does so need not load it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from inbox import secrecy
from inbox.desk import Desk
from klankbord.config import Config
from klankbord.config_file import load_config
from klankbord.keys import installed_keys
from pipeline.settings import SourceSettings
from store import brands, duties, rollups, sources
from store.engine import Store, open_store
from store.keeping import Keeping
from store.secrecy import Secrecy
from store.vault import Vault

if TYPE_CHECKING:
    from inbox.service import Inbox

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
    duties.sync_duties(store, [duty_record(source) for source in config.sources])
    found = [brands.BrandRecord(brand.id, brand.name, brand.query, brand.competitor) for brand in config.brands]
    brands.sync_brands(store, found, now)
    rollups.keep_by(store, timezone=config.timezone)


def disk_left(config: Config) -> Callable[[], int | None]:
    """Bytes free where the database stands; None for a server, whose disk is not ours to look at."""
    url = make_url(config.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        return lambda: None
    folder = Path(url.database).resolve().parent
    return lambda: shutil.disk_usage(folder).free


def vault(store: Store, config: Config) -> Vault:
    """Where the logins of connected accounts are kept."""
    return Vault(store, Secrecy(installed_keys(config, config.folder)))


def desk(store: Store, config: Config, clock: Clock = utc_now) -> Desk:
    """What functions of the inbox stand on."""
    sealing = secrecy.Secrecy(installed_keys(config, config.folder))
    return Desk(store, config.inbox_settings(), clock, secrecy=sealing)


def public_address() -> str | None:
    """Where people reach the dashboard from outside, for the dashboard's process."""
    return load_config(config_path()).public_url


def inbox() -> Inbox:
    """The inbox for the dashboard's process, from the configuration that `klankbord` names in the environment."""
    # Every door with what it stands on: only the dashboard pays for loading them.
    from inbox.service import Inbox

    config = load_config(config_path())
    store = open_store(config.database, checkpoints=False)
    store.migrate()
    return Inbox(store, config.inbox_settings(), secrecy=secrecy.Secrecy(installed_keys(config, config.folder)))


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


def duty_record(source: SourceSettings) -> duties.DutyRecord:
    """What the platform and the owner of a source ask of keeping its items."""
    from connectors.registry import load

    asked = load(source.connector).duties
    keeping = Keeping(
        recheck_s=_seconds(asked.recheck_every),
        keep_s=_seconds(asked.keep_at_most),
        profiles_s=_seconds(asked.profiles_at_most),
        erase_s=_seconds(asked.erase_within),
        retention_s=_seconds(source.retention),
    )
    return duties.DutyRecord(
        source.id, keeping, may_export=asked.may_export, export_per_day=asked.export_per_day, basis=asked.basis
    )


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())
