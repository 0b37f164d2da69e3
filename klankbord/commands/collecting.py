"""`collect`, `backfill`, `sources`, `quarantine`, `remap`: what comes in, and what could not be read.

The commands import what reaches outside when they run, so that every other command starts without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from klankbord import compose
from klankbord.config import Config
from klankbord.console import (
    AsJson,
    CommandError,
    ConfigFile,
    Friendly,
    answer_json,
    answer_table,
    duration,
    load,
    log_to_stderr,
    notes,
    screen,
)
from pipeline.settings import SourceSettings
from store.quarantine import list_quarantine
from store.source_health import SourceHealthRow, SourceTotals, source_health, totals

if TYPE_CHECKING:
    from pipeline.report import RunReport

SourceIds = Annotated[list[str] | None, typer.Argument(help="Sources, by id; all when left out.")]
OneSource = Annotated[str | None, typer.Option("--source", help="Only this source.")]
_COUNTS = ("pages", "received", "new", "changed", "known", "unmatched", "quarantined", "deleted")
_WINDOW = timedelta(days=7)

quarantine = typer.Typer(
    cls=Friendly, no_args_is_help=True, rich_markup_mode=None, help="Items that could not be read."
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("collect")(collect)
    app.command("backfill")(back_fill)
    app.command("sources")(list_sources)
    app.command("remap")(remap)


def collect(
    source: SourceIds = None,
    once: Annotated[bool, typer.Option("--once", help="Read each source once and stop.")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Collect: with --once each source a single time, otherwise as the worker does, until stopped."""
    loaded = load(config)
    wanted = _wanted(loaded, source)
    if not once:
        from klankbord.work import run_worker

        log_to_stderr()
        asyncio.run(run_worker(loaded.model_copy(update={"sources": tuple(wanted)})))
        return
    from klankbord.jobs import collect_each

    reports = asyncio.run(collect_each(loaded, wanted))
    if as_json:
        answer_json([_summary(source_id, report) for source_id, report in reports])
    else:
        rows = [
            (source_id, *(report.total(count) for count in _COUNTS), report.health.text or "ok")
            if report is not None
            else (source_id, *("" for _ in _COUNTS), "a worker has it in hand")
            for source_id, report in reports
        ]
        answer_table("Collected", ("source", *_COUNTS, "health"), rows)
    if any(report is not None and report.failed for _, report in reports):
        raise typer.Exit(1)


def back_fill(
    source: Annotated[str, typer.Argument(help="Source, by id.")],
    since: Annotated[str, typer.Option(help="How far back, such as 30d.")],
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Read a source's past again, for instance after a brand query changed. Doubles nothing."""
    from klankbord.jobs import back_fill_source

    loaded = load(config)
    (chosen,) = _wanted(loaded, [source])
    ends = asyncio.run(back_fill_source(loaded, chosen, duration(since)))
    if as_json:
        answer_json([asdict(end) for end in ends])
    else:
        rows = [(end.label, end.tally.pages, end.tally.received, end.tally.new, end.error or "done") for end in ends]
        answer_table(f"Back-fill of {source}", ("query", "pages", "received", "new", ""), rows)
    if any(end.error for end in ends):
        raise typer.Exit(1)


def list_sources(config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Show how each source stands: stored, duplicates, quarantined, gaps, delay, health."""
    loaded = load(config)
    with compose.opened(loaded) as store, store.read() as conn:
        rows = source_health(conn, now=compose.utc_now(), window=_WINDOW)
        sums = totals(conn)
    if as_json:
        answer_json([_health(row, sums.get(row.id, SourceTotals())) for row in rows])
        return
    shown = []
    for row in rows:
        total = sums.get(row.id, SourceTotals())
        delay = None if row.delay_p50_s is None else f"{row.delay_p50_s / 60:.0f} / {(row.delay_p95_s or 0) / 60:.0f}"
        counts = (total.stored, total.duplicates, total.quarantined, row.open_gaps)
        shown.append((row.id, row.connector, *counts, delay, row.health_text or row.health))
    columns = ("source", "connector", "stored", "duplicates", "quarantined", "gaps", "delay P50/P95 min", "health")
    answer_table("Sources", columns, shown)


@quarantine.command("list")
def quarantined(source: OneSource = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """List what was set aside, with the reason."""
    loaded = load(config)
    with compose.opened(loaded) as store:
        rows = list_quarantine(store, source_id=source)
    if as_json:
        answer_json([asdict(row) for row in rows])
    else:
        shown = [
            (row.id, row.source_id, row.external_id, f"{row.found_at:%Y-%m-%d %H:%M}", row.tries, row.error)
            for row in rows
        ]
        answer_table("Quarantine", ("id", "source", "item", "found (UTC)", "tries", "what is wrong"), shown)


@quarantine.command("retry")
def retry(source: OneSource = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Try to read what was set aside again, with today's code."""
    _replay(config, source, "quarantine", as_json=as_json)


def remap(source: OneSource = None, config: ConfigFile = None, as_json: AsJson = False) -> None:
    """Make all mentions anew from their kept raw payloads, to repair a mapping mistake without collecting again."""
    _replay(config, source, "stored", as_json=as_json)


def _replay(config: ConfigFile, source: str | None, what: Literal["quarantine", "stored"], *, as_json: bool) -> None:
    from klankbord.jobs import read_again

    report = asyncio.run(read_again(load(config), what, source_id=source))
    if as_json:
        answer_json(asdict(report))
        return
    screen.print(
        f"read {report.read}: {report.new} new, {report.changed} changed, {report.unmatched} unmatched, "
        f"{report.failed} still unreadable"
    )
    for source_id, reason in report.skipped.items():
        notes.print(f"{source_id} was left out: {reason}")


def _wanted(config: Config, ids: Sequence[str] | None) -> list[SourceSettings]:
    known = {source.id: source for source in config.sources}
    unknown = [source_id for source_id in ids or () if source_id not in known]
    if unknown:
        msg = f"there is no source {unknown[0]!r}; the configuration has: {', '.join(known) or 'none'}"
        raise CommandError(msg)
    return [known[source_id] for source_id in ids] if ids else [source for source in config.sources if source.enabled]


def _summary(source_id: str, report: RunReport | None) -> dict[str, Any]:
    if report is None:
        return {"source": source_id, "held_by_worker": True}
    counts = {count: report.total(count) for count in _COUNTS}
    return {
        "source": source_id,
        **counts,
        "failed": report.failed,
        "health": report.health.state,
        "text": report.health.text,
    }


def _health(row: SourceHealthRow, total: SourceTotals) -> dict[str, Any]:
    return {
        "source": row.id,
        "connector": row.connector,
        "enabled": row.enabled,
        "stored": total.stored,
        "also_found": total.also_found,
        "duplicates": total.duplicates,
        "quarantined": total.quarantined,
        "gaps": row.open_gaps,
        "delay_p50_s": row.delay_p50_s,
        "delay_p95_s": row.delay_p95_s,
        "last_ok_at": row.last_ok_at,
        "next_poll_at": row.due_at,
        "health": row.health,
        "health_text": row.health_text,
    }
