"""A store with a connected plaza, and workers on it: each with a collector, a client and a memory of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from connectors.contract import Connector, Options
from pipeline.collect import Collector
from pipeline.fetch import Fetcher
from pipeline.http import PoliteClient
from pipeline.ledger import Ledger
from pipeline.metering import Purse, Share
from pipeline.performing import Performing
from pipeline.settings import SourceSettings
from store.engine import Store
from store.secrecy import Secrecy
from store.vault import Kept, Vault
from tests.conftest import Clock
from tests.connecting.plaza import Plaza
from tests.connecting.plaza_connector import PlazaConnector, PlazaOptions
from tests.pipeline.bench import client, collector, enrolled
from tests.pipeline.bench import source as source_of
from tests.source_rows import source_rows

KEY = "k" * 40


def plaza_of(source: SourceSettings) -> Connector[Options]:
    """The connector of a source of these tests."""
    return PlazaConnector(PlazaOptions.model_validate(source.options))


class Bench:
    """One installation. A worker is what a process would be."""

    def __init__(self, store: Store, clock: Clock, plaza: Plaza, url: str, *, key: str = KEY) -> None:
        self.store, self.clock, self.plaza = store, clock, plaza
        self.vault = Vault(store, Secrecy(lambda: (key,)))
        self.source = source_of(url, id="plaza", connector="plaza", match="all", every=timedelta(minutes=5))
        self._ledgers: list[Ledger] = []
        self._clients: list[PoliteClient] = []
        enrolled(store, clock(), self.source)

    def connect(self) -> None:
        """As `klankbord connect` leaves it behind."""
        values, now = self.plaza.login(), self.clock()
        ends_at = now + self.plaza.life
        self.vault.connect("plaza", connector="plaza", account="acme", values=values, ends_at=ends_at, now=now)

    def worker(self, vault: Vault | None = None) -> Collector:
        """Another process."""
        self._ledgers.append(Ledger(self.store))
        self._clients.append(client(self.clock))
        fetcher = Fetcher(self._clients[-1])
        ledger = self._ledgers[-1]
        return collector(ledger, self.clock, connector=plaza_of, vault=vault or self.vault, fetcher=fetcher)

    def performing(self, worker: Collector) -> Performing:
        """What sends answers."""
        connector = worker.connector(self.source)
        purse = Purse(worker.metering, self.source, connector, Share.ANSWERS)
        return Performing(worker.reading().fetcher, worker.logins, self.source, connector, purse)

    def kept(self) -> Kept:
        """The login as it is kept."""
        found = self.vault.read("plaza", self.clock())
        assert found is not None
        return found

    def health(self) -> Row[Any]:
        """How the source stands."""
        (row,) = source_rows(self.store)
        return row

    async def close(self) -> None:
        for each in self._clients:
            await each.aclose()
        for ledger in self._ledgers:
            ledger.close()
