"""Parse untrusted bytes in a process of its own, which is killed when it takes too long.

A hostile or unlucky answer can hold a parser for hours (one author field of 90 kB did), eat all memory, or crash a
C library. In the worker itself that would stop every source. Here it costs one child process and one answer.

Children are plain Python processes that speak length-prefixed pickles over their standard streams: they end by
themselves when the worker is gone (end of input) or when their own alarm rings, so none is ever orphaned. What
comes back is unpickled by name list only, since a child that read hostile bytes is not to be trusted either.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import signal
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from connectors.contract import Connector, Page, Task
from connectors.errors import ConnectorError, FormatChanged, Transient
from connectors.requests import Response
from pipeline.isolate_child import HEADER, STARTED, Job, Outcome, load_result

T = TypeVar("T")

_START_S = 30.0
# A page of a 10 MB answer stays far below; more means that the child went wrong.
_LARGEST_FRAME = 512 * 1024 * 1024


class _Broken(Exception):  # noqa: N818 - internal: the child is gone or speaks nonsense
    """The child ended in the middle of a job."""


@dataclass(eq=False, slots=True)
class _Child:
    """One parsing process."""

    process: asyncio.subprocess.Process
    jobs: int = 0

    async def receive(self) -> bytes:
        """One frame from the child.

        Raises:
            _Broken: the child ended.
        """
        out = self.process.stdout
        if out is None:
            raise _Broken
        try:
            (length,) = struct.unpack(HEADER, await out.readexactly(struct.calcsize(HEADER)))
            if length > _LARGEST_FRAME:
                raise _Broken
            return await out.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError, struct.error):
            raise _Broken from None

    async def send(self, frame: bytes) -> None:
        """Hand the child one frame.

        Raises:
            _Broken: the child ended.
        """
        into = self.process.stdin
        if into is None:
            raise _Broken
        try:
            into.write(struct.pack(HEADER, len(frame)))
            into.write(frame)
            await into.drain()
        except (ConnectionError, RuntimeError):
            raise _Broken from None

    async def end(self) -> None:
        """Kill the child and wait until it is really gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        await self.process.wait()


