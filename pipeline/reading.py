"""One step of a chain: ask, read, understand, commit. Shared by chains of pages, streams and back-fills."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from connectors.contract import Connector, Options, Page, Task, Window
from connectors.errors import AuthDead, BadRequest, ConnectorError, FormatChanged
from connectors.requests import FileRequest, HttpRequest, HttpResponse, Request, Response
from pipeline import setaside
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher
from pipeline.http.validators import validator_of, validator_url
from pipeline.ledger import Ledger
from pipeline.line import Line
from pipeline.pagecommit import commits, lost, rows_of
from store.records import GapRecord, PageCommit, Span, ValidatorRecord


class GuardedParser(Protocol):
    """Parses untrusted bytes in a process of its own that is killed when the time limit passes."""

    async def run(self, connector: Connector[Options], task: Task, response: Response, seconds: float) -> Page:
        """Parse an answer; raises `ConnectorError` only."""
        ...


class Reading:
    """Performs the steps of a run. Does not decide what to ask or what follows from an error.

    Args:
        ledger: the store.
        fetcher: performs requests by kind.
        parser: parses in a process of its own.
        enricher: gives the enricher with the newest brand queries.
        timezone: IANA name deciding the calendar day of the roll-ups.
        clock: aware UTC.
        on_progress: called after each commit; a run that stops calling it hangs.
        on_stream: called when a stream is opened.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: Fetcher,
        parser: GuardedParser,
        enricher: Callable[[], Enricher],
        *,
        timezone: str,
        clock: Callable[[], datetime],
        on_progress: Callable[[], None],
        on_stream: Callable[[], None],
    ) -> None:
        self.ledger = ledger
        self.fetcher = fetcher
        self.clock = clock
        self._parser = parser
        self._enricher = enricher
        self._timezone = timezone
        self._on_progress = on_progress
        self.on_stream = on_stream

    def plan(self, line: Line, window: Window) -> Request:
        """Ask the connector how the chain for a window begins.

        Raises:
            BadRequest: the query cannot be asked, or the connector failed at planning it.
        """
        try:
            return line.connector.plan(line.task(window))
        except ConnectorError:
            raise
        except Exception as error:  # a fault of a (third-party) connector may not take its neighbours along
            msg = f"the {line.connector.name} connector failed to plan a request: {type(error).__name__}: {error}"
            raise BadRequest(msg) from error

    async def ask(self, line: Line, request: Request, *, conditional: bool) -> tuple[Response, ValidatorRecord | None]:
        """Perform a request; returns the answer and the validators that went with the question.

        Raises:
            ConnectorError: as the client judged it.
        """
        validator = None
        if isinstance(request, HttpRequest):
            validator = line.validators.get(validator_url(request, line.secrets)) if conditional else None
        elif isinstance(request, FileRequest):
            # a file that breaks its parser never gets into the connector's own list, and would hold up the others
            request = replace(request, done=request.done | await self.ledger.waiting_answers(line.source.id))
        line.tally.calls += 1
        response = await self.fetcher.fetch(
            request, validator=validator, secrets=line.secrets, private_hosts=line.hosts
        )
        return response, validator

    async def parse(self, line: Line, task: Task, response: Response) -> Page:
        """Read an answer with the connector.

        Raises:
            ConnectorError: the answer is an error, or not what was asked for; the answer is then kept.
        """
        connector = line.connector
        try:
            return await self.parse_apart(connector, task, response)
        except ConnectorError as error:
            await self.keep_answer(line, task, response, error)
            raise
        except Exception as error:  # any fault of a (third-party) connector may not take its neighbours along
            changed = FormatChanged(
                f"the {connector.name} connector failed on an answer: {type(error).__name__}: {error}"
            )
            await self.keep_answer(line, task, response, changed)
            raise changed from error

    async def parse_apart(self, connector: Connector[Options], task: Task, response: Response) -> Page:
        """Have the connector parse an answer; untrusted bytes in a process of their own, within its time limit.

        Raises:
            ConnectorError: the answer is an error, not what was asked for, or breaks the parser.
        """
        unchanged = isinstance(response, HttpResponse) and response.unchanged
        if connector.parse_seconds is not None and not unchanged:
            return await self._parser.run(connector, task, response, connector.parse_seconds)
        return await asyncio.to_thread(connector.parse, task, response)

    async def keep_answer(self, line: Line, task: Task, response: Response, error: ConnectorError) -> None:
        """Put a whole answer into quarantine when the error is about the answer itself."""
        if not isinstance(error, FormatChanged | BadRequest):
            return
        answer = setaside.whole_answer(response, task, error, line.secrets)
        await self._commit(line, self._proof(line, response, quarantined=(answer,)))

    async def commit(
        self,
        line: Line,
        page: Page,
        response: Response,
        *,
        covered: Span | None,
        gaps: tuple[GapRecord, ...] = (),
        validator: ValidatorRecord | None = None,
        keep_validator: bool = False,
    ) -> None:
        """Enrich and commit a page: its rows together with what it proves.

        Args:
            line: whose page it is; its state and tally move on.
            page: what was read.
            response: where it was read from.
            covered: the span to record as complete.
            gaps: the rest of the window, or what was lost.
            validator: what went with the question.
            keep_validator: the answer was taken in whole, so that an unchanged one may be skipped next time.
        """
        platform, received = line.connector.platform, response.received_at
        rows = await asyncio.to_thread(
            rows_of, page, self._enricher(), source=line.source, platform=platform, fetched_at=received
        )
        fresh = None
        if keep_validator and isinstance(response, HttpResponse) and response.request.conditional:
            fresh = validator_of(response, validator, secrets=line.secrets)
        proof = self._proof(
            line, response, covered=covered, gaps=(*gaps, *lost(page)), state=page.state, validator=fresh
        )
        line.tally.page(len(page.items) + len(page.rejected))
        line.tally.unchanged = isinstance(response, HttpResponse) and response.unchanged
        line.wish = page.poll_after or line.wish
        for part in commits(rows, proof):
            await self._commit(line, part)
        if page.state is not None:
            line.state = page.state

    async def renew_login(self, line: Line) -> None:
        """Renew an expired login, once per run.

        Raises:
            AuthDead: it was renewed already, or only a person can.
            ConnectorError: renewing failed.
        """
        request = None if line.login.renewed else line.connector.refresh()
        if request is None:
            msg = f"the login of {line.connector.platform} has expired and cannot be renewed without you"
            raise AuthDead(msg)
        line.login.renewed = True
        response, _ = await self.ask(line, request, conditional=False)
        line.connector.refreshed(response)

    def _proof(self, line: Line, response: Response, **proven: object) -> PageCommit:
        source = line.source
        return PageCommit(
            source_id=source.id,
            query_id=line.query.id,
            fetched_at=response.received_at,
            fence=line.fence,
            archive_after_s=int(source.archive_after.total_seconds()),
            timezone=self._timezone,
            **proven,  # type: ignore[arg-type]
        )

    async def _commit(self, line: Line, page: PageCommit) -> None:
        line.tally.committed(await self.ledger.commit(page))
        self._on_progress()
