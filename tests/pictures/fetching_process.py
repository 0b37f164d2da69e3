"""A worker's part that fetches pictures, in a process of its own, for tests that kill it.

Usage: python -m tests.pictures.fetching_process DATABASE HOST:PORT
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from pipeline.pictures.fetching import FetchSettings
from store.engine import open_store, utc_now
from tests.pictures.home import Home


async def main(database: str, host: str) -> None:
    """Fetch until killed. Leases are short, so that what a kill leaves is taken again soon."""
    store = open_store(database)
    home = Home(store, utc_now, allowed=frozenset({host}))
    home.restart(settings=FetchSettings(lease=timedelta(seconds=4), margin=timedelta(seconds=1)))
    while True:
        await home.pictures.tick()
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
