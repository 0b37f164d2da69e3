"""Serving an application to strangers: connections live for a bounded time, and there are only so many.

uvicorn waits for the head of a request as long as a stranger likes; here a connection is closed whatever it is doing
once its time is over, which deliveries never need.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

LIFE_S = 20.0
"""Seconds that a connection lives."""
MOST_CONNECTIONS = 200
_LARGEST_HEAD = 16_384


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 on a connection with an end."""

    life_s: ClassVar[float] = LIFE_S
    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many already."""
        super().connection_made(transport)
        self._end = self.loop.call_later(self.life_s, transport.abort)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)


def settings(app: Starlette, *, host: str, port: int, proxies: tuple[str, ...], **more: Any) -> uvicorn.Config:
    """How uvicorn serves it to strangers.

    Args:
        app: the application.
        host: address to listen on.
        port: TCP port.
        proxies: whose word is taken on who the visitor is.
        more: further settings of uvicorn.
    """
    return _config(app, host, port, proxies, http=BoundedProtocol, h11_max_incomplete_event_size=_LARGEST_HEAD, **more)


def inside(app: Starlette, *, host: str, port: int, proxies: tuple[str, ...], **more: Any) -> uvicorn.Config:
    """How uvicorn serves it to those who carry a token: a long answer may take its time.

    Args:
        app: the application.
        host: address to listen on.
        port: TCP port.
        proxies: whose word is taken on who the visitor is.
        more: further settings of uvicorn.
    """
    return _config(app, host, port, proxies, limit_concurrency=MOST_CONNECTIONS, **more)


def _config(app: Starlette, host: str, port: int, proxies: tuple[str, ...], **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=int(LIFE_S),
        **more,
    )
