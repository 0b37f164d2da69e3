"""Listen to pushed events (websocket, server-sent events), cut into small batches.

Each batch says for which stretch of time it is the whole truth: from `since` to `received_at`. A stretch that ends
in silence is claimed only up to the last sign of life, so that a connection that died unnoticed leaves a hole for
the collector to fill, not a false "nothing happened".
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

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
from connectors.requests import StreamBatch, StreamEvent, StreamProtocol, StreamRequest
from pipeline.http.body import Broken, decode, decoders_for
from pipeline.http.guard import SOCKET_SCHEMES, WEB_SCHEMES, Guard, Target
from pipeline.http.limits import read_pause
from pipeline.http.redact import KNOWN, install_log_redaction, redact_url
from pipeline.http.settings import ClientSettings
from pipeline.http.transport import PINNED, PinnedTransport
from pipeline.http.trouble import describe
from pipeline.sse import SseParser

Clock = Callable[[], datetime]
_NETWORK = (
    httpx.HTTPError,
    aiohttp.ClientError,
    websockets.exceptions.WebSocketException,
    OSError,
    TimeoutError,
    Broken,
)


async def batches(
    request: StreamRequest,
    *,
    guard: Guard,
    clock: Clock,
    settings: ClientSettings | None = None,
    secrets: Sequence[str] = (),
    private_hosts: frozenset[str] = frozenset(),
    max_event_bytes: int = 1_000_000,
) -> AsyncGenerator[StreamBatch, None]:
    """Connect once and hand over what arrives, until the other side closes.

    A batch ends after `batch_events` events or `batch_seconds` seconds after its first event, and, without
    events, at each sign of life (a comment line, a pong). The last batch has `closed=True`. Closing the
    generator closes the connection.

    Args:
        request: what to listen to.
        guard: judges the address; redirects are not followed.
        clock: now, as an aware UTC instant.
        settings: time-outs and User-Agent.
        secrets: values kept out of errors and logs.
        private_hosts: as for `PoliteClient.fetch`.
        max_event_bytes: largest event, compressed or not.

    Raises:
        Transient: the connection failed, broke, or fell silent for `idle_seconds`; what came before has been
            handed over.
        FormatChanged: an event is too large, or the answer is no event stream.
        ConnectorError: the server refused to stream, by the meaning of its status.
    """
    KNOWN.add(secrets)
    install_log_redaction()
    limits = settings or ClientSettings()
    is_socket = request.protocol is StreamProtocol.WEBSOCKET
    url = (
        f"{request.url}{'&' if '?' in request.url else '?'}{urlencode(request.params)}"
        if request.params
        else request.url
    )
    shown = redact_url(url, secrets)
    target = await guard.check(url, private_hosts=private_hosts, schemes=SOCKET_SCHEMES if is_socket else WEB_SCHEMES)
    source = _socket_signs if is_socket else _sse_signs
    signs = source(request, url, target, limits, max_event_bytes, clock)
    cutter = _Cutter(request, clock)
    try:
        async with contextlib.aclosing(cutter.cut(signs)) as cut:
            async for batch in cut:
                yield batch
    except _NETWORK as error:
        if cutter.open:
            yield cutter.last()
        raise _trouble(error, shown, request.idle_seconds) from None
    except ConnectorError:
        if cutter.open:
            yield cutter.last()
        raise


class _Connected:
    """The first sign of a stream."""


class _Alive:
    """A sign of life without an event."""


_Sign = StreamEvent | _Connected | _Alive


class _Cutter:
    """Cuts signs into batches and keeps the instants they may claim."""

    def __init__(self, request: StreamRequest, clock: Clock) -> None:
        self._request = request
        self._clock = clock
        self._events: list[StreamEvent] = []
        self._connected: datetime | None = None
        self._since: datetime | None = None
        self._heard: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether a connection was made, so that a last batch is owed."""
        return self._connected is not None

    def last(self) -> StreamBatch:
        """What is left when the connection is gone; claims time only up to the last sign of life."""
        return self._batch(self._heard or self._clock(), closed=True)

    def _batch(self, until: datetime, *, closed: bool = False) -> StreamBatch:
        """Close the current stretch and begin the next."""
        connected = self._connected or until
        since = self._since or connected
        batch = StreamBatch(self._request, tuple(self._events), connected, since, max(since, until), closed)
        self._events, self._since = [], batch.received_at
        return batch

    async def cut(self, signs: AsyncGenerator[_Sign, None]) -> AsyncGenerator[StreamBatch, None]:
        """Give out batches until the signs end.

        Raises:
            TimeoutError: no sign for `idle_seconds`.
        """
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        heard = loop.time()
        coming: asyncio.Task[_Sign | None] | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(_next(signs))
                wake = min(heard + self._request.idle_seconds, deadline or math.inf)
                done, _ = await asyncio.wait({coming}, timeout=max(wake - loop.time(), 0.0))
                if not done:
                    if deadline is None:
                        raise TimeoutError
                    deadline = None
                    yield self._batch(self._heard or self._clock())
                    continue
                sign, coming = coming.result(), None
                heard, self._heard = loop.time(), self._clock()
                if sign is None:
                    yield self.last()
                    return
                if isinstance(sign, _Connected):
                    self._connected = self._since = self._heard
                elif isinstance(sign, StreamEvent):
                    self._events.append(sign)
                    deadline = deadline or loop.time() + self._request.batch_seconds
                    if len(self._events) >= self._request.batch_events or loop.time() >= deadline:
                        deadline = None
                        yield self._batch(self._heard)
                elif not self._events:
                    yield self._batch(self._heard)
        finally:
            if coming is not None:
                coming.cancel()
                with contextlib.suppress(asyncio.CancelledError, ConnectorError, *_NETWORK):
                    await coming
            with contextlib.suppress(*_NETWORK):
                await signs.aclose()


