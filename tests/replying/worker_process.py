"""A worker in a process of its own that collects, routes and sends, for tests that kill it.

Usage: python -m tests.replying.worker_process DATABASE KIND URL

KIND is one of `house.source_for`, or a row of `writable.WRITABLE`.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from inbox.clockwork import tick
from inbox.desk import Desk
from inbox.replying.settle import Settling
from pipeline.deliver import Deliverer, DeliverSettings
from pipeline.delivery import Pauses
from pipeline.duties import Duty
from pipeline.ledger import Ledger
from pipeline.worker import Worker, WorkerSettings, install_signals
from store.engine import open_store, utc_now
from tests.pipeline.bench import collector
from tests.replying.house import SETTINGS, maker_of, source_for
from tests.replying.writable import WRITABLE

EVERY = timedelta(seconds=1)
QUICK = DeliverSettings(
    lease=timedelta(seconds=4),
    margin=timedelta(seconds=1),
    pauses=Pauses(
        soon=timedelta(seconds=0.2),
        calm=timedelta(seconds=0.5),
        second=timedelta(seconds=1),
        blind=timedelta(seconds=0.5),
    ),
)


async def main(database: str, kind: str, url: str) -> None:
    """Work until killed. Leases and pauses are short, so that what a kill leaves behind is found soon."""
    store = open_store(database)
    ledger = Ledger(store)
    row = WRITABLE.get(kind)
    source = (source_for(kind, url) if row is None else row.source(url)).model_copy(update={"every": EVERY})
    gathering = collector(ledger, utc_now, connector=maker_of(source.connector) if row is None else row.connected)
    deliverer = Deliverer(gathering, [source], Settling(Desk(store, SETTINGS)), settings=QUICK)
    duties = [
        Duty("routing", timedelta(seconds=0.2), lambda: tick(store, SETTINGS, utc_now())),
        Duty("sending", timedelta(seconds=0.1), deliverer.tick),
    ]
    limits = WorkerSettings(lease=timedelta(seconds=1), tick=timedelta(milliseconds=50))
    worker = Worker(gathering, [source], duties=duties, settings=limits, clock=utc_now)
    install_signals(worker)
    await worker.run()
    await deliverer.drain(timedelta(seconds=5))
    ledger.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3]))
