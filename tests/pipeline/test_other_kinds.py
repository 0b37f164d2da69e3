"""Streams, folders, back-fills and single runs go through the same commit as pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from connectors.contract import Connector, Interval, Options, Page, Query, Task
from connectors.errors import FormatChanged, Transient
from connectors.items import Item, Kind
from connectors.requests import (
    FileContent,
    FileRequest,
    Request,
    Response,
    StreamBatch,
    StreamEvent,
    StreamProtocol,
    StreamRequest,
)
from pipeline import dropfolder
from pipeline.backfill import backfill
from pipeline.collect import Collector
from pipeline.fetch import Fetcher
from pipeline.ledger import Ledger
from pipeline.once import collect_once
from pipeline.settings import SourceSettings
from pipeline.streaming import Quiet
from store.coverage import covered, open_gaps
from store.engine import Store
from store.quarantine import list_quarantine
from store.records import Span
from store.schedule import lease_source
from store.sources import query_states
from tests.conftest import Clock
from tests.pipeline.bench import client, collector, enrolled, kept, source
from tests.pipeline.fake_platform import FakeOptions, Platform, Post, transport

TICKER = StreamRequest("wss://ticker.example", StreamProtocol.WEBSOCKET)


class OneQuery(Connector[FakeOptions]):
    """A source that is read whole."""

    name: ClassVar[str] = "fake"
    platform: ClassVar[str] = "fake"
    options_type: ClassVar[type[Options]] = FakeOptions

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002
        return [Query("main", "main")]


class StreamConnector(OneQuery):
    """Every event is an item; it resumes at the last one."""

    def plan(self, task: Task) -> Request:  # noqa: ARG002
        return TICKER

    def parse(self, task: Task, response: Response) -> Page:  # noqa: ARG002
        assert isinstance(response, StreamBatch)
        items = tuple(
            Item(event.data, Kind.POST, text="acme", published_at=response.since) for event in response.events
        )
        state = {"last": items[-1].external_id} if items else None
        proven = Interval(response.since, response.received_at) if response.since < response.received_at else None
        return Page(items=items, covered=proven, state=state)


class FolderConnector(OneQuery):
    """Two lines of a file per page."""

    def plan(self, task: Task) -> Request:
        done = task.state.get("done", [])
        assert isinstance(done, list)
        return FileRequest(self.options.url, patterns=("*.txt",), done=frozenset(map(str, done)), settle_seconds=0)

    def parse(self, task: Task, response: Response) -> Page:  # noqa: ARG002
        assert isinstance(response, FileContent)
        if not response.name:
            return Page()
        asked = response.request
        if b"bomb" in response.body:
            msg = "this file broke its parser"
            raise FormatChanged(msg)
        lines = response.body.decode().split()
        items = tuple(Item(line, Kind.REVIEW, text="acme") for line in lines[asked.offset : asked.offset + 2])
        if asked.offset + 2 < len(lines):
            following = FileRequest(asked.folder, file=response.name, offset=asked.offset + 2, settle_seconds=0)
            return Page(items=items, next=following)
        return Page(items=items, state={"done": [response.fingerprint]})


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
async def ledger(store: Store) -> AsyncIterator[Ledger]:
    made = Ledger(store)
    yield made
    made.close()


def batch(clock: Clock, seconds: float, *events: str, closed: bool = False) -> StreamBatch:
    since = clock()
    return StreamBatch(TICKER, tuple(StreamEvent(e) for e in events), since, since, clock.step(seconds=seconds), closed)


def streamed(ledger: Ledger, clock: Clock, batches: list[StreamBatch], error: Exception | None = None) -> Collector:
    async def follow(request: StreamRequest, **_: object) -> AsyncGenerator[StreamBatch, None]:  # noqa: ARG001
        for each in batches:
            yield each
        if error is not None:
            raise error

    fetcher = Fetcher(client(clock), stream=follow)  # type: ignore[arg-type]
    return collector(ledger, clock, fetcher=fetcher, connector=lambda _: StreamConnector(FakeOptions()))


async def test_a_stream_stores_every_batch_and_joins_what_was_silent(
    store: Store, clock: Clock, ledger: Ledger
) -> None:
    feed, began = source(), clock()
    enrolled(store, began, feed)
    batches = [batch(clock, 1, "a"), *(batch(clock, 1) for _ in range(20)), batch(clock, 1, "b")]
    report = await streamed(ledger, clock, batches, Transient("the connection broke")).collect(feed)
    assert report.failed
    assert [row.external_id for row in kept(store)] == ["a", "b"]
    assert covered(store, "fake", "main") == [Span(began, began + timedelta(seconds=22))]
    assert query_states(store, "fake")["main"].state == {"last": "b"}


async def test_what_a_stream_missed_while_it_was_down_is_told_as_lost(
    store: Store, clock: Clock, ledger: Ledger
) -> None:
    feed = source()
    enrolled(store, clock(), feed)
    await streamed(ledger, clock, [batch(clock, 1, "a", closed=True)]).collect(feed)
    down = clock()
    up = clock.step(minutes=20)
    await streamed(ledger, clock, [batch(clock, 1, "b", closed=True)]).collect(feed)
    report = await streamed(ledger, clock, [batch(clock, 1, "c", closed=True)]).collect(feed)
    assert report.streamed
    gaps = open_gaps(store, "fake", "main")
    assert [(gap.span, gap.reason) for gap in gaps] == [(Span(down, up), "lost")]


async def test_a_stream_ends_when_asked_and_keeps_what_was_silent(store: Store, clock: Clock, ledger: Ledger) -> None:
    feed, stop, began = source(), asyncio.Event(), clock()
    enrolled(store, began, feed)
    quiet = batch(clock, 2)

    async def follow(request: StreamRequest, **_: object) -> AsyncGenerator[StreamBatch, None]:  # noqa: ARG001
        yield quiet
        stop.set()
        await asyncio.Event().wait()

    fetcher = Fetcher(client(clock), stream=follow)  # type: ignore[arg-type]
    works = collector(ledger, clock, fetcher=fetcher, connector=lambda _: StreamConnector(FakeOptions()))
    await asyncio.wait_for(works.collect(feed, stop=stop), 10)
    assert covered(store, "fake", "main") == [Span(quiet.since, quiet.received_at)]


def test_silence_that_does_not_touch_is_not_joined(clock: Clock) -> None:
    quiet, held = Quiet(), batch(clock, 1)
    assert quiet.take(Page(covered=Interval(held.since, held.received_at)), held) == []
    clock.step(minutes=1)
    later = batch(clock, 1)
    ready = quiet.take(Page(covered=Interval(later.since, later.received_at)), later)
    assert [each[1] for each in ready] == [held]
    assert quiet.flush() is not None


async def test_a_folder_is_read_in_pages_and_each_file_once(
    store: Store, clock: Clock, ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "one.txt").write_text("a b c d e")
    feed = source(str(tmp_path))
    enrolled(store, clock(), feed)

    def make(settings: SourceSettings) -> Connector[Options]:
        return FolderConnector(FakeOptions(**settings.options))

    later = lambda: clock() + timedelta(days=4_000)  # noqa: E731 - the file was written just now, on the real clock
    fetcher = Fetcher(client(clock), folder=lambda request: dropfolder.read(request, later))
    works = collector(ledger, clock, fetcher=fetcher, connector=make)
    first = await works.collect(feed)
    assert first.total("new") == 5
    clock.step(minutes=5)
    assert (await works.collect(feed)).total("received") == 0
    assert open_gaps(store, "fake", "main") == []


async def test_a_file_that_breaks_its_parser_is_set_aside_once_and_holds_up_no_other(
    store: Store, clock: Clock, ledger: Ledger, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("bomb")
    (tmp_path / "b.txt").write_text("x y")
    feed = source(str(tmp_path))
    enrolled(store, clock(), feed)
    later = lambda: clock() + timedelta(days=4_000)  # noqa: E731 - the files were written just now, on the real clock
    fetcher = Fetcher(client(clock), folder=lambda request: dropfolder.read(request, later))
    works = collector(ledger, clock, fetcher=fetcher, connector=lambda it: FolderConnector(FakeOptions(**it.options)))
    assert (await works.collect(feed)).health.state == "trouble"
    clock.step(days=2)
    second = await works.collect(feed)
    assert (second.total("new"), second.health.state) == (2, "ok")
    (kept,) = list_quarantine(store)
    assert (kept.whole_answer, kept.tries) == (True, 1)


def posts(now: datetime) -> list[Post]:
    return [Post(f"p{n}", now - timedelta(hours=n), now - timedelta(hours=n)) for n in range(1, 30)]


async def test_a_back_fill_reads_the_stretch_whole_and_tells_how_far_it_is(
    store: Store, clock: Clock, ledger: Ledger
) -> None:
    platform = Platform(now=clock, posts=posts(clock()))
    feed = source(backfill=timedelta(hours=3))
    enrolled(store, clock(), feed)
    works = collector(ledger, clock, transport=transport(platform))
    await works.collect(feed)
    assert len(kept(store)) == 3
    told: list[int] = []
    stretch = Interval(clock() - timedelta(hours=20), clock())
    ends = await backfill(works, feed, stretch, on_progress=lambda progress: told.append(progress.tally.received))
    assert [end.done for end in ends] == [True]
    assert len(kept(store)) == 20
    assert told == sorted(told)
    assert len(told) >= 4
    assert covered(store, "fake", "main") == [Span(stretch.start, clock())]


async def test_a_single_run_keeps_out_of_a_workers_way_and_keeps_the_rhythm(
    store: Store, clock: Clock, ledger: Ledger
) -> None:
    platform = Platform(now=clock, posts=posts(clock()))
    feed = source()
    enrolled(store, clock(), feed)
    works = collector(ledger, clock, transport=transport(platform))
    held = lease_source(store, "fake", owner="worker", now=clock(), lease=timedelta(minutes=2))
    assert held is not None
    assert await collect_once(works, feed) is None
    clock.step(minutes=3)
    report = await collect_once(works, feed)
    assert report is not None
    assert report.total("new") == 29
    again = lease_source(store, "fake", owner="worker", now=clock(), lease=timedelta(minutes=2))
    assert again is not None
    assert again.due_at > clock()
