"""Putting together what reaches outside: connectors, the polite client, parsing processes, the collector."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.contract import Connector, Options
from inbox.tone.scoring import newest
from klankbord import __version__, brand_queries
from klankbord.compose import Clock, utc_now
from pipeline.collect import Collector
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher, fetcher_over
from pipeline.http.client import PoliteClient
from pipeline.http.settings import ClientSettings, user_agent
from pipeline.isolate import ParseProcess
from pipeline.ledger import Ledger
from pipeline.settings import CollectSettings, SourceSettings
from store.engine import Store
from store.raw import RawCodec
from store.vault import Vault

_KEPT_S = 15.0


def connector_of(source: SourceSettings) -> Connector[Options]:
    """A source's connector with its options.

    Raises:
        ConnectorNotUsable: no such connector, or one that cannot be imported.
        ValidationError: the options do not fit.
    """
    from connectors.registry import load

    found = load(source.connector)
    return found(found.options_type.model_validate(source.options))


def limits(settings: CollectSettings) -> ClientSettings:
    """What the polite client keeps to."""
    return ClientSettings(
        user_agent=user_agent(__version__, settings.contact),
        allow_private_hosts=frozenset(settings.allow_private_hosts),
        overall=max(20, settings.concurrency),
    )


@asynccontextmanager
async def network(settings: CollectSettings, *, clock: Clock = utc_now) -> AsyncIterator[tuple[Fetcher, ParseProcess]]:
    """What performs requests and parses untrusted answers; ended at the end."""
    async with PoliteClient(limits(settings), clock=clock) as client, ParseProcess() as parser:
        yield fetcher_over(client, clock), parser


@asynccontextmanager
async def collecting(
    store: Store, settings: CollectSettings, *, vault: Vault | None = None, clock: Clock = utc_now
) -> AsyncIterator[Collector]:
    """A collector over the store, with its HTTP client and parsing processes; all ended at the end.

    Args:
        store: where everything is kept.
        settings: of collecting.
        vault: where the logins of connected accounts are kept; without it there are none.
        clock: aware UTC.
    """
    ledger = Ledger(store)
    try:
        async with network(settings, clock=clock) as (fetcher, parser):
            collector = Collector(
                ledger,
                fetcher,
                parser,
                NewestEnricher(store, settings, clock),
                settings=settings,
                make_connector=connector_of,
                clock=clock,
                vault=vault,
            )
            try:
                yield collector
            finally:
                await collector.logins.settled()
    finally:
        ledger.close()


class NewestEnricher:
    """Gives the enricher with the newest brand queries, words and model; looks for newer ones every 15 seconds."""

    def __init__(self, store: Store, settings: CollectSettings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._codec = RawCodec(store)
        self._looked_at = float("-inf")
        self._known: tuple[dict[str, str], str] | None = None
        self._enricher: Enricher | None = None

    def __call__(self) -> Enricher:
        """The enricher for the next page."""
        if self._enricher is None or time.monotonic() - self._looked_at > _KEPT_S:
            self._looked_at = time.monotonic()
            queries, scorer = brand_queries.that_count(self._store, self._clock()).texts, newest(self._store)
            self._codec.refresh()
            if self._enricher is None or (queries, scorer.version) != self._known:
                self._known = queries, scorer.version
                self._enricher = Enricher(self._settings, self._codec.compress_payload, queries=queries, scorer=scorer)
        return self._enricher
