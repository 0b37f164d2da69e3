"""Puts a collector together for tests: real store, real client, the fake platform."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from connectors.contract import Connector, Options, Page, Task
from connectors.requests import Response
from pipeline.collect import Collector
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher
from pipeline.http import ClientSettings, PoliteClient
from pipeline.ledger import Ledger
from pipeline.settings import BrandSettings, CollectSettings, SourceSettings
from store.engine import Store
from store.raw import compress_payload
from store.records import CommitResult, PageCommit
from store.schema import mention
from store.sources import SourceRecord, sync_sources
from store.vault import Vault
from tests.pipeline.fake_platform import FakeConnector, FakeOptions
from understanding.language import Language
from understanding.prepared import Prepared

SETTINGS = CollectSettings(brands=(BrandSettings(id="acme", name="Acme", query="acme"),))


class NoDetector:
    """Leaves the language open; telling languages apart is slow and not what is tested here."""

    version = "none"

    def detect(self, text: Prepared) -> Language:  # noqa: ARG002
        return Language("und", 0.0)

    def detect_each(self, texts: Sequence[Prepared]) -> list[Language]:
        return [self.detect(text) for text in texts]


class InlineParser:
    """Parses in the test's own process."""

    async def run(self, connector: Connector[Any], task: Task, response: Response, seconds: float) -> Page:  # noqa: ARG002
        return connector.parse(task, response)


class CrashError(Exception):
    """The process dies here."""


class CrashingLedger(Ledger):
    """Dies before or after commits of the test's choice, counted from 0 over the ledger's life."""

    def __init__(
        self, store: Store, *, before: frozenset[int] = frozenset(), after: frozenset[int] = frozenset()
    ) -> None:
        super().__init__(store)
        self.commits = 0
        self._before = before
        self._after = after

    async def commit(self, page: PageCommit) -> CommitResult:
        index, self.commits = self.commits, self.commits + 1
        if index in self._before:
            raise CrashError
        result = await super().commit(page)
        if index in self._after:
            raise CrashError
        return result


def source(url: str = "http://127.0.0.1", **settings: Any) -> SourceSettings:
    """A source of the fake platform; `options` go to the connector."""
    options = {"url": url, **settings.pop("options", {})}
    defaults: dict[str, Any] = {"id": "fake", "connector": "fake", "every": timedelta(minutes=5)}
    return SourceSettings(**{**defaults, **settings, "options": options})


def make_connector(settings: SourceSettings) -> Connector[Options]:
    return FakeConnector(FakeOptions(**settings.options))


def enrolled(store: Store, now: datetime, *sources: SourceSettings) -> None:
    """Make the sources known to the store."""
    sync_sources(
        store,
        [
            SourceRecord(
                id=each.id,
                connector=each.connector,
                platform="fake",
                name=each.id,
                every_s=int(each.every.total_seconds()),
                archive_after_s=int(each.archive_after.total_seconds()),
            )
            for each in sources
        ],
        now,
    )


def collector(
    ledger: Ledger,
    clock: Callable[[], datetime],
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    connector: Callable[[SourceSettings], Connector[Options]] = make_connector,
    fetcher: Fetcher | None = None,
    vault: Vault | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Collector:
    """A collector over the ledger; without a transport it goes over loopback."""
    enricher = Enricher(SETTINGS, compress_payload, detector=NoDetector())
    return Collector(
        ledger,
        fetcher or Fetcher(client(clock, transport)),
        InlineParser(),
        lambda: enricher,
        settings=SETTINGS,
        make_connector=connector,
        clock=clock,
        chance=lambda: 0.0,
        vault=vault,
        sleep=sleep,
    )


def client(clock: Callable[[], datetime], transport: httpx.AsyncBaseTransport | None = None) -> PoliteClient:
    """The polite client, allowed to reach loopback; without a transport it goes over it."""
    settings = ClientSettings(tries=1, allow_private_hosts=frozenset({"127.0.0.1"}))
    return PoliteClient(settings, clock=clock, transport=transport)


def kept(store: Store) -> list[Any]:
    """Every mention, oldest first."""
    with store.read() as conn:
        return list(conn.execute(select(mention).order_by(mention.c.external_id)))
