"""Signs of life of one pushed connection: that it stands, an event, or a heartbeat.

Addresses are judged before; redirects are not followed, because where they lead was not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import aiohttp
import httpx
import websockets.exceptions
from websockets.asyncio.client import ClientConnection, connect

from connectors.errors import (
    AuthDead,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.requests import HttpRequest, HttpResponse, StreamEvent, StreamRequest
from pipeline.http.body import Broken, decode, decoders_for
from pipeline.http.guard import Target
from pipeline.http.limits import read_pause
from pipeline.http.settings import ClientSettings
from pipeline.http.transport import PINNED, PinnedTransport
from pipeline.ndjson import LineParser
from pipeline.sse import SseParser

NETWORK_ERRORS = (
    httpx.HTTPError,
    aiohttp.ClientError,
    websockets.exceptions.WebSocketException,
    OSError,
    TimeoutError,
    Broken,
)
MOST_REFUSAL = 100_000
"""Bytes of a refusal's body that are read."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Everything a connection is made from.

    Attributes:
        url: with parameters; may carry secrets.
        target: the judged addresses.
        max_event_bytes: largest event, decompressed.
        clock: now, as an aware UTC instant.
    """

    request: StreamRequest
    url: str = field(repr=False)
    target: Target
    limits: ClientSettings
    max_event_bytes: int
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Connected:
    """The first sign of a stream. `pause`: aware UTC; the server announced that it takes no connection before."""

    pause: datetime | None = None


class Alive:
    """A sign of life without an event."""


Sign = StreamEvent | Connected | Alive


class RefusalError(ConnectorError):
    """The server refused to stream, and the connector has to say what its answer means.

    Args:
        response: the answer, its body cut at `MOST_REFUSAL` bytes.
        meaning: what the status alone means.
    """

    def __init__(self, response: HttpResponse, meaning: ConnectorError) -> None:
        super().__init__(str(meaning))
        self.response = response
        self.meaning = meaning


async def sse_signs(dial: Dial) -> AsyncGenerator[Sign, None]:
    """Server-sent events over HTTP; a comment line is a sign of life."""
    async with _answer(dial, "text/event-stream") as response:
        told = _told(response)
        raise_for_refusal(response.status_code, told, dial.target.host, dial.clock())
        if not told.get("content-type", "").lower().startswith("text/event-stream"):
            msg = f"{dial.target.host} did not answer with an event stream"
            raise FormatChanged(msg)
        signs = _pushed(response, told, SseParser(max_event_bytes=dial.max_event_bytes), dial.clock())
        async with contextlib.aclosing(signs):
            async for sign in signs:
                yield sign


async def line_signs(dial: Dial) -> AsyncGenerator[Sign, None]:
    """Lines of JSON over HTTP; an empty line is a sign of life. A refusal's body goes to the connector."""
    async with _answer(dial, "application/json") as response:
        told = _told(response)
        try:
            raise_for_refusal(response.status_code, told, dial.target.host, dial.clock())
        except ConnectorError as meaning:
            raise RefusalError(await _refusal(dial, response, told), meaning) from None
        if "json" not in told.get("content-type", "").lower():
            msg = f"{dial.target.host} did not answer with a stream of JSON"
            raise FormatChanged(msg)
        signs = _pushed(response, told, LineParser(max_line_bytes=dial.max_event_bytes), dial.clock())
        async with contextlib.aclosing(signs):
            async for sign in signs:
                yield sign


@contextlib.asynccontextmanager
async def _answer(dial: Dial, accept: str) -> AsyncGenerator[httpx.Response, None]:
    """Ask at the judged address; the body is not read."""
    timeout = httpx.Timeout(
        connect=dial.limits.connect_s,
        read=dial.request.idle_seconds,
        write=dial.limits.write_s,
        pool=dial.limits.pool_s,
    )
    async with httpx.AsyncClient(transport=PinnedTransport(dial.limits), timeout=timeout, trust_env=False) as client:
        headers = httpx.Headers({"Accept": accept, "Cache-Control": "no-store"})
        # Compressed streams hold back events until a block is full.
        headers.update({"User-Agent": dial.limits.user_agent, "Accept-Encoding": "identity", **dial.request.headers})
        asked = client.build_request("GET", dial.url, headers=headers)
        asked.extensions[PINNED] = dial.target.addresses
        async with asyncio.timeout(dial.limits.total_s):
            response = await client.send(asked, stream=True)
        try:
            yield response
        finally:
            await response.aclose()


class _Parser(Protocol):
    def feed(self, data: bytes) -> list[StreamEvent]:
        """Take in bytes and give out the events they complete."""
        ...


