"""Who may come in: the session cookie, and the middleware that keeps everybody else outside.

The gate looks once per connection. It does *not* replace the check of every action: `inbox` looks the session up
again each time, so that signing out elsewhere or losing a role works at once, also in a page that is still open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "klankbord_session"
HALF_WAY = "klankbord_half_way"
"""Cookie of somebody whose password was right and who still has to show a code. It opens no page."""
LUGGAGE = "klankbord_oidc"
"""Cookie of somebody who is on the way to the identity provider."""
_HALF_WAY_S = 600

# Open to all: signing in, its style sheet and fonts, a specialist's one-time page, Streamlit's own program files (no
# data), and the health check.
_OPEN = (
    "/login",
    "/logout",
    "/welcome/",
    "/forgotten",
    "/second-factor",
    "/oidc/",
    "/ask/",
    "/sign-in/",
    "/static/",
    "/app/static/",
    "/_stcore/health",
)


KnowsSession = Callable[[str], bool]
"""Tells whether the session of a token stands."""


class Gate:
    """ASGI middleware: no session, no page (redirect to sign-in), no data (401), no websocket (403)."""

    def __init__(self, app: ASGIApp, *, knows: KnowsSession) -> None:
        self.app = app
        self.knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a known session through; send anybody else to where they can sign in."""
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(_OPEN):
            await self.app(scope, receive, send)
            return
        token = HTTPConnection(scope).cookies.get(COOKIE, "")
        known = False
        if token:
            known = await run_in_threadpool(self.knows, token)
        if known:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            # Closing before accepting makes the server answer the handshake with 403.
            await send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
        else:
            await self._turned_away(scope)(scope, receive, send)

    @staticmethod
    def _turned_away(scope: Scope) -> Response:
        wants_page = "text/html" in Headers(scope=scope).get("accept", "") or scope["path"] == "/"
        if scope["method"] not in {"GET", "HEAD"} or not wants_page:
            return PlainTextResponse("Sign in first.", status_code=401)
        query = scope["query_string"].decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        return RedirectResponse("/login" if target == "/" else f"/login?next={quote(target, safe='')}", status_code=303)


def local_target(target: str) -> str:
    """A path on this server to go to after signing in; `/` for anything that could lead elsewhere."""
    parts = urlsplit(target)
    sound = target.startswith("/") and not target.startswith(("//", "/\\")) and "\\" not in target
    if not sound or parts.scheme or parts.netloc or any(ord(sign) < 33 for sign in target):
        return "/"
    return target


def same_origin(request: Request) -> bool:
    """True when a form was sent from our own page: the browser says so by Sec-Fetch-Site, or else by Origin.

    Browsers leave Sec-Fetch-Site out on plain HTTP that is not loopback; then Origin decides. A request with neither
    is refused. (Our pages must not have the referrer policy `no-referrer`: it makes Origin `null`.)
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    return urlsplit(origin).netloc == request.headers.get("host", "") != ""


def remember(response: Response, token: str, *, expires_at: datetime, now: datetime, https: bool) -> None:
    """Give the browser its session: HttpOnly (no script reads it), SameSite=Lax, Secure under TLS."""
    seconds = max(0, int((expires_at - now).total_seconds()))
    response.set_cookie(COOKIE, token, max_age=seconds, path="/", secure=https, httponly=True, samesite="lax")


def forget(response: Response) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


def remember_half_way(response: Response, ticket: str, *, https: bool) -> None:
    """Give the browser the ticket for the second step, for ten minutes and for that page only."""
    response.set_cookie(
        HALF_WAY, ticket, max_age=_HALF_WAY_S, path="/second-factor", secure=https, httponly=True, samesite="lax"
    )


def forget_half_way(response: Response) -> None:
    """Take the ticket away again."""
    response.delete_cookie(HALF_WAY, path="/second-factor", httponly=True, samesite="lax")


def remember_luggage(response: Response, luggage: str, *, https: bool) -> None:
    """Give the browser what it brings back from the identity provider. Lax, because it comes back from elsewhere."""
    response.set_cookie(
        LUGGAGE, luggage, max_age=_HALF_WAY_S, path="/oidc/", secure=https, httponly=True, samesite="lax"
    )


def forget_luggage(response: Response) -> None:
    """Take it away again; it is good for one way back."""
    response.delete_cookie(LUGGAGE, path="/oidc/", httponly=True, samesite="lax")
