"""Putting the house together: from a configuration to an open store, an inbox and a collector.

The only place that knows every package. Each part is handed what it needs; nothing reads the configuration by itself.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from connectors.contract import Connector, Options
from inbox.desk import Desk
from inbox.service import Inbox
from klankbord import __version__
from klankbord.config import Config, load_config
from pipeline.collect import Collector
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher, fetcher_over
from pipeline.http.client import PoliteClient
from pipeline.http.settings import ClientSettings, user_agent
from pipeline.isolate import ParseProcess
from pipeline.ledger import Ledger
from pipeline.settings import CollectSettings, SourceSettings
from store import brands, sources
from store.engine import Store, open_store
from store.raw import RawCodec

CONFIG_VARIABLE = "KLANKBORD_CONFIG"
"""Environment variable with the path of the configuration, for processes that `up` starts."""
_QUERIES_KEPT_S = 15.0

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


def connector_of(source: SourceSettings) -> Connector[Options]:
    """A source's connector with its options.

    Raises:
        ConnectorNotUsable: no such connector, or one that cannot be imported.
        ValidationError: the options do not fit.
    """
    from connectors.registry import load

    found = load(source.connector)
    return found(found.options_type.model_validate(source.options))


@asynccontextmanager
async def network(settings: CollectSettings, *, clock: Clock = utc_now) -> AsyncIterator[tuple[Fetcher, ParseProcess]]:
    """What performs requests and parses untrusted answers; ended at the end."""
    limits = ClientSettings(
        user_agent=user_agent(__version__, settings.contact),
        allow_private_hosts=frozenset(settings.allow_private_hosts),
        overall=max(20, settings.concurrency),
    )
    async with PoliteClient(limits, clock=clock) as client, ParseProcess() as parser:
        yield fetcher_over(client, clock), parser


@asynccontextmanager
async def collecting(store: Store, settings: CollectSettings, *, clock: Clock = utc_now) -> AsyncIterator[Collector]:
    """A collector over the store, with its HTTP client and parsing processes; all ended at the end."""
    ledger = Ledger(store)
    try:
        async with network(settings, clock=clock) as (fetcher, parser):
            yield Collector(
                ledger,
                fetcher,
                parser,
                NewestEnricher(store, settings, clock),
                settings=settings,
                make_connector=connector_of,
                clock=clock,
            )
    finally:
        ledger.close()


class NewestEnricher:
    """Gives the enricher with the newest brand queries; looks for newer ones every quarter of a minute."""

    def __init__(self, store: Store, settings: CollectSettings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._codec = RawCodec(store)
        self._looked_at = float("-inf")
        self._queries: dict[str, str] | None = None
        self._enricher: Enricher | None = None

    def __call__(self) -> Enricher:
        """The enricher for the next page."""
        if self._enricher is None or time.monotonic() - self._looked_at > _QUERIES_KEPT_S:
            self._looked_at = time.monotonic()
            queries = brands.current_queries(self._store, self._clock())
            self._codec.refresh()
            if self._enricher is None or queries != self._queries:
                self._queries = queries
                self._enricher = Enricher(self._settings, self._codec.compress_payload, queries=queries)
        return self._enricher


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
