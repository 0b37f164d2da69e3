"""Source health as people read it: the one bar for the team, and the page with the coverage ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.source_views import CoverageBar, CoverState, HealthBar, MeterView, QueryHealth, SourceHealth
from store import source_health
from store.coverage import merge, subtract
from store.meter_standings import standings, used_up_at
from store.meters import in_units
from store.records import Span
from store.schema import source

# Healths in which a source brings nothing until a person does something, or the platform comes back.
_DARK = frozenset({"login", "refused", "gone"})
_ATTENTION = frozenset({"trouble"})
LEVELS = ("dark", "attention", "ok")
_SHORT = timedelta(days=1)


def bar(desk: Desk) -> HealthBar:
    """What needs a look, worst first. Reads the few sources that are not well in full, the others only counted."""
    now = desk.clock()
    with desk.store.read() as conn:
        levels = {
            row.id: level_of(row.health, enabled=row.enabled and row.paused_at is None)
            for row in conn.execute(select(source.c.id, source.c.health, source.c.enabled, source.c.paused_at))
        }
        ill = [source_id for source_id, level in levels.items() if level != "ok"]
        worst = _read(conn, now, _SHORT, ill) if ill else ()
    found = list(levels.values())
    return HealthBar(
        level=next((level for level in LEVELS if level in found), "ok"),
        n_sources=len(found),
        n_attention=found.count("attention"),
        n_dark=found.count("dark"),
        worst=worst,
    )


def sources(desk: Desk, *, span: timedelta) -> tuple[SourceHealth, ...]:
    """All sources with the ledger of the last `span`, worst first."""
    with desk.store.read() as conn:
        return _read(conn, desk.clock(), span, None)


def level_of(health: str, *, enabled: bool) -> str:
    """How bad a health is: dark, attention or ok. A paused source is ok: somebody wanted it so."""
    if not enabled:
        return "ok"
    return "dark" if health in _DARK else "attention" if health in _ATTENTION else "ok"


def bars(covered: Iterable[Span], gaps: Iterable[tuple[Span, str]], window: Span) -> tuple[CoverageBar, ...]:
    """A window cut into covered, gap and unknown stretches, oldest first, without overlap. Pure.

    Covered wins over a gap: what was read since is read.
    """
    proven = [span for span in merge(covered) if span.end > window.start and span.start < window.end]
    found = [_bar(_within(span, window), CoverState.COVERED) for span in proven]
    taken = list(proven)
    for span, text in sorted(gaps, key=lambda gap: gap[0].start):
        if span.end <= window.start or span.start >= window.end:
            continue
        found += [_bar(part, CoverState.GAP, text) for part in subtract(_within(span, window), taken)]
        taken.append(span)
    found += [_bar(part, CoverState.UNKNOWN) for part in subtract(window, taken)]
    return tuple(sorted(found, key=lambda one: one.start))


def _read(conn: Connection, now: datetime, span: timedelta, ids: list[str] | None) -> tuple[SourceHealth, ...]:
    window = Span(now - span, now)
    totals = source_health.totals(conn) if ids is None else {}
    calls = source_health.calls_since(conn, now - timedelta(days=1)) if ids is None else {}
    rows = source_health.source_health(conn, now=now, window=span, source_ids=ids)
    meters = _meters(conn, now) if ids is None else {}
    found = [
        replace(
            _view(row, totals.get(row.id, source_health.SourceTotals()), calls.get(row.id, 0), window),
            meters=tuple(meters.get(row.id, ())),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=_worst_first))


def _view(
    row: source_health.SourceHealthRow, totals: source_health.SourceTotals, calls_day: int, window: Span
) -> SourceHealth:
    working = row.enabled and row.paused_at is None
    return SourceHealth(
        id=row.id,
        name=row.name,
        connector=row.connector,
        platform=row.platform,
        own=row.own,
        enabled=row.enabled,
        health="off" if not row.enabled else "paused" if row.paused_at is not None else row.health,
        level=level_of(row.health, enabled=working),
        text=row.health_text,
        error_since=row.error_since,
        last_ok_at=row.last_ok_at,
        last_item_at=row.last_item_at,
        next_due_at=row.due_at,
        every_s=row.every_s,
        stored=totals.stored,
        duplicates=totals.duplicates,
        quarantined=row.quarantined,
        open_gaps=row.open_gaps,
        delay_p50_s=row.delay_p50_s,
        delay_p95_s=row.delay_p95_s,
        queries=tuple(
            QueryHealth(
                query_id=one.query_id,
                label=one.label,
                bars=bars(one.covered, [*_gaps(one), *_unbought(one, window.end)], window),
                n_gaps=len(one.gaps),
            )
            for one in row.queries
        ),
        calls_day=calls_day,
        paused_at=row.paused_at,
    )


def _gaps(query: source_health.QueryHealthRow) -> list[tuple[Span, str]]:
    return [(Span(gap.start_at, gap.end_at), gap.text or gap.reason) for gap in query.gaps]


def _unbought(query: source_health.QueryHealthRow, now: datetime) -> list[tuple[Span, str]]:
    """What has not been asked since a budget was used up; it enters the ledger when reading goes on."""
    if query.error_class != "BudgetExhausted" or query.not_before is None or query.not_before <= now:
        return []
    known = [*(span.end for span in query.covered), *(gap.end_at for gap in query.gaps)]
    newest = max(known, default=now)
    return [(Span(newest, now), query.error_text or "")] if newest < now else []


def _meters(conn: Connection, now: datetime) -> dict[str, list[MeterView]]:
    found: dict[str, list[MeterView]] = {}
    for one in standings(conn, now):
        found.setdefault(one.source_id, []).append(
            MeterView(
                name=one.name,
                unit=one.unit,
                period=one.period,
                most=None if one.most is None else in_units(one.most),
                kept=in_units(one.kept),
                used=in_units(one.used),
                today=in_units(one.today),
                month=in_units(one.month),
                ends_at=one.end,
                used_up=one.left == 0,
                used_up_at=used_up_at(one, now),
            )
        )
    return found


def _worst_first(view: SourceHealth) -> tuple[int, bool, int, float, str]:
    since = view.error_since.timestamp() if view.error_since else 0.0
    return (LEVELS.index(view.level), not view.enabled, -view.open_gaps - view.quarantined, since, view.name.casefold())


def _within(span: Span, window: Span) -> Span:
    return Span(max(span.start, window.start), min(span.end, window.end))


def _bar(span: Span, state: CoverState, text: str = "") -> CoverageBar:
    return CoverageBar(span.start, span.end, state, text)
