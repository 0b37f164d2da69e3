"""Workers killed with SIGKILL around a renewal: what was committed is used, and no refresh token is sent twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline import logins
from store.engine import Store, utc_now
from store.schema import login, query_state
from tests.connecting.bench import Bench
from tests.connecting.plaza import Plaza, served
from tests.replying.house import RealTime

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Killing:
    """An installation with a short-lived login, and a worker process that can be killed."""

    def __init__(self, bench: Bench, store_url: str) -> None:
        self.bench, self._store_url = bench, store_url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        url = str(self.bench.source.options["url"])
        command = [sys.executable, "-m", "tests.connecting.worker_process", self._store_url, url]
        self.process = subprocess.Popen(command, cwd=ROOT)

    def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def free(self) -> None:
        """Let the claim of the dead lapse, which takes three minutes else, and no back-off hold up the next."""
        with self.bench.store.write() as conn:
            conn.execute(login.update().values(claimed_until=utc_now()))
            conn.execute(query_state.update().values(not_before=None))

    def version(self) -> int:
        return self.bench.vault.version("plaza") or 0

    def until(self, what: Callable[[], object], *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, self.bench.health()
            time.sleep(0.01)

    def works(self) -> None:
        """It renews and reads."""
        version, asked = self.version(), len(self.bench.plaza.asked)
        self.until(lambda: self.version() > version + 1 and len(self.bench.plaza.asked) > asked + 4)
        assert self.bench.health().health == "ok"


@pytest.fixture
def killing(store: Store, store_url: str) -> Iterator[Killing]:
    clock = RealTime(utc_now())
    plaza = Plaza(clock, life=timedelta(seconds=0.4))
    with served(plaza) as url:
        bench = Bench(store, clock, plaza, url)
        made = Killing(bench, store_url)
        bench.connect()
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.kill()
            asyncio.run(bench.close())


def test_killed_when_the_platform_has_not_done_it_yet(killing: Killing) -> None:
    killing.start()
    killing.works()

    def before_it_is_done() -> None:
        killing.bench.plaza.on_renewal = lambda: None
        killing.kill()

    killing.bench.plaza.fates = ["failing"]
    killing.bench.plaza.on_renewal = before_it_is_done
    killing.until(lambda: killing.process is not None and killing.process.poll() is not None)
    killing.free()
    killing.start()
    killing.works()
    assert not killing.bench.plaza.revoked


def test_killed_when_the_renewed_token_is_first_used(killing: Killing) -> None:
    killing.start()
    killing.works()
    seen = set(killing.bench.plaza.access)

    def at_the_first_use(token: str) -> None:
        if token not in seen:
            killing.bench.plaza.on_use = lambda _: None
            killing.kill()

    killing.bench.plaza.on_use = at_the_first_use
    killing.until(lambda: killing.process is not None and killing.process.poll() is not None)
    killing.free()
    killing.start()
    killing.works()
    assert not killing.bench.plaza.revoked
    assert len(killing.bench.plaza.spent) == len(set(killing.bench.plaza.spent))


def test_killed_as_soon_as_a_renewal_is_committed(killing: Killing) -> None:
    for _ in range(4):
        killing.start()
        version = killing.version()
        killing.until(lambda version=version: killing.version() > version + 1)  # type: ignore[misc]
        killing.kill()
        killing.free()
    killing.start()
    killing.works()
    assert not killing.bench.plaza.revoked


@pytest.mark.parametrize("strict", [True, False])
def test_killed_between_the_answer_and_the_commit(killing: Killing, *, strict: bool) -> None:
    """The one window that stays: a strict platform then wants a person, who is asked; others give another one."""
    killing.bench.plaza.strict = strict
    killing.start()
    killing.works()
    killing.bench.plaza.fates = ["unheard"]
    spent = len(killing.bench.plaza.spent)
    killing.until(lambda: len(killing.bench.plaza.spent) > spent)
    killing.kill()
    killing.free()
    killing.start()
    if not strict:
        killing.works()
        return
    killing.until(lambda: killing.bench.health().health == "login")
    assert "klankbord connect plaza" in killing.bench.health().health_text
    killing.bench.plaza.revoked = False
    killing.bench.connect()
    killing.works()


def test_killed_at_any_moment_with_two_workers(killing: Killing) -> None:
    """A platform with a grace for the last token, as most have: whatever dies, collecting goes on."""
    killing.bench.plaza.strict = False
    chance = random.Random(5)
    other = Killing(killing.bench, killing._store_url)
    for _ in range(6):
        killing.start()
        other.start()
        killing.until(lambda: killing.bench.plaza.renewals)
        time.sleep(1 + chance.random())
        killing.kill()
        other.kill()
        killing.free()
    killing.start()
    killing.works()
    assert not killing.bench.plaza.revoked


def test_a_claim_lasts_longer_than_the_client_takes() -> None:
    from pipeline.http.settings import ClientSettings

    settings = ClientSettings()
    assert timedelta(seconds=settings.total_s) < logins.CLAIM
