"""Reads a stream: one long connection whose batches are committed one by one.

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
from connectors.requests import StreamBatch, StreamRequest
from pipeline.line import Line
from pipeline.reading import Reading
from store.records import Span

QUIET_S = 15.0


async def read_stream(
    reading: Reading, line: Line, window: Window, request: StreamRequest, *, stop: asyncio.Event
) -> None:
    """Follow a stream until it closes, fails, or the worker is asked to end.

    Raises:
        ConnectorError: what went wrong; everything committed before stays.
        StaleLeaseError: another worker has this source.
    """
    quiet = Quiet()
    line.tally.calls += 1
    line.tally.streamed = True
    reading.on_stream()
    stopped = asyncio.ensure_future(stop.wait())
    try:
        batches = reading.fetcher.batches(request, secrets=line.secrets, private_hosts=line.hosts)
        async with aclosing(batches):
            while (batch := await _next_or_stop(batches, stopped)) is not None:
                page = await reading.parse(line, line.task(window), batch)
                for ready, answer in quiet.take(page, batch):
                    await _commit(reading, line, ready, answer)
    finally:
        stopped.cancel()
        left = quiet.flush()
        if left is not None:
            await _commit(reading, line, *left)


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
    return bool(page.items or page.rejected or page.deleted or page.gaps)


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


async def _commit(reading: Reading, line: Line, page: Page, batch: StreamBatch) -> None:
    covered = None if page.covered is None else Span(page.covered.start, page.covered.end)
    await reading.commit(line, page, batch, covered=covered)
