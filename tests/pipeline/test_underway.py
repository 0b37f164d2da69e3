"""What a duty started beside itself: counted, waited for, cut off."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from pipeline.underway import Underway


async def test_what_has_not_ended_is_counted_by_what_it_is_about() -> None:
    underway, gate = Underway(), asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    for about in ("a", "b", "a"):
        underway.start(wait(), name="one", about=about)
    assert (len(underway), underway.counts()) == (3, {"a": 2, "b": 1})
    gate.set()
    await underway.settled()
    assert (len(underway), underway.counts()) == (0, {})


async def test_waiting_ends_only_when_what_was_started_meanwhile_has_ended_too() -> None:
    underway, done = Underway(), []

    async def work(more: int) -> None:
        await asyncio.sleep(0)
        if more:
            underway.start(work(more - 1), name="next")
        done.append(more)

    underway.start(work(3), name="first")
    await underway.settled()
    assert done == [3, 2, 1, 0]


async def test_what_outlasts_the_grace_time_is_cut_off_and_has_ended_when_draining_ends() -> None:
    underway, ended = Underway(), []

    async def work(*, quick: bool) -> None:
        try:
            if not quick:
                await asyncio.Event().wait()
            ended.append("done")
        except asyncio.CancelledError:
            ended.append("cut off")
            raise

    underway.start(work(quick=True), name="quick")
    underway.start(work(quick=False), name="endless")
    await underway.drain(timedelta(seconds=0.01))
    assert ended == ["done", "cut off"]
    await underway.drain(timedelta(0))
