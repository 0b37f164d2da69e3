"""Listen to pushed events (websocket, server-sent events, lines of JSON), cut into small batches.

Each batch says for which stretch of time it is the whole truth: from `since` to `received_at`. A stretch that ends
in silence is claimed only up to the last sign of life, so that a connection that died unnoticed leaves a hole for
the collector to fill, not a false "nothing happened".
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from urllib.parse import urlencode

import aiohttp
import websockets.exceptions

from connectors.errors import ConnectorError, FormatChanged, RateLimited, Transient
from connectors.requests import StreamBatch, StreamEvent, StreamProtocol, StreamRequest
from pipeline.http.guard import SOCKET_SCHEMES, WEB_SCHEMES, Guard
from pipeline.http.redact import KNOWN, install_log_redaction, redact_url
from pipeline.http.settings import ClientSettings
from pipeline.http.trouble import describe
from pipeline.signs import NETWORK_ERRORS, Connected, Dial, Sign, line_signs, socket_signs, sse_signs

_SIGNS = {
    StreamProtocol.WEBSOCKET: socket_signs,
    StreamProtocol.SSE: sse_signs,
    StreamProtocol.LINES: line_signs,
}


class Streams:
    """Listens to streams; one for the whole worker.

    Args:
        guard: judges the addresses; redirects are not followed.
        clock: now, as an aware UTC instant.
        settings: time-outs and User-Agent.
        max_event_bytes: largest event, decompressed.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        clock: Callable[[], datetime],
        settings: ClientSettings | None = None,
        max_event_bytes: int = 1_000_000,
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._settings = settings or ClientSettings()
        self._most = max_event_bytes
        self._paused: dict[str, datetime] = {}
        install_log_redaction()

    async def batches(
        self,
        request: StreamRequest,
        *,
        secrets: Sequence[str] = (),
        private_hosts: frozenset[str] = frozenset(),
    ) -> AsyncGenerator[StreamBatch, None]:
        """Connect once and hand over what arrives, until the other side closes.

        A batch ends after `batch_events` events, or `batch_seconds` after its first event, and, without events,
        at each sign of life (a comment line, a pong). The last batch has `closed=True`. Closing the generator
        closes the connection.

        Args:
            request: what to listen to.
            secrets: values kept out of errors and logs.
            private_hosts: as for `PoliteClient.fetch`.

        Raises:
            Transient: the connection failed, broke, or fell silent for `idle_seconds`; what came before has been
                handed over.
            RateLimited: the server announced at the last connection that it takes no other one yet.
            FormatChanged: an event is too large, or the answer is no event stream.
            ConnectorError: the server refused to stream, by the meaning of its status.
        """
        KNOWN.add(secrets)
        is_socket = request.protocol is StreamProtocol.WEBSOCKET
        url = request.url
        if request.params:
            url += f"{'&' if '?' in url else '?'}{urlencode(request.params)}"
        shown = redact_url(url, secrets)
        self._heed(request, shown)
        schemes = SOCKET_SCHEMES if is_socket else WEB_SCHEMES
        target = await self._guard.check(url, private_hosts=private_hosts, schemes=schemes)
        dial = Dial(request, url, target, self._settings, self._most, self._clock)
        cutter = _Cutter(request, self._clock)
        try:
            async with contextlib.aclosing(cutter.cut(_SIGNS[request.protocol](dial))) as cut:
                async for batch in cut:
                    yield batch
        except NETWORK_ERRORS as error:
            if cutter.open:
                yield cutter.last()
            raise _trouble(error, shown, request.idle_seconds) from None
        except ConnectorError:
            if cutter.open:
                yield cutter.last()
            raise
        finally:
            if cutter.pause is not None:
                self._paused[request.url] = cutter.pause

    def _heed(self, request: StreamRequest, shown: str) -> None:
        until = self._paused.get(request.url)
        if until is None:
            return
        if until > self._clock():
            msg = f"{shown} takes no more connections until then, as it announced"
            raise RateLimited(msg, until=until, whole_host=False)
        del self._paused[request.url]


class _Cutter:
    """Cuts signs into batches and keeps the instants they may claim."""

    def __init__(self, request: StreamRequest, clock: Callable[[], datetime]) -> None:
        self._request = request
        self._clock = clock
        self.pause: datetime | None = None
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

    async def cut(self, signs: AsyncGenerator[Sign, None]) -> AsyncGenerator[StreamBatch, None]:
        """Give out batches until the signs end.

        Raises:
            TimeoutError: no sign for `idle_seconds`.
        """
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        heard = loop.time()
        coming: asyncio.Task[Sign | None] | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(_next(signs))
                # Making the connection has time-outs of its own.
                silent_at = heard + self._request.idle_seconds if self.open else math.inf
                wake = min(silent_at, deadline or math.inf)
                left = None if wake == math.inf else max(wake - loop.time(), 0.0)
                done, _ = await asyncio.wait({coming}, timeout=left)
                if not done:
                    if wake == silent_at:
                        raise TimeoutError
                    deadline = None
                    yield self._batch(self._heard or self._clock())
                    continue
                sign, coming = coming.result(), None
                heard, self._heard = loop.time(), self._clock()
                if sign is None:
                    yield self.last()
                    return
                if isinstance(sign, Connected):
                    self._connected = self._since = self._heard
                    self.pause = sign.pause
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
                with contextlib.suppress(asyncio.CancelledError, ConnectorError, *NETWORK_ERRORS):
                    await coming
            with contextlib.suppress(*NETWORK_ERRORS):
                await signs.aclose()


async def _next(signs: AsyncGenerator[Sign, None]) -> Sign | None:
    """The next sign, as a coroutine that can become a task; None at the end."""
    return await anext(signs, None)


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
