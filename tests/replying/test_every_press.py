"""Likes and hides on every platform that offers them: whatever happens on the way, they stand and are known."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from store.engine import open_store
from tests.conftest import Clock, SqliteDatabases
from tests.replying.lives import CRASHES, Life, live_through
from tests.replying.misfortune import FATES
from tests.replying.premises import Premises, premises
from tests.replying.pressable import PRESSABLE, Pressable

pytestmark = pytest.mark.slow

DAWN = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


async def _pressed(house: Premises, wish: Pressable, life: Life) -> None:
    token, number, key = await house.asked()
    kept = house.kept(key)
    assert kept.capabilities[f"can_{wish.kind}"]
    door = house.inbox.replies
    done = door.like(token, kept.id) if wish.kind == "like" else door.hide(token, kept.id)
    await live_through(house, life, done.params["outbox_id"])
    row = house.outbox_of(done)
    assert row.state == "sent", row.error_text
    assert wish.done(house.there, key), life
    assert len(house.server.fates) < max(1, len(life.fates)), "what was to happen did happen"
    assert house.actions(number).count(f"{wish.kind}_sent") == 1
    assert house.answers(number) == []


def through(databases: SqliteDatabases, name: str, life: Life) -> None:
    """One wish on one platform through one life, in a store of its own."""
    url, clock, wish = databases.migrated(), Clock(DAWN), PRESSABLE[name]
    store = open_store(url, clock=clock)
    try:
        with premises(store, clock, wish.row) as house:
            asyncio.run(_pressed(house, wish, life))
    finally:
        store.close()
    databases.drop(url)


@pytest.mark.parametrize("name", PRESSABLE)
def test_what_was_done_unheard_is_done_again_without_harm(sqlite_databases: SqliteDatabases, name: str) -> None:
    through(sqlite_databases, name, Life(("unheard",), ("none", "before the commit")))


@pytest.mark.parametrize("crash", CRASHES[1:])
@pytest.mark.parametrize("name", PRESSABLE)
def test_wherever_the_worker_dies_it_stands(sqlite_databases: SqliteDatabases, name: str, crash: str) -> None:
    through(sqlite_databases, name, Life((), (crash,)))


@pytest.mark.parametrize("fate", FATES[1:])
@pytest.mark.parametrize("name", PRESSABLE)
def test_whatever_becomes_of_the_call_it_stands(sqlite_databases: SqliteDatabases, name: str, fate: str) -> None:
    through(sqlite_databases, name, Life((fate,)))
