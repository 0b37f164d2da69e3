"""The store as the collector uses it from its event loop: every call in a thread, so that the loop never waits.

SQLite writes one at a time; a single writer thread queues writes here instead of at the database's lock, where
waiting would count against its busy time-out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from pipeline.health import Sentence
from pipeline.report import QueryReport, percentile
from pipeline.troubles import Consequence
from store import coverage, quarantine, runs, schedule, sources
from store.coverage import OpenGap
from store.engine import Store
from store.ingest import commit_page
from store.records import CommitResult, GapRecord, PageCommit, Span, ValidatorRecord
from store.sources import QueryStateRecord

P = ParamSpec("P")
T = TypeVar("T")

WRITERS_POSTGRES = 4


class Ledger:
    """The store, awaitable. Use `close()` when done; the store itself is not closed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        writers = 1 if store.is_sqlite else WRITERS_POSTGRES
        self._writer = ThreadPoolExecutor(writers, thread_name_prefix="store-write")
        self._reader = ThreadPoolExecutor(4, thread_name_prefix="store-read")

    def close(self) -> None:
        """Let what is under way finish, and end the threads."""
        self._writer.shutdown(wait=True)
        self._reader.shutdown(wait=True)

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing call of the store in its turn."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, lambda: work(*args, **kwargs))

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading call of the store."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, lambda: work(*args, **kwargs))

    async def commit(self, page: PageCommit) -> CommitResult:
        """Commit a page in one transaction.

        Raises:
            StaleLeaseError: another worker has this source.
        """
        return await self.write(commit_page, self.store, page)

    async def note_gaps(
        self, source_id: str, query_id: str, gaps: tuple[GapRecord, ...], *, now: datetime, fence: int | None
    ) -> None:
        """Commit gaps that no page brings.

        Raises:
            StaleLeaseError: another worker has this source.
        """
        if gaps:
            await self.commit(PageCommit(source_id, query_id, fetched_at=now, gaps=gaps, fence=fence))

    async def query_states(self, source_id: str) -> dict[str, QueryStateRecord]:
        """What is remembered of a source's queries."""
        return await self.read(sources.query_states, self.store, source_id)

    async def paused(self) -> frozenset[str]:
        """Sources that somebody paused."""
        return await self.read(schedule.paused, self.store)

    async def label_query(self, source_id: str, query_id: str, label: str) -> None:
        """Keep how people read a query's name."""
        await self.write(sources.label_query, self.store, source_id, query_id, label)

    async def validators(self, source_id: str, query_id: str) -> dict[str, ValidatorRecord]:
        """Validators by URL."""
        return await self.read(sources.validators, self.store, source_id, query_id)

    async def covered(self, source_id: str, query_id: str) -> list[Span]:
        """What is proven complete."""
        return await self.read(coverage.covered, self.store, source_id, query_id)

    async def open_gaps(self, source_id: str, query_id: str) -> list[OpenGap]:
        """What is known to be missing."""
        return await self.read(coverage.open_gaps, self.store, source_id, query_id)

    async def waiting_answers(self, source_id: str) -> frozenset[str]:
        """SHA-256 in hex of whole answers that were set aside and not read since."""
        return await self.read(quarantine.waiting_answers, self.store, source_id)

    async def record_trouble(
        self,
        source_id: str,
        sentence: Sentence,
        *,
        error_class: str,
        now: datetime,
        query_id: str | None = None,
        trouble: Consequence | None = None,
    ) -> None:
        """Write down the trouble of a source, and of one query of it when named."""
        await self.write(
            sources.record_trouble,
            self.store,
            source_id,
            now=now,
            health=sentence.state,
            health_text=sentence.text,
            error_class=error_class,
            query_id=query_id,
            error_text=None if trouble is None else trouble.text,
            not_before=None if trouble is None else trouble.not_before,
        )

    async def record_success(
        self, source_id: str, query_id: str | None, sentence: Sentence, *, now: datetime, new: bool
    ) -> None:
        """Write down that a query, or the whole source, answered, and what is still to be told of it.

        `new` says whether it brought something new.
        """
        await self.write(
            sources.record_success,
            self.store,
            source_id,
            now=now,
            query_id=query_id,
            last_item_at=now if new else None,
            health_text=sentence.text,
        )

    async def record_run(self, source_id: str, report: QueryReport, started: datetime, ended: datetime) -> None:
        """Append a query's run to the ledger of runs."""
        tally, trouble = report.tally, report.trouble
        record = runs.RunRecord(
            source_id=source_id,
            query_id=report.query_id,
            started_at=started,
            ended_at=ended,
            asked_from=report.asked_from,
            asked_to=report.asked_to,
            pages=tally.pages,
            http_calls=tally.calls,
            received=tally.received,
            stored=tally.new,
            changed=tally.changed,
            duplicate=tally.known - tally.changed,
            unmatched=tally.unmatched,
            quarantined=tally.quarantined,
            unchanged=tally.unchanged,
            delay_p50_s=percentile(tally.delays_s, 0.5),
            delay_p95_s=percentile(tally.delays_s, 0.95),
            error_class=None if trouble is None else trouble.error_class,
            error_text=None if trouble is None else trouble.text,
        )
        await self.write(runs.record_run, self.store, record)

    async def lease_due(self, owner: str, now: datetime, limit: int, lease: timedelta) -> list[schedule.Lease]:
        """Take sources that are due."""
        return await self.write(schedule.lease_due, self.store, owner=owner, now=now, limit=limit, lease=lease)

    async def renew(self, lease: schedule.Lease, until: datetime) -> schedule.Lease:
        """Hold a lease longer.

        Raises:
            StaleLeaseError: another worker has this source.
        """
        return await self.write(schedule.renew, self.store, lease, until=until)

    async def release(self, lease: schedule.Lease, *, due_at: datetime, pace_s: int, failures: int) -> bool:
        """Give a lease back; False when another worker has the source."""
        return await self.write(schedule.release, self.store, lease, due_at=due_at, pace_s=pace_s, failures=failures)
