"""Starting the dashboard under the stopwatch, or the bare app, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import psutil

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it is, its processes, and where their stopwatches write."""

    base: str
    processes: tuple[psutil.Process, ...]
    lines: Path

    def runs(self) -> list[dict[str, object]]:
        """What the stopwatches wrote so far."""
        if not self.lines.exists():
            return []
        return [orjson.loads(line) for line in self.lines.read_bytes().splitlines() if line]

    def rss_mb(self) -> float:
        """Resident memory now, in MiB, of all processes."""
        return sum(float(one.memory_info().rss) for one in self.processes) / 2**20

    def cpu_s(self) -> float:
        """Processor time used so far, in seconds, by all processes."""
        times = [one.cpu_times() for one in self.processes]
        return float(sum(one.user + one.system for one in times))


@contextmanager
def served(folder: Path, config: Path | None, *, processes: int = 1) -> Iterator[Served]:
    """The dashboard on a store's configuration, or without one the bare app; stopped at the end."""
    name = "bare" if config is None else "dashboard"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lines = folder / f"{name}.lines"
    how = ["bare"] if config is None else ["share"] if processes > 1 else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KLANKBORD_CONFIG": str(config or "")}
    command = [sys.executable, "-m", "benchmarks.inbox.probe", str(port), str(lines), *how]
    started: list[tuple[subprocess.Popen[bytes], Path]] = []
    try:
        for number in range(processes):
            log = folder / f"{name}{number}.log"
            with log.open("wb") as out:
                process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603
            started.append((process, log))
            _wait(port, process, log)
        yield Served(f"http://127.0.0.1:{port}", tuple(psutil.Process(one.pid) for one, _ in started), lines)
    finally:
        for process, _ in started:
            process.terminate()
        for process, _ in started:
            process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until this very process listens: others may answer on the same port."""
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        listening = [one.laddr.port for one in psutil.Process(process.pid).net_connections() if one.status == "LISTEN"]
        if port in listening:
            return
        time.sleep(0.1)
    msg = f"the server did not start: {log.read_text()[-2000:]}"
    raise RuntimeError(msg)
