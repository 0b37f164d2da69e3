"""The worker: nothing overlaps, nothing holds up another, nothing stays locked, and it ends in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from connectors.contract import Connector, Options
from connectors.requests import HttpRequest, HttpResponse
from pipeline.duties import Duty
from pipeline.fetch import Fetcher
from pipeline.ledger import Ledger
from pipeline.settings import SourceSettings
from pipeline.worker import Worker, WorkerSettings
from store.engine import Store
from store.schedule import wake
from store.schema import source as source_table
from store.sources import query_states
from tests.conftest import Clock
from tests.pipeline.bench import collector, enrolled, kept, make_connector, source
from tests.pipeline.fake_platform import Platform, Post
from tests.source_rows import source_rows

LIMITS = WorkerSettings(grace=timedelta(seconds=5), lease=timedelta(minutes=2))


class Desk:
    """Answers for the platform, and lets a test hold an answer back."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.held: dict[str, asyncio.Event] = {}
        self.arrived: dict[str, asyncio.Event] = {}
        self.under_way: list[str] = []
        self.overlaps: list[str] = []
        self.calls: list[str] = []

    def hold(self, name: str) -> asyncio.Event:
        """Hold back answers to a source until the event is set."""
        self.held[name] = asyncio.Event()
        self.arrived[name] = asyncio.Event()
        return self.held[name]

    async def fetch(self, request: HttpRequest, **_: object) -> HttpResponse:
        name = request.url.split("//")[1].split("/")[0]
        if name in self.under_way:
            self.overlaps.append(name)
        self.under_way.append(name)
        self.calls.append(name)
        try:
            if name in self.held:
                self.arrived[name].set()
                await self.held[name].wait()
            status, headers, body = self.platform.answer("/posts", dict(request.params), {})
        finally:
            self.under_way.remove(name)
        return HttpResponse(request, status, headers, body, request.url, self.platform.now())


@pytest.fixture
def platform(clock: Clock) -> Platform:
    now = clock()
    return Platform(now=clock, posts=[Post("a", now - timedelta(hours=1), now - timedelta(hours=1))])


@pytest.fixture
def desk(platform: Platform) -> Desk:
    return Desk(platform)


Hire = Callable[..., Worker]


@pytest.fixture
async def hire(store: Store, clock: Clock, desk: Desk) -> AsyncIterator[Hire]:
    """Make a worker for sources; each gets a ledger of its own, as in a process of its own."""
    ledgers: list[Ledger] = []

    def make(
        *sources: SourceSettings,
        settings: WorkerSettings = LIMITS,
        duties: tuple[Duty, ...] = (),
        owner: str = "one",
        connector: Callable[[SourceSettings], Connector[Options]] = make_connector,
    ) -> Worker:
        ledger = Ledger(store)
        ledgers.append(ledger)
        works = collector(ledger, clock, fetcher=Fetcher(desk), connector=connector)  # type: ignore[arg-type]
        return Worker(works, sources, duties=duties, settings=settings, clock=clock, owner=owner)

    yield make
    for ledger in ledgers:
        ledger.close()


def sources(store: Store, now: datetime, *names: str) -> list[SourceSettings]:
    made = [source(f"http://{name}", id=name) for name in names]
    enrolled(store, now, *made)
    for each in made:
        assert wake(store, each.id, now=now)
    return made


def row(store: Store, name: str) -> Row[Any]:
    return next(each for each in source_rows(store) if each.id == name)


async def test_a_hanging_source_delays_no_other_and_is_never_run_twice(
    store: Store, clock: Clock, desk: Desk, hire: Hire
) -> None:
    worker = hire(*sources(store, clock(), "hangs", "works"))
    let_go = desk.hold("hangs")
    await worker.tick()
    await desk.arrived["hangs"].wait()
    for _ in range(3):
        works = worker._runs["works"].task
        assert works is not None
        await works
        assert row(store, "works").lease_owner is None
        clock.step(minutes=6)
        await worker.tick()
    assert desk.calls.count("works") >= 3
    assert desk.calls.count("hangs") == 1
    let_go.set()
    await worker.settle()
    assert desk.overlaps == []
    assert row(store, "hangs").health == "ok"


async def test_a_source_that_stays_silent_is_cut_off_and_says_so(
    store: Store, clock: Clock, desk: Desk, hire: Hire
) -> None:
    worker = hire(*sources(store, clock(), "hangs"), settings=WorkerSettings(silence=timedelta(milliseconds=50)))
    desk.hold("hangs")
    await worker.tick()
    await worker.settle()
    after = row(store, "hangs")
    assert after.health == "trouble"
    assert "cut off" in after.health_text
    assert after.lease_owner is None
    assert after.failures == 1
    assert after.due_at == clock() + timedelta(minutes=5)


async def test_a_machine_that_slept_runs_each_source_once_and_reads_the_whole_time(
    store: Store, clock: Clock, platform: Platform, desk: Desk, hire: Hire
) -> None:
    worker = hire(*sources(store, clock(), "works"))
    await worker.tick()
    await worker.settle()
    at = clock() + timedelta(hours=3)
    platform.posts += [Post(f"s{n}", at + timedelta(minutes=n), at) for n in range(30)]
    clock.step(hours=8)
    calls = len(desk.calls)
    await worker.tick()
    await worker.settle()
    await worker.tick()
    await worker.settle()
    assert len(kept(store)) == 31
    assert len(desk.calls) - calls == 6  # pages of one run


