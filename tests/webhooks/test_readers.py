"""Several readers of one store: none takes what another one reads, and what a dead one held is read at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import holders, told
from pipeline.told import Deliveries
from store import intake
from tests.webhooks.place import Place, comment_told
from tests.webhooks.street import push

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "0f1d7c52-0000-4000-8000-000000000000/4026531836/7/11"


@pytest.fixture
def asked(facebook: Place) -> Place:
    """Somebody asked something, and nobody has read it yet."""
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Hoeveel?")
    assert push(facebook.url, comment_told(facebook, post, comment)).status_code == 200
    return facebook


@contextmanager
def holding(place: Place) -> Iterator[subprocess.Popen[str]]:
    """A reader in a process of its own that has taken everything; dead at the end, if not before."""
    command = [sys.executable, "-m", "tests.webhooks.processes", "hold", place.house.store.url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "1\n"
            yield process
        finally:
            process.kill()


@pytest.mark.slow
async def test_what_a_living_reader_holds_is_nobody_elses_and_free_at_the_first_look_after_it_was_killed(
    asked: Place,
) -> None:
    with holding(asked) as reader:
        assert await asked.read() == 0
        os.kill(reader.pid, signal.SIGKILL)
        # it is dead, and its parent has not asked yet
        await asyncio.to_thread(os.waitid, os.P_PID, reader.pid, os.WEXITED | os.WNOWAIT)
        asked.house.clock.step(seconds=told.LOOK.total_seconds())
        assert await asked.read() == 1
    assert (list(asked.texts().values()), asked.outcomes()) == (["Hoeveel?"], ["read"])


async def test_of_a_reader_elsewhere_nothing_is_known_and_its_lease_counts(asked: Place) -> None:
    now = asked.house.clock()
    until = now.replace(minute=now.minute + 2)
    assert len(intake.take_some(asked.house.store, by=ELSEWHERE, now=now, until=until, limit=5)) == 1
    asked.house.clock.step(seconds=119)
    assert await asked.read() == 0
    asked.house.clock.step(seconds=1)
    assert await asked.read() == 1
    assert asked.outcomes() == ["read"]


async def test_who_reads_for_long_keeps_holding_it(asked: Place) -> None:
    begun, go_on, answer = threading.Event(), threading.Event(), asked.platform.handle

    def slow(*called: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return answer(*called)

    asked.platform.handle = slow
    other = Deliveries(asked.house.collector, [asked.house.source], {"meta": ["fb"]}, by=ELSEWHERE)
    assert await asked.reader.tick() == 1
    assert await asyncio.to_thread(begun.wait, 60)
    for _ in range(4):
        asked.house.clock.step(seconds=70)
        assert await asked.reader.tick() == 0
        assert await other.tick() == 0
    go_on.set()
    await asked.reader.settled()
    asked.house.route()
    assert (list(asked.texts().values()), asked.outcomes()) == (["Hoeveel?"], ["read"])


async def test_who_slept_too_long_does_not_read_what_another_one_has_taken_since(asked: Place) -> None:
    now = asked.house.clock
    other = Deliveries(asked.house.collector, [asked.house.source], {"meta": ["fb"]}, by=ELSEWHERE)
    assert await asked.reader.tick() == 1  # and the machine sleeps before it reads
    now.step(minutes=10)
    (taken,) = intake.take_some(asked.house.store, by=ELSEWHERE, now=now(), until=now.step(minutes=1), limit=5)
    await asked.reader.settled()
    assert (asked.texts(), asked.outcomes()) == ({}, ["waiting"])
    intake.later(asked.house.store, taken.id, by="nobody", at=now(), tries=7)
    assert await other.tick() == 1
    await other.settled()
    assert asked.outcomes() == ["read"]


def test_this_process_lives_and_one_of_another_time_or_place_is_told_apart() -> None:
    me = holders.oneself()
    assert not holders.has_ended(me)
    place, number, begun = me.rsplit("/", 2)
    assert holders.has_ended(f"{place}/{number}/{int(begun) - 1}")  # the number was given out again
    assert holders.has_ended(f"{place}/{2**31 - 1}/{begun}")
    assert holders.has_ended(f"{place}/{10**30}/{begun}")
    assert not holders.has_ended(ELSEWHERE)


ODD = ["", "/", "//", "///", "a/b/c/d", "host:12", "\0/\0", "\u0661/\u0662/\u0663/\u0664", "x" * 10**5]


@given(st.one_of(st.text(), st.sampled_from(ODD)))
@settings(max_examples=30)
def test_of_a_name_that_says_nothing_nothing_is_known(name: str) -> None:
    place = holders.oneself().rsplit("/", 2)[0]
    assert not holders.has_ended(name)
    assert not holders.has_ended(f"{place}/x{name}/{name}")
