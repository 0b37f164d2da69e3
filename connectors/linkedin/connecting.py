"""Connecting a page: LinkedIn's own sign-in, and the pages of which the account is an administrator."""

from __future__ import annotations

from urllib.parse import urlencode

from connectors.connecting import (
    Answer,
    Ask,
    Browse,
    Call,
    Choose,
    Connected,
    Connecting,
    Field,
    Redirect,
    Returned,
    Tell,
    Tone,
)
from connectors.errors import AuthDead, Forbidden
from connectors.fields import items_of, text_of
from connectors.http_status import json_body
from connectors.linkedin.page import API, PLATFORM, SIGN_IN, VERSION, headers, taken
from connectors.requests import HttpRequest, over_http

SCOPES = "r_organization_social w_organization_social rw_organization_admin"
_GATE = (
    "LinkedIn lets nobody read comments without its review: your app needs the product Community Management API, "
    "asked for by a registered organisation with a page, and a refusal is final for that app. Until it is granted "
    "this will not work."
)


def connect() -> Connecting:
    """Sign in, choose the page, and say what to expect.

    Raises:
        ConnectorError: LinkedIn gives no login, or the account administers no page.
    """
    yield Tell(_GATE, Tone.LACKS)
    where = yield Redirect()
    typed = yield Ask(
        (
            Field("client_id", "Client ID of your app", help="linkedin.com/developers, your app, Auth"),
            Field("client_secret", "Client secret", secret=True, help="The same page"),
        ),
        f"Make an app at linkedin.com/developers, and enter under Auth as redirect address: {where}",
    )
    app = {str(key): str(value).strip() for key, value in typed.items()} if isinstance(typed, dict) else {}
    came = yield Browse(
        lambda redirect, state, _challenge: _sign_in(app["client_id"], redirect, state),
        "Sign in as an administrator of the page and allow the app.",
    )
    login = taken(over_http((yield Call(_exchange(app, came))))) | app
    organization = yield from _page(login["access_token"])
    yield Tell("Comments under the page's posts, answers, likes, and posts that mention the page.", Tone.WORKS)
    yield Tell("LinkedIn has no search: other posts cannot be found.", Tone.LACKS)
    yield Tell(
        "What members write is kept for 48 hours and never exported, because LinkedIn's terms say so.", Tone.NOTE
    )
    if "refresh_token" not in login:
        yield Tell("This login ends after 60 days: connect again before. Only some apps may renew it.", Tone.LACKS)
    return Connected(login, {"organization": organization.account}, organization.account)


def _page(token: str) -> Connecting:
    """Which of the pages that the account administers."""
    asked = HttpRequest(
        f"{API}/rest/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED",
        headers=headers(VERSION, token),
    )
    answer = over_http((yield Call(asked)))
    if answer.status == 403:
        msg = "LinkedIn refuses this (403): the Community Management API is not granted to your app yet"
        raise Forbidden(msg)
    if answer.status != 200:
        msg = f"LinkedIn does not say which pages you administer ({answer.status})"
        raise AuthDead(msg)
    body = json_body(answer, platform=PLATFORM)
    found = [each for each in items_of(body if isinstance(body, dict) else {}, "elements") if isinstance(each, dict)]
    pages = [urn for each in found if (urn := text_of(each, "organization") or text_of(each, "organizationTarget"))]
    if not pages:
        msg = "this account is an administrator of no page: sign in with one that is"
        raise Forbidden(msg)
    chosen: Answer = (pages[0],)
    if len(pages) > 1:
        chosen = yield Choose("Which page?", tuple((urn, urn.rpartition(":")[2]) for urn in pages))
    urn = chosen[0] if isinstance(chosen, tuple) and chosen else pages[0]
    return Connected({}, {}, urn)


def _sign_in(client_id: str, redirect: str, state: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect,
        "state": state,
        "scope": SCOPES,
    }
    return f"{SIGN_IN}/oauth/v2/authorization?{urlencode(asked)}"


def _exchange(app: dict[str, str], came: Answer) -> HttpRequest:
    if not isinstance(came, Returned) or "code" not in came.params:
        said = came.params if isinstance(came, Returned) else {}
        msg = f"LinkedIn gave no login: {said.get('error_description') or said.get('error') or 'it was not allowed'}"
        raise AuthDead(msg)
    form = (
        ("grant_type", "authorization_code"),
        ("code", came.params["code"]),
        ("redirect_uri", came.redirect_uri),
        ("client_id", app["client_id"]),
        ("client_secret", app["client_secret"]),
    )
    return HttpRequest(f"{SIGN_IN}/oauth/v2/accessToken", method="POST", form=form, safe_to_repeat=False)
