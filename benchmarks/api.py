"""How long fifty programs wait that read through the API at once while 500 messages a second come in.

Real web processes on loopback that share a port, as `klankbord web` runs them, and in each a bare FastAPI route whose
answer is as long as a page of fifty messages. Each program first asks once a second, which measures how long a program
waits; then all ask again the moment they have their answer, first the bare route and then the API, which measures how
much is carried. Processor time of the web processes is told beside the waiting: it holds on a busy machine too.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from benchmarks.corpus import BRANDS, LANGS, fill
from benchmarks.report import Figures
from inbox.desk import Desk
from inbox.settings import InboxSettings
from inbox.tokens import keeping
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Wish
from store.engine import Store, open_store
from tests.journey.house import free_port
from web.api.settings import COUNTS

CONVERSATIONS = 100_000
READERS = 50
RATE = 500
BAR_MS = 200.0
PROCESSES = 1
_SECONDS = 20.0
_BARE = ("bare route",)
_WAYS = ("page of 50", "page of 50, filtered", "search", "conversations", "one message")


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of asking: seconds from one call of a program to the next, and what it asks for in turn."""

    name: str
    pause: float
    asked: tuple[str, ...]


_ONCE = _Way("once a second", 1.0, _BARE + _WAYS)
_BARE_ONLY = _Way("without a pause, bare", 0.0, _BARE)
_CLOSED = _Way("without a pause", 0.0, _WAYS)


@dataclass(frozen=True, slots=True)
class _Answered:
    """What came of one way.

    Attributes:
        times: milliseconds of each call, by what was asked.
        per_s: calls a second.
        cpu_ms: processor time of the web processes for a call.
        came: messages that came in a second.
    """

    times: dict[str, list[float]]
    per_s: float
    cpu_ms: float
    came: float


def run(
    conversations: int = CONVERSATIONS, *, postgres_url: str | None = None, processes: int = PROCESSES
) -> list[Figures]:
    """Fill a store on each engine and read it through the API.

    Args:
        conversations: how many there are at the start.
        postgres_url: an empty PostgreSQL database; without one only SQLite is measured.
        processes: web processes that share the port.
    """
    seconds = _SECONDS if conversations >= 20_000 else 2.0
    found = Figures(
        f"API: {READERS} readers at once on {conversations:,} conversations while {RATE} messages/s come in, "
        f"{processes} web process{'' if processes == 1 else 'es'}",
        ("engine, how asked, what", "asked", "p50 ms", "p95 ms", "p50 ratio to bare", "p95 ratio to bare"),
    )
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        for url in filter(None, (f"sqlite:///{Path(folder) / 'bench.db'}", postgres_url)):
            _measure(url, conversations, seconds, found, processes)
    return [found]


def _measure(url: str, conversations: int, seconds: float, found: Figures, processes: int) -> None:
    store = open_store(url)
    store.migrate()
    fill(store, conversations)
    secret = keeping.make(Desk(store, InboxSettings()), Wish("bench", (Scope.READ_MENTIONS, Scope.READ_WORK), 1)).secret
    with store.read() as conn:
        ids = [row[0] for row in conn.exec_driver_sql("SELECT id FROM mention ORDER BY id DESC LIMIT 500")]
    engine, port = _name(store), free_port()
    store.close()
    with ExitStack() as running:
        counts = running.enter_context(tempfile.TemporaryDirectory(prefix="klankbord-bench-"))
        serving = [
            psutil.Process(running.enter_context(_child("serve", url, str(port), **{COUNTS: counts})).pid)
            for _ in range(processes)
        ]
        coming = running.enter_context(_child("ingest", url, str(RATE)))
        asyncio.run(_ready(port))

        def answered(way: _Way, seconds: float) -> _Answered:
            came, cpu, began = coming.come(), _cpu_s(serving), time.perf_counter()
            times = asyncio.run(_read(f"http://127.0.0.1:{port}", secret, ids, way, seconds=seconds))
            took, n = time.perf_counter() - began, sum(map(len, times.values()))
            spent = _cpu_s(serving) - cpu
            return _Answered(times, n / took, spent / n * 1000, (coming.come() - came) / took)

        once = answered(_ONCE, seconds)
        bare, closed = answered(_BARE_ONLY, seconds / 4), answered(_CLOSED, seconds)
    _tell(found, engine, _ONCE, once, once.times[_BARE[0]])
    _tell(found, engine, _CLOSED, closed, bare.times[_BARE[0]])
    found.notes.append(
        f"{engine}, without a pause: {closed.per_s:.0f} calls/s, a bare route of the same length {bare.per_s:.0f} "
        f"({closed.per_s / bare.per_s:.2f} of it); processor time a call {closed.cpu_ms:.1f} ms, bare "
        f"{bare.cpu_ms:.1f} ms."
    )
    p95 = _quantile(_of_api(once), 0.95)
    if p95 > BAR_MS:
        found.missed.append(f"{engine}: p95 {p95:.0f} ms for programs that ask once a second (bar {BAR_MS:.0f} ms)")


