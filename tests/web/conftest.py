"""A workspace with its API, on each engine."""

from __future__ import annotations

import pytest

from store.engine import Store
from tests.conftest import Clock
from tests.web.outside import Outside


@pytest.fixture
def outside(store: Store, clock: Clock) -> Outside:
    return Outside(store, clock)
