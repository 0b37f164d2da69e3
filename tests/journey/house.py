"""Klankbord as its user runs it: a folder with a configuration, and processes that are started and stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import psutil

ROOT = Path(__file__).parents[2]
_COMMAND_S = 300


@dataclass
class Process:
    """A process that runs on, in a session of its own, with its output in a file."""

    name: str
    child: subprocess.Popen[bytes]
    log: Path

    @property
    def descendants(self) -> list[psutil.Process]:
        """What it started, and what those started."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self.child.pid).children(recursive=True)
        return []

    def kill(self) -> list[psutil.Process]:
        """End it without any warning; gives the processes it had started, which have to notice by themselves."""
        left = self.descendants
        self.child.kill()
        self.child.wait()
        return left

    def stop(self, seconds: float = 60) -> int:
        """End it in order; gives its exit code."""
        if self.child.poll() is None:
            self.child.terminate()
        return self.child.wait(seconds)

    def told(self) -> str:
        return self.log.read_text("utf-8", "replace")


@dataclass(frozen=True)
class Ended:
    """A command that came to its end. `peak_mb` is the largest resident memory of it or of a process it started."""

    code: int
    out: bytes
    notes: str
    peak_mb: float


@dataclass
class Workspace:
    """A folder with a `config.yaml`; every command is a process of its own."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    started: list[Process] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'data' / 'klankbord.db'}"

    def run(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        out, notes = self.folder / "command.out", self.folder / "command.err"
        with out.open("wb") as stdout, notes.open("wb") as stderr:
            child = self._popen(arguments, stdout, stderr)
            alarm, peak_mb = time.monotonic() + _COMMAND_S, 0.0
            while child.poll() is None:
                peak_mb = max(peak_mb, *_peaks_mb(child.pid))
                if time.monotonic() > alarm:
                    child.kill()
                time.sleep(0.05)
        return Ended(child.returncode, out.read_bytes(), notes.read_text("utf-8", "replace"), peak_mb)

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What a command answers with `--json`."""
        ended = self.run(*arguments, "--json")
        assert ended.code == code, f"{arguments} ended with {ended.code}: {ended.notes}"
        return orjson.loads(ended.out)

    def start(self, *arguments: str) -> Process:
        """Start a command that runs on."""
        log = self.folder / f"{arguments[0]}.log"
        with log.open("ab") as out:
            process = Process(arguments[0], self._popen(arguments, out, subprocess.STDOUT), log)
        self.started.append(process)
        return process

    def _popen(self, arguments: tuple[str, ...], stdout: Any, stderr: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "klankbord", *arguments, "--config", str(self.config)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KLANKBORD_")}
        environment = {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **self.environment}
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=stdout, stderr=stderr, start_new_session=True
        )


def _peaks_mb(pid: int) -> list[float]:
    """The most memory that a process and each one it started ever held, in MiB.

    Not `ru_maxrss`: a process inherits that from the one that started it, here from pytest with all it has loaded.
    """
    family = [pid]
    with suppress(psutil.NoSuchProcess):
        family += [one.pid for one in psutil.Process(pid).children(recursive=True)]
    peaks = [0.0]
    for one in family:
        with suppress(OSError):
            held = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{one}/status").read_text("ascii", "replace"))
            peaks.append(int(held[1]) / 1024 if held else 0.0)
    return peaks


@contextmanager
def workspace(folder: Path, config: str, **environment: str) -> Iterator[Workspace]:
    """A workspace; whatever still runs at the end is killed by its process group."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Workspace(folder, environment)
    made.config.write_text(config, "utf-8")
    try:
        yield made
    finally:
        for process in made.started:
            with suppress(ProcessLookupError):
                os.killpg(process.child.pid, signal.SIGKILL)
            process.child.wait()


def free_port() -> int:
    """A port of loopback on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(true: Callable[[], object], what: str, *, seconds: float = 120, every: float = 0.2) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it did not within the time; names what was awaited.
    """
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(every)