async def _next(signs: AsyncGenerator[_Sign, None]) -> _Sign | None:
    """The next sign, as a coroutine that can become a task; None at the end."""
    return await anext(signs, None)


async def _sse_signs(
    request: StreamRequest, url: str, target: Target, limits: ClientSettings, most: int, clock: Clock
) -> AsyncGenerator[_Sign, None]:
    """Server-sent events over HTTP; a comment line is a sign of life."""
    timeout = httpx.Timeout(
        connect=limits.connect_s, read=request.idle_seconds, write=limits.write_s, pool=limits.pool_s
    )
    async with httpx.AsyncClient(transport=PinnedTransport(limits), timeout=timeout, trust_env=False) as client:
        headers = httpx.Headers({"Accept": "text/event-stream", "Cache-Control": "no-store"})
        # Compressed streams hold back events until a block is full.
        headers.update({"User-Agent": limits.user_agent, "Accept-Encoding": "identity", **request.headers})
        asked = client.build_request("GET", url, headers=headers)
        asked.extensions[PINNED] = target.addresses
        response = await client.send(asked, stream=True)
        try:
            told = {name.lower(): value for name, value in response.headers.items()}
            raise_for_refusal(response.status_code, told, target.host, clock())
            if not told.get("content-type", "").lower().startswith("text/event-stream"):
                msg = f"{target.host} did not answer with an event stream"
                raise FormatChanged(msg)
            decoders = decoders_for(told.get("content-encoding", ""))
            parser = SseParser(max_event_bytes=most)
            yield _Connected()
            async for chunk in response.aiter_raw():
                quiet = True
                for piece in decode(decoders, chunk):
                    for event in parser.feed(piece):
                        quiet = False
                        yield event
                if quiet:
                    yield _Alive()
        finally:
            await response.aclose()


class _Straight(connect):
    """A websocket connection that goes where it was judged to go, and nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow no redirect: its address was not judged."""
        return exc


async def _socket_signs(
    request: StreamRequest, url: str, target: Target, limits: ClientSettings, most: int, clock: Clock
) -> AsyncGenerator[_Sign, None]:
    """Websocket messages; a pong is a sign of life."""
    connection = await _connect(request, url, target, limits, most, clock)
    receiving = asyncio.ensure_future(connection.recv())
    pong: asyncio.Future[float] | None = None
    try:
        yield _Connected()
        while True:
            waiting: set[asyncio.Future[Any]] = {receiving} if pong is None else {receiving, pong}
            done, _ = await asyncio.wait(waiting, timeout=request.idle_seconds / 3, return_when=asyncio.FIRST_COMPLETED)
            if receiving in done:
                message = receiving.result()
                receiving = asyncio.ensure_future(connection.recv())
                yield StreamEvent(message if isinstance(message, str) else message.decode("utf-8", "replace"))
            elif pong is not None and pong in done:
                await pong
                pong = None
                yield _Alive()
            elif pong is None:
                pong = asyncio.ensure_future(await connection.ping())
    except websockets.exceptions.ConnectionClosedOK:
        return
    finally:
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError, *_NETWORK):
            await receiving
        await connection.close()


async def _connect(
    request: StreamRequest, url: str, target: Target, limits: ClientSettings, most: int, clock: Clock
) -> ClientConnection:
    """Open a websocket at the judged addresses, one after the other.

    Raises:
        ConnectorError: the server refused, by the meaning of its status.
        OSError: no address could be reached.
    """
    for address in target.addresses:
        try:
            return await _Straight(
                url,
                host=address,
                port=target.port,
                additional_headers=dict(request.headers),
                user_agent_header=limits.user_agent,
                proxy=None,
                open_timeout=limits.connect_s,
                close_timeout=2,
                ping_interval=None,
                max_size=most,
            )
        except websockets.exceptions.InvalidStatus as refused:
            told = {name.lower(): value for name, value in refused.response.headers.raw_items()}
            raise_for_refusal(refused.response.status_code, told, target.host, clock())
            raise
        except OSError:
            if address == target.addresses[-1]:
                raise
    msg = f"{target.host} has no address"
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


def _trouble(error: BaseException, shown: str, idle_seconds: float) -> ConnectorError:
    """The agreed error for a broken stream."""
    if isinstance(error, websockets.exceptions.ConnectionClosedError):
        if error.sent is not None and error.sent.code == 1009:
            return FormatChanged(f"{shown} sent an event that is too large; it was not read")
        return Transient(f"{shown} broke off the connection")
    if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
        return Transient(f"{shown} was silent for {idle_seconds:g} s or could not be reached in time")
    if isinstance(error, websockets.exceptions.WebSocketException):
        return FormatChanged(f"{shown} did not answer as a websocket server")
    return Transient(f"{shown} could not be read: {describe(error)}")
