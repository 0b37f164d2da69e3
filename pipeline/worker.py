"""The worker: takes sources that are due, collects them side by side, and gives them back.

APScheduler only ticks; what is due, who holds it and until when stands in the store. So any number of workers
may run on PostgreSQL, a machine that slept finds each source due once, and a worker that was killed leaves
nothing behind but leases that run out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from pipeline import health
from pipeline.collect import Collector
from pipeline.duties import Duties, Duty
from pipeline.report import RunReport
from pipeline.schedule import NextRun, after_fault, after_run
from pipeline.settings import SourceSettings
from store.errors import StoreError
from store.records import StaleLeaseError
from store.schedule import Lease

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Limits of a worker.

    Attributes:
        concurrency: most sources collected at once; streams, which never end, do not count.
        lease: how long a source is held without a sign of life.
        silence: a run that commits nothing for so long is cut off.
        tick: time between two looks for due sources.
        grace: how long runs may go on after the first signal to end.
        per_tick: most sources taken per tick, which spreads the start of many.
    """

    concurrency: int = 20
    lease: timedelta = timedelta(minutes=2)
    silence: timedelta = timedelta(minutes=5)
    tick: timedelta = timedelta(milliseconds=500)
    grace: timedelta = timedelta(seconds=20)
    per_tick: int = 10


@dataclass(slots=True)
class _Run:
    """One source being collected."""

    lease: Lease
    task: asyncio.Task[None] | None = None
    streaming: bool = False
    ending: bool = False


