"""Exports in processes of their own: killed in the middle of a file, told to end, out of disk; and who starts them."""

from __future__ import annotations

import asyncio
import fcntl
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from inbox.desk import Desk
from inbox.export import Form
from inbox.export_jobs import background
from inbox.export_jobs.views import Wanted
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.settings import ExportSettings
from klankbord.exporting import COMMAND, Exporter
from store import export_jobs
from store.engine import Store, utc_now
from store.export_jobs import Trouble
from store.schema import mention
from tests.conftest import Clock
from tests.inbox.conftest import SETTINGS, World

ROOT = Path(__file__).resolve().parents[2]
N = 6_000
LIMIT_BLOCKS = 400
"""Of 512 bytes; the file would be larger."""
XLSX = Wanted(form=Form("xlsx"))


def held(draft: Path) -> bool:
    """Whether somebody writes it: between its first moment and its lock it looks like one left behind."""
    with draft.open("rb") as file, suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    return True


class Site:
    """An installation with many messages, whose exports are made by processes of its own."""

    def __init__(self, store: Store, url: str, folder: Path) -> None:
        settings = SETTINGS.model_copy(update={"exports": ExportSettings(folder=folder / "exports")})
        clock = Clock(utc_now())
        desk = Desk(store, settings, clock)
        self.world = World(desk, Inbox(store, settings, clock=clock), clock)
        self.store, self.folder = store, folder / "exports"
        self.token = self.world.token(self.world.person(Role.ANALYST))
        self._config = folder / "config.yaml"
        self._config.write_text(f"database: {url}\nexports: {{folder: {self.folder}}}\n", "utf-8")
        self.world.conversation()
        self._fill()

    def _fill(self) -> None:
        with self.store.write() as conn:
            like = dict(conn.execute(select(mention)).mappings().one())
        for _ in range(0, N, 1_000):
            ids = self.store.new_ids(1_000)
            rows = [like | {"id": each, "external_id": str(each), "text": f"bericht {each} " * 9} for each in ids]
            with self.store.write() as conn:
                conn.execute(insert(mention), rows)

    def begin(self, *, before: str = "") -> subprocess.Popen[bytes]:
        """The process that makes exports; `before`: what its shell does first."""
        command = ["sh", "-c", f'{before}exec "$@"', "sh", *COMMAND, "--config", str(self._config)]
        return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)

    def standing(self) -> list[str]:
        """Files under the names by which they are found."""
        return sorted(path.name for path in self.folder.glob("[!.]*"))

    def job(self, job_id: int) -> export_jobs.JobRow:
        with self.store.read() as conn:
            found = export_jobs.find(conn, job_id)
        assert found is not None
        return found

    def export(self, output: Path, *, before: str = "") -> subprocess.Popen[bytes]:
        """The command, as `begin`."""
        command = [sys.executable, "-m", "klankbord", "export", "--format", "csv", "-o", str(output)]
        return subprocess.Popen(
            ["sh", "-c", f'{before}exec "$@"', "sh", *command, "--config", str(self._config)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
        )

    def in_the_middle(self, begin: Callable[[], subprocess.Popen[bytes]] | None = None) -> subprocess.Popen[bytes]:
        """A process that has begun to write a file, and holds it."""
        before = set(self.folder.glob(".*.part"))
        process = (begin or self.begin)()
        until = time.monotonic() + 120
        while not any(map(held, set(self.folder.glob(".*.part")) - before)):
            assert process.poll() is None, "it ended before it wrote anything"
            assert time.monotonic() < until, "it writes nothing"
            time.sleep(0.002)  # another process decides when
        return process

    def a_minute_later(self, job_id: int) -> None:
        """The lease of whoever had the job has run out."""
        with self.store.write() as conn:
            export_jobs.change(conn, job_id, lease_until=datetime.now(UTC) - timedelta(seconds=1))


@pytest.fixture
def site(store_url: str, open_stores: Callable[..., Store], tmp_path: Path) -> Site:
    return Site(open_stores(store_url), store_url, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killed_again_and_again_it_gives_the_same_bytes_and_shows_no_half_file(site: Site) -> None:
    door = site.world.inbox.exports
    whole = door.start(site.token, XLSX)
    assert site.begin().wait(120) == 0
    seen = site.standing()
    assert len(seen) == 1
    broken = door.start(site.token, XLSX)
    rng = random.Random(6)
    for _ in range(2):
        process = site.in_the_middle()
        time.sleep(rng.random() * 0.1)
        process.kill()
        process.wait()
        assert site.standing() == seen
        assert site.job(broken).state == export_jobs.RUNNING
        site.world.conversation(text="later")
        site.a_minute_later(broken)
    process = site.in_the_middle()
    process.terminate()
    assert process.wait(30) == 0
    assert (site.job(broken).state, site.job(broken).lease_until) == (export_jobs.QUEUED, None)
    assert site.standing() == seen
    assert not list(site.folder.glob(f".{broken}-3*"))
    assert site.begin().wait(120) == 0
    one, two = (door.fetch(site.token, each) for each in (whole, broken))
    assert two.path.read_bytes() == one.path.read_bytes()
    assert one.sha256 == two.sha256
    assert list(site.folder.glob(".*.part"))
    background.tidy(site.store, site.world.desk.declared, utc_now() + timedelta(hours=1))
    assert sorted(path.name for path in site.folder.iterdir()) == site.standing()


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine_name", ["postgresql"])  # SQLite's own file would meet the same limit
def test_a_disk_that_becomes_full_in_the_middle_fails_in_words_and_leaves_nothing(site: Site, engine_name: str) -> None:
    assert engine_name == "postgresql"
    job_id = site.world.inbox.exports.start(site.token, Wanted(form=Form("csv")))
    assert site.begin(before=f"ulimit -f {LIMIT_BLOCKS}; ").wait(120) == 0
    job = site.job(job_id)
    assert (job.state, job.trouble["code"]) == (export_jobs.FAILED, Trouble.DISK)
    assert list(site.folder.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_export_that_was_killed_is_cleared_away_by_the_next_one_and_one_that_is_written_is_not(site: Site) -> None:
    site.folder.mkdir()
    out = site.folder / "uit.csv"
    killed = site.in_the_middle(lambda: site.export(out))
    killed.kill()
    killed.wait()
    (left,) = site.folder.iterdir()
    living = site.in_the_middle(lambda: site.export(out))
    living.send_signal(signal.SIGSTOP)
    assert not left.exists()
    (written,) = site.folder.iterdir()
    left.write_bytes(b"half")
    third = site.export(out)
    told = third.communicate(timeout=200)[1].decode()
    assert (third.returncode, "half-written is removed" in told) == (0, True), told
    assert sorted(site.folder.iterdir()) == sorted([written, out])
    whole = out.read_bytes()
    living.send_signal(signal.SIGCONT)
    assert living.wait(200) == 0
    assert list(site.folder.iterdir()) == [out]
    assert out.read_bytes() == whole


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine_name", ["postgresql"])  # SQLite's own file would meet the same limit
def test_the_command_says_that_the_disk_is_full_and_leaves_what_stood_there(site: Site, engine_name: str) -> None:
    assert engine_name == "postgresql"
    site.folder.mkdir()
    out = site.folder / "uit.csv"
    out.write_bytes(b"of yesterday")
    full = site.export(out, before=f"ulimit -f {LIMIT_BLOCKS}; ")
    told = " ".join(full.communicate(timeout=120)[1].decode().split())
    assert (full.returncode, "full" in told, "Traceback" in told) == (1, True, False), told
    assert list(site.folder.iterdir()) == [out]
    assert out.read_bytes() == b"of yesterday"


def test_the_worker_starts_one_process_when_jobs_wait_and_lets_a_dead_one_lie_for_a_while(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    world = World(Desk(store, SETTINGS, clock), Inbox(store, SETTINGS, clock=clock), clock)
    token = world.token(world.person(Role.ANALYST))
    told = tmp_path / "told"
    told.touch()
    script = f"import time; open({str(told)!r}, 'a').write('x'); time.sleep(60)"

    def begun(n: int) -> bool:
        until = time.monotonic() + 30
        while told.stat().st_size < n and time.monotonic() < until:
            time.sleep(0.01)  # another process decides when
        return told.stat().st_size == n

    async def ticks() -> None:
        exporter = Exporter(store, clock, command=(sys.executable, "-c", script))
        await exporter.tick()
        assert begun(0)
        world.inbox.exports.start(token, Wanted())
        await exporter.tick()
        assert begun(1)
        await exporter.tick()
        await exporter.stop()
        await exporter.tick()
        assert begun(1)
        clock.step(seconds=10)
        await exporter.tick()
        assert begun(2)
        await exporter.stop()

    asyncio.run(ticks())
