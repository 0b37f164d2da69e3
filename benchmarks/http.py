"""What the manners cost: the polite client against bare loops over the same loopback server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiohttp
import httpx

from benchmarks.report import Figures
from benchmarks.server import ETAG, loopback
from connectors.requests import HttpRequest
from pipeline.http import ClientSettings, PoliteClient
from store.records import ValidatorRecord

REQUESTS = 3_000
CONCURRENCY = 50
TARGET = 0.07
_ROUNDS = 5
Ask = Callable[[], Awaitable[None]]


def run(requests: int = REQUESTS) -> list[Figures]:
    """So many requests of 10 kB and as many 304 rounds each, 50 at once, in turns."""
    return [asyncio.run(_run(requests))]


async def _run(requests: int) -> Figures:
    settings = ClientSettings(allow_private_hosts=frozenset({"127.0.0.1"}), per_host=CONCURRENCY, overall=CONCURRENCY)
    limits = httpx.Limits(max_connections=CONCURRENCY, max_keepalive_connections=CONCURRENCY)
    with loopback() as base:
        url = f"{base}/feed"
        bare = Bare(url)
        async with (
            PoliteClient(settings) as polite,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session,
            httpx.AsyncClient(limits=limits) as plain,
        ):
            known = ValidatorRecord(url=url, etag=ETAG)
            whole, again = HttpRequest(url), HttpRequest(url, conditional=True)

            async def politely() -> None:
                assert (await polite.fetch(whole)).body

            async def politely_unchanged() -> None:
                assert (await polite.fetch(again, validator=known)).unchanged

            async def with_aiohttp() -> None:
                async with session.get(url) as answer:
                    assert await answer.read()

            async def unchanged_with_aiohttp() -> None:
                async with session.get(url, headers={"If-None-Match": ETAG}) as answer:
                    assert answer.status == 304

            async def with_httpx() -> None:
                assert (await plain.get(url)).content

            ways: dict[str, Ask] = {
                "bare asyncio streams (the limit)": bare.get,
                "aiohttp by itself": with_aiohttp,
                "polite client": politely,
                "httpx by itself": with_httpx,
                "304, bare asyncio streams": bare.unchanged,
                "304, aiohttp by itself": unchanged_with_aiohttp,
                "304, polite client": politely_unchanged,
            }
            few = {"httpx by itself": max(CONCURRENCY, requests // 10)}
            found = await _in_turns(ways, {name: few.get(name, requests) for name in ways})
        bare.close()
    return found


class Bare:
    """The least a client can do: write a request, read head and body, keep the connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port
        head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        self._plain = f"{head}\r\n".encode()
        self._conditional = f"{head}If-None-Match: {ETAG}\r\n\r\n".encode()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self) -> None:
        """Fetch the page."""
        assert await self._ask(self._plain)

    async def unchanged(self) -> None:
        """Ask whether it changed."""
        await self._ask(self._conditional)

    def close(self) -> None:
        """Close what is open."""
        for _, writer in self._idle:
            writer.close()

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]))
        self._idle.append((reader, writer))
        return body


async def _in_turns(ways: dict[str, Ask], counts: dict[str, int]) -> Figures:
    spent = {name: [0.0, 0.0] for name in ways}
    done = dict.fromkeys(ways, 0)
    rounds = min(_ROUNDS, max(1, max(counts.values()) // (2 * CONCURRENCY)))
    for round_number in range(rounds + 1):
        for name, way in ways.items():
            count = max(CONCURRENCY, counts[name] // rounds) if round_number else CONCURRENCY
            cpu, wall = time.process_time(), time.perf_counter()
            await _together(way, count)
            if round_number:  # the first one opens the connections
                spent[name][0] += time.process_time() - cpu
                spent[name][1] += time.perf_counter() - wall
                done[name] += count
    per = {name: cpu / done[name] * 1e6 for name, (cpu, _) in spent.items()}
    found = Figures(
        f"HTTP: 10 kB over loopback, {CONCURRENCY} at once, keep-alive",
        ("client", "requests/s", "CPU us a request", "share of the limit (CPU)", "share of aiohttp (CPU)"),
    )
    for name, (_, wall) in spent.items():
        limit, peer = ("304, bare asyncio streams", "304, aiohttp by itself") if name.startswith("304") else (
            "bare asyncio streams (the limit)", "aiohttp by itself")  # fmt: skip
        found.add(name, done[name] / wall, per[name], per[limit] / per[name], per[peer] / per[name])
    share = per["bare asyncio streams (the limit)"] / per["polite client"]
    found.notes.append(f"Target: the polite client has at least {TARGET} of the limit.")
    if share < TARGET:
        found.missed.append(f"the polite client has {share:.3f} of the limit's CPU, target {TARGET}")
    return found


async def _together(way: Ask, count: int) -> None:
    left = iter(range(count))

    async def one() -> None:
        for _ in left:
            await way()

    await asyncio.gather(*(one() for _ in range(CONCURRENCY)))
