"""Kept logins: taken, renewed in time, kept before they are used, renewed by one at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from connectors.contract import Action, ActionKind
from connectors.errors import AuthDead, Transient
from pipeline.renewing import is_due, secrets_in
from store.engine import Store
from store.errors import StoreUnavailableError
from store.schema import login, query_state, run, source
from store.secrecy import Secrecy
from store.vault import Vault
from tests.conftest import Clock
from tests.connecting.bench import KEY, Bench
from tests.connecting.plaza import Plaza, served
from tests.pipeline.bench import kept


@pytest.fixture
async def bench(store: Store, clock: Clock) -> AsyncIterator[Bench]:
    plaza = Plaza(clock)
    with served(plaza) as url:
        made = Bench(store, clock, plaza, url)
        plaza.on_use = only_what_is_kept(made)
        yield made
        await made.close()


def only_what_is_kept(bench: Bench) -> Any:
    """Whatever token the platform meets stands in the vault at that moment, or stood there before."""
    stood: set[str] = set()

    def check(token: str) -> None:
        found = bench.vault.read("plaza", bench.clock())
        if found is not None and found.values is not None:
            stood.add(found.values["access"])
        assert token in stood, f"{token} was used before it was kept"

    return check


def reply() -> Action:
    return Action(ActionKind.REPLY, "1", "key", text="Wij kijken ernaar")


async def test_a_source_works_with_the_login_that_was_connected(bench: Bench) -> None:
    bench.connect()
    bench.plaza.post("acme is down")
    await bench.worker().collect(bench.source)
    assert [row.external_id for row in kept(bench.store)] == ["1"]
    assert bench.plaza.renewals == []
    assert bench.health().health == "ok"


async def test_a_login_is_renewed_before_it_ends_and_the_rotation_is_kept(bench: Bench) -> None:
    bench.connect()
    before = bench.kept()
    worker = bench.worker()
    bench.clock.step(hours=1, minutes=40)
    await worker.collect(bench.source)
    assert bench.plaza.renewals == []
    bench.clock.step(minutes=10)
    await worker.collect(bench.source)
    assert before.values is not None
    assert bench.plaza.renewals == [before.values["refresh_token"]]
    after = bench.kept()
    assert after.values is not None
    assert (after.version, after.values["refresh_token"]) == (before.version + 1, bench.plaza.refresh)
    assert after.ends_at == bench.clock() + bench.plaza.life
    assert (after.renewed_at, after.account) == (bench.clock(), "acme")
    assert not any(entry == "expired" for entry in bench.plaza.asked)


async def test_a_login_that_ran_out_in_the_middle_is_renewed_and_the_page_is_read(bench: Bench) -> None:
    bench.connect()
    bench.plaza.post("acme is down")
    bench.plaza.access = dict.fromkeys(bench.plaza.access, bench.clock() - timedelta(seconds=1))
    await bench.worker().collect(bench.source)
    assert [row.external_id for row in kept(bench.store)] == ["1"]
    assert len(bench.plaza.renewals) == 1
    assert bench.kept().version == 2


async def test_a_worker_takes_over_what_another_one_renewed(bench: Bench) -> None:
    bench.connect()
    first, second = bench.worker(), bench.worker()
    await first.collect(bench.source)
    await second.collect(bench.source)
    bench.clock.step(hours=1, minutes=55)
    await first.collect(bench.source)
    bench.clock.step(minutes=30)
    await second.collect(bench.source)
    assert len(bench.plaza.renewals) == 1
    assert bench.health().health == "ok"


async def test_two_workers_that_meet_the_end_at_once_renew_once(bench: Bench) -> None:
    bench.connect()
    workers = [bench.worker() for _ in range(3)]
    bench.clock.step(hours=3)
    await asyncio.gather(*(bench.performing(worker).log_in() for worker in workers))
    assert len(bench.plaza.renewals) == 1
    assert bench.kept().version == 2
    assert not bench.plaza.revoked


async def test_collecting_and_answering_at_once_renew_once(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    bench.clock.step(hours=3)
    answering = bench.performing(worker)

    async def answer() -> None:
        await answering.log_in()
        action = reply()
        done = await answering.perform(action, worker.connector(bench.source).act(action))
        assert done.result.items[0].is_own

    await asyncio.gather(worker.collect(bench.source), answer())
    assert len(bench.plaza.renewals) == 1
    assert [post["who"] for post in bench.plaza.posts] == ["acme"]


async def test_an_answer_that_meets_an_ended_token_is_sent_once_with_the_renewed_one(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    answering = bench.performing(worker)
    await answering.log_in()
    bench.plaza.access = dict.fromkeys(bench.plaza.access, bench.clock() - timedelta(seconds=1))
    action = reply()
    await answering.perform(action, worker.connector(bench.source).act(action))
    assert len(bench.plaza.posts) == 1
    assert bench.kept().version == 2


async def test_trouble_in_renewing_does_not_stop_a_login_that_still_works(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    bench.plaza.fates = ["failing"]
    bench.clock.step(hours=1, minutes=55)
    await worker.collect(bench.source)
    assert bench.health().health == "ok"
    await worker.collect(bench.source)
    assert len(bench.plaza.renewals) == 1, "it is not tried again at once"
    bench.clock.step(minutes=2)
    await worker.collect(bench.source)
    assert bench.kept().version == 2


async def test_before_an_answer_trouble_in_renewing_says_that_nothing_went_out(bench: Bench) -> None:
    bench.connect()
    bench.clock.step(hours=3)
    bench.plaza.fates = ["failing"]
    with pytest.raises(Transient) as failed:
        await bench.performing(bench.worker()).log_in()
    assert not failed.value.arrived
    assert bench.plaza.posts == []


async def test_a_revoked_login_asks_for_a_person_and_says_what_to_run(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    bench.plaza.revoked = True
    await worker.collect(bench.source)
    row = bench.health()
    assert row.health == "login"
    assert row.health_text.startswith("log in again: the plaza says the login was revoked")
    assert "klankbord connect plaza --source plaza" in row.health_text


async def test_logging_in_again_sets_a_stopped_source_to_work_without_a_restart(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    bench.plaza.revoked = True
    await worker.collect(bench.source)
    bench.plaza.revoked = False
    assert "posts" in (await worker.collect(bench.source)).skipped
    bench.connect()
    bench.clock.step(seconds=1)
    report = await worker.collect(bench.source)
    assert report.skipped == ()
    assert bench.health().health == "ok"


async def test_a_disconnected_account_is_not_used_any_more(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    await worker.collect(bench.source)
    asked = len(bench.plaza.asked)
    assert bench.vault.forget("plaza")
    await worker.collect(bench.source)
    assert len(bench.plaza.asked) == asked
    assert "was disconnected" in bench.health().health_text


async def test_another_key_says_so_and_sends_nothing(bench: Bench) -> None:
    bench.connect()
    other = Vault(bench.store, Secrecy(lambda: ("z" * 40,)))
    await bench.worker(other).collect(bench.source)
    assert bench.plaza.asked == []
    assert "put the key of this installation back" in bench.health().health_text


async def test_a_renewal_goes_on_when_its_run_is_cut_off(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker()
    bench.clock.step(hours=3)
    run = asyncio.create_task(worker.collect(bench.source))
    arrived = asyncio.Event()
    loop = asyncio.get_running_loop()
    bench.plaza.on_renewal = lambda: loop.call_soon_threadsafe(arrived.set)
    await arrived.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await worker.logins.settled()
    found = bench.kept()
    assert found.values is not None
    assert (found.version, found.values["refresh_token"]) == (2, bench.plaza.refresh)


class _FailingVault(Vault):
    """Cannot keep anything so many times."""

    times = 1

    def swap(self, *args: Any, **more: Any) -> bool:
        if self.times:
            self.times -= 1
            msg = "the disk is full"
            raise StoreUnavailableError(msg)
        return super().swap(*args, **more)


async def test_what_the_store_cannot_keep_is_not_used_and_kept_as_soon_as_it_can_be(bench: Bench) -> None:
    bench.connect()
    worker = bench.worker(_FailingVault(bench.store, Secrecy(lambda: (KEY,))))
    bench.clock.step(hours=3)
    bench.plaza.post("acme is down")
    await worker.collect(bench.source)
    assert "could not be kept yet: the disk is full" in bench.health().health_text
    assert kept(bench.store) == []
    bench.clock.step(minutes=10)
    await worker.collect(bench.source)
    assert len(bench.plaza.renewals) == 1
    assert bench.kept().version == 2
    assert len(kept(bench.store)) == 1


async def test_a_claim_of_a_dead_process_lapses(bench: Bench) -> None:
    bench.connect()
    bench.clock.step(hours=3)
    now = bench.clock()
    assert bench.vault.claim(
        "plaza", connector="plaza", version=1, by="dead", now=now, until=now + timedelta(minutes=3)
    )
    worker = bench.worker()
    worker.logins._sleep = _no_time  # the real pause is a fifth of a second, fifty times
    await worker.collect(bench.source)
    assert "another process is renewing the login" in bench.health().health_text
    assert bench.plaza.renewals == []
    bench.clock.step(minutes=5)
    await worker.collect(bench.source)
    assert len(bench.plaza.renewals) == 1
    assert bench.health().health == "ok"


async def _no_time(_: float) -> None:
    return


async def test_no_token_stands_in_the_database_a_log_or_the_health(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.connect()
    bench.clock.step(hours=3)
    await bench.worker().collect(bench.source)
    bench.plaza.revoked = True
    await bench.worker().collect(bench.source)
    assert "Secret-" not in caplog.text
    assert "Secret-" not in repr(bench.kept())
    with bench.store.read() as conn:
        for table in (login, source, query_state, run):
            assert "Secret-" not in repr(conn.execute(table.select()).all())


async def test_a_sealed_login_moved_to_another_source_is_not_taken(bench: Bench) -> None:
    bench.connect()
    other = {"values": {"access": "x"}, "ends_at": None, "now": bench.clock()}
    bench.vault.connect("other", connector="plaza", account="", **other)
    with bench.store.write() as conn:
        conn.execute(sql("UPDATE login SET sealed = (SELECT sealed FROM login WHERE source_id = 'other')"))
    await bench.worker().collect(bench.source)
    assert bench.health().health == "login"
    assert bench.plaza.asked == []


async def test_a_login_of_another_connector_is_not_given_to_this_one(bench: Bench) -> None:
    now = bench.clock()
    bench.vault.connect("plaza", connector="forum", account="", values={"a": "b"}, ends_at=None, now=now)
    await bench.worker().collect(bench.source)
    assert "is one of forum" in bench.health().health_text


async def test_without_a_kept_login_nothing_is_renewed_or_sealed(bench: Bench) -> None:
    def no_key() -> tuple[str, ...]:
        raise AssertionError

    worker = bench.worker(Vault(bench.store, Secrecy(no_key)))
    with pytest.raises(AuthDead):
        await worker.logins.renew(bench.source, worker.connector(bench.source), _never)


async def _never(_: Any) -> Any:
    raise AssertionError


NOW = datetime(2026, 3, 10, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(since=INSTANTS, ends_at=INSTANTS, now=INSTANTS)
def test_a_login_is_renewed_in_the_last_tenth_of_its_life_and_never_in_the_first_half(
    since: datetime, ends_at: datetime, now: datetime
) -> None:
    due = is_due(ends_at, since, now)
    if now >= ends_at:
        assert due
    if due and since < ends_at:
        assert now - since >= (ends_at - since) / 2
        assert ends_at - now <= timedelta(days=7)
    if since < ends_at and ends_at - now <= min((ends_at - since) / 10, timedelta(days=7)):
        assert due


def test_what_looks_like_a_token_is_a_secret_and_names_hosts_and_instants_are_not() -> None:
    values = {
        "access": "Secret-access-0001-Abcdefghijkl",
        "app_password": "xxxx-yyyy",
        "client_secret": "short",
        "did": "did:plc:Abcdefghijklmnopqrstuv",
        "handle": "a-rather-long-handle.social.example",
        "pds": "https://Pds.example/with/a/long/path",
        "ends_at": NOW.isoformat(),
    }
    assert secrets_in(values) == ("Secret-access-0001-Abcdefghijkl", "xxxx-yyyy", "short")


@st.composite
def _lives(draw: st.DrawFn) -> list[tuple[str, int]]:
    """What happens: renewals that fail, and how many workers meet the next moment."""
    fates = st.sampled_from(["works", "works", "failing"])
    return draw(st.lists(st.tuples(fates, st.integers(1, 3)), min_size=1, max_size=6))


@pytest.mark.slow
@settings(max_examples=8)
@given(life=_lives())
def test_in_any_life_no_refresh_token_is_used_twice_and_none_is_lost(
    sqlite_databases: Any, life: list[tuple[str, int]]
) -> None:
    from store.engine import open_store

    url = sqlite_databases.migrated()
    clock = Clock(NOW)
    plaza = Plaza(clock)
    store = open_store(url, clock=clock)
    with served(plaza) as address:
        bench = Bench(store, clock, plaza, address)
        plaza.on_use = only_what_is_kept(bench)
        bench.connect()
        try:
            asyncio.run(_live(bench, life))
        finally:
            store.close()
    sqlite_databases.drop(url)


async def _live(bench: Bench, life: list[tuple[str, int]]) -> None:
    workers = [bench.worker() for _ in range(3)]
    for fate, n in life:
        bench.clock.step(hours=3)
        bench.plaza.fates = [fate]
        await asyncio.gather(*(bench.performing(each).log_in() for each in workers[:n]), return_exceptions=True)
    bench.clock.step(hours=3)
    bench.plaza.fates = []
    await workers[0].collect(bench.source)
    done = [token for token in bench.plaza.renewals if token in bench.plaza.spent]
    assert len(bench.plaza.spent) == len(set(bench.plaza.spent))
    assert not bench.plaza.revoked
    assert bench.health().health == "ok"
    found = bench.kept()
    assert found.values is not None
    assert found.values["refresh_token"] == bench.plaza.refresh
    assert done
    await bench.close()
