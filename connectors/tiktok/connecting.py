"""Connecting an account: TikTok's own page for account holders, whose address stands at the app.

TikTok sends the browser back to an https address that is registered at the app, never to this machine: the person
pastes the address at which the browser ended.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from connectors.connecting import Answer, Ask, Browse, Call, Connected, Connecting, Field, Returned, Tell, Tone
from connectors.errors import AuthDead, BadRequest
from connectors.items import Json
from connectors.requests import HttpRequest, over_http
from connectors.tiktok.account import API, taken

_GATE = (
    "TikTok lets nobody read comments without its review: a company makes a developer account at "
    "business-api.tiktok.com and an app with the scopes for comments on own videos, which TikTok reviews. "
    "Until it is granted this will not work."
)


def connect() -> Connecting:
    """Ask for the app, let the account holder allow it, and say what to expect.

    Raises:
        ConnectorError: TikTok gives no login.
    """
    yield Tell(_GATE, Tone.LACKS)
    typed = yield Ask(
        (
            Field("client_id", "App ID", help="business-api.tiktok.com, My Apps, your app"),
            Field("client_secret", "Secret", secret=True, help="The same page"),
            Field("authorize_url", "TikTok account holder authorization URL", help="The same page, to be copied whole"),
            Field("username", "Name of the TikTok account", help="Without @", optional=True),
        )
    )
    app = {str(key): str(value).strip() for key, value in typed.items()} if isinstance(typed, dict) else {}
    address = app.get("authorize_url", "")
    if urlsplit(address).scheme != "https":
        msg = "copy the whole address for account holders from your app; it begins with https://"
        raise BadRequest(msg)
    came = yield Browse(
        lambda _redirect, state, _challenge: _with_state(address, state),
        "Sign in with the brand's TikTok account and allow the app. Then paste the address at which the browser ended.",
        manual=True,
    )
    login = taken(over_http((yield Call(_exchange(app, address, came)))))
    if "business_id" not in login:
        msg = "TikTok does not say whose account this is: try again, and look at the scopes of your app"
        raise AuthDead(msg)
    login |= {name: app[name] for name in ("client_id", "client_secret")}
    yield Tell("Comments and replies under your own videos; answers, likes, hiding.", Tone.WORKS)
    yield Tell("Other videos, mentions and a search are not offered to brands.", Tone.LACKS)
    yield Tell("An answer holds 150 characters at most.", Tone.NOTE)
    name = app.get("username", "").lstrip("@")
    options: dict[str, Json] = {"username": name} if name else {}
    return Connected(login, options, f"@{name}" if name else login["business_id"])


def _with_state(address: str, state: str) -> str:
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "state"]
    return urlunsplit(parts._replace(query=urlencode([*query, ("state", state)])))


def _exchange(app: dict[str, str], address: str, came: Answer) -> HttpRequest:
    params = came.params if isinstance(came, Returned) else {}
    code = params.get("auth_code") or params.get("code")
    if not isinstance(came, Returned) or not code:
        why = params.get("error_description") or params.get("error") or "it was not allowed"
        msg = f"TikTok gave no login: {why}"
        raise AuthDead(msg)
    registered = dict(parse_qsl(urlsplit(address).query)).get("redirect_uri", came.redirect_uri)
    body: Json = {
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "grant_type": "authorization_code",
        "auth_code": code,
        "redirect_uri": registered,
    }
    return HttpRequest(f"{API}/tt_user/oauth2/token/", method="POST", json=body, safe_to_repeat=False)
