"""Connecting our account, step by step (OAuth 2.0 with PKCE, on a loopback redirect)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from urllib.parse import urlencode

from connectors.connecting import (
    Answer,
    Ask,
    Browse,
    Call,
    Connected,
    Connecting,
    Field,
    Redirect,
    Returned,
    Step,
    Tell,
    Tone,
)
from connectors.errors import AuthDead
from connectors.fields import part, text_of
from connectors.http_status import json_body
from connectors.items import Json
from connectors.requests import over_http
from connectors.x.answers import Object, body_of
from connectors.x.calls import Calls
from connectors.x.login import Kept, granted, token_request
from connectors.x.options import XOptions

SCOPES = (
    "tweet.read",
    "users.read",
    "tweet.write",
    "tweet.moderate.write",
    "dm.read",
    "dm.write",
    "offline.access",
)
AUTHORIZE = "https://x.com/i/oauth2/authorize"
_MEANING = (
    ("tweet.read", "Reading mentions and what is said under your posts"),
    ("tweet.write", "Answering whoever names, answers or quotes your account, and taking back own posts"),
    ("tweet.moderate.write", "Hiding replies under your own posts"),
    ("dm.read", "Reading direct messages"),
    ("dm.write", "Answering direct messages"),
    ("offline.access", "Staying connected: the login renews itself every two hours"),
)
_COST = (
    "X charges for what it shows: half a cent a post, one cent its author, one cent a direct message, one and a half "
    "an answer, twenty cents an answer with a link. usd_per_day and usd_per_month say how much the source may spend."
)
_HAND = (
    "X lets an app answer only people who name, answer or quote your account. For other posts Klankbord opens X "
    "for you. Likes are not possible: X took them away from apps."
)


def steps(api: str = XOptions.model_fields["api"].default) -> Connecting:
    """Walk a person through it.

    Args:
        api: address of the API.

    Returns:
        The login, and the options that go with it.

    Raises:
        AuthDead: X gave no login.
    """
    yield Tell(_COST)
    where = yield Redirect()
    app = yield Ask(
        (
            Field("client_id", "Client ID", help="X developer console: your app, Keys and tokens, OAuth 2.0"),
            Field("client_secret", "Client Secret", secret=True, optional=True, help="only of a confidential client"),
            Field("bearer_token", "Bearer Token", secret=True, optional=True, help="a wider limit for searching"),
        ),
        text="Make an app in X's developer console with user authentication (read and write and direct messages), and "
        f"register there as callback address: {where}",
    )
    typed = {name: value for name, value in app.items() if value} if isinstance(app, dict) else {}
    kept = Kept.load(typed)
    if kept.client_id is None:
        if kept.bearer_token is None:
            msg = "neither a client id nor a bearer token was given"
            raise AuthDead(msg)
        yield Tell("Searching will work.", Tone.WORKS)
        yield Tell("Mentions, answering and direct messages need the login of your account.", Tone.LACKS)
        return Connected(kept.dump(), {"search": True}, "search only")
    kept, scopes = yield from _granted(api, kept, kept.client_id)
    return (yield from _met(api, kept, scopes))


def _granted(api: str, kept: Kept, client_id: str) -> Generator[Step, Answer, tuple[Kept, frozenset[str]]]:
    """Send the person to X, and exchange what comes back for a token."""
    back = yield Browse(
        lambda *known: _address(client_id, *known), "X asks whether Klankbord may act for your account."
    )
    if not isinstance(back, Returned) or "code" not in back.params:
        said = back.params.get("error", "nothing") if isinstance(back, Returned) else "nothing"
        msg = f"X sent the browser back without a code ({said}): nobody was connected"
        raise AuthDead(msg)
    form = (
        ("grant_type", "authorization_code"),
        ("code", back.params["code"]),
        ("redirect_uri", back.redirect_uri),
        ("code_verifier", back.verifier),
    )
    answer = yield Call(token_request(api, client_id, kept.client_secret, form, step="connect"))
    response = over_http(answer)
    kept = granted(kept, response)
    body = json_body(response)
    given = text_of(body, "scope") if isinstance(body, dict) else None
    return kept, frozenset((given or " ".join(SCOPES)).split())


def _met(api: str, kept: Kept, scopes: frozenset[str]) -> Connecting:
    """Ask whose login it is, and say what will work."""
    options = XOptions(api=api)
    me = yield Call(Calls(options).me(token=kept.access_token or "", price={}, step="me"))
    user: Object = part(body_of(over_http(me)), "data")
    key, name = text_of(user, "id"), text_of(user, "username")
    if key is None or name is None:
        msg = "X does not say whose login this is"
        raise AuthDead(msg)
    for scope, meaning in _MEANING:
        works = scope in scopes
        yield Tell(
            f"{meaning}." if works else f"{meaning}: not granted ({scope}).", Tone.WORKS if works else Tone.LACKS
        )
    yield Tell(_HAND)
    reads: dict[str, Json] = {
        "account": name,
        "account_id": key,
        "search": True,
        "mentions": True,
        "conversations": True,
        "messages": "dm.read" in scopes,
    }
    if "offline.access" not in scopes:
        kept = replace(kept, refresh_token=None)
    return Connected(kept.dump(), reads, f"@{name}")


def _address(client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    return f"{AUTHORIZE}?" + urlencode(
        {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(SCOPES),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
    )
