"""The API put together: routes, errors, and its description."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from inbox.desk import Desk
from web.api import describing, figures, messages, problems, pushing, work
from web.api.buckets import Buckets
from web.api.gate import Gate
from web.api.guard import Guard
from web.api.meter import Meter
from web.api.reference import page
from web.api.settings import COUNTS, ApiSettings, Pushing

BASE = "/api/v1"
_ABOUT = """\
Read what this workspace keeps, and push messages of your own systems into it.

Every call carries a token: `Authorization: Bearer klb_…`. Instants are in UTC. A list comes in pages: hand `next` back
as `cursor` until it is null. Errors are problem details (RFC 9457) whose `detail` says what to do.
"""


def make_api(desk: Desk, settings: ApiSettings, push: Pushing, meter: Meter) -> ASGIApp:
    """The ASGI application of the API, to be mounted at `BASE`.

    Args:
        desk: what it reads.
        settings: how often a token may call, and from which pages.
        push: where messages may be pushed.
        meter: counts its calls.
    """
    counts = os.environ.get(COUNTS)
    shared = None if counts is None else Path(counts) / "buckets"
    gate = Gate(desk, Buckets(per_minute=settings.per_minute, burst=settings.burst, shared=shared))
    api = described(desk, gate, push)
    guarded: ASGIApp = Guard(api, gate, meter)
    if settings.allow_origins:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=settings.allow_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match"],
            expose_headers=["ETag", "Klankbord-Up-To", "Klankbord-Withheld", "RateLimit", "Retry-After"],
        )
    return guarded


def described(desk: Desk, gate: Gate, push: Pushing) -> FastAPI:
    """The routes with their description."""
    api = FastAPI(
        title="Klankbord",
        version="1",
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=describing.problems(401, 403, 422, 429, 503),
        generate_unique_id_function=lambda route: route.name,
        servers=[{"url": BASE}],
        root_path_in_servers=False,
    )
    problems.install(api)
    api.include_router(messages.routes(desk, gate))
    api.include_router(work.routes(desk, gate))
    api.include_router(figures.routes(desk, gate))
    api.include_router(pushing.routes(desk, gate, push))
    told: dict[str, Any] = {}

    def description() -> dict[str, Any]:
        if not told:
            told.update(_description(api, push))
        return told

    async def openapi(_: Any) -> Response:
        return JSONResponse(description())

    async def docs(_: Any) -> Response:
        return HTMLResponse(page(description()))

    api.router.routes += [Route("/openapi.json", openapi), Route("/docs", docs)]
    return api


def _description(api: FastAPI, push: Pushing) -> dict[str, Any]:
    """OpenAPI 3.1, without what FastAPI says of its own form of errors, which is not used."""
    found = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=api.servers,
        separate_input_output_schemas=False,
    )
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (problems.Problem, push.item):
        made = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= {**made.pop("$defs", {}), model.__name__: made}
    return found
