"""Kept items are asked about again: what was removed upstream goes here, what stands is refreshed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.rechecking import REFUSALS, Rechecker
from store import duties
from store.engine import Store
from store.keeping import Keeping
from store.records import StaleLeaseError
from store.schema import author, conversation, mention, mention_html, mention_key, mention_raw, source_duty
from tests.conftest import Clock
from tests.duties.conftest import WEEK, DutyHouse
from tests.replying.platforms import Instance, Server

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _mentions(store: Store) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(select(mention).order_by(mention.c.id)))


def _remove(server: Server, key: int) -> None:
    del server.posts[key]


async def test_an_item_that_was_removed_upstream_is_scrubbed_and_keeps_its_shell(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    number = await house.question("Mijn pakket is kwijt, acme #acme")
    (before,) = _mentions(house.store)
    _remove(server, next(iter(server.posts)))
    assert await house.recheck() == 0, "it is not due yet"
    clock.step(WEEK)
    assert await house.recheck() == 1
    (after,) = _mentions(house.store)
    assert (after.text, after.title, after.url, after.author_id, after.extra) == ("", None, None, None, {})
    assert after.deleted_at == clock()
    assert after.recheck_at is None
    assert after.id == before.id
    with house.store.read() as conn:
        assert conn.execute(select(mention_key.c.mention_id)).scalars().all() == [before.id]
        for table in (mention_raw, mention_html, author):
            assert conn.execute(select(table)).all() == []
        shell = conn.execute(select(conversation).where(conversation.c.id == number)).one()
    assert (shell.snippet, shell.author_name, shell.url) == ("", "", None)
    assert shell.status in {"new", "open"}, "the work that was done on it stays"
    assert "mention_deleted" in house.actions(number)


async def test_an_item_that_stands_is_refreshed_and_asked_about_a_week_later(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    await house.question("Mijn pakket is kwijt, acme #acme")
    post = next(iter(server.posts.values()))
    post["cooked" if "cooked" in post else "content"] = "<p>Gevonden! acme #acme</p>"
    if "cooked" in post:
        post |= {"raw": "Gevonden! acme #acme", "version": 2, "updated_at": post["created_at"]}
    clock.step(WEEK)
    await house.recheck()
    (one,) = _mentions(house.store)
    assert one.text.startswith("Gevonden!")
    assert one.last_seen_at == clock()
    assert one.recheck_at == clock() + WEEK
    assert await house.recheck() == 0
    clock.step(WEEK - timedelta(seconds=1))
    assert await house.recheck() == 0
    clock.step(seconds=1)
    assert await house.recheck() == 1


async def test_an_item_that_nothing_changed_of_counts_as_seen_and_does_not_disturb_an_agent(
    house: DutyHouse, clock: Clock
) -> None:
    number = await house.question()
    version = house.row(number).version
    clock.step(WEEK)
    await house.recheck()
    (one,) = _mentions(house.store)
    assert one.last_seen_at == clock()
    assert one.revision == 0
    assert house.row(number).n_inbound == 1
    assert house.row(number).version == version


async def test_the_longest_due_are_asked_first_and_a_turn_makes_room_for_others(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    for number in range(18):
        server.ask(f"vraag {number} #acme")
        clock.step(seconds=1)
    await house.collect()
    clock.step(WEEK)
    server.asked.clear()
    for _ in range(2):
        assert await house.recheck() == 1
        assert await house.recheck() == 0, "the source has its pause first"
        clock.step(seconds=30)
    paths = [path for _, path in server.asked]
    assert len(paths) == 18
    assert len(set(paths)) == 18
    assert all(one.recheck_at is not None and one.recheck_at > clock() for one in _mentions(house.store))


async def test_a_walk_goes_on_after_a_restart(house: DutyHouse, server: Server, clock: Clock) -> None:
    for number in range(15):
        server.ask(f"vraag {number} #acme")
        clock.step(seconds=1)
    await house.collect()
    clock.step(WEEK)
    server.asked.clear()
    await house.recheck()
    house.restart()
    clock.step(seconds=30)
    await house.recheck()
    assert len(server.asked) == len(set(server.asked)) == 15


async def test_two_workers_never_ask_about_one_source_at_once(house: DutyHouse, server: Server, clock: Clock) -> None:
    for number in range(8):
        server.ask(f"vraag {number} #acme")
    await house.collect()
    clock.step(WEEK)
    server.asked.clear()
    other = Rechecker(house.collector, [house.source])
    taken = await asyncio.gather(house.rechecker.tick(), other.tick())
    await house.rechecker.settled()
    await other.settled()
    assert sorted(taken) == [0, 1]
    assert len(server.asked) == 8


async def test_a_worker_that_lost_its_source_writes_nothing(house: DutyHouse, clock: Clock) -> None:
    await house.question()
    clock.step(WEEK)
    taking = {"owner": "late", "limit": 1, "lease": timedelta(minutes=15)}
    (old,) = duties.lease_due(house.store, now=clock(), **taking)  # type: ignore[arg-type]
    clock.step(minutes=16)
    assert await house.recheck() == 1
    before = _mentions(house.store)
    with pytest.raises(StaleLeaseError):
        house.rechecker._commit(old, [], [before[0].id], clock())
    assert _mentions(house.store) == before
    assert duties.release(house.store, old, not_before=None) is False


async def test_a_platform_that_says_wait_is_not_asked_before(house: DutyHouse, server: Server, clock: Clock) -> None:
    await house.question()
    clock.step(WEEK)
    server.read = lambda *_: (429, {"Retry-After": "600"}, {"error": "Throttled"})  # type: ignore[method-assign]
    await house.recheck()
    with house.store.read() as conn:
        row = conn.execute(select(source_duty)).one()
    assert row.not_before == clock() + timedelta(seconds=600)
    assert row.trouble
    assert row.lease_owner is None
    clock.step(minutes=5)
    assert await house.recheck() == 0
    (one,) = _mentions(house.store)
    assert one.deleted_at is None


async def test_one_item_that_is_refused_does_not_hold_up_the_others(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    for number in range(3):
        server.ask(f"vraag {number} #acme")
        clock.step(seconds=1)
    await house.collect()
    clock.step(WEEK)
    read, first = server.read, str(min(server.posts))

    def refusing(path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        if path.removesuffix(".json").endswith(f"/{first}"):
            return 403, {}, {"error": "not for you", "errors": ["not for you"], "error_type": "invalid_access"}
        return read(path, query)

    server.read = refusing  # type: ignore[method-assign]
    await house.recheck()
    (refused,) = (one for one in _mentions(house.store) if one.last_seen_at != clock())
    assert refused.deleted_at is None, "a refusal is no proof of a removal"
    assert refused.recheck_at == clock() + WEEK / 4


async def test_a_login_that_is_dead_stops_asking_and_tells_why(house: DutyHouse, server: Server, clock: Clock) -> None:
    if not isinstance(server, Instance):
        pytest.skip("a forum is read without a login")
    for number in range(5):
        server.ask(f"vraag {number} #acme")
    await house.collect()
    clock.step(WEEK)
    server.asked.clear()
    server.read = lambda *_: (401, {}, {"error": "The access token was revoked"})  # type: ignore[method-assign]
    await house.recheck()
    with house.store.read() as conn:
        row = conn.execute(select(source_duty)).one()
    assert len(server.asked) == REFUSALS
    assert row.not_before == clock() + timedelta(hours=24)
    assert row.failures == 1


async def test_kept_items_of_a_source_that_gets_a_duty_are_told_of_it(
    house: DutyHouse, server: Server, clock: Clock
) -> None:
    house.ask_for(Keeping())
    for number in range(3):
        server.ask(f"vraag {number} #acme")
        clock.step(seconds=1)
    await house.collect()
    assert all(one.recheck_at is None for one in _mentions(house.store))
    house.ask_for(Keeping(recheck_s=3600, retention_s=86_400))
    for one in _mentions(house.store):
        assert one.recheck_at == one.last_seen_at + timedelta(hours=1)
        assert one.erase_at == one.sort_at + timedelta(days=1)
    house.ask_for(Keeping())
    assert all((one.recheck_at, one.erase_at) == (None, None) for one in _mentions(house.store))


async def test_what_may_be_kept_without_a_new_sight_is_asked_about_before_it_would_go() -> None:
    keeping = Keeping(recheck_s=None, keep_s=172_800, profiles_s=86_400)
    assert keeping.ask_every == timedelta(hours=18)
