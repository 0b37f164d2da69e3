"""Reads one window as a chain of pages until the platform's own end signal, the page budget, or a stop."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from connectors.contract import Page, Purpose, Window
from connectors.errors import AuthExpired, BudgetExhausted, FormatChanged
from connectors.requests import FileRequest, HttpRequest, MailboxRequest, Request, Response, StreamRequest
from pipeline.http.redact import redact_text
from pipeline.line import Line
from pipeline.loopguard import LoopGuard
from pipeline.progress import NOT_BOUGHT, UNBOUGHT, UNDER_WAY, Progress
from pipeline.reading import Reading
from pipeline.windows import foreign_gaps
from store.records import GapRecord, ValidatorRecord

PageRequest = HttpRequest | MailboxRequest | FileRequest


async def read_chain(
    reading: Reading, line: Line, window: Window, *, conditional: bool, budget: int, stop: asyncio.Event
) -> StreamRequest | None:
    """Read a window and commit each page.

    Args:
        reading: performs the steps.
        line: the query; its tally counts along.
        window: what to read.
        conditional: an unchanged first answer may be skipped (no stretch below it is missing).
        budget: most pages; then the rest becomes a gap that later runs fill.
        stop: set when the worker is asked to end; the page under way is still committed.

    Returns:
        The stream with which the last page goes on, if it names one.

    Raises:
        ConnectorError: what went wrong; everything committed before stays.
        StaleLeaseError: another worker has this source.
    """
    chain = _Chain(reading, line, window, budget=budget, stop=stop)
    try:
        return await chain.follow(window, conditional=conditional)
    except AuthExpired:
        await reading.renew_login(line)
        # planned anew, because the old login may stand in every next request of the chain
        return await chain.follow(chain.progress.resume(), conditional=conditional)


class _Chain:
    """One window under way."""

    def __init__(self, reading: Reading, line: Line, window: Window, *, budget: int, stop: asyncio.Event) -> None:
        foreign = foreign_gaps(window.interval, line.gaps, line.covered, line.connector.lookback)
        self.progress = Progress(
            window,
            covered=line.covered,
            gaps=line.gaps,
            foreign=foreign,
            lost=line.lost,
            first_run=line.first_run,
        )
        self._reading = reading
        self._line = line
        self._budget = budget
        self._stop = stop

    async def follow(self, window: Window, *, conditional: bool) -> StreamRequest | None:
        """Ask page after page; returns the stream that comes after the last one."""
        guard = LoopGuard()
        request: Request | None = await self._reading.plan(self._line, window)
        while isinstance(request, PageRequest):
            guard.asking(request)
            first = self.progress.pages == 0
            try:
                response, validator = await self._reading.ask(self._line, request, conditional=conditional and first)
                task = self._line.task(window)
                page = await self._reading.parse(self._line, task, response)
            except BudgetExhausted as error:
                await self._note_unbought(request, error)
                raise
            if isinstance(page.next, StreamRequest):
                await self._commit(replace(page, next=None), response, validator)
                return page.next
            try:
                guard.got(page)
            except FormatChanged as error:
                await self._reading.refuse(self._line, task, response, error)
                raise
            await self._commit(page, response, validator)
            spent = self.progress.pages >= self._budget
            self._line.tally.more |= spent and page.next is not None
            if spent or self._stop.is_set():
                return None
            request = page.next
        return None

    async def _commit(self, page: Page, response: Response, validator: ValidatorRecord | None) -> None:
        """Commit a page with what the chain knows of its window by now."""
        covered = self.progress.advance(page)
        last = page.next is None
        await self._reading.commit(
            self._line,
            page,
            response,
            covered=covered,
            gaps=self._gaps(last=last) if isinstance(response.request, HttpRequest) else (),
            validator=validator,
            keep_validator=last and self.progress.window.purpose is Purpose.EXTEND,
        )

    async def _note_unbought(self, request: PageRequest, error: BudgetExhausted) -> None:
        """Write down which stretch was not read because it would have cost more than is left."""
        if isinstance(request, HttpRequest):
            text = f"{NOT_BOUGHT}: {redact_text(str(error), self._line.secrets)}"
            gaps, line = self.progress.open_gaps(UNBOUGHT, text), self._line
            await self._reading.ledger.note_gaps(
                line.source.id, line.query.id, gaps, now=self._reading.clock(), fence=line.fence
            )

    def _gaps(self, *, last: bool) -> tuple[GapRecord, ...]:
        """What of the window is not proven; mailboxes and folders go by their own state instead of by time."""
        if last:
            return self.progress.lost_at_end()
        if self.progress.pages < self._budget:
            return self.progress.open_gaps("error", UNDER_WAY)
        text = f"{self.progress.pages} pages were read; the rest follows at later runs"
        return self.progress.open_gaps("budget", text)
