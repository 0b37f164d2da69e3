"""Keeping the processes of one machine running: what `klankbord up` does.

Each part runs as a child process. One that dies is started again, after a pause that grows while it keeps dying;
one that cannot stay up is named, and the others go on. SIGTERM and SIGINT, and the closing of the terminal, reach
every child, which finishes what it is doing; after a grace period what is left is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

GRACE_S = 20.0
"""Seconds children get to finish after a stop signal."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_SETTLED_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One child: a name for people, and the arguments after `klankbord`."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def pause_before_restart(deaths: int) -> float:
    """Seconds to wait before starting a part again after it died so many times in a row: 1, 2, 4 … 60."""
    return min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (max(1, deaths) - 1))


async def supervise(
    parts: Sequence[Part],
    say: Callable[[str], None],
    *,
    program: Sequence[str] = (sys.executable, "-m", "klankbord"),
    pause: Callable[[int], float] = pause_before_restart,
    grace_s: float = GRACE_S,
) -> int:
    """Run all parts until a stop signal arrives.

    Args:
        parts: what to run.
        say: tells the person at the terminal what happens.
        program: what each part's arguments are given to.
        pause: seconds to wait before a restart, from the number of deaths in a row.
        grace_s: seconds children get to finish after a stop signal.

    Returns:
        0 after an orderly stop.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _stop_signals():
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(_keep_running(part, stop, say, program=program, pause=pause, grace_s=grace_s))
    return 0


def _stop_signals() -> tuple[signal.Signals, ...]:
    """Children live in sessions of their own, so a closed terminal reaches them through us too; `nohup` still holds."""
    hangs_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    return (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if hangs_up else ()))


async def _keep_running(
    part: Part,
    stop: asyncio.Event,
    say: Callable[[str], None],
    *,
    program: Sequence[str],
    pause: Callable[[int], float],
    grace_s: float,
) -> None:
    deaths = 0
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        begun = loop.time()
        child = await asyncio.create_subprocess_exec(
            *program,
            *part.arguments,
            env={**os.environ, **part.environment},
            start_new_session=True,  # a Ctrl+C at the terminal reaches children through us only, in order
        )
        ended, stopping = asyncio.create_task(child.wait()), asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            await _end(child, part, say, grace_s)
            ended.cancel()
            return
        stopping.cancel()
        deaths = 1 if loop.time() - begun > _SETTLED_S else deaths + 1
        seconds = pause(deaths)
        say(f"{part.name} stopped with exit code {child.returncode}; starting it again in {seconds:.0f} s")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=seconds)


async def _end(child: asyncio.subprocess.Process, part: Part, say: Callable[[str], None], grace_s: float) -> None:
    """Ask a child to finish; kill its whole session after the grace period."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), timeout=grace_s)
    except TimeoutError:
        say(f"{part.name} did not stop within {grace_s:.0f} s and is killed; nothing committed is lost")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
