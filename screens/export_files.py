"""Serving finished exports: to who asked for them, streamed from the disk, as a file that a browser only saves.

`/exports/<id>/file` and `/exports/<id>/manifest`. The gate asks for a session; the inbox asks again, for the role and
for whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from inbox.errors import InboxError, NotAllowed, NotSignedIn
from screens.gate import COOKIE
from screens.state import InboxFactory

_HEADERS = {
    # It may be erased tomorrow: no copy is kept on the way.
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_Found = TypeVar("_Found")


def address(job_id: int, *, manifest: bool = False) -> str:
    """Where an export is served: a path on this server."""
    return f"/exports/{job_id}/{'manifest' if manifest else 'file'}"


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The routes, for the server to mount before Streamlit's own."""

    async def file(request: Request) -> Response:
        found = await _asked(inbox().exports.fetch, request)
        if isinstance(found, Response):
            return found
        headers = {**_HEADERS, "digest": f"sha-256={found.sha256}"}
        return FileResponse(found.path, media_type="application/octet-stream", filename=found.name, headers=headers)

    async def manifest(request: Request) -> Response:
        found = await _asked(inbox().exports.manifest, request)
        if isinstance(found, Response):
            return found
        name, body = found
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type="application/json", headers={**_HEADERS, **disposition})

    return (
        Route("/exports/{job_id:int}/file", file, methods=["GET"]),
        Route("/exports/{job_id:int}/manifest", manifest, methods=["GET"]),
    )


async def _asked(step: Callable[[str, int], _Found], request: Request) -> _Found | Response:
    """What the inbox gives, or the refusal as an answer."""
    token = request.cookies.get(COOKIE, "")
    try:
        return await run_in_threadpool(step, token, request.path_params["job_id"])
    except NotSignedIn:
        return PlainTextResponse("Sign in first.", status_code=401)
    except NotAllowed:
        return PlainTextResponse("not for you", status_code=403)
    except InboxError:
        return PlainTextResponse("not found", status_code=404, headers={"cache-control": "no-store"})
