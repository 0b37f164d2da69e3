"""One-off jobs over sources, with their progress: collect once, back-fill, read kept payloads again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Literal

from connectors.contract import Interval
from klankbord import compose, outside
from klankbord.config import Config
from klankbord.console import progress
from pipeline import replay
from pipeline.backfill import BackfillProgress, backfill
from pipeline.collect import Collector
from pipeline.once import collect_once
from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.engine import Store


def _collecting(store: Store, config: Config) -> AbstractAsyncContextManager[Collector]:
    return outside.collecting(store, config.collect_settings(), vault=compose.vault(store, config))


async def collect_each(config: Config, wanted: Sequence[SourceSettings]) -> list[tuple[str, RunReport | None]]:
    """Collect each source a single time; the report is None where a worker has the source in hand."""
    with compose.opened(config) as store, progress("collecting", len(wanted)) as done:
        async with _collecting(store, config) as collector:
            reports: list[tuple[str, RunReport | None]] = []
            for source in wanted:
                reports.append((source.id, await collect_once(collector, source)))
                done(len(reports))
    return reports


async def back_fill_source(config: Config, source: SourceSettings, since: timedelta) -> list[BackfillProgress]:
    """Read a source's past again, so far back from now; how each of its queries ended."""
    now = compose.utc_now()
    with compose.opened(config) as store, progress(f"back-fill of {source.id}") as done:
        async with _collecting(store, config) as collector:
            return await backfill(
                collector, source, Interval(now - since, now), on_progress=lambda step: done(step.tally.received)
            )


async def read_again(
    config: Config, what: Literal["quarantine", "stored"], *, source_id: str | None
) -> replay.ReplayReport:
    """Read kept payloads again with today's code: what was set aside, or everything stored (remap)."""
    work, label = {"quarantine": (replay.retry_quarantine, "reading again"), "stored": (replay.remap, "remapping")}[
        what
    ]
    with compose.opened(config) as store:
        async with _collecting(store, config) as collector:
            with progress(label) as done:
                return await work(
                    collector, config.sources, source_id=source_id, on_progress=lambda report: done(report.read)
                )