def _tell(found: Figures, engine: str, way: _Way, answered: _Answered, bare: list[float]) -> None:
    for what, each in answered.times.items():
        p50, p95 = _quantile(each, 0.5), _quantile(each, 0.95)
        name = f"{engine}, {way.name}: {what}"
        found.add(name, len(each), p50, p95, p50 / _quantile(bare, 0.5), p95 / _quantile(bare, 0.95))
    found.notes.append(
        f"{engine}, {way.name}: p95 of all that was read {_quantile(_of_api(answered), 0.95):.0f} ms, "
        f"{answered.per_s:.0f} calls/s, {answered.cpu_ms:.1f} ms of processor time a call; "
        f"{answered.came:.0f} messages/s came in; load average {os.getloadavg()[0]:.1f}."
    )
    if answered.came < 0.9 * RATE:
        found.missed.append(f"{engine}, {way.name}: only {answered.came:.0f} messages/s came in")


def _of_api(answered: _Answered) -> list[float]:
    return [one for what in _WAYS for one in answered.times[what]]


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    """Processor time of some processes so far."""
    return sum(sum(each.cpu_times()[:2]) for each in processes)


async def _read(base: str, secret: str, ids: list[int], way: _Way, *, seconds: float) -> dict[str, list[float]]:
    """What each call took, in milliseconds; every reader asks for each thing in turn."""
    times: dict[str, list[float]] = {what: [] for what in way.asked}
    headers = {"Authorization": f"Bearer {secret}"}
    async with aiohttp.ClientSession(
        base, headers=headers, connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(60)
    ) as session:
        until = time.perf_counter() + seconds

        async def reader(number: int) -> None:
            chance, turn = random.Random(number), number
            await asyncio.sleep(way.pause * chance.random())
            while time.perf_counter() < until:
                what, began = way.asked[turn % len(way.asked)], time.perf_counter()
                async with session.get(_path(what, chance, ids)) as answer:
                    body = await answer.read()
                    assert answer.status == 200, body
                times[what].append((time.perf_counter() - began) * 1000)
                turn += 1
                await asyncio.sleep(max(0.0, way.pause - (time.perf_counter() - began)))

        await asyncio.gather(*(reader(number) for number in range(READERS)))
    return times


def _path(what: str, chance: random.Random, ids: list[int]) -> str:
    api = "/api/v1"
    match what:
        case "bare route":
            return "/plain/bare"
        case "page of 50, filtered":
            return f"{api}/mentions?limit=50&lang={chance.choice(LANGS)}&brand={chance.choice(BRANDS)}"
        case "search":
            return f"{api}/mentions?limit=50&q=word{chance.randrange(2_000)}"
        case "conversations":
            return f"{api}/conversations?limit=50&status=open"
        case "one message":
            return f"{api}/mentions/{chance.choice(ids)}"
        case _:
            return f"{api}/mentions?limit=50"


async def _ready(port: int) -> None:
    deadline = time.perf_counter() + 120
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                    assert answer.status == 200
                    return
            except aiohttp.ClientConnectionError:
                assert time.perf_counter() < deadline
                await asyncio.sleep(0.1)


@dataclass(frozen=True, slots=True)
class _Child:
    """A process of ours; what it prints stands in a file."""

    pid: int
    out: Path

    def come(self) -> int:
        """How many messages came in so far."""
        lines = self.out.read_text().split()
        return int(lines[-1]) if lines else 0


@contextmanager
def _child(*arguments: str, **more: str) -> Iterator[_Child]:
    """Start a process with more in its environment; ended at the end."""
    with tempfile.NamedTemporaryFile(suffix=".out") as out:
        command = [sys.executable, "-m", "benchmarks.api_child", *arguments]
        root = Path(__file__).parents[1]
        process = subprocess.Popen(command, stdout=out, cwd=root, env={**os.environ, **more})  # noqa: S603 - ours
        try:
            yield _Child(process.pid, Path(out.name))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


def _quantile(times: list[float], share: float) -> float:
    """A quantile, by the value that this share does not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _name(store: Store) -> str:
    return "SQLite" if store.is_sqlite else "PostgreSQL"