async def test_a_run_that_slept_through_its_lease_goes_on_and_is_not_taken_by_ourselves(
    store: Store, clock: Clock, desk: Desk, hire: Hire
) -> None:
    worker = hire(*sources(store, clock(), "hangs"))
    let_go = desk.hold("hangs")
    await worker.tick()
    await desk.arrived["hangs"].wait()
    clock.step(hours=8)
    await worker.tick()
    let_go.set()
    await worker.settle()
    assert desk.overlaps == []
    assert desk.calls.count("hangs") == 1
    assert len(kept(store)) == 1


async def test_a_dead_workers_source_is_taken_over_and_the_dead_one_cannot_write(
    store: Store, clock: Clock, desk: Desk, hire: Hire
) -> None:
    feeds = sources(store, clock(), "works")
    dead, alive = hire(*feeds, owner="dead"), hire(*feeds, owner="alive")
    let_go = desk.hold("works")
    await dead.tick()
    await desk.arrived["works"].wait()
    await alive.tick()
    assert alive.running == frozenset()
    clock.step(minutes=3)  # no renewal came: as if the process were gone
    del desk.held["works"]
    desk.under_way.clear()
    await alive.tick()
    await alive.settle()
    assert len(kept(store)) == 1
    finished = row(store, "works")
    desk.under_way.append("works")
    let_go.set()
    await dead.settle()
    assert row(store, "works").due_at == finished.due_at
    assert len(kept(store)) == 1


async def test_two_workers_never_poll_one_source_at_once(store: Store, clock: Clock, desk: Desk, hire: Hire) -> None:
    feeds = sources(store, clock(), *(f"s{n}" for n in range(8)))
    workers = [hire(*feeds, owner=name) for name in ("one", "two")]
    for _ in range(3):
        await asyncio.gather(*(worker.tick() for worker in workers))
        await asyncio.gather(*(worker.settle() for worker in workers))
        clock.step(minutes=6)
    assert desk.overlaps == []
    assert sorted(set(desk.calls)) == [f"s{n}" for n in range(8)]


async def test_ending_lets_the_page_under_way_be_stored_and_gives_every_source_back(
    store: Store, clock: Clock, platform: Platform, desk: Desk, hire: Hire
) -> None:
    now = clock()
    platform.posts += [Post(f"m{n}", now - timedelta(hours=2, minutes=n), now) for n in range(20)]
    worker = hire(*sources(store, now, "works"))
    let_go = desk.hold("works")
    running = asyncio.create_task(worker.run())
    await desk.arrived["works"].wait()
    worker.stop()
    let_go.set()
    await asyncio.wait_for(running, 10)
    after = row(store, "works")
    assert after.lease_owner is None
    assert after.due_at <= clock()
    assert len(kept(store)) == platform.page_size  # one page; the rest is known as a gap
    again = hire(*sources(store, now, "works"))
    await again.tick()
    await again.settle()
    assert len(kept(store)) == 21


async def test_a_fault_of_our_own_ends_one_run_and_not_the_worker(store: Store, clock: Clock, hire: Hire) -> None:
    def broken(settings: SourceSettings) -> Connector[Options]:
        if settings.id == "broken":
            msg = "no such option"
            raise ValueError(msg)
        return make_connector(settings)

    worker = hire(*sources(store, clock(), "broken", "works"), connector=broken)
    await worker.tick()
    await worker.settle()
    assert "a fault in Klankbord itself: ValueError: no such option" in row(store, "broken").health_text
    assert row(store, "broken").lease_owner is None
    assert row(store, "works").health == "ok"


async def test_duties_run_when_due_never_beside_themselves_and_survive_their_faults(
    store: Store, clock: Clock, hire: Hire
) -> None:
    ran: list[str] = []

    def breaks() -> None:
        ran.append("breaks")
        raise ValueError

    async def waits() -> None:
        ran.append("waits")

    duties = (Duty("breaks", timedelta(minutes=1), breaks), Duty("waits", timedelta(minutes=5), waits, at_start=False))
    worker = hire(*sources(store, clock(), "works"), duties=duties)
    for _ in range(3):
        await worker.tick()
        await worker.tick()
        await worker.settle()
        clock.step(minutes=3)
    assert sorted(ran) == ["breaks", "breaks", "breaks", "waits"]


async def test_a_paused_source_is_left_alone_until_it_goes_on(
    store: Store, clock: Clock, desk: Desk, hire: Hire
) -> None:
    worker = hire(*sources(store, clock(), "quiet", "works"))
    with store.write() as conn:
        conn.execute(source_table.update().where(source_table.c.id == "quiet").values(paused_at=clock()))
    await worker.tick()
    await worker.settle()
    assert desk.calls == ["works"]
    with store.write() as conn:
        conn.execute(source_table.update().values(paused_at=None))
    await worker.tick()
    await worker.settle()
    assert desk.calls == ["works", "quiet"]


async def test_how_people_read_a_query_is_kept_with_it(store: Store, clock: Clock, hire: Hire) -> None:
    worker = hire(*sources(store, clock(), "works"))
    await worker.tick()
    await worker.settle()
    labels = {name: state.label for name, state in query_states(store, "works").items()}
    assert labels == {name: name for name in labels}
    assert labels
