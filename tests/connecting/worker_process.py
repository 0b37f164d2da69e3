"""A worker in a process of its own that reads the plaza again and again, for tests that kill it.

Usage: python -m tests.connecting.worker_process DATABASE URL
"""

from __future__ import annotations

import asyncio
import sys

from store.engine import open_store, utc_now
from tests.connecting.bench import Bench
from tests.connecting.plaza import Plaza
from tests.replying.house import RealTime


async def main(database: str, url: str) -> None:
    """Read until killed."""
    store, clock = open_store(database), RealTime(utc_now())
    bench = Bench(store, clock, Plaza(clock), url)
    worker = bench.worker()
    while True:
        await worker.collect(bench.source, fresh=True)
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
