"""Reads a stream: long connections whose batches are committed one by one.

Silent batches (heartbeats) are joined until `QUIET_S` have passed, so that a quiet stream does not cost a
transaction a second; what they prove is then committed as one span.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from connectors.contract import Interval, Page, Window
from connectors.errors import ConnectorError, RateLimited, Transient
from connectors.requests import StreamBatch, StreamRequest
from pipeline.http.redact import redact_text
from pipeline.line import Line
from pipeline.metering import Held
from pipeline.reading import Reading
from pipeline.rejoining import Rejoining
from pipeline.signs import RefusalError
from store.records import GapRecord, Span

QUIET_S = 15.0


async def read_stream(
    reading: Reading, line: Line, window: Window, request: StreamRequest, *, stop: asyncio.Event
) -> None:
    """Follow a stream until it closes, fails, has lasted long enough, or the worker is asked to end.

    One that says so is entered again when it broke; what it missed meanwhile stays uncovered.

    Raises:
        BudgetExhausted: what it pushed has used up what reading may use: overdrawn by one batch at most, and not at all
            where the request says what a batch can cost.
        ConnectorError: what went wrong; everything committed before stays.
        StaleLeaseError: another worker has this source.
    """
    await reading.metering.ensure_left(line.source, line.connector)
    held = await reading.metering.hold(line.source, line.connector, request, line.share)
    line.tally.streamed = True
    reading.on_stream()
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await _Following(reading, line, window, request, held=held, stopped=stopped).follow()
    except Exception:  # whatever ended it, nothing more is bought; a run that is cut off leaves its hold
        await reading.metering.settle(held, {})
        raise
    finally:
        stopped.cancel()
    await reading.metering.settle(held, {})


class _Following:
    """One stream under way, over all its connections."""

    def __init__(
        self,
        reading: Reading,
        line: Line,
        window: Window,
        request: StreamRequest,
        *,
        held: Held | None,
        stopped: asyncio.Future[Literal[True]],
    ) -> None:
        self._reading = reading
        self._line = line
        self._window = window
        self._request = request
        self._held = held
        self._stopped = stopped
        self._quiet = Quiet()
        self._rejoining = Rejoining(request.reconnect)
        lasts = request.lasts_seconds
        self._until = None if lasts is None else reading.clock() + timedelta(seconds=lasts)

    async def follow(self) -> None:
        """Listen, and come back after a break."""
        try:
            while True:
                refused = False
                try:
                    ended = await self._listen()
                    trouble: ConnectorError = Transient("the platform closed the stream")
                    if ended or self._request.reconnect is None:
                        return
                except RefusalError as refusal:
                    refused, trouble = True, await self._judged(refusal)
                except ConnectorError as error:
                    trouble = error
                if not await self._come_back(trouble, refused=refused):
                    return
        finally:
            left = self._quiet.flush()
            if left is not None:
                await self._commit(*left)

    async def _listen(self) -> bool:
        """Read one connection; whether nobody wants another one."""
        reading, line = self._reading, self._line
        line.tally.calls += 1
        batches = reading.fetcher.batches(self._request, secrets=line.secrets, private_hosts=line.hosts)
        async with aclosing(batches):
            while (batch := await _next_or_stop(batches, self._stopped)) is not None:
                page = await reading.parse(line, line.task(self._window), batch)
                for ready, answer in self._quiet.take(page, batch):
                    await self._commit(ready, answer)
                if batch.events or not batch.closed:
                    self._rejoining.heard()
                if page.spent:
                    await reading.metering.ensure_left(line.source, line.connector, self._held)
                if self._over(0):
                    return True
        return self._stopped.done()

    async def _come_back(self, trouble: ConnectorError, *, refused: bool) -> bool:
        """Wait as the platform asks for; False when the time of this stream ends before.

        Raises:
            ConnectorError: the trouble, when coming back does not help, or the platform names a later instant.
        """
        wait = self._rejoining.wait(trouble, self._reading.clock(), refused=refused)
        if wait is None:
            raise trouble
        if self._over(wait):
            if isinstance(trouble, RateLimited):
                raise trouble
            await self._note(trouble)
            return False
        sleeping = asyncio.ensure_future(self._reading.sleep(wait))
        either: set[asyncio.Future[Any]] = {sleeping, self._stopped}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        return not self._stopped.done()

    async def _judged(self, refusal: RefusalError) -> ConnectorError:
        """What a refusal means, as the connector reads it."""
        line = self._line
        try:
            await self._reading.parse(line, line.task(self._window), refusal.response)
        except ConnectorError as error:
            return error
        return refusal.meaning

    async def _note(self, trouble: ConnectorError) -> None:
        """Write down since when the stream is away, and why; the next run fills it."""
        line, ledger, now = self._line, self._reading.ledger, self._reading.clock()
        covered = await ledger.covered(line.source.id, line.query.id)
        newest = max((span.end for span in covered), default=now)
        if newest < now:
            gap = GapRecord(Span(newest, now), "error", redact_text(str(trouble), line.secrets))
            await ledger.note_gaps(line.source.id, line.query.id, (gap,), now=now, fence=line.fence)

    def _over(self, wait: float) -> bool:
        return self._until is not None and self._reading.clock() + timedelta(seconds=wait) >= self._until

    async def _commit(self, page: Page, batch: StreamBatch) -> None:
        covered = None if page.covered is None else Span(page.covered.start, page.covered.end)
        await self._reading.commit(self._line, page, batch, covered=covered)


class Quiet:
    """Holds back pages without rows and joins what they prove. Pure."""

    def __init__(self) -> None:
        self._held: tuple[Page, StreamBatch] | None = None

    def take(self, page: Page, batch: StreamBatch) -> list[tuple[Page, StreamBatch]]:
        """Take in a page; returns the pages to commit now, in order."""
        if self._held is not None:
            joined = _join(self._held[0], page)
            if joined is None:
                earlier, self._held = self._held, None
                return [earlier, *self.take(page, batch)]
            since = self._held[1].since
            page, batch = joined, replace(batch, since=since)
        if _has_rows(page) or batch.closed or batch.received_at - batch.since >= timedelta(seconds=QUIET_S):
            self._held = None
            return [(page, batch)]
        self._held = (page, batch)
        return []

    def flush(self) -> tuple[Page, StreamBatch] | None:
        """What is still held back."""
        held, self._held = self._held, None
        return held


def _join(quiet: Page, page: Page) -> Page | None:
    """The page with the quiet one before it taken in; None when what they prove does not touch."""
    state = page.state if page.state is not None else quiet.state
    if quiet.covered is None or page.covered is None:
        return replace(page, covered=page.covered or quiet.covered, state=state)
    if page.covered.start > quiet.covered.end or quiet.covered.start > page.covered.end:
        return None
    start = min(quiet.covered.start, page.covered.start)
    return replace(page, covered=Interval(start, max(quiet.covered.end, page.covered.end)), state=state)


def _has_rows(page: Page) -> bool:
    return bool(page.items or page.rejected or page.deleted or page.gaps or page.spent)


async def _next_or_stop(
    batches: AsyncGenerator[StreamBatch, None], stopped: asyncio.Future[Literal[True]]
) -> StreamBatch | None:
    """The next batch; None when the stream has ended or we are asked to end."""
    following = asyncio.ensure_future(_next(batches))
    either: set[asyncio.Future[Any]] = {following, stopped}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return following.result() if following.done() else None
    finally:
        if not following.done():
            following.cancel()
            await asyncio.wait({following})


async def _next(batches: AsyncGenerator[StreamBatch, None]) -> StreamBatch | None:
    return await anext(batches, None)
