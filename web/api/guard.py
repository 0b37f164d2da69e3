"""What every answer of the API passes: a time limit, headers that keep browsers out of trouble, and the meter."""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inbox.programs.mentions import Ended
from web.api.gate import Gate
from web.api.meter import Meter
from web.api.problems import Refused, problem

ANSWER_S = 30.0
"""Seconds within which an answer begins."""
AT_ONCE = 8
"""Routes that run at once in this process, each in a thread. Of forty, as is usual, each takes clearly more processor
time, because threads take the interpreter from each other; more cores are used by more processes."""
STREAM_S = 3_600.0
"""Seconds that an answer may last: a reader who stands still does not keep a snapshot open for ever."""
_HEADERS = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_LATE = "The answer took too long. Ask for less at once: a shorter stretch of time, or more filters."


class Guard:
    """Wraps the application.

    Args:
        app: what answers.
        gate: knows how often a token may still call.
        meter: counts.
    """

    def __init__(self, app: ASGIApp, gate: Gate, meter: Meter) -> None:
        self._app = app
        self._gate = gate
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        to_thread.current_default_thread_limiter().total_tokens = AT_ONCE  # of this loop, which is there only now
        state: MutableMapping[str, Any] = scope.setdefault("state", {})
        mounted, began, status = scope.get("route"), time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                limit.reschedule(asyncio.get_running_loop().time() + STREAM_S)
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if "turn" in state:
                    headers.update(self._gate.told(state["turn"]))
            await send(message)

        try:
            async with asyncio.timeout(ANSWER_S) as limit:
                await self._app(scope, receive, sending)
        except TimeoutError:
            if status:
                return  # cut off: what came is not whole, and the client sees that
            status = 503
            await problem(Refused(503, _LATE, headers={"Retry-After": "30"}))(scope, receive, send)
        except Ended:
            return  # as above
        finally:
            found = scope.get("route")
            route = "other" if found is mounted else getattr(found, "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._meter.called(route, method, status or 500, time.perf_counter() - began)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
