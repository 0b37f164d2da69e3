"""Both processes killed with SIGKILL, again and again, while a platform pushes: nothing is lost, nothing is doubled."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from store.engine import Store, utc_now
from store.schema import intake
from store.sources import SourceRecord, sync_sources
from tests.connectors.facebook_page import PAGE, FacebookPage
from tests.connectors.meta_server import served
from tests.journey.house import free_port
from tests.pipeline.bench import kept
from tests.replying.house import RealTime
from tests.webhooks.street import push, told_of

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Street:
    """A page that pushes, and our processes."""

    def __init__(self, database: str, url: str) -> None:
        self.port = free_port()
        self.commands = {"listen": ["listen", database, str(self.port)], "read": ["read", database, url]}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, which: str) -> None:
        command = [sys.executable, "-m", "tests.webhooks.processes", *self.commands[which]]
        self.running[which] = subprocess.Popen(command, cwd=ROOT)

    def kill(self, which: str) -> None:
        process = self.running.pop(which)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def push_until_taken(self, told: object) -> None:
        """As platforms do: again and again, until somebody says 200."""
        deadline = time.monotonic() + 120
        while True:
            with contextlib.suppress(httpx.TransportError):
                if push(f"http://127.0.0.1:{self.port}/hooks/meta", told).status_code == 200:
                    return
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def page() -> FacebookPage:
    return FacebookPage(RealTime(utc_now()))


@pytest.fixture
def street(store: Store, store_url: str, page: FacebookPage) -> Iterator[Street]:
    sync_sources(store, [SourceRecord("fb", "facebook", "facebook", "Pagina", 300, 172_800)], utc_now())
    with served(page) as url:
        made = Street(store_url, url)
        try:
            yield made
        finally:
            for which in list(made.running):
                made.kill(which)


def test_nothing_is_lost_nor_doubled_whichever_process_dies_whenever(
    street: Street, page: FacebookPage, store: Store
) -> None:
    chance = random.Random(4)
    post = page.post("Tarief")
    street.start("listen")
    street.start("read")
    asked = 0
    for number in range(40):
        comment = page.comment(post, f"Vraag {number}")
        value = {"item": "comment", "verb": "add", "post_id": post, "comment_id": comment}
        told = told_of("page", PAGE, utc_now(), ("feed", {**value, "number": number}))
        street.push_until_taken(told)
        if chance.random() < 0.2:
            street.push_until_taken(told)  # the platform did not hear our answer
        if number % 5 == 2:
            which = chance.choice(["listen", "read"])
            time.sleep(chance.random() * 0.1)
            street.kill(which)
            street.start(which)
            asked += 1
    deadline = time.monotonic() + 120
    while waiting(store):
        assert time.monotonic() < deadline, waiting(store)
        time.sleep(0.1)
    texts = sorted(row.text for row in kept(store))
    assert texts == sorted(f"Vraag {number}" for number in range(40))
    assert asked == 8
    with store.read() as conn:
        assert set(conn.execute(select(intake.c.outcome)).scalars()) == {"read"}


def test_killed_the_moment_it_said_yes_it_has_the_delivery(street: Street, page: FacebookPage, store: Store) -> None:
    post = page.post("Tarief")
    for number in range(6):
        street.start("listen")
        comment = page.comment(post, f"Vraag {number}")
        value = {"item": "comment", "verb": "add", "post_id": post, "comment_id": comment}
        street.push_until_taken(told_of("page", PAGE, utc_now(), ("feed", value)))
        street.kill("listen")
        assert len(waiting(store)) == number + 1


def waiting(store: Store) -> list[int]:
    with store.read() as conn:
        return list(conn.execute(select(intake.c.id).where(intake.c.body.is_not(None))).scalars())
