"""A worker's watching and telling in a process of its own, until it is killed.

Usage: python -m tests.inbox.alerts.alerting_process DATABASE
"""

from __future__ import annotations

import asyncio
import sys

from inbox.alerts import deliveries, watching
from inbox.desk import Desk
from pipeline.alerting import Alerting
from pipeline.http.client import PoliteClient
from pipeline.http.settings import ClientSettings
from store.engine import open_store, utc_now
from tests.inbox.alerts.conftest import CAN_MAIL, secrecy_of_tests


async def work(url: str) -> None:
    """Look and tell without a pause."""
    store = open_store(url)
    desk = Desk(store, CAN_MAIL, utc_now, secrecy=secrecy_of_tests())
    settings = ClientSettings(allow_private_hosts=frozenset({"127.0.0.1"}), per_host=10)
    async with PoliteClient(settings, clock=utc_now) as client:
        alerting = Alerting(store, client, lambda row: deliveries.order(desk, row), utc_now)
        while True:
            await asyncio.to_thread(watching.tick, store, CAN_MAIL, utc_now())
            await alerting.run()
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
