"""Which stretches of time to ask a source for: a pure decision over what is covered and what is missing.

The rules (docs/collecting.md):

    1. one window from the newest known instant minus the look-back up to now: it extends the coverage and
       meets what the platform shows late;
    2. then the holes, newest first: gaps that were recorded when a chain broke off (with their cursor), and
       stretches between covered spans that no gap tells of; each with the look-back below it, because the chain
       that broke off would have asked that stretch again;
       what was not bought is a hole of its own, so that new money is not spent on it before the newest is read;
    3. what lies before the platform's horizon is lost, and said to be.

A hole without a cursor that touches the newest window is asked in one chain with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.contract import Interval, Purpose, Window
from store.coverage import merge, subtract
from store.records import Span

MAX_HOLES_PER_RUN = 10
"""Holes asked in one run; a source that breaks off at every run must not make its runs ever longer."""


@dataclass(frozen=True, slots=True)
class KnownGap:
    """An open gap: `lost` ones are never asked again, the others resume at `cursor`; `unbought` ones cost something."""

    span: Span
    lost: bool = False
    cursor: str | None = None
    unbought: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask, in order, and what turned out to be out of the platform's reach since the last run."""

    windows: tuple[Window, ...]
    lost: tuple[Span, ...] = ()
    first_run: bool = False


@dataclass(frozen=True, slots=True)
class _Hole:
    span: Span
    cursor: str | None = None
    unbought: bool = False


def plan_windows(
    now: datetime,
    covered: Sequence[Span],
    gaps: Sequence[KnownGap],
    *,
    lookback: timedelta,
    horizon: timedelta | None,
    backfill: timedelta,
) -> Plan:
    """Decide what one query asks in this run.

    Args:
        now: aware UTC; the end of the newest window.
        covered: spans proven complete, in any order.
        gaps: open gaps, lost ones included; they overlap neither each other nor what is covered.
        lookback: how late the platform may show an item.
        horizon: how far back the platform answers; None without limit.
        backfill: how far back the very first run reads.
    """
    spans = merge(span for span in covered if span.start < now)
    known = [*spans, *(gap.span for gap in gaps)]
    if not known:
        reach = backfill if horizon is None else min(backfill, horizon)
        first = (Window(Interval(now - reach, now)),) if reach > timedelta(0) else ()
        return Plan(windows=first, first_run=True)

    limit = None if horizon is None else now - horizon
    newest = min(now, max(span.end for span in known))
    holes = _holes(newest, spans, gaps)
    lost = [hole.span for hole in holes if limit is not None and hole.span.end <= limit]
    holes = [hole for hole in holes if limit is None or hole.span.end > limit]
    # below the very first known instant nothing was ever promised, so nothing there can be called lost either
    start = max(newest - lookback, min(span.start for span in known))
    if limit is not None and limit > newest:
        lost.append(Span(newest, min(limit, now)))
    if limit is not None:
        start = max(start, limit)

    windows: list[Window] = []
    if start < now:
        start, holes = _absorb(start, holes, spans, lookback)
        windows.append(Window(Interval(start, now)))
    windows += [
        Window(Interval(_ask_from(hole.span, spans, lookback), hole.span.end), cursor=hole.cursor, purpose=Purpose.HOLE)
        for hole in holes[:MAX_HOLES_PER_RUN]
    ]
    return Plan(windows=tuple(windows), lost=tuple(lost))


def foreign_gaps(window: Interval, gaps: Sequence[Span], covered: Sequence[Span], lookback: timedelta) -> list[Span]:
    """The open gaps that a window meets, but whose look-back reaches below it: another chain reads them whole."""
    spans = merge(covered)
    return [
        gap
        for gap in gaps
        if gap.start < window.end and window.start < gap.end and _ask_from(gap, spans, lookback) < window.start
    ]


def _holes(newest: datetime, covered: Sequence[Span], gaps: Sequence[KnownGap]) -> list[_Hole]:
    """Recorded and derived holes, newest first."""
    known = merge([*covered, *(gap.span for gap in gaps)])
    holes = [_Hole(span) for span in subtract(Span(known[0].start, newest), known)] if known[0].start < newest else []
    holes += [_Hole(gap.span, gap.cursor, gap.unbought) for gap in gaps if not gap.lost]
    return sorted(holes, key=lambda hole: hole.span.end, reverse=True)


def _ask_from(hole: Span, covered: Sequence[Span], lookback: timedelta) -> datetime:
    """The hole's start, or the look-back below it where covered land lies below."""
    if all(span.end != hole.start for span in covered):
        return hole.start
    return max(covered[0].start, hole.start - lookback)


def _absorb(
    start: datetime, holes: Sequence[_Hole], covered: Sequence[Span], lookback: timedelta
) -> tuple[datetime, list[_Hole]]:
    """Let the newest window start at the bottom of every cursorless hole it touches, unless that was not bought."""
    kept: list[_Hole] = []
    for hole in holes:
        if hole.cursor is None and not hole.unbought and hole.span.end >= start:
            start = min(start, _ask_from(hole.span, covered, lookback))
        else:
            kept.append(hole)
    return start, kept
