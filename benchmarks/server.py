"""The loopback server that benches poll, in a process of its own so that its work is not counted as ours.

Run as `python -m benchmarks.server`; prints its port. Ends when its input ends, so it never outlives a bench.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from benchmarks import inputs

ETAG = '"the-same"'
_FEED = inputs.rss(inputs.Texts(5), range(inputs.FEED_ITEMS))


@contextmanager
def loopback() -> Iterator[str]:
    """Start the server; gives its address, and ends it with the block."""
    command = [sys.executable, "-m", "benchmarks.server"]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as server:  # noqa: S603
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    async with server:
        await loop.run_in_executor(None, sys.stdin.buffer.read)  # until whoever started it is gone


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer requests of one connection until the client closes it."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            writer.write(_page(path, unchanged=b"if-none-match" in head.lower()))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _page(path: str, *, unchanged: bool) -> bytes:
    if path.startswith("/posts"):
        return _response(200, posts(path), "application/json")
    if path.startswith("/feed"):
        if unchanged:
            return _response(304, b"", "application/rss+xml", etag=True)
        return _response(200, _FEED, "application/rss+xml", etag=True)
    return _response(200, _FEED, "application/rss+xml")


def posts(path: str) -> bytes:
    """A page of small posts: `/posts/<first number>/<how many>/<total>`."""
    first, many, total = map(int, path.partition("?")[0].split("/")[2:5])
    numbers = range(first, min(first + many, total))
    said = [{"id": f"p{number}", "text": f"Windhoek says small thing {number} to you today"} for number in numbers]
    return orjson.dumps({"posts": said, "next": first + many if first + many < total else None})


def _response(status: int, body: bytes, kind: str, *, etag: bool = False) -> bytes:
    reason = {200: "OK", 304: "Not Modified"}[status]
    tag = f"ETag: {ETAG}\r\n" if etag else ""
    head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\n{tag}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    asyncio.run(_serve())
