"""The web process: whether this workspace is healthy, its figures for Prometheus, and the API for other programs."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from inbox.desk import Desk
from inbox.tokens.checking import look
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Bearer
from store.errors import StoreError
from web.api.app import BASE, make_api
from web.api.meter import Meter
from web.api.problems import NOTHING, Refused, problem
from web.api.settings import ApiSettings, Pushing
from web.metrics import CONTENT_TYPE, render

_NEEDED = "These figures need a token with the scope `metrics`; see docs/api.md.\n"


def make_app(desk: Desk, *, api: ApiSettings, push: Pushing) -> Starlette:
    """The ASGI application over an open store.

    Routes: `/healthz` answers 200 when the store can be read at the expected schema, else 503 with the reason;
    `/metrics` is in Prometheus' text format; `/api/v1` is the API, where it is switched on.

    Args:
        desk: store, settings and clock.
        api: settings of the API.
        push: where programs may push messages.
    """
    meter = Meter()

    async def healthz(_: Request) -> Response:
        try:
            await asyncio.to_thread(desk.store.require_schema)
        except StoreError as error:
            return JSONResponse({"status": "down", "reason": str(error)}, 503)
        return JSONResponse({"status": "ok"})

    async def metrics(request: Request) -> Response:
        try:
            if api.metrics_token and not await asyncio.to_thread(_may_see_metrics, desk, request):
                return Response(_NEEDED, 401, headers={"WWW-Authenticate": "Bearer"}, media_type="text/plain")
            body = await asyncio.to_thread(render, desk.store, desk.clock(), meter)
        except StoreError as error:
            return JSONResponse({"status": "down", "reason": str(error)}, 503)
        return Response(body, media_type=CONTENT_TYPE)

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/metrics", metrics)]
    if api.enabled:
        routes.append(Mount(BASE, make_api(desk, api, push, meter)))
    app = Starlette(routes=routes, exception_handlers={404: _nothing})
    app.router.redirect_slashes = False
    return app


async def _nothing(request: Request, _: Exception) -> Response:
    """Nothing is at an address; under that of the API it is said as the API does."""
    if request.url.path.startswith(BASE):
        return problem(Refused(404, NOTHING))
    return Response("Not Found", 404, media_type="text/plain")


def _may_see_metrics(desk: Desk, request: Request) -> bool:
    bearer = look(desk, request.headers.get("authorization", "").partition(" ")[2].strip())
    return isinstance(bearer, Bearer) and Scope.METRICS in bearer.scopes
