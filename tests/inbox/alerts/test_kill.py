"""Kill -9 between firing and telling, again and again: every spike is written once, and nobody is told of it twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inbox.desk import Desk
from inbox.permissions import Role
from inbox.service import Inbox
from store.engine import Store, open_store, utc_now
from store.schema import alert, alert_delivery, alert_rule
from tests.inbox.alerts.conftest import CAN_MAIL, OVER_20, SETTINGS, Watch, secrecy_of_tests, sources_and_brands
from tests.inbox.alerts.hooks import hooked
from tests.inbox.conftest import World

ROOT = Path(__file__).resolve().parents[3]
RULES, KILLS = 6, 3
PROGRAM = "tests.inbox.alerts.alerting_process"


def count(store: Store, table: object) -> int:
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_is_killed_when_a_spike_is_told_once_or_left_to_a_person(store_url: str) -> None:
    store = open_store(store_url)
    secrecy = secrecy_of_tests()
    desk = Desk(store, CAN_MAIL, utc_now, secrecy=secrecy)
    world = World(Desk(store, SETTINGS, utc_now), Inbox(store, SETTINGS, clock=utc_now), utc_now)  # type: ignore[arg-type]
    watch = Watch(world, desk, Inbox(store, CAN_MAIL, clock=utc_now, secrecy=secrecy), world.person(Role.LEAD))
    sources_and_brands(store)
    rng = random.Random(11)
    with hooked() as hook:
        receivers = [
            watch.inbox.alerts.add_receiver(
                watch.token, name=f"Ontvanger {number}", kind="webhook", address=f"{hook.url}/{number}"
            )[0]
            for number in range(2)
        ]
        for number in range(RULES):
            watch.rule(OVER_20, name=f"Regel {number}", receivers=tuple(receivers))
        watch.plant(utc_now().replace(minute=0, second=0, microsecond=0), ["Storing"] * 30)
        for _ in range(KILLS):
            before = len(hook.got)
            process = subprocess.Popen([sys.executable, "-m", PROGRAM, store_url], cwd=ROOT)
            deadline = time.monotonic() + 60
            while len(hook.got) <= before and time.monotonic() < deadline:
                time.sleep(0.005)  # another process decides when
            time.sleep(rng.random() * 0.15)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            with store.write() as conn:  # what a dead worker held is free, as after its lease
                past = utc_now() - timedelta(minutes=1)
                held = alert_delivery.c.lease_until.is_not(None)
                conn.execute(alert_delivery.update().where(held).values(lease_until=past))
                conn.execute(alert_rule.update().values(checked_at=None))
        last = subprocess.Popen([sys.executable, "-m", PROGRAM, store_url], cwd=ROOT)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with store.read() as conn:
                left = select(func.count()).where(alert_delivery.c.state.in_(("queued", "sending")))
                if not conn.execute(left).scalar_one() and count(store, alert) == RULES:
                    break
            time.sleep(0.05)  # as above
        last.kill()
        last.wait()
    assert count(store, alert) == RULES
    assert count(store, alert_delivery) == RULES * len(receivers)
    told = Counter(headers["webhook-id"] for _path, headers, _body in hook.got)
    with store.read() as conn:
        states = {
            f"msg_{row.id}": row.state for row in conn.execute(select(alert_delivery.c.id, alert_delivery.c.state))
        }
    store.close()
    assert set(told.values()) == {1}
    assert all(told[number] == 1 for number, state in states.items() if state == "sent")
    assert set(states.values()) <= {"sent", "unknown"}
    assert sum(state == "unknown" for state in states.values()) <= KILLS
