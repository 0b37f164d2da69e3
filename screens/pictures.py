"""Serving pictures of customers: from our own origin, to who is signed in, with nothing a browser could keep or run.

`/pictures/<link>/small` and `/large`. The gate asks for a session; the inbox asks again, and for the role.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from inbox.errors import InboxError, NotAllowed, NotSignedIn
from screens.gate import COOKIE
from screens.state import InboxFactory

_HEADERS = {
    # Asked again each time: what was erased may not be shown from a browser's own copy.
    "cache-control": "private, no-cache",
    "content-disposition": 'inline; filename="picture.jpg"',
    # A picture opened by itself is a page of ours: it loads nothing and runs nothing.
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def address(link: str, *, large: bool = False) -> str:
    """Where a picture is served: a path on this server."""
    return f"/pictures/{link}/{'large' if large else 'small'}"


def routes(inbox: InboxFactory) -> Sequence[BaseRoute]:
    """The route, for the server to mount before Streamlit's own."""

    async def send(request: Request) -> Response:
        link, size = request.path_params["link"], request.path_params["size"]
        if size not in {"small", "large"}:
            return PlainTextResponse("not found", status_code=404)
        token = request.cookies.get(COOKIE, "")
        try:
            body = await run_in_threadpool(inbox().pictures.jpeg, token, link, large=size == "large")
        except NotSignedIn:
            return PlainTextResponse("Sign in first.", status_code=401)
        except NotAllowed:
            return PlainTextResponse("not for you", status_code=403)
        except InboxError:
            return PlainTextResponse("not found", status_code=404, headers={"cache-control": "no-store"})
        headers = {**_HEADERS, "etag": f'"{size}"'}  # a link names one picture for good
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="image/jpeg", headers=headers)

    return (Route("/pictures/{link}/{size}", send, methods=["GET"]),)
