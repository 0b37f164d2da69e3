"""A house around any platform that can be answered, with misfortune on the way there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from inbox.views import Done
from pipeline.http import ClientSettings, PoliteClient
from store.engine import Store
from store.schema import mention, outbox
from tests.conftest import Clock
from tests.replying.house import ANSWER, House
from tests.replying.misfortune import Misfortune, on_the_way
from tests.replying.writable import Writable


class Premises(House):
    """Everything of one workspace around one row of the table.

    Args:
        store: where.
        clock: the test's.
        row: of the table.
        way: the way to the platform, on which things happen.
        url: where the way begins.

    Attributes:
        there: the platform's server, with its state.
        url: where the way to it begins.
        patience_s: seconds for which new workers wait for an answer; None as long as always.
    """

    there: Any
    patience_s: float | None = None

    def __init__(self, store: Store, clock: Clock, row: Writable, way: Misfortune, url: str) -> None:
        self.platform, self.url = row, url
        super().__init__(store, clock, way, url=url, source=row.source(url))

    def restart(self, *, settle: Any = None, make: Any = None) -> None:
        """A worker without a memory, and with the login that was kept."""
        super().restart(settle=settle, make=make or self.platform.connected)

    def http(self) -> PoliteClient:
        """The client of a new worker; one without patience where a test wants that."""
        if self.patience_s is None:
            return super().http()
        settings = ClientSettings(tries=1, read_s=self.patience_s, allow_private_hosts=frozenset({"127.0.0.1"}))
        return PoliteClient(settings, clock=self.clock)

    async def asked(self) -> tuple[str, int, str]:
        """A customer asks and it comes in; somebody's session, the conversation, the message's id."""
        key = self.platform.asks(self.there)
        self.clock.step(minutes=1)
        await self.collect()
        return self.agent(), int(self.kept(key).conversation_id), key

    def kept(self, key: str) -> Any:
        """A message by its id on the platform."""
        with self.store.read() as conn:
            return conn.execute(select(mention).where(mention.c.external_id == key)).one()

    def standing(self) -> list[Any]:
        return self.platform.ours(self.there)

    def outbox_of(self, done: Done) -> Any:
        """A wish as it is kept."""
        with self.store.read() as conn:
            return conn.execute(select(outbox).where(outbox.c.id == done.params["outbox_id"])).one()

    def own_answers(self) -> list[Any]:
        """Our own posts in the store that say what we answered."""
        return [each for each in self.own() if ANSWER in each.text]


@contextmanager
def premises(store: Store, clock: Clock, row: Writable) -> Iterator[Premises]:
    """The house, the platform and the way between them."""
    there = row.made(clock)
    with row.served(there) as behind:
        way = Misfortune(clock, behind, row.writes)
        with on_the_way(way) as url:
            made = Premises(store, clock, row, way, url)
            made.there = there
            try:
                yield made
            finally:
                made.close()
