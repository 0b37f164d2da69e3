"""A worker in a process of its own that listens to X's stream without end, for tests that kill it.

Usage: python -m tests.connectors.x.stream_process DATABASE ADDRESS
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from connectors.x import X, XOptions
from pipeline.fetch import fetcher_over
from pipeline.ledger import Ledger
from pipeline.settings import SourceSettings
from pipeline.worker import Worker, WorkerSettings, install_signals
from store.engine import open_store, utc_now
from tests.pipeline.bench import client, collector


def listening(url: str) -> SourceSettings:
    """The source that listens."""
    options = {"bearer_token": "app-token", "terms": ["acme"], "search": False, "stream": True, "stream_minutes": 1}
    options |= {"api": url, "usd_per_day": 1000, "usd_per_month": None}
    wanted = {"every": timedelta(seconds=1), "match": "all", "backfill": timedelta(minutes=10)}
    return SourceSettings(id="x", connector="x", options=options, **wanted)


async def main(database: str, url: str) -> None:
    """Work until killed, with short leases, so that the next process takes over at once."""
    store = open_store(database)
    ledger = Ledger(store)
    async with client(utc_now) as polite:
        worker = Worker(
            collector(
                ledger,
                utc_now,
                connector=lambda each: X(XOptions.model_validate(each.options)),
                fetcher=fetcher_over(polite, utc_now),
            ),
            [listening(url)],
            settings=WorkerSettings(lease=timedelta(seconds=1), tick=timedelta(milliseconds=50)),
            clock=utc_now,
        )
        install_signals(worker)
        await worker.run()
    ledger.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
