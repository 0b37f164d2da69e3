"""Loopback servers and a client whose clock and sleep are in the test's hands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from pipeline.http import ClientSettings, PoliteClient

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Handler], Awaitable[int]]
ServeRaw = Callable[[RawHandler], Awaitable[int]]
MakeClient = Callable[..., PoliteClient]


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start an HTTP server on loopback for a handler; gives its port."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> int:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return int(runner.addresses[0][1])

    yield start
    for runner in runners:
        await runner.cleanup()


@asynccontextmanager
async def _talking(*, after_head: bool) -> AsyncIterator[ServeRaw]:
    """Start TCP servers on loopback that say whatever the test wants."""
    servers: list[asyncio.Server] = []
    tasks: set[asyncio.Task[Any]] = set()

    async def start(handler: RawHandler) -> int:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                if after_head:
                    await reader.readuntil(b"\r\n\r\n")
                await handler(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    yield start
    for task in list(tasks):
        task.cancel()
    for server in servers:
        server.close()


@pytest.fixture
async def serve_raw() -> AsyncIterator[ServeRaw]:
    """A server that has read the head of an HTTP request; gives its port."""
    async with _talking(after_head=True) as start:
        yield start


@pytest.fixture
async def serve_line() -> AsyncIterator[ServeRaw]:
    """A server that speaks first, as mail servers do; gives its port."""
    async with _talking(after_head=False) as start:
        yield start


NAMES = {
    "one.test": ["127.0.0.1"],
    "two.test": ["127.0.0.1"],
    "inside.test": ["10.0.0.7"],
    "mixed.test": ["93.184.216.34", "127.0.0.1"],
    "public.test": ["93.184.216.34"],
}


async def resolve(host: str, port: int) -> list[str]:
    """The names of this suite; anything else does not resolve."""
    del port
    if host.rstrip(".") not in NAMES:
        raise OSError(host)
    return NAMES[host.rstrip(".")]


@pytest.fixture
async def make_client(time: Time) -> AsyncIterator[MakeClient]:
    """Make clients that may reach loopback under the suite's names."""
    clients: list[PoliteClient] = []

    def make(**settings: object) -> PoliteClient:
        allowed = frozenset({"127.0.0.1", "one.test", "two.test"})
        client = PoliteClient(
            ClientSettings(**{"allow_private_hosts": allowed, **settings}),
            clock=time,
            sleep=time.sleep,
            chance=lambda: 1.0,
            resolve=resolve,
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        await client.aclose()
