"""Where platforms push: `/hooks/<id>`. Greets, checks the signature, keeps the delivery, and only then says so.

Nothing of a delivery is understood here. A stranger learns nothing: every refusal is a bare status. A delivery that was
answered with 200 is committed; one that was not is tried again by its platform, and polling finds it anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from store import intake
from store.engine import Store
from store.errors import StoreError
from web.bounds import LARGEST_BODY, SLOWEST_BODY_S, TooLarge, TooSlow, Visitors, read_bounded

_log = logging.getLogger(__name__)

AHEAD = timedelta(days=1)
"""How far a platform's clock may be before ours."""
_TELL_EVERY = 10


class Answer(Protocol):
    """What a platform that asks whether this address is ours is answered."""

    @property
    def body(self) -> bytes:
        """The answer itself."""
        ...

    @property
    def media_type(self) -> str:
        """Its type."""
        ...


class Signed(Protocol):
    """How one platform greets and signs (`connectors.webhooks.Signing`), with its secrets."""

    @property
    def window(self) -> timedelta:
        """How old a delivery may say it is."""
        ...

    def greet(self, params: Mapping[str, str]) -> Answer | None:
        """The answer to a greeting; None when it is none."""
        ...

    def signed(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the raw body was signed with one of the secrets."""
        ...

    def told_at(self, headers: Mapping[str, str], body: bytes) -> datetime | None:
        """When the platform says it sent this (aware UTC)."""
        ...


class Receiver:
    """Takes deliveries.

    Args:
        store: where they are kept.
        hooks: by id, what checks them.
        clock: aware UTC.
        body_s: seconds within which a body must have come in.
    """

    def __init__(
        self,
        store: Store,
        hooks: Mapping[str, Signed],
        *,
        clock: Callable[[], datetime],
        body_s: float = SLOWEST_BODY_S,
    ) -> None:
        self._store = store
        self._hooks = dict(hooks)
        self._clock = clock
        self._body_s = body_s
        self._strangers = Visitors(clock)
        self._refused: dict[str, int] = {}

    async def __call__(self, request: Request) -> Response:
        """Answer one call."""
        name = request.path_params["hook"]
        hook = self._hooks.get(name)
        if hook is None:
            return Response(status_code=404)
        if request.method not in {"GET", "POST"}:
            return Response(status_code=405, headers={"Allow": "GET, POST"})
        visitor = request.client.host if request.client is not None else ""
        wait = self._strangers.must_wait(visitor)
        if wait is not None:
            return _later(429, wait)
        if request.method == "GET":
            return self._greeted(name, hook, visitor, request)
        return await self._posted(name, hook, visitor, request)

    def _greeted(self, name: str, hook: Signed, visitor: str, request: Request) -> Response:
        answer = hook.greet(dict(request.query_params))
        if answer is None:
            return self._refuse(name, visitor, "a greeting that does not know the verify token")
        _log.info("webhook %s: the platform asked whether this address is ours, and was answered", name)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return Response(answer.body, media_type=answer.media_type, headers=headers)

    async def _posted(self, name: str, hook: Signed, visitor: str, request: Request) -> Response:
        try:
            body = await read_bounded(request, most=LARGEST_BODY, seconds=self._body_s)
        except TooLarge:
            return Response(status_code=413, headers={"Connection": "close"})
        except (TooSlow, ClientDisconnect):
            return Response(status_code=408, headers={"Connection": "close"})
        return await self._taken(name, hook, visitor, request, body)

    async def _taken(self, name: str, hook: Signed, visitor: str, request: Request, body: bytes) -> Response:
        headers = dict(request.headers)
        if not hook.signed(headers, body):
            return self._refuse(name, visitor, "a delivery whose signature does not fit")
        now, told_at = self._clock(), hook.told_at(headers, body)
        if told_at is not None and not now - hook.window <= told_at <= now + AHEAD:
            return self._refuse(name, visitor, f"a delivery of {told_at:%Y-%m-%d %H:%M} UTC")
        try:
            if await asyncio.to_thread(intake.full, self._store):
                _log.error("webhook %s: more deliveries wait than can be kept; is a worker running?", name)
                return _later(503, timedelta(minutes=5))
            fresh = await asyncio.to_thread(intake.take_in, self._store, name, body, now=now)
        except StoreError as error:
            _log.error("webhook %s: a delivery could not be kept, the platform will try again: %s", name, error)
            return _later(503, timedelta(seconds=30))
        _log.debug("webhook %s: %s", name, "a delivery was kept" if fresh else "a delivery came again")
        return Response(status_code=200)

    def _refuse(self, name: str, visitor: str, what: str) -> Response:
        """Say no more than no. The first is told in the log, and then each tenth."""
        self._strangers.refused(visitor)
        count = self._refused[name] = self._refused.get(name, 0) + 1
        if count % _TELL_EVERY == 1:
            _log.warning("webhook %s: %s was refused (%d refused since the start)", name, what, count)
        return Response(status_code=401)


def make_receiver(
    store: Store, hooks: Mapping[str, Signed], *, clock: Callable[[], datetime], body_s: float = SLOWEST_BODY_S
) -> Starlette:
    """The ASGI application that takes deliveries over an open store.

    Args:
        store: where they are kept.
        hooks: by the id that ends their address, what checks them.
        clock: aware UTC.
        body_s: seconds within which a body must have come in.
    """
    receiver = Receiver(store, hooks, clock=clock, body_s=body_s)

    async def hook(request: Request) -> Response:
        return await receiver(request)

    async def nothing(_: Request, __: Exception) -> Response:
        return Response(status_code=404)

    async def fault(_: Request, __: Exception) -> Response:
        return Response(status_code=500)  # the log says more; the platform tries again

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    app = Starlette(routes=[Route("/hooks/{hook}", hook, methods=every)], exception_handlers={404: nothing, 500: fault})
    app.router.redirect_slashes = False
    return app


def _later(status: int, wait: timedelta) -> Response:
    return Response(status_code=status, headers={"Retry-After": str(max(1, int(wait.total_seconds())))})
