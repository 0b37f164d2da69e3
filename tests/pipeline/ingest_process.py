"""A worker in a process of its own that reads a platform without end, for tests that kill it.

Usage: python -m tests.pipeline.ingest_process DATABASE PLATFORM_URL SOURCES
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from pipeline.ledger import Ledger
from pipeline.worker import Worker, WorkerSettings, install_signals
from store.engine import open_store, utc_now
from tests.pipeline.bench import collector, source


async def main(database: str, url: str, count: int) -> None:
    """Work until killed. Sources are due each second and leases short, so that a kill hits commits."""
    store = open_store(database)
    ledger = Ledger(store)
    sources = [
        source(url, id=f"s{n}", every=timedelta(seconds=1), max_pages=4, options={"channels": (f"c{n}",)})
        for n in range(count)
    ]
    limits = WorkerSettings(lease=timedelta(seconds=1), tick=timedelta(milliseconds=50))
    worker = Worker(collector(ledger, utc_now), sources, settings=limits, clock=utc_now)
    install_signals(worker)
    await worker.run()
    ledger.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