class ParseProcess:
    """A small pool of parsing processes; one for the whole worker, used as an async context manager.

    Args:
        size: processes, and so parses under way at once.
        memory_bytes: address space a child may use; its parser gets a MemoryError beyond. None sets no limit.
        jobs_per_child: a child is replaced after so many parses, so that leaks of parsers do not add up.
        preload: modules the children import before the first answer is there.
    """

    def __init__(
        self,
        *,
        size: int = 2,
        memory_bytes: int | None = 1_500_000_000,
        jobs_per_child: int = 500,
        preload: tuple[str, ...] = ("connectors.contract",),
    ) -> None:
        self._size = size
        self._memory = memory_bytes
        self._jobs_per_child = jobs_per_child
        self._preload = preload
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Start the first child, so that the first answer does not wait for an interpreter."""
        self._idle.append(await self._start())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every child."""
        await self.aclose()

    async def aclose(self) -> None:
        """End every child and wait until they are gone; parses under way fail as `Transient`."""
        self._closed = True
        self._idle.clear()
        await asyncio.gather(*(child.end() for child in list(self._all)))
        self._all.clear()

    def pids(self) -> frozenset[int]:
        """Process ids of the living children."""
        return frozenset(child.process.pid for child in self._all)

    async def run(self, connector: Connector[Any], task: Task, response: Response, seconds: float) -> Page:
        """Run `connector.parse(task, response)` in a child.

        Args:
            connector: whose `parse` is run; must be picklable, as must the other two.
            task: first argument of `parse`.
            response: second argument of `parse`.
            seconds: limit on the parse itself; waiting for a free child and starting one do not count.

        Raises:
            FormatChanged: the parse took too long, needed too much memory, crashed, or failed unexpectedly.
            ConnectorError: whatever the connector itself raised, of the same class and with its attributes.
            Transient: no child could be started, or the pool is closing.
        """
        return await self.call(type(connector).name, connector.parse, (task, response), seconds, gives=Page)

    async def call(
        self, name: str, work: Callable[..., T], given: tuple[Any, ...], seconds: float, *, gives: type[T]
    ) -> T:
        """Call any function that reads untrusted bytes in a child; it answers with a dataclass of plain values.

        Args:
            name: whose bytes they are, for errors.
            work: a function of a module, or a method of something picklable.
            given: its arguments, picklable.
            seconds: as for `run`.
            gives: the class of its answer.

        Raises:
            ConnectorError: as `run`.
        """
        try:
            frame = pickle.dumps(Job(work, given, seconds), protocol=5)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            msg = f"{name}: its settings or its answer cannot be handed to a parsing process ({error})"
            raise FormatChanged(msg) from None
        async with self._places, self._child() as child:
            return await self._ask(child, frame, name, seconds, gives)

    async def _ask(self, child: _Child, frame: bytes, name: str, seconds: float, gives: type[T]) -> T:
        """Have one child do one job; anything but a clean outcome leaves the child to be ended by `_child`."""
        try:
            async with asyncio.timeout(_START_S):
                await child.send(frame)
                started = await child.receive()
            if started != STARTED:
                return _unfold(started, name, gives)
            async with asyncio.timeout(seconds):
                answer = await child.receive()
        except TimeoutError:
            msg = f"{name}: reading the answer took longer than {seconds:g} s and was stopped; the answer is set aside"
            raise FormatChanged(msg) from None
        except _Broken:
            if self._closed:
                msg = f"{name}: stopped while an answer was being read"
                raise Transient(msg) from None
            code = await child.process.wait()
            msg = f"{name}: reading the answer {_ending(code)}; the answer is set aside"
            raise FormatChanged(msg) from None
        child.jobs += 1
        return _unfold(answer, name, gives)

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[_Child]:
        """Lend a child; it comes back only when it finished its job, and is ended otherwise."""
        child = self._idle.pop() if self._idle else await self._start()
        before = child.jobs
        try:
            yield child
        finally:
            if child.jobs > before and child.jobs < self._jobs_per_child and not self._closed:
                self._idle.append(child)
            else:
                # Shielded: a cancelled collect must not leave a child that still burns a processor.
                await asyncio.shield(child.end())
                self._all.discard(child)

    async def _start(self) -> _Child:
        """Start a child and wait until it listens.

        Raises:
            Transient: it did not start.
        """
        if self._closed:
            msg = "the parsing processes are closing down"
            raise Transient(msg)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-B",
            "-m",
            "pipeline.isolate_child",
            str(self._memory or 0),
            *self._preload,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # Plug-ins are found where this process finds them; secrets of the environment stay here.
            env=_environment(),
            limit=2**20,
        )
        child = _Child(process)
        self._all.add(child)
        ready = False
        try:
            async with asyncio.timeout(_START_S):
                await child.receive()
            ready = True
        except (TimeoutError, _Broken):
            msg = "a parsing process could not be started; is memory or the process limit of this machine used up?"
            raise Transient(msg) from None
        finally:
            if not ready:
                await asyncio.shield(child.end())
                self._all.discard(child)
        return child


def _environment() -> dict[str, str]:
    """What a child needs of the environment, and no more: it must not hold the worker's credentials."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "PATH", "HOME") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def _ending(code: int) -> str:
    """How a child ended, in words."""
    if code >= 0:
        return f"ended its process (exit code {code})"
    try:
        return f"crashed its process ({signal.Signals(-code).name})"
    except ValueError:
        return f"crashed its process (signal {-code})"


def _unfold(frame: bytes, name: str, gives: type[T]) -> T:
    """Turn a child's frame into its value, or raise what the connector raised.

    Raises:
        FormatChanged: the parse failed unexpectedly or the frame is not what a child sends.
        ConnectorError: as the connector raised it.
    """
    try:
        outcome = load_result(frame)
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError, ValueError, IndexError) as error:
        msg = f"{name}: the parsing process sent a result that cannot be read ({error})"
        raise FormatChanged(msg) from None
    if isinstance(outcome, Outcome):
        if isinstance(outcome.error, ConnectorError):
            raise outcome.error
        if isinstance(outcome.value, gives):
            return outcome.value
        what = gives.__name__.lower()
        msg = f"{name}: {outcome.trouble or f'the parsing process sent no {what}'}; the answer is set aside"
        raise FormatChanged(msg)
    msg = f"{name}: the parsing process sent something that is not a {gives.__name__.lower()}"
    raise FormatChanged(msg)
