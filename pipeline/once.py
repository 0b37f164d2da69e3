"""Collects a source once, outside the worker's rhythm, without ever polling it beside a worker."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import timedelta

from pipeline.collect import Collector
from pipeline.report import RunReport
from pipeline.schedule import after_run
from pipeline.settings import SourceSettings
from store.schedule import lease_source

LEASE = timedelta(minutes=30)


async def collect_once(
    collector: Collector, source: SourceSettings, *, stop: asyncio.Event | None = None
) -> RunReport | None:
    """Lease a source, run it, and give it back with its next due time; None while a worker holds it.

    Queries that stopped for a person are tried again, because a person asks.

    Raises:
        StaleLeaseError: the run took longer than the lease and a worker went on.
        StoreError: the store cannot be reached.
    """
    ledger = collector.ledger
    owner = f"once:{socket.gethostname()}:{os.getpid()}"
    lease = await ledger.write(lease_source, ledger.store, source.id, owner=owner, now=collector.clock(), lease=LEASE)
    if lease is None:
        return None
    due_at, pace_s, failures = lease.due_at, lease.pace_s, lease.failures
    try:
        report = await collector.collect(source, fence=lease.fence, stop=stop, fresh=True)
        following = after_run(source, report, pace_s=pace_s, failures=failures, now=collector.clock())
        due_at, pace_s, failures = following.due_at, following.pace_s, following.failures
    finally:
        await ledger.release(lease, due_at=due_at, pace_s=pace_s, failures=failures)
    return report
