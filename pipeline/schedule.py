"""When a source is due again after a run: a pure decision over the run's report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.pace import backoff, bounds, due_at, duplicate_share, next_pace, next_wait, start_delay
from pipeline.report import RunReport
from pipeline.settings import SourceSettings

REJOIN = timedelta(seconds=1)
"""A stream that ended in order is joined again after this; one that failed waits for its back-off."""


@dataclass(frozen=True, slots=True)
class NextRun:
    """When to run a source again: due instant (aware UTC), pace in seconds, failed runs in a row."""

    due_at: datetime
    pace_s: int
    failures: int


def after_run(
    source: SourceSettings, report: RunReport, *, pace_s: int, failures: int, now: datetime, first: bool = False
) -> NextRun:
    """Decide when a source is due after a run that came to its end.

    Args:
        source: its configured pace.
        report: what came of the run.
        pace_s: seconds between polls until now.
        failures: failed runs in a row before this one.
        now: aware UTC.
        first: first run since this worker started: the source then moves to its own place in the rhythm, so
            that sources started together do not stay together.
    """
    limits = bounds(source.every)
    if report.failed or not report.queries:
        wait = timedelta(seconds=limits.floor)
        due = due_at(now, wait, report.not_before) if report.not_before is None else max(now, report.not_before)
        return NextRun(due, pace_s, failures + 1 if report.failed else failures)
    if report.streamed:
        return NextRun(due_at(now, REJOIN, report.not_before), limits.every, 0)
    received = report.total("received")
    pace = next_pace(pace_s, duplicate_share(received, report.total("known")), limits)
    if report.again_soon:
        wait = timedelta(seconds=limits.floor)
    else:
        wait = next_wait(pace, wish=report.wish, limits=limits)
        if first:
            wait = max(timedelta(seconds=limits.floor), start_delay(source.id, wait))
    return NextRun(due_at(now, wait, report.not_before), pace, 0)


def after_fault(*, pace_s: int, failures: int, now: datetime, jitter: float) -> NextRun:
    """Decide when a source is due after a run that hung or broke on a fault of our own.

    Args:
        pace_s: seconds between polls until now.
        failures: failed runs in a row before this one.
        now: aware UTC.
        jitter: 0-1, random.
    """
    return NextRun(now + backoff(failures + 1, jitter), pace_s, failures + 1)
