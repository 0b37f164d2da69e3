"""Our two processes around a webhook, each in a process of its own, for tests that kill them.

Usage: python -m tests.webhooks.processes listen DATABASE PORT
       python -m tests.webhooks.processes read DATABASE URL
       python -m tests.webhooks.processes hold DATABASE
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import uvicorn

from pipeline import holders
from pipeline.settings import SourceSettings
from pipeline.told import Deliveries, ToldSettings
from store import intake
from store.engine import open_store, utc_now
from tests.connectors.facebook_page import PAGE
from tests.replying.house import House, RealTime
from tests.webhooks.street import meta
from web import serving
from web.webhooks import make_receiver


def source(url: str) -> SourceSettings:
    """The page of these tests."""
    options = {"page": PAGE, "token": "very-secret", "url": url}
    return SourceSettings(id="fb", connector="facebook", match="all", options=options)


def listen(database: str, port: int) -> None:
    """Take deliveries until killed."""
    app = make_receiver(open_store(database), {"meta": meta()}, clock=utc_now)
    uvicorn.Server(serving.settings(app, host="127.0.0.1", port=port, proxies=("127.0.0.1",))).run()


async def read(database: str, url: str) -> None:
    """Read deliveries until killed; no lease ever ends, so that what a dead reader held must be freed otherwise."""
    clock = RealTime(utc_now())
    house = House(open_store(database), clock, None, url=url, source=source(url))
    endless = ToldSettings(lease=timedelta(days=1))
    reader = Deliveries(house.collector, [house.source], {"meta": ["fb"]}, settings=endless)
    while True:
        await reader.tick()
        await reader.settled()
        await asyncio.sleep(0.02)


def hold(database: str) -> None:
    """Take what waits, tell how many, and die when told to, or when nobody is left who could."""
    now, by = utc_now(), holders.oneself()
    taken = intake.take_some(open_store(database), by=by, now=now, until=now + timedelta(days=1), limit=9)
    sys.stdout.write(f"{len(taken)}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        listen(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "hold":
        hold(sys.argv[2])
    else:
        asyncio.run(read(sys.argv[2], sys.argv[3]))
