"""Collects an asked-for stretch of time, for example after a brand query was changed.

Reads the stretch even where it was covered: items that no query matched then may match now. Every page is
committed like any other, so a back-fill that is broken off loses nothing and may be asked again.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from connectors.contract import Interval, Purpose, Window
from connectors.errors import BadRequest, ConnectorError
from connectors.requests import StreamRequest
from pipeline.chain import read_chain
from pipeline.collect import Collector
from pipeline.http.redact import KNOWN
from pipeline.line import Line, Login, secrets_of
from pipeline.report import Tally
from pipeline.settings import SourceSettings
from store.sources import QueryStateRecord


@dataclass(frozen=True, slots=True)
class BackfillProgress:
    """How far one query's back-fill has come; `error` says in words why it ended early."""

    query_id: str
    label: str
    tally: Tally
    done: bool = False
    error: str | None = None


async def backfill(
    collector: Collector,
    source: SourceSettings,
    interval: Interval,
    *,
    queries: Collection[str] | None = None,
    max_pages: int | None = None,
    stop: asyncio.Event | None = None,
    on_progress: Callable[[BackfillProgress], None] = lambda _: None,
) -> list[BackfillProgress]:
    """Read a stretch of time, query by query.

    Args:
        collector: gives connector, client and store.
        source: what to read.
        interval: the stretch, aware UTC; cut at the platform's horizon.
        queries: ids of the queries to read; all when None.
        max_pages: most pages per query; None reads to the end.
        stop: set to end after the page under way.
        on_progress: called after each commit and at the end of each query.

    Returns:
        The last state of each query.
    """
    stop = stop or asyncio.Event()
    connector = collector.connector(source)
    with contextlib.suppress(ConnectorError):  # each query says so
        await collector.logins.take(source, connector)
    states = await collector.ledger.query_states(source.id)
    login, ends = Login(), []
    secrets = (*secrets_of(connector.options), *collector.logins.secrets(source.id))
    KNOWN.add(secrets)
    for query in connector.queries(collector.enricher().terms()):
        if stop.is_set() or (queries is not None and query.id not in queries):
            continue
        line = Line(source, connector, query, secrets, connector.hosts(), login)
        error = await _one(
            collector,
            line,
            states.get(query.id),
            _reachable(interval, line, collector.clock()),
            budget=max_pages or sys.maxsize,
            stop=stop,
            told=partial(_tell, on_progress, line),
        )
        ends.append(BackfillProgress(query.id, query.label, line.tally, done=error is None, error=error))
        on_progress(ends[-1])
    return ends


async def _one(
    collector: Collector,
    line: Line,
    state: QueryStateRecord | None,
    interval: Interval | None,
    *,
    budget: int,
    stop: asyncio.Event,
    told: Callable[[], None],
) -> str | None:
    """Read one query; returns in words why it ended early."""
    if interval is None:
        return f"{line.connector.platform} shows nothing that old"
    await collector.prepare(line, state, collector.clock())
    reading = collector.reading(told)
    window = Window(interval, purpose=Purpose.BACKFILL)
    try:
        await reading.log_in(line)
        if isinstance(await reading.plan(line, window), StreamRequest):
            msg = f"{line.connector.platform} is a stream and cannot go back in time"
            raise BadRequest(msg)
        await read_chain(reading, line, window, conditional=False, budget=budget, stop=stop)
    except ConnectorError as error:
        return str(error) or type(error).__name__
    return "ended on request; what was read is stored" if stop.is_set() else None


def _tell(on_progress: Callable[[BackfillProgress], None], line: Line) -> None:
    on_progress(BackfillProgress(line.query.id, line.query.label, line.tally))


def _reachable(interval: Interval, line: Line, now: datetime) -> Interval | None:
    """The part of the interval inside the platform's horizon."""
    horizon = line.connector.horizon
    start = interval.start if horizon is None else max(interval.start, now - horizon)
    end = min(interval.end, now)
    return Interval(start, end) if start < end else None