async def _pushed(
    response: httpx.Response, told: Mapping[str, str], parser: _Parser, now: datetime
) -> AsyncGenerator[Sign, None]:
    """What a connection that stands tells."""
    decoders = decoders_for(told.get("content-encoding", ""))
    pause = read_pause(response.status_code, told, now)
    yield Connected(pause.until if pause else None)
    async for chunk in response.aiter_raw():
        quiet = True
        for piece in decode(decoders, chunk):
            for event in parser.feed(piece):
                quiet = False
                yield event
        if quiet:
            yield Alive()


async def _refusal(dial: Dial, response: httpx.Response, told: Mapping[str, str]) -> HttpResponse:
    """A refusal as the connector reads it."""
    body = b""
    decoders = decoders_for(told.get("content-encoding", ""))
    with contextlib.suppress(*NETWORK_ERRORS):  # a body that breaks off is judged by what came of it
        async with asyncio.timeout(dial.limits.total_s):
            async for chunk in response.aiter_raw():
                body += b"".join(decode(decoders, chunk))
                if len(body) >= MOST_REFUSAL:
                    break
    request = dial.request
    asked = HttpRequest(request.url, params=request.params, headers=request.headers, step=request.step)
    return HttpResponse(asked, response.status_code, told, body[:MOST_REFUSAL], request.url, dial.clock())


def _told(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


class _Straight(connect):
    """A websocket connection that goes where it was judged to go, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow no redirect: its address was not judged."""
        return exc


async def socket_signs(dial: Dial) -> AsyncGenerator[Sign, None]:
    """Websocket messages; a pong is a sign of life."""
    connection = await _connect(dial)
    receiving = asyncio.ensure_future(connection.recv())
    pong: asyncio.Future[float] | None = None
    try:
        yield Connected()
        while True:
            waiting: set[asyncio.Future[Any]] = {receiving} if pong is None else {receiving, pong}
            done, _ = await asyncio.wait(
                waiting, timeout=dial.request.idle_seconds / 3, return_when=asyncio.FIRST_COMPLETED
            )
            if receiving in done:
                message = receiving.result()
                receiving = asyncio.ensure_future(connection.recv())
                yield StreamEvent(message if isinstance(message, str) else message.decode("utf-8", "replace"))
            elif pong is not None and pong in done:
                await pong
                pong = None
                yield Alive()
            elif pong is None:
                pong = asyncio.ensure_future(await connection.ping())
    except websockets.exceptions.ConnectionClosedOK:
        return
    finally:
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError, *NETWORK_ERRORS):
            await receiving
        await connection.close()


async def _connect(dial: Dial) -> ClientConnection:
    """Open a websocket at the judged addresses, one after the other.

    Raises:
        ConnectorError: the server refused, by the meaning of its status.
        OSError: no address could be reached.
    """
    for address in dial.target.addresses:
        try:
            return await _Straight(
                dial.url,
                host=address,
                port=dial.target.port,
                additional_headers=dict(dial.request.headers),
                user_agent_header=dial.limits.user_agent,
                proxy=None,
                open_timeout=dial.limits.connect_s,
                close_timeout=1,
                ping_interval=None,
                max_size=dial.max_event_bytes,
            )
        except websockets.exceptions.InvalidStatus as refused:
            told = {name.lower(): value for name, value in refused.response.headers.raw_items()}
            raise_for_refusal(refused.response.status_code, told, dial.target.host, dial.clock())
            raise
        except OSError:
            if address == dial.target.addresses[-1]:
                raise
    msg = f"{dial.target.host} has no address"
    raise OSError(msg)


def raise_for_refusal(status: int, headers: Mapping[str, str], host: str, now: datetime) -> None:
    """Raise what a status means for a stream; nothing for 200 and 101.

    Raises:
        ConnectorError: for every other status.
    """
    if status in {101, 200}:
        return
    if status == 429:
        pause = read_pause(status, headers, now)
        msg = f"{host} asks us to wait before streaming again (429)"
        raise RateLimited(msg, until=pause.until if pause else None)
    if status >= 500 or status == 408:
        told = headers.get("retry-after", "")
        msg = f"{host} has server trouble ({status})"
        raise Transient(msg, retry_after_s=float(told) if told.isascii() and told.isdigit() else None)
    meanings: dict[int, tuple[type[ConnectorError], str]] = {
        401: (AuthDead, "does not accept the login for its stream: log in again"),
        403: (Forbidden, "does not allow this stream for this account"),
        404: (BadRequest, "has no stream at this address: correct it"),
        410: (Gone, "has ended this stream for good"),
    }
    kind, said = meanings.get(status, (BadRequest, "does not stream at this address: correct it"))
    msg = f"{host} {said} ({status})"
    raise kind(msg)
