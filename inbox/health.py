"""Source health as people read it: the one bar for the team, and the page with the coverage ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from inbox.desk import Desk
from inbox.views import CoverageBar, CoverState, HealthBar, QueryHealth, SourceHealth
from store import source_health
from store.coverage import merge, subtract
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
            row.id: level_of(row.health, enabled=row.enabled)
            for row in conn.execute(select(source.c.id, source.c.health, source.c.enabled))
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
    rows = source_health.source_health(conn, now=now, window=span, source_ids=ids)
    found = [_view(row, totals.get(row.id, source_health.SourceTotals()), window) for row in rows]
    return tuple(sorted(found, key=_worst_first))


def _view(row: source_health.SourceHealthRow, totals: source_health.SourceTotals, window: Span) -> SourceHealth:
    return SourceHealth(
        id=row.id,
        name=row.name,
        connector=row.connector,
        platform=row.platform,
        own=row.own,
        enabled=row.enabled,
        health=row.health if row.enabled else "off",
        level=level_of(row.health, enabled=row.enabled),
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
                bars=bars(
                    one.covered, [(Span(gap.start_at, gap.end_at), gap.text or gap.reason) for gap in one.gaps], window
                ),
                n_gaps=len(one.gaps),
            )
            for one in row.queries
        ),
    )


def _worst_first(view: SourceHealth) -> tuple[int, bool, int, float, str]:
    since = view.error_since.timestamp() if view.error_since else 0.0
    return (LEVELS.index(view.level), not view.enabled, -view.open_gaps - view.quarantined, since, view.name.casefold())


def _within(span: Span, window: Span) -> Span:
    return Span(max(span.start, window.start), min(span.end, window.end))


def _bar(span: Span, state: CoverState, text: str = "") -> CoverageBar:
    return CoverageBar(span.start, span.end, state, text)
