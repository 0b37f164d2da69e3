"""`klankbord up` as a person runs it: real processes, real ports, a real feed."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from klankbord.supervise import GRACE_S
from tests.klankbord.conftest import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PATIENCE_S = 240.0
"""Longest wait for a start on a busy machine."""


class Running:
    """`klankbord up` in a process of its own, and what it printed."""

    def __init__(self, workspace: Workspace) -> None:
        self.printed = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "klankbord", "up", "--config", str(workspace.config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def until(self, what: str, seen: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not seen():
            assert self.process.poll() is None, f"ended while waiting for {what}:\n{self.printed}"
            assert time.monotonic() < deadline, f"no {what} within {PATIENCE_S:.0f} s:\n{self.printed}"
            time.sleep(0.5)


@contextmanager
def running(workspace: Workspace) -> Iterator[Running]:
    up = Running(workspace)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            for process in [*up.family(), psutil.Process(up.process.pid)]:
                process.kill()
        up.process.wait(30)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for probe in held:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in held]
    for probe in held:
        probe.close()
    return ports


@pytest.fixture
def ports(workspace: Workspace) -> tuple[int, int]:
    dashboard, web = free_ports(2)
    workspace.edit("timezone:", f"dashboard: {{port: {dashboard}}}\nweb: {{port: {web}}}\ntimezone:")
    return dashboard, web


def stored(web: int) -> dict[str, int]:
    """Mentions per source, as the web port tells."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web}/metrics", timeout=30) as response:
            told = response.read().decode()
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return {}
    found = re.findall(r'^klankbord_mentions_stored_total\{source="(\w+)"\} ([\d.]+)$', told, re.MULTILINE)
    return {source: int(float(count)) for source, count in found}


def test_up_starts_everything_collects_and_ends_every_process_on_sigterm(
    workspace: Workspace, ports: tuple[int, int]
) -> None:
    dashboard, web = ports
    with running(workspace) as up:
        up.until("health of the web port", lambda: answers(f"http://127.0.0.1:{web}/healthz"))
        up.until("health of the dashboard", lambda: answers(f"http://127.0.0.1:{dashboard}/_stcore/health"))
        link = re.search(rf"http://127\.0\.0\.1:{dashboard}/welcome/\S+", up.printed)
        assert link is not None, up.printed
        assert answers(link[0])
        up.until("mentions", lambda: stored(web) == {"news": 3, "mail": 2})
        family = up.family()
        assert len(family) >= 3
        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(GRACE_S + 20) == 0, up.printed
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert "is killed" not in up.printed
        assert "Traceback" not in up.printed


def test_a_killed_worker_comes_back_and_collects_on(workspace: Workspace, ports: tuple[int, int]) -> None:
    _, web = ports
    with running(workspace) as up:
        up.until("health of the web port", lambda: answers(f"http://127.0.0.1:{web}/healthz"))

        def workers() -> list[psutil.Process]:
            children = psutil.Process(up.process.pid).children()
            living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
            return [child for child in living if "worker" in child.cmdline()]

        up.until("mentions", lambda: stored(web) == {"news": 3, "mail": 2})
        (first,) = workers()
        parsers = first.children(recursive=True)
        first.kill()
        up.until("a new worker", lambda: bool(workers()) and workers()[0].pid != first.pid)
        assert "worker stopped with exit code -9; starting it again in 1 s" in up.printed
        assert psutil.wait_procs(parsers, timeout=20)[1] == []
        assert stored(web) == {"news": 3, "mail": 2}
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(GRACE_S + 20) == 0, up.printed
