"""Crashes at any moment of a send, on platforms that misbehave: one post, one settled row, one answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store.engine import Store, open_store
from tests.conftest import Clock, PostgresDatabases, SqliteDatabases
from tests.connectors.bluesky_network import Network
from tests.replying.house import House
from tests.replying.lives import CRASHES, Life, live_through
from tests.replying.platforms import Forum, Instance, Server
from tests.replying.press import Press

DAWN = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
FATES = ("works", "unreachable", "limited", "lost", "refused", "unheard", "garbled", "failing", "late")
PLATFORMS: tuple[type[Server], ...] = (Forum, Instance, Press, Network)


@dataclass(frozen=True)
class Lived:
    """A life on one of these platforms."""

    life: Life
    platform: type[Server]


@st.composite
def lives(draw: st.DrawFn) -> Lived:
    life = Life(
        fates=tuple(draw(st.lists(st.sampled_from(FATES), max_size=4))),
        crashes=tuple(draw(st.lists(st.sampled_from(CRASHES), max_size=5))),
        collected=draw(st.frozensets(st.integers(0, 20), max_size=6)),
    )
    return Lived(life, draw(st.sampled_from(PLATFORMS)))


async def one_answer(house: House, life: Life) -> None:
    """Send one answer through this life: it stands there once, and is known once."""
    token, number = house.agent(), await house.question()
    await live_through(house, life, house.send(token, number, follow_up="resolved").params["outbox_id"])
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1, life
    assert [one.action for one in house.answers(number)] == ["reply_sent"]
    assert len(house.own()) == 1
    row = house.row(number)
    assert (row.status, row.reply_state, row.n_outbound) == ("resolved", None, 1)


def run(store: Store, clock: Clock, lived: Lived) -> None:
    house = House(store, clock, lived.platform(clock))
    try:
        asyncio.run(one_answer(house, lived.life))
    finally:
        house.close()


def on_fresh(url: str, lived: Lived) -> None:
    clock = Clock(DAWN)
    store = open_store(url, clock=clock)
    try:
        run(store, clock, lived)
    finally:
        store.close()


QUICK = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],
    database=None,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "platform", [Forum, *(pytest.param(one, marks=pytest.mark.slow) for one in (Instance, Press, Network))]
)
@pytest.mark.parametrize("crash", CRASHES[1:])
@pytest.mark.parametrize("fate", FATES)
def test_a_worker_that_dies_once_neither_loses_nor_doubles_the_answer(
    sqlite_databases: SqliteDatabases, fate: str, crash: str, platform: type[Server]
) -> None:
    url = sqlite_databases.migrated()
    on_fresh(url, Lived(Life((fate,), (crash,)), platform))
    sqlite_databases.drop(url)


@pytest.mark.slow
@pytest.mark.parametrize("crash", CRASHES)
@pytest.mark.parametrize("fate", FATES)
def test_whatever_befalls_the_second_of_two_calls_neither_loses_nor_doubles_the_answer(
    sqlite_databases: SqliteDatabases, fate: str, crash: str
) -> None:
    url = sqlite_databases.migrated()
    on_fresh(url, Lived(Life(("works", fate), (crash,)), Press))
    sqlite_databases.drop(url)


@pytest.mark.slow
@QUICK
@given(lived=lives())
def test_in_any_life_there_is_one_post_one_row_and_one_answer(sqlite_databases: SqliteDatabases, lived: Lived) -> None:
    url = sqlite_databases.migrated()
    on_fresh(url, lived)
    sqlite_databases.drop(url)


@pytest.mark.slow
@settings(QUICK, max_examples=10)
@given(lived=lives())
def test_in_any_life_on_postgresql_too(postgres_databases: PostgresDatabases, lived: Lived) -> None:
    url = postgres_databases.migrated()
    on_fresh(url, lived)
    postgres_databases.drop(url)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(QUICK, max_examples=400)
@given(lived=lives())
def test_in_hundreds_of_lives(sqlite_databases: SqliteDatabases, lived: Lived) -> None:
    url = sqlite_databases.migrated()
    on_fresh(url, lived)
    sqlite_databases.drop(url)
