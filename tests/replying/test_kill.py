"""A real worker process, killed with SIGKILL at every step of a send, against platforms on loopback."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store.engine import open_store, utc_now
from tests.replying.house import House, RealTime
from tests.replying.platforms import Forum, Instance, Server, served
from tests.replying.press import Press

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def worker(store_url: str, kind: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.replying.worker_process", store_url, kind, url, cwd=ROOT
    )


async def until(what: Callable[[], Any], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.02)


def kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        os.kill(process.pid, signal.SIGKILL)


async def when_it_arrives(house: House, process: asyncio.subprocess.Process) -> None:
    """Killed when the platform has the call and before it does anything."""
    house.server.on_write = lambda: kill(process)
    await process.wait()


async def when_it_is_done(house: House, process: asyncio.subprocess.Process) -> None:
    """Killed when the post stands there, before the answer is read."""
    house.server.fates = ["unheard"]
    await until(house.standing)
    kill(process)
    await process.wait()


async def when_it_is_sending(house: House, process: asyncio.subprocess.Process) -> None:
    """Killed as soon as the store says `sending`."""
    await until(lambda: any(view.state != "queued" for view in _views(house)))
    kill(process)
    await process.wait()


async def when_it_is_sent(house: House, process: asyncio.subprocess.Process) -> None:
    """Killed as soon as the store says `sent`."""
    await until(lambda: any(view.state == "sent" for view in _views(house)))
    kill(process)
    await process.wait()


async def whenever(house: House, process: asyncio.subprocess.Process) -> None:
    """Killed at any moment around the call."""
    asked = len(house.server.asked)
    await until(lambda: len(house.server.asked) > asked)
    await asyncio.sleep(random.random() * 1.5)
    kill(process)
    await process.wait()


MOMENTS = (when_it_arrives, when_it_is_done, when_it_is_sending, when_it_is_sent, whenever, whenever)


def _views(house: House) -> Any:
    from sqlalchemy import select

    from store.schema import outbox

    with house.store.read() as conn:
        return list(conn.execute(select(outbox)))


async def survive(store_url: str, kind: type[Server], moment: Callable[..., Any]) -> None:
    """Kill the first worker at this moment of a send; the second must leave one post, one row, one answer."""
    store, server = open_store(store_url), kind(utc_now)
    name = {Forum: "forum", Press: "press"}.get(kind, "instance")
    begun: list[asyncio.subprocess.Process] = []
    with served(server) as url:
        house = House(store, RealTime(utc_now()), server, url=url)
        token, number = house.agent(), await house.question()
        house.send(token, number, follow_up="resolved")
        try:
            begun.append(await at_work(server, store_url, name, url))
            house.hurry()
            await moment(house, begun[0])
            server.on_write = lambda: None
            begun.append(await at_work(server, store_url, name, url))
            await until(lambda: house.of(token, number).state == "sent")
            await until(lambda: house.row(number).status == "resolved")
            await house.collect()
            begun[1].send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(begun[1].wait(), 30) == 0
        finally:
            for process in begun:
                kill(process)
    assert len(server.ours()) == 1
    assert [one.action for one in house.answers(number)] == ["reply_sent"]
    assert len(house.own()) == 1
    house.close()
    store.close()


async def at_work(server: Server, store_url: str, name: str, url: str) -> asyncio.subprocess.Process:
    """A worker that has asked the platform something, so that it surely runs."""
    asked = len(server.asked)
    process = await worker(store_url, name, url)
    await until(lambda: len(server.asked) > asked)
    return process


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", [Forum, Instance, Press])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_killed_worker_leaves_one_post_and_one_answer(
    store_url: str, kind: type[Server], moment: Callable[..., Any]
) -> None:
    await survive(store_url, kind, moment)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("moment", [when_it_is_done, when_it_is_sending])
async def test_a_killed_worker_on_postgresql_too(store_url: str, moment: Callable[..., Any]) -> None:
    await survive(store_url, Forum, moment)
