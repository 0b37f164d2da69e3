"""A real worker that listens to X's stream, killed without warning again and again."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from store.engine import open_store, utc_now
from store.meter_standings import standings
from tests.connectors.x.pushing import Connection, Pushing, serving
from tests.connectors.x.stream_process import listening
from tests.pipeline.bench import enrolled, kept

ROOT = Path(__file__).resolve().parents[3]
KILLS = 8

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def worker(database: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.connectors.x.stream_process", database, url, cwd=ROOT
    )


async def talk(one: Connection) -> None:
    """Posts without a pause, some of which X forgets to push."""
    while len(one.site.posts) < 500:
        key = one.site.say(f"acme {len(one.site.posts)}", f"jo{len(one.site.posts) % 40}")
        if random.random() < 0.9:
            await one.response.write(one.site.line(key))
        await asyncio.sleep(0.02)
    while True:
        await one.response.write(b"\r\n")
        await asyncio.sleep(0.2)


async def test_a_listener_killed_again_and_again_loses_nothing_it_claimed_and_doubles_nothing(store_url: str) -> None:
    site = Pushing(utc_now, index_lag=timedelta(seconds=1))
    site.script = [talk] * 200
    store = open_store(store_url)
    async with serving(site) as url:
        enrolled(store, utc_now(), listening(url))
        for _ in range(KILLS):
            opened = len(site.opened)
            process = await worker(store_url, url)
            deadline = time.monotonic() + 30
            while len(site.opened) == opened and time.monotonic() < deadline:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)
            await asyncio.sleep(random.random())
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        assert len(site.opened) >= KILLS
        last = await worker(store_url, url)
        deadline = time.monotonic() + 400
        while time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            if {row.external_id for row in kept(store)} >= set(site.posts) and len(site.posts) >= 500:
                break
        last.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(last.wait(), 30) == 0
    counted = Counter(row.external_id for row in kept(store))
    assert sorted(set(site.posts) - set(counted)) == []
    assert max(counted.values()) == 1
    with store.read() as conn:
        used = next(each.used for each in standings(conn, utc_now(), source_ids=["x"]) if each.name == "usd_day")
    assert Decimal(used) / 1_000_000 >= Decimal(str(round(site.paid, 6)))
    store.close()
