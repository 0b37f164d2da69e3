"""A house around a forum and around an instance, on each engine in turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.engine import Store
from tests.conftest import Clock
from tests.replying.house import House
from tests.replying.platforms import Forum, Instance, Server


@pytest.fixture(params=[Forum, Instance])
def server(request: pytest.FixtureRequest, clock: Clock) -> Server:
    """A forum without idempotency keys, then an instance with them."""
    made: Server = request.param(clock)
    return made


@pytest.fixture
def house(store: Store, clock: Clock, server: Server) -> Iterator[House]:
    """The house around it."""
    made = House(store, clock, server)
    yield made
    made.close()
