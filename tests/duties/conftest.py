"""A house around a forum and around an instance, with somebody who asks about kept items again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pipeline.rechecking import Rechecker
from store.duties import DutyRecord, sync_duties, tell_changes
from store.engine import Store
from store.keeping import Keeping
from tests.conftest import Clock
from tests.replying.house import House
from tests.replying.platforms import Forum, Instance, Server

WEEK = timedelta(days=7)


class DutyHouse(House):
    """A house whose source has duties; `recheck` is one tick of the worker, to its end."""

    def ask_for(self, keeping: Keeping) -> None:
        sync_duties(self.store, [DutyRecord(self.source.id, keeping)])
        while tell_changes(self.store):
            pass

    def restart(self, **more: Any) -> None:
        super().restart(**more)
        self.rechecker = Rechecker(self.collector, [self.source])

    async def recheck(self) -> int:
        taken = await self.rechecker.tick()
        await self.rechecker.settled()
        return taken


@pytest.fixture(params=[Forum, Instance])
def server(request: pytest.FixtureRequest, clock: Clock) -> Server:
    """A forum, then an instance."""
    made: Server = request.param(clock)
    return made


@pytest.fixture
def house(store: Store, clock: Clock, server: Server) -> Iterator[DutyHouse]:
    """The house around it, asking about kept items every week."""
    made = DutyHouse(store, clock, server)
    made.ask_for(Keeping(recheck_s=int(WEEK.total_seconds())))
    yield made
    made.close()
