"""Collects one source: every query, every window, page by page, and what follows from errors.

`Collector.collect` is a plain idempotent job: run twice, killed half-way or run late, it loses nothing and
doubles nothing, because every page's rows stand in one transaction with the interval they prove. Whoever runs
it (the worker here, or an engine that spreads jobs over hosts) only has to see to it that one source is not
polled by two at once, and the lease's fence holds even where that fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.contract import Connector, Interval, Options, Purpose, Query, Window
from connectors.errors import AuthExpired, BadRequest, BudgetExhausted, ConnectorError, Forbidden, Gone
from connectors.requests import HttpRequest, StreamRequest
from pipeline import health
from pipeline.chain import read_chain
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher
from pipeline.http.redact import KNOWN, redact_text
from pipeline.ledger import Ledger
from pipeline.line import Line, Login, secrets_of
from pipeline.logins import Logins
from pipeline.metering import Metering, Share
from pipeline.progress import NOT_BOUGHT, OUT_OF_REACH, UNBOUGHT
from pipeline.reading import GuardedParser, Reading
from pipeline.renewing import advised
from pipeline.report import QueryReport, RunReport
from pipeline.settings import CollectSettings, SourceSettings
from pipeline.streaming import read_stream
from pipeline.troubles import Consequence, consequence
from pipeline.waiting import earliest, recalled, waits
from pipeline.windows import KnownGap, Plan, plan_windows
from store.coverage import OpenGap, subtract
from store.records import GapRecord, Span
from store.sources import QueryStateRecord
from store.vault import Vault

_log = logging.getLogger(__name__)

MakeConnector = Callable[[SourceSettings], Connector[Options]]


def _nothing() -> None:
    """Nobody watches the progress."""


class Collector:
    """Collects sources, one at a time per call; safe to call for different sources at once.

    Args:
        ledger: the store.
        fetcher: performs requests by kind.
        parser: parses untrusted bytes in a process of its own.
        enricher: gives the enricher with the newest brand queries, asked anew for every page.
        settings: timezone and the like.
        make_connector: builds the connector of a source; asked once while the source's settings stay the same.
        clock: aware UTC.
        chance: a random number 0-1, for jitter.
        vault: where logins are kept; without it a renewed one lives as long as this collector.
        sleep: waits before a broken stream is entered again.
    """

    def __init__(
        self,
        ledger: Ledger,
        fetcher: Fetcher,
        parser: GuardedParser,
        enricher: Callable[[], Enricher],
        *,
        settings: CollectSettings,
        make_connector: MakeConnector,
        clock: Callable[[], datetime],
        chance: Callable[[], float] = random.random,
        vault: Vault | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.ledger = ledger
        self.settings = settings
        self.clock = clock
        self.chance = chance
        self.zone = ZoneInfo(settings.timezone)
        self.metering = Metering(ledger, clock)
        self._sleep = sleep
        self._fetcher = fetcher
        self._parser = parser
        self.enricher = enricher
        self._make_connector = make_connector
        self.logins = Logins(ledger, vault, make_connector, clock)
        self._connectors: dict[str, tuple[SourceSettings, Connector[Options]]] = {}
        self._asked: dict[tuple[str, str], datetime] = {}
        self._since: dict[tuple[str, str], datetime] = {}

    async def collect(
        self,
        source: SourceSettings,
        *,
        fence: int | None = None,
        now: datetime | None = None,
        stop: asyncio.Event | None = None,
        fresh: bool = False,
        on_progress: Callable[[], None] = _nothing,
        on_stream: Callable[[], None] = _nothing,
    ) -> RunReport:
        """Run a source once.

        Args:
            source: what to collect.
            fence: of the worker's lease; None outside the worker.
            now: aware UTC start of the run; the clock's instant when left out.
            stop: set when the run should end after the page under way.
            fresh: ask queries that stopped for a person (login, refusal) once more, as after a restart.
            on_progress: called after each commit.
            on_stream: called when a stream is opened: this run has no end of its own.

        Raises:
            StaleLeaseError: another worker has taken this source over.
            StoreError: the store cannot be reached.
        """
        started = now or self.clock()
        stop = stop or asyncio.Event()
        connector = self.connector(source)
        reading = self.reading(on_progress, on_stream)
        with contextlib.suppress(ConnectorError):  # each query says so
            await self.logins.take(source, connector)
        login, secrets = Login(), (*secrets_of(connector.options), *self.logins.secrets(source.id))
        KNOWN.add(secrets)
        states = await self.ledger.query_states(source.id)
        queries = self._in_turn(source.id, connector.queries(self.enricher().terms()))
        done: list[QueryReport] = []
        waiting: list[QueryStateRecord] = []
        for query in queries:
            state = states.get(query.id, QueryStateRecord(query.id))
            if state.label != query.label:
                await self.ledger.label_query(source.id, query.id, query.label)
                state = replace(state, label=query.label)
            if waits(state, started, fresh=fresh):
                waiting.append(state)
                continue
            line = Line(source, connector, query, secrets, connector.hosts(), login, fence=fence)
            report = await self._query(reading, line, state, started, stop, alone=len(queries) == 1)
            done.append(report)
            if stop.is_set() or (report.trouble is not None and report.trouble.ends_run):
                break
        return await self._conclude(source, connector, started, done, waiting)

    def connector(self, source: SourceSettings) -> Connector[Options]:
        """The source's connector; the same one as long as its settings stay the same."""
        kept = self._connectors.get(source.id)
        if kept is None or kept[0] != source:
            kept = (source, self._make_connector(source))
            self._connectors[source.id] = kept
        return kept[1]

    def reading(self, on_progress: Callable[[], None] = _nothing, on_stream: Callable[[], None] = _nothing) -> Reading:
        """The steps of a run."""
        return Reading(
            self.ledger,
            self._fetcher,
            self.logins,
            self._parser,
            self.enricher,
            timezone=self.settings.timezone,
            clock=self.clock,
            on_progress=on_progress,
            on_stream=on_stream,
            metering=self.metering,
            sleep=self._sleep,
        )

    async def prepare(self, line: Line, state: QueryStateRecord | None, now: datetime) -> Plan:
        """Load what the store knows of a query into its line, and decide what to ask."""
        source_id, query_id = line.source.id, line.query.id
        line.state = {} if state is None or state.state is None else state.state
        line.validators = await self.ledger.validators(source_id, query_id)
        line.covered = await self.ledger.covered(source_id, query_id)
        gaps = await self.ledger.open_gaps(source_id, query_id)
        plan = plan_windows(
            now,
            line.covered,
            [
                KnownGap(gap.span, lost=gap.reason == "lost", cursor=gap.cursor, unbought=gap.reason == UNBOUGHT)
                for gap in gaps
            ],
            lookback=line.connector.lookback,
            horizon=line.connector.horizon,
            backfill=line.source.backfill,
        )
        line.gaps = [gap.span for gap in gaps if gap.reason != "lost"]
        line.lost = [gap.span for gap in gaps if gap.reason == "lost"]
        line.unbought = [gap.span for gap in gaps if gap.reason == UNBOUGHT]
        line.first_run = plan.first_run
        return plan

    async def _query(
        self,
        reading: Reading,
        line: Line,
        state: QueryStateRecord,
        started: datetime,
        stop: asyncio.Event,
        *,
        alone: bool,
    ) -> QueryReport:
        """Run one query through its windows; an error ends this query's run only."""
        key = (line.source.id, line.query.id)
        self._asked[key] = started
        plan = await self.prepare(line, state, started)
        if state.error_class == "BudgetExhausted" and await self._note_unbought(line, state, started):
            plan = await self.prepare(line, state, started)
        if plan.lost:
            await self._write_off(line, plan.lost, started)
        trouble: Consequence | None = None
        try:
            await self.metering.declare(line.source, line.connector)
            await reading.log_in(line)
            await self._windows(reading, line, plan, stop)
        except ConnectorError as error:
            trouble = self._trouble(error, line, state)
            since = self._since.setdefault(key, started)
            sentence = health.of_trouble(
                trouble,
                platform=line.connector.platform,
                since=since,
                now=self.clock(),
                zone=self.zone,
                label="" if alone else line.query.label,
                set_aside=line.tally.quarantined,
            )
            await self.ledger.record_trouble(
                line.source.id,
                sentence,
                error_class=trouble.error_class,
                now=self.clock(),
                query_id=line.query.id,
                trouble=trouble,
            )
        else:
            self._since.pop(key, None)
            sentence = health.of_gaps(await self.ledger.open_gaps(*key), since=started)
            forecast = await self.metering.forecast(line.source, line.connector) if sentence is health.OK else None
            if forecast is not None:
                limit, period, at = forecast.limit, forecast.period, forecast.at
                sentence = health.of_forecast(limit, period, at, now=self.clock(), zone=self.zone)
            await self.ledger.record_success(*key, sentence, now=self.clock(), new=line.tally.new > 0)
        asked = plan.windows[0].interval if plan.windows else Interval(started - line.connector.lookback, started)
        report = QueryReport(
            line.query.id, line.query.label, asked.start, asked.end, line.tally, trouble, sentence, line.wish
        )
        await self.ledger.record_run(line.source.id, report, started, self.clock())
        return report

    async def _conclude(
        self,
        source: SourceSettings,
        connector: Connector[Options],
        started: datetime,
        done: Sequence[QueryReport],
        waiting: Sequence[QueryStateRecord],
    ) -> RunReport:
        """Sum up a run, and let the worst query speak for the source."""
        now = self.clock()
        sentences = [report.sentence for report in done] + [
            health.of_trouble(
                recalled(state),
                platform=connector.platform,
                since=self._since.get((source.id, state.query_id), started),
                now=now,
                zone=self.zone,
                label=state.label,
            )
            for state in waiting
        ]
        worst = health.worst(sentences)
        if done and worst is not done[-1].sentence:
            if worst.state != "ok":
                await self.ledger.record_trouble(source.id, worst, error_class=worst.error_class, now=now)
            elif worst.text:
                await self.ledger.record_success(source.id, None, worst, now=now, new=False)
        wishes = [report.wish for report in done if report.wish is not None]
        return RunReport(
            source_id=source.id,
            started_at=started,
            ended_at=now,
            queries=tuple(done),
            skipped=tuple(state.query_id for state in waiting),
            health=worst,
            not_before=earliest(done, waiting),
            wish=min(wishes, default=None),
            again_soon=any(report.tally.more for report in done),
            streamed=any(report.tally.streamed for report in done),
        )

    async def _windows(self, reading: Reading, line: Line, plan: Plan, stop: asyncio.Event) -> None:
        """Read every window of a plan; a stream comes last, because it has no end."""
        stream: tuple[Window, StreamRequest] | None = None
        whole = all(window.purpose is Purpose.EXTEND for window in plan.windows)
        for window in plan.windows:
            if stop.is_set():
                return
            request = await reading.plan(line, window)
            if isinstance(request, StreamRequest) and window.purpose is Purpose.EXTEND:
                stream = (window, request)
                await self._write_off(line, _behind(window, line), self.clock())
            elif isinstance(request, StreamRequest):
                await self._write_off(line, _missing(window, line.covered), self.clock())
            elif window.purpose is Purpose.EXTEND:
                budget = line.source.max_pages
                following = await read_chain(reading, line, window, conditional=whole, budget=budget, stop=stop)
                stream = stream if following is None else (window, following)
            elif isinstance(request, HttpRequest):
                await self._hole(reading, line, window, stop)
        if stream is not None and not stop.is_set():
            await self._stream(reading, line, *stream, stop=stop)

    async def _note_unbought(self, line: Line, state: QueryStateRecord, started: datetime) -> bool:
        """Write down the stretch in which nothing was asked because the budget was used up; whether there is one."""
        newest = max((span.end for span in [*line.covered, *line.gaps, *line.lost]), default=started)
        until = started - line.connector.lookback  # what is newer is read now
        if newest >= until:
            return False
        gap = GapRecord(Span(newest, until), UNBOUGHT, f"{NOT_BOUGHT}: {state.error_text or ''}")
        await self._commit_gaps(line, (gap,), started)
        return True

    async def _hole(self, reading: Reading, line: Line, window: Window, stop: asyncio.Event) -> None:
        """Fill a hole. One the platform refuses to show must not stop the query, which works otherwise."""
        backlog = any(span.end == window.interval.end for span in line.unbought)
        line.share = Share.BACKLOG if backlog else Share.READING
        try:
            await read_chain(reading, line, window, conditional=False, budget=line.source.max_pages, stop=stop)
        except BudgetExhausted as error:
            if not backlog or error.whole_source:
                raise
        except (BadRequest, Forbidden, Gone) as error:
            text = redact_text(str(error), line.secrets)
            reason = "error" if window.cursor is not None else "lost"
            known = await self.ledger.open_gaps(line.source.id, line.query.id)
            spans = [gap.span for gap in known if _inside(gap, window)] or _missing(window, line.covered)
            await self._commit_gaps(line, tuple(GapRecord(span, reason, text) for span in spans), self.clock())

    async def _stream(
        self, reading: Reading, line: Line, window: Window, request: StreamRequest, *, stop: asyncio.Event
    ) -> None:
        try:
            await read_stream(reading, line, window, request, stop=stop)
        except AuthExpired:
            await reading.renew_login(line)
            again = line.connector.plan(line.task(window))
            if isinstance(again, StreamRequest):
                await read_stream(reading, line, window, again, stop=stop)

    async def _write_off(self, line: Line, lost: Sequence[Span], now: datetime) -> None:
        """Record stretches that cannot be asked any more."""
        await self._commit_gaps(line, tuple(GapRecord(span, "lost", OUT_OF_REACH) for span in lost), now)

    async def _commit_gaps(self, line: Line, gaps: tuple[GapRecord, ...], now: datetime) -> None:
        await self.ledger.note_gaps(line.source.id, line.query.id, gaps, now=now, fence=line.fence)

    def _trouble(self, error: ConnectorError, line: Line, state: QueryStateRecord) -> Consequence:
        text = redact_text(advised(error, line.connector, line.source.id), line.secrets)
        found = consequence(
            error,
            now=self.clock(),
            failures=state.failures,
            previous=state.error_class,
            jitter=self.chance(),
        )
        _log.warning("source %s, %s: %s: %s", line.source.id, line.query.label, found.error_class, text)
        return replace(found, text=text)

    def _in_turn(self, source_id: str, queries: Sequence[Query]) -> list[Query]:
        """The query that waited longest first, so that a rate limit does not starve the last ones."""
        never = datetime.min.replace(tzinfo=UTC)
        return sorted(queries, key=lambda query: self._asked.get((source_id, query.id), never))


def _missing(window: Window, covered: Sequence[Span]) -> list[Span]:
    """What of a window was not covered before."""
    return subtract(Span(window.interval.start, window.interval.end), covered)


def _behind(window: Window, line: Line) -> list[Span]:
    """What of a stream's window lies behind land that is covered: no stream comes back to it."""
    holes = _missing(window, [*line.covered, *line.lost])
    newest = max((span.end for span in line.covered), default=window.interval.start)
    return [hole for hole in holes if hole.end < newest]


def _inside(gap: OpenGap, window: Window) -> bool:
    """Whether an open gap, not given up yet, is what a window asks for."""
    interval = window.interval
    return gap.reason != "lost" and interval.start <= gap.span.start and gap.span.end <= interval.end
