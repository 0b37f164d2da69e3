"""A real worker process, killed without warning again and again while it stores."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from store.engine import open_store, utc_now
from tests.pipeline.bench import enrolled, kept, source
from tests.pipeline.fake_platform import Platform, Post, serve

ROOT = Path(__file__).resolve().parents[2]
SOURCES = 4


async def worker(store_url: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.pipeline.ingest_process", store_url, url, str(SOURCES), cwd=ROOT
    )


MOST_POSTS = 800


async def grow(platform: Platform, stop: asyncio.Event) -> None:
    """The platform goes on posting while workers come and go; not for ever, or a slow machine never catches up."""
    number = 0
    while not stop.is_set() and number < MOST_POSTS:
        for _ in range(random.randint(1, 3)):
            now = utc_now()
            late = timedelta(seconds=random.choice([0, 0, 0, 2]))
            platform.posts.append(Post(f"p{number:05}", now, now + late, channel=f"c{number % SOURCES}"))
            number += 1
        try:
            await asyncio.wait_for(stop.wait(), 0.2)
        except TimeoutError:
            continue


async def working(platform: Platform, store_url: str, url: str) -> asyncio.subprocess.Process:
    """A worker that has begun to ask: it listens to signals by then."""
    process = await worker(store_url, url)
    asked = len(platform.asked)
    deadline = time.monotonic() + 30
    while len(platform.asked) < asked + 3 and time.monotonic() < deadline:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.02)
    return process


async def killing(store_url: str, kills: int) -> int:
    """Kill a worker so many times, let the last one catch up, and compare; returns how many posts there were."""
    store = open_store(store_url)
    platform = Platform(now=utc_now, page_size=10)
    made = [source(id=f"s{n}", every=timedelta(seconds=1)) for n in range(SOURCES)]
    enrolled(store, utc_now(), *made)
    stop = asyncio.Event()
    async with serve(platform) as url:
        growing = asyncio.create_task(grow(platform, stop))
        for _ in range(kills):
            process = await working(platform, store_url, url)
            await asyncio.sleep(random.random() * 0.3)
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
        stop.set()
        await growing
        last = await working(platform, store_url, url)
        deadline = time.monotonic() + 300
        expected = {post.id for post in platform.posts}
        while time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            if {row.external_id for row in kept(store)} >= expected:
                break  # gaps stay open: polled each second, the look-back alone is more than a run may ask
        last.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(last.wait(), 30) == 0
    counted = Counter(row.external_id for row in kept(store))
    store.close()
    assert sorted(expected - set(counted)) == []
    assert [post_id for post_id, times in counted.items() if times > 1] == []
    return len(expected)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_worker_killed_while_it_stores_loses_and_doubles_nothing(store_url: str) -> None:
    assert await killing(store_url, 2) > 0


@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_fifty_kills_lose_and_double_nothing(store_url: str) -> None:
    assert await killing(store_url, 50) > 100
