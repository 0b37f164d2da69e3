"""Agents at work in processes that are killed: every step has its facts, and no fact is without its step."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inbox.desk import Desk
from inbox.measuring import retelling
from inbox.service import Inbox
from store.engine import Store, utc_now
from store.schema import event, kpi_fact
from tests.conftest import Clock
from tests.inbox.conftest import SETTINGS, World

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_killing_agents_at_work_neither_loses_nor_doubles_a_fact(
    store_url: str, open_stores: Callable[..., Store]
) -> None:
    clock = Clock(utc_now())
    store = open_stores(store_url, clock=clock)
    world = World(Desk(store, SETTINGS, clock), Inbox(store, SETTINGS, clock=clock), clock)
    people = [world.person() for _ in range(4)]
    for _ in range(30):
        world.conversation()
    assert retelling.fill(store, SETTINGS) >= 0
    rng = random.Random(3)
    for seed in range(3):
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.inbox.shift_process",
                store_url,
                "30",
                str(seed),
                *(str(p.id) for p in people),
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        steps = _count(store, "resolved")
        waited = time.monotonic() + 8
        while _count(store, "resolved") < steps + 6 and time.monotonic() < waited:
            time.sleep(0.02 + rng.random() * 0.05)
        process.kill()
        process.wait()
    assert retelling.check_facts(store, SETTINGS) == []
    with store.read() as conn:
        resolved = conn.execute(
            select(func.count()).where(event.c.action == "resolved", event.c.object_type == "conversation")
        ).scalar_one()
        facts = conn.execute(select(func.count()).where(kpi_fact.c.kind == "resolution")).scalar_one()
        steps_without = conn.execute(
            select(func.count()).where(
                kpi_fact.c.event_id.is_not(None), ~select(event.c.id).where(event.c.id == kpi_fact.c.event_id).exists()
            )
        ).scalar_one()
    assert resolved == facts >= 3
    assert steps_without == 0


def _count(store: Store, action: str) -> int:
    with store.read() as conn:
        return int(conn.execute(select(func.count()).where(event.c.action == action)).scalar_one())
