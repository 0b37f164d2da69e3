"""One step of a chain: ask, read, understand, commit. Shared by chains of pages, streams and back-fills."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
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
from pipeline.line import Line, secrets_of
from pipeline.logins import Logins
from pipeline.metering import Metering, once, was_free
from pipeline.pagecommit import commits, lost, rows_of
from store.records import GapRecord, MeterCharge, PageCommit, Span, ValidatorRecord


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
        logins: gives connectors their login.
        parser: parses in a process of its own.
        enricher: gives the enricher with the newest brand queries.
        timezone: IANA name deciding the calendar day of the roll-ups.
        clock: aware UTC.
        on_progress: called after each commit; a run that stops calling it hangs.
        on_stream: called when a stream is opened.
        metering: asked before each call that has a price.
        sleep: waits before a broken stream is entered again.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: Fetcher,
        logins: Logins,
        parser: GuardedParser,
        enricher: Callable[[], Enricher],
        *,
        metering: Metering,
        timezone: str,
        clock: Callable[[], datetime],
        on_progress: Callable[[], None],
        on_stream: Callable[[], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.ledger = ledger
        self.fetcher = fetcher
        self.metering = metering
        self.clock = clock
        self._logins = logins
        self._parser = parser
        self._enricher = enricher
        self._timezone = timezone
        self._on_progress = on_progress
        self.on_stream = on_stream
        self.sleep = sleep

    async def plan(self, line: Line, window: Window) -> Request:
        """Ask the connector how the chain for a window begins, with what its meters have left.

        Raises:
            BadRequest: the query cannot be asked, or the connector failed at planning it.
        """
        await self._look_at_meters(line)
        try:
            return line.connector.plan(line.task(window))
        except ConnectorError:
            raise
        except Exception as error:  # a fault of a (third-party) connector may not take its neighbours along
            msg = f"the {line.connector.name} connector failed to plan a request: {type(error).__name__}: {error}"
            raise BadRequest(msg) from error

    async def ask(self, line: Line, request: Request, *, conditional: bool) -> tuple[Response, ValidatorRecord | None]:
        """Perform a request; returns the answer and the validators that went with the question.

        What it may cost is held until its page is committed, or `settle` or `refuse` is called.

        Raises:
            BudgetExhausted: it costs more than is left.
            ConnectorError: as the client judged it.
        """
        validator = None
        if isinstance(request, HttpRequest):
            validator = line.validators.get(validator_url(request, line.secrets)) if conditional else None
        elif isinstance(request, FileRequest):
            # a file that breaks its parser never gets into the connector's own list, and would hold up the others
            request = replace(request, done=request.done | await self.ledger.waiting_answers(line.source.id))
        if isinstance(request, HttpRequest) and request.price:
            await self._look_at_meters(line)
        line.held = await self.metering.hold(line.source, line.connector, request, line.share)
        request = once(request)
        line.tally.calls += 1
        try:
            response = await self.fetcher.fetch(
                request, validator=validator, secrets=line.secrets, private_hosts=line.hosts
            )
        except ConnectorError as error:
            await self.settle(line, {} if was_free(error) else error.spent)
            raise
        return response, validator

    async def _look_at_meters(self, line: Line) -> None:
        """Let the line know what is left, for a connector that asks for no more than it can pay."""
        line.left = await self.metering.left(line.source, line.connector, line.share)

    async def settle(self, line: Line, spent: Mapping[str, float] | None) -> None:
        """Write down what the last call cost, where no page is committed with it; None: all that was held."""
        held, line.held = line.held, None
        await self.metering.settle(held, spent)

    async def parse(self, line: Line, task: Task, response: Response) -> Page:
        """Read an answer with the connector.

        Raises:
            ConnectorError: the answer is an error, or not what was asked for; the answer is then kept.
        """
        connector = line.connector
        try:
            page = await self.parse_apart(connector, task, response)
        except ConnectorError as error:
            await self.refuse(line, task, response, error)
            raise
        except Exception as error:  # any fault of a (third-party) connector may not take its neighbours along
            changed = FormatChanged(
                f"the {connector.name} connector failed on an answer: {type(error).__name__}: {error}"
            )
            await self.refuse(line, task, response, changed)
            raise changed from error
        await self._logins.keep(line.source, connector)
        return page

    async def parse_apart(self, connector: Connector[Options], task: Task, response: Response) -> Page:
        """Have the connector parse an answer; untrusted bytes in a process of their own, within its time limit.

        Raises:
            ConnectorError: the answer is an error, not what was asked for, or breaks the parser.
        """
        unchanged = isinstance(response, HttpResponse) and response.unchanged
        if connector.parse_seconds is not None and not unchanged:
            return await self._parser.run(connector, task, response, connector.parse_seconds)
        return await asyncio.to_thread(connector.parse, task, response)

    async def refuse(self, line: Line, task: Task, response: Response, error: ConnectorError) -> None:
        """Pay for an answer that is no page, and put it into quarantine when the error is about the answer itself."""
        await self.settle(line, error.spent)
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
        charges = self._charges(line, page)
        proof = self._proof(
            line,
            response,
            covered=covered,
            gaps=(*gaps, *lost(page)),
            state=page.state,
            validator=fresh,
            charges=charges,
        )
        line.tally.page(len(page.items) + len(page.rejected))
        line.tally.unchanged = isinstance(response, HttpResponse) and response.unchanged
        line.wish = page.poll_after or line.wish
        for part in commits(rows, proof):
            await self._commit(line, part)
        line.held = None
        if page.state is not None:
            line.state = page.state

    async def log_in(self, line: Line) -> None:
        """Give the connector its kept login, renewed when it ends soon.

        Raises:
            ConnectorError: there is no login to work with.
        """
        await self._logins.ready(line.source, line.connector, self._asking(line))
        self._logged_in(line)

    async def renew_login(self, line: Line) -> None:
        """Renew an expired login, once per run.

        Raises:
            AuthDead: it was renewed already, or only a person can.
            ConnectorError: renewing failed.
        """
        if line.login.renewed:
            msg = f"the login of {line.connector.platform} has expired and cannot be renewed without you"
            raise AuthDead(msg)
        line.login.renewed = self._logins.stamp(line.source, line.connector) == line.login.stamp
        await self._logins.renew(line.source, line.connector, self._asking(line), stamp=line.login.stamp)
        self._logged_in(line)

    def _asking(self, line: Line) -> Callable[[Request], Awaitable[Response]]:
        async def ask(request: Request) -> Response:
            response, _ = await self.ask(line, request, conditional=False)
            if line.held is not None:
                await self.settle(line, None)
            return response

        return ask

    def _logged_in(self, line: Line) -> None:
        line.login.stamp = self._logins.stamp(line.source, line.connector)
        line.secrets = (*secrets_of(line.connector.options), *self._logins.secrets(line.source.id))

    def _charges(self, line: Line, page: Page) -> tuple[MeterCharge, ...]:
        """What a page cost; a connector that names nonsense pays what was held."""
        if line.held is not None:
            try:
                return line.held.charges(page.spent)
            except ValueError:
                return line.held.charges(None)
        return () if not page.spent else self.metering.charges(line.source, line.connector, page.spent)

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
