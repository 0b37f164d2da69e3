"""A real worker process, killed with SIGKILL at every step of a send, on platforms of every sort: never two posts."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Any

import pytest

from store.engine import open_store, utc_now
from tests.replying.house import ANSWER, RealTime
from tests.replying.premises import Premises, premises
from tests.replying.test_kill import (
    kill,
    until,
    when_it_arrives,
    when_it_is_done,
    when_it_is_sending,
    when_it_is_sent,
    worker,
)
from tests.replying.writable import WRITABLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
MOMENTS = (when_it_arrives, when_it_is_done, when_it_is_sending)
PLATFORMS = ("x", "bluesky", "facebook", "threads")


async def at_work(house: Premises, store_url: str, name: str, url: str) -> asyncio.subprocess.Process:
    """A worker that has asked the platform something, so that it surely runs."""
    asked = len(house.server.asked)
    process = await worker(store_url, name, url)
    await until(lambda: len(house.server.asked) > asked)
    return process


async def survive(store_url: str, name: str, moment: Callable[..., Any], settled: Callable[..., bool]) -> Any:
    """Kill the first worker at this moment of a send and let a second one work; the wish and what stands there."""
    store = open_store(store_url)
    begun: list[asyncio.subprocess.Process] = []
    with premises(store, RealTime(utc_now()), WRITABLE[name]) as house:
        token, number, _ = await house.asked()
        done = house.send(token, number, follow_up="resolved")
        try:
            begun.append(await at_work(house, store_url, name, house.url))
            house.hurry()
            await moment(house, begun[0])
            house.server.on_write = lambda: None
            begun.append(await at_work(house, store_url, name, house.url))
            await until(lambda: settled(house.outbox_of(done)))
            await house.collect()
            begun[1].send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(begun[1].wait(), 30) == 0
        finally:
            for process in begun:
                kill(process)
        await house.collect()
        row, standing, answers = house.outbox_of(done), house.standing(), house.answers(number)
        own = house.own_answers()
    store.close()
    return row, standing, [each.action for each in answers], own


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", PLATFORMS)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_killed_worker_leaves_one_post_and_one_answer(
    store_url: str, name: str, moment: Callable[..., Any]
) -> None:
    row, standing, answers, own = await survive(store_url, name, moment, lambda row: row.state == "sent")
    assert standing == [ANSWER]
    assert answers == ["reply_sent"]
    assert [(each.id, each.external_id) for each in own] == [(row.own_mention_id, row.external_id)]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("moment", [*MOMENTS, when_it_is_sent])
async def test_where_nothing_can_be_looked_up_a_killed_worker_leaves_a_question_and_never_a_second_message(
    store_url: str, moment: Callable[..., Any]
) -> None:
    looked = (lambda row: row.state == "sent") if moment is when_it_is_sent else _looked_in_vain
    row, standing, answers, _ = await survive(store_url, "telegram", moment, looked)
    if moment is when_it_is_sent:
        assert (standing, answers) == ([ANSWER], ["reply_sent"])
        return
    assert (row.state, answers) == ("unknown", [])
    assert standing in ([], [ANSWER])
    assert standing or moment is when_it_is_sending


def _looked_in_vain(row: Any) -> bool:
    """The second worker has asked, and was told that nobody can say."""
    return row.state == "unknown" and row.lease_until is None and row.not_before > row.state_at
