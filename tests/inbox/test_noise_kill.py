"""Routing killed with SIGKILL, again and again: no hit of a noise rule is lost, and none is doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inbox.desk import Desk
from inbox.noise.index import Kind
from inbox.service import Inbox
from store.engine import Store, utc_now
from store.schema import conversation, event, noise_hit
from tests.conftest import Clock
from tests.inbox.conftest import SETTINGS, World
from tests.inbox.noisy import rule, said

ROOT = Path(__file__).resolve().parents[2]
N = 80
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_killing_the_routing_neither_loses_nor_doubles_a_hit(store_url: str, open_stores: Callable[..., Store]) -> None:
    clock = Clock(utc_now())
    store = open_stores(store_url, clock=clock)
    world = World(Desk(store, SETTINGS, clock), Inbox(store, SETTINGS, clock=clock), clock)
    one, other = rule(world, Kind.WORD, "gratis"), rule(world, Kind.AUTHOR, "gokker")
    noise = {said(world, f"gratis {n}", by="gokker", routed=False) for n in range(N // 2)}
    for n in range(N // 2):
        said(world, f"Mijn pakket {n} is kwijt", routed=False)
    rng, kills = random.Random(5), 0
    for _ in range(20):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.inbox.routing_process", store_url], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        if kills < 4:
            time.sleep(rng.random() * 0.12)
            process.kill()
            kills += 1
        process.wait()
        process.stdout.close()
        with store.read() as conn:
            waiting = conn.execute(select(func.count()).where(conversation.c.routing_pending)).scalar_one()
        if not waiting:
            break
    assert kills
    with store.read() as conn:
        states = dict(conn.execute(select(conversation.c.id, conversation.c.status)).all())
        steps = Counter(
            conn.execute(
                select(event.c.object_id).where(event.c.action == "ruled", event.c.actor_type == "rule")
            ).scalars()
        )
        hits = list(conn.execute(select(noise_hit)))
    assert {number for number, status in states.items() if status == "spam"} == noise
    assert steps == Counter(str(number) for number in noise)
    assert Counter(hit.rule_id for hit in hits) == {one: N // 2, other: N // 2}
    assert {hit.conversation_id for hit in hits if hit.event_id is not None} == noise
