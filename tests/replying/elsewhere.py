"""A house around a platform on loopback, whichever connector reads it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from klankbord.compose import duty_record
from pipeline.rechecking import Rechecker
from pipeline.settings import SourceSettings
from store.duties import sync_duties
from store.engine import Store
from store.schema import mention
from store.sources import SourceRecord, sync_sources
from tests.conftest import Clock
from tests.replying.house import House
from tests.replying.platforms import Instance


class Elsewhere(House):
    """Everything of one workspace around one source of any kind."""

    def __init__(self, store: Store, clock: Clock, source: SourceSettings) -> None:
        self._elsewhere = source
        super().__init__(store, clock, Instance(clock), url="http://127.0.0.1")

    def restart(self, *, settle: Any = None, make: Any = None) -> None:
        """A worker without a memory."""
        self.source = self._elsewhere
        kind = self.source.connector
        sync_sources(self.store, [SourceRecord(self.source.id, kind, kind, "Bron", 300, 172_800)], self.clock())
        super().restart(settle=settle, make=make)
        sync_duties(self.store, [duty_record(self.source)])
        self.rechecker = Rechecker(self.collector, [self.source])

    async def recheck(self) -> None:
        """Ask about kept items whose turn it is, until none is left."""
        while await self.rechecker.tick():
            await self.rechecker.settled()
            self.clock.step(minutes=1)

    def kept(self) -> dict[str, Any]:
        """Every mention by its id on the platform."""
        with self.store.read() as conn:
            return {row.external_id: row for row in conn.execute(select(mention).order_by(mention.c.id))}

    def conversation_of(self, external_id: str) -> int:
        """Where a mention was put."""
        return int(self.kept()[external_id].conversation_id)
