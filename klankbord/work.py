"""The worker's process: collecting, and the periodic duties of the whole house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from inbox import clockwork
from klankbord import compose, outside
from klankbord.config import Config
from pipeline.duties import Duty
from pipeline.worker import Worker, WorkerSettings, install_signals
from store.engine import Store
from store.upkeep import forget_unmatched, optimize

UNMATCHED_KEPT = timedelta(days=30)
"""How long items that no brand query matched stay for the query lab."""


async def run_worker(config: Config) -> None:
    """Collect and tidy up until SIGTERM or SIGINT.

    Raises:
        StoreError: the database cannot be reached at start-up.
    """
    settings = config.collect_settings()
    with compose.opened(config) as store:
        async with outside.collecting(store, settings) as collector:
            worker = Worker(
                collector,
                [source for source in config.sources if source.enabled],
                duties=duties(store, config),
                settings=WorkerSettings(concurrency=config.concurrency),
                clock=compose.utc_now,
            )
            install_signals(worker)
            await worker.run()


def duties(store: Store, config: Config, clock: compose.Clock = compose.utc_now) -> Sequence[Duty]:
    """What the worker does beside collecting, and how often."""
    settings = config.inbox_settings()
    return (
        Duty(
            "routing, snoozes and lapsed claims", timedelta(seconds=2), lambda: clockwork.tick(store, settings, clock())
        ),
        Duty(
            "forgetting unmatched items",
            timedelta(hours=1),
            lambda: forget_unmatched(store, before=clock() - UNMATCHED_KEPT),
        ),
        Duty("optimising the store", timedelta(hours=24), lambda: optimize(store), at_start=False),
    )
