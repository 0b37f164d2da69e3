"""The web process: whether this workspace is healthy, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from store.engine import Store
from store.errors import StoreError
from web.metrics import CONTENT_TYPE, render


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make_app(store: Store, *, clock: Callable[[], datetime] = _utc_now) -> Starlette:
    """The ASGI application over an open store.

    Routes: `/healthz` answers 200 when the store can be read at the expected schema, else 503 with the reason;
    `/metrics` is in Prometheus' text format.
    """

    async def healthz(_: Request) -> Response:
        try:
            await asyncio.to_thread(store.require_schema)
        except StoreError as error:
            return JSONResponse({"status": "down", "reason": str(error)}, 503)
        return JSONResponse({"status": "ok"})

    async def metrics(_: Request) -> Response:
        try:
            body = await asyncio.to_thread(render, store, clock())
        except StoreError as error:
            return JSONResponse({"status": "down", "reason": str(error)}, 503)
        return Response(body, media_type=CONTENT_TYPE)

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])