class Worker:
    """Runs until told to stop. Does not decide what a source's run does; see `Collector`.

    Args:
        collector: collects one source.
        sources: by configuration; those the store hands out must be among them.
        duties: periodic work injected by the shell (routing, retention, …).
        settings: limits.
        clock: aware UTC.
        owner: name of this worker in the store; `host:pid` when left out.
    """

    def __init__(
        self,
        collector: Collector,
        sources: Sequence[SourceSettings],
        *,
        duties: Sequence[Duty] = (),
        settings: WorkerSettings | None = None,
        clock: Callable[[], datetime],
        owner: str | None = None,
    ) -> None:
        self.settings = settings or WorkerSettings()
        self.owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        self._collector = collector
        self._ledger = collector.ledger
        self._sources = {source.id: source for source in sources}
        self._duties = Duties(duties, clock)
        self._clock = clock
        self._runs: dict[str, _Run] = {}
        self._begun: set[str] = set()
        self._renewed_at: datetime | None = None
        self._stop = asyncio.Event()
        self._store_down = False

    @property
    def running(self) -> frozenset[str]:
        """Ids of the sources being collected now."""
        return frozenset(self._runs)

    def stop(self) -> None:
        """Take no more sources; what runs finishes its page."""
        self._stop.set()

    async def run(self) -> None:
        """Work until `stop()` is called; then give every source back."""
        scheduler = AsyncIOScheduler(timezone="UTC")
        # a tick that comes late (a machine that slept) must run once, not never and not often
        scheduler.add_job(
            self.tick,
            "interval",
            seconds=self.settings.tick.total_seconds(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick outrun by the next is no news
        scheduler.start()
        try:
            await self._stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            await self.drain()

    async def tick(self) -> None:
        """Hold what runs, take what is due, and start duties that are due."""
        if self._stop.is_set():
            return
        try:
            await self._renew()
            await self._take()
        except StoreError as error:
            if not self._store_down:
                _log.error("the store cannot be reached, trying again: %s", error)
            self._store_down = True
            return
        self._store_down = False
        self._duties.start_due()

    async def drain(self) -> None:
        """Let runs finish their page within the grace time, cut off the rest, and wait for all."""
        self._stop.set()
        tasks = {run.task for run in self._runs.values() if run.task is not None}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self.settings.grace.total_seconds())
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._duties.drain(self.settings.grace)

    async def settle(self) -> None:
        """Wait until nothing runs; for callers that tick by hand."""
        while tasks := {run.task for run in self._runs.values() if run.task is not None}:
            await asyncio.wait(tasks)
        await self._duties.drain(self.settings.grace)

    async def _renew(self) -> None:
        """Hold the leases of what runs; a run whose source was taken over, or a stream that was paused, is cut off.

        Before anything is taken: after a sleep our own leases look expired to ourselves.
        """
        now = self._clock()
        if self._renewed_at is not None and now - self._renewed_at < self.settings.lease / 4:
            return
        self._renewed_at = now
        paused = await self._ledger.paused() if self._runs else frozenset()
        for source_id, run in list(self._runs.items()):
            if source_id in paused and run.streaming and run.task is not None:
                run.task.cancel()  # anything else ends by itself soon
                continue
            try:
                run.lease = await self._ledger.renew(run.lease, now + self.settings.lease)
            except StaleLeaseError:
                if run.ending:
                    continue  # it was given back while we asked
                _log.warning("source %s was taken over by another worker", source_id)
                if run.task is not None:
                    run.task.cancel()

    async def _take(self) -> None:
        """Take due sources as far as there is room."""
        busy = sum(not run.streaming for run in self._runs.values())
        room = min(self.settings.concurrency - busy, self.settings.per_tick)
        if room <= 0:
            return
        for lease in await self._ledger.lease_due(self.owner, self._clock(), room, self.settings.lease):
            source = self._sources.get(lease.source_id)
            earlier = self._runs.get(lease.source_id)
            if source is None or self._stop.is_set():
                # another configuration knows it, or we are ending: leave it to whoever comes next
                back = self._clock() + timedelta(minutes=1 if source is None else 0)
                await self._release(lease, NextRun(back, lease.pace_s, lease.failures))
                continue
            run = _Run(lease)
            self._runs[lease.source_id] = run
            run.task = asyncio.create_task(self._collect(source, run, earlier), name=f"collect {source.id}")

    async def _collect(self, source: SourceSettings, run: _Run, earlier: _Run | None) -> None:
        """Collect one source and give it back, whatever happens."""
        if earlier is not None and earlier.task is not None:
            earlier.task.cancel()  # its lease ran out unnoticed; two runs of one source never overlap
            await asyncio.wait({earlier.task})
        lease = run.lease
        following: NextRun | None = NextRun(self._clock(), lease.pace_s, lease.failures)
        try:
            following = await self._watched(source, run)
        except StaleLeaseError:
            following = None
        except StoreError as error:
            _log.error("source %s: the store failed: %s", source.id, error)
            following = self._faulty(lease)
        except Exception as error:  # noqa: BLE001 - one source's trouble, whatever it is, may not end the worker
            _log.exception("source %s: a fault of our own", source.id)
            following = self._faulty(lease)
            await self._tell_fault(source, f"{type(error).__name__}: {error}", following)
        finally:
            run.ending = True
            if following is not None:
                await self._release(run.lease, following)
            if self._runs.get(source.id) is run:
                del self._runs[source.id]

    async def _watched(self, source: SourceSettings, run: _Run) -> NextRun:
        """Run a source, cut off when it commits nothing for too long."""
        loop = asyncio.get_running_loop()
        silence = self.settings.silence.total_seconds()
        first = source.id not in self._begun
        try:
            async with asyncio.timeout(silence) as limit:

                def alive() -> None:
                    if run.streaming:
                        return  # a stream watches over its own silence
                    limit.reschedule(loop.time() + silence)

                def endless() -> None:
                    run.streaming = True
                    limit.reschedule(None)

                report = await self._collector.collect(
                    source, fence=run.lease.fence, stop=self._stop, fresh=first, on_progress=alive, on_stream=endless
                )
        except TimeoutError:
            following = self._faulty(run.lease)
            sentence = health.of_timeout(silence, until=following.due_at, now=self._clock(), zone=self._collector.zone)
            _log.warning("source %s: %s", source.id, sentence.text)
            await self._ledger.record_trouble(source.id, sentence, error_class="TimedOut", now=self._clock())
            return following
        self._begun.add(source.id)
        return self._next(source, run.lease, report, first=first)

    def _next(self, source: SourceSettings, lease: Lease, report: RunReport, *, first: bool) -> NextRun:
        now = self._clock()
        if self._stop.is_set():
            return NextRun(now, lease.pace_s, lease.failures)
        return after_run(source, report, pace_s=lease.pace_s, failures=lease.failures, now=now, first=first)

    def _faulty(self, lease: Lease) -> NextRun:
        return after_fault(
            pace_s=lease.pace_s, failures=lease.failures, now=self._clock(), jitter=self._collector.chance()
        )

    async def _tell_fault(self, source: SourceSettings, text: str, following: NextRun) -> None:
        sentence = health.of_fault(text, until=following.due_at, now=self._clock(), zone=self._collector.zone)
        with suppress(StoreError):  # the store's own trouble is told by the next tick
            await self._ledger.record_trouble(source.id, sentence, error_class="Internal", now=self._clock())

    async def _release(self, lease: Lease, following: NextRun) -> None:
        with suppress(StoreError):  # the lease runs out by itself
            await self._ledger.release(
                lease, due_at=following.due_at, pace_s=following.pace_s, failures=following.failures
            )


def install_signals(worker: Worker) -> None:
    """End in order on the first SIGTERM or SIGINT, at once on the second. Call inside the running loop.

    At once is safe: what was committed stands, and what was not is asked again.
    """
    loop = asyncio.get_running_loop()
    heard = False

    def on_signal() -> None:
        nonlocal heard
        if heard:
            os._exit(130)
        heard = True
        _log.info("ending: the pages under way are still stored; a second signal ends at once")
        worker.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
