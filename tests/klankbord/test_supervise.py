"""`klankbord up` keeps its parts running and stops them in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from klankbord.supervise import Part, pause_before_restart, supervise

# What children run: a line with their process id in a file, then what the test wants of them.
NOTE = "import os, pathlib, signal, sys, time; p = pathlib.Path(sys.argv[1]); p.open('a').write(f'{os.getpid()}\\n'); "
DIE = NOTE + "sys.exit(3)"
STAY = NOTE + "signal.sigwait({signal.SIGUSR2})"
FINISH = (
    NOTE + "signal.signal(signal.SIGTERM, lambda *_: (p.open('a').write('finished\\n'), sys.exit(0)));"
    "p.open('a').write('ready\\n');\nwhile True: signal.pause()"
)
STUBBORN = (
    NOTE + "signal.signal(signal.SIGTERM, signal.SIG_IGN); p.open('a').write('ready\\n');\nwhile True: signal.pause()"
)


def test_a_part_that_keeps_dying_is_started_again_at_growing_pauses() -> None:
    assert [pause_before_restart(deaths) for deaths in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


class Run:
    """A supervisor in this process over one real child per program text."""

    def __init__(self, folder: Path, *programs: str, grace_s: float = 20.0) -> None:
        self.files = [folder / f"child{number}" for number in range(len(programs))]
        parts = [
            Part(f"part {number}", ("-c", program, str(file)))
            for number, (program, file) in enumerate(zip(programs, self.files, strict=True))
        ]
        self.said: list[str] = []
        self.deaths: list[int] = []
        self._task = asyncio.create_task(
            supervise(parts, self.said.append, program=(sys.executable,), pause=self._no_pause, grace_s=grace_s)
        )

    def _no_pause(self, deaths: int) -> float:
        self.deaths.append(deaths)
        return 0.0

    def lines(self, number: int) -> list[str]:
        file = self.files[number]
        return file.read_text().splitlines() if file.exists() else []

    async def until(self, number: int, lines: int) -> None:
        """Wait until a child has written so many lines."""
        async with asyncio.timeout(60):
            while len(self.lines(number)) < lines:  # noqa: ASYNC110 -- another process writes them
                await asyncio.sleep(0.01)

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(60):
            return await self._task

    def alive(self) -> list[int]:
        pids = [int(line) for n in range(len(self.files)) for line in self.lines(n) if line.isdigit()]
        return [pid for pid in pids if psutil.pid_exists(pid)]


async def test_a_part_that_died_is_started_again_and_named_while_the_others_go_on(tmp_path: Path) -> None:
    run = Run(tmp_path, DIE, STAY)
    await run.until(0, 3)
    await run.until(1, 1)
    assert run.deaths[:2] == [1, 2]
    assert run.said[0] == "part 0 stopped with exit code 3; starting it again in 0 s"
    assert len(run.lines(1)) == 1
    assert await run.stop() == 0
    assert run.alive() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_a_stop_signal_reaches_every_child_which_finishes_what_it_does(
    tmp_path: Path, number: signal.Signals
) -> None:
    run = Run(tmp_path, FINISH, FINISH)
    await run.until(0, 2)
    await run.until(1, 2)
    assert await run.stop(number) == 0
    assert [run.lines(child)[-1] for child in (0, 1)] == ["finished", "finished"]
    assert run.alive() == []
    assert run.said == []


async def test_a_child_that_does_not_stop_is_killed_after_the_grace_period_and_named(tmp_path: Path) -> None:
    run = Run(tmp_path, STUBBORN, grace_s=0.2)
    await run.until(0, 2)
    assert await run.stop() == 0
    assert run.alive() == []
    assert "part 0 did not stop" in run.said[0]
