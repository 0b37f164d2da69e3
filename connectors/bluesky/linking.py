"""Connecting our account, step by step: an app password, a session bought with it, and what works with that."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from connectors.bluesky import xrpc
from connectors.bluesky.messages import CONVOS, passed_on
from connectors.bluesky.options import BlueskyOptions
from connectors.bluesky.session import Tokens, claims_of, kept_of
from connectors.connecting import Ask, Call, Connected, Connecting, Field, Tell, Tone
from connectors.errors import BadRequest, ConnectorError
from connectors.items import Json
from connectors.requests import HttpRequest, over_http

_SERVICE = str(BlueskyOptions.model_fields["service"].default)
_WHERE = "in the app: Settings, Privacy and security, App passwords, Add"
_FULL = "com.atproto.access"
"""Scope of a session that was bought with the account's own password."""


def steps() -> Connecting:
    """Walk a person through it.

    Returns:
        The session and the app password, and the options that go with them.

    Raises:
        BadRequest: what was typed cannot be an account.
        ConnectorError: the account's server refuses the login, in words that say what to do.
    """
    typed = yield Ask(
        (
            Field("handle", "Handle", help="such as acme.bsky.social, without @"),
            Field("app_password", "App password", secret=True, help=_WHERE),
            Field("service", "Server", default=_SERVICE, optional=True, help="only for an account on another server"),
        ),
        "Klankbord signs in with an app password: it can be taken back without changing the account's own.",
    )
    options = _options(typed if isinstance(typed, Mapping) else {})
    password = "" if options.app_password is None else options.app_password.get_secret_value()
    who: dict[str, Json] = {"identifier": options.handle, "password": password}
    answer = yield Call(xrpc.call(options.service, "com.atproto.server.createSession", json=who))
    body = xrpc.object_of(over_http(answer), renewable=False)
    tokens = Tokens.of(body, options.service)
    if body.get("active") is False:
        yield Tell("This account is deactivated: activate it again in the app.", Tone.LACKS)
    if claims_of(tokens.access).get("scope") == _FULL:
        yield Tell("This is the account's own password. Make an app password for Klankbord instead.", Tone.LACKS)
    said: dict[str, Json] = {"handle": tokens.handle}
    for what, request, option in _checks(tokens):
        tried = yield Call(request)
        try:
            xrpc.object_of(over_http(tried), renewable=False)
        except ConnectorError as error:
            yield Tell(f"{what} does not work now: {error}", Tone.LACKS)
        else:
            said |= {option: True} if option else {}
            yield Tell(f"{what} works.", Tone.WORKS)
    yield Tell("Answering, liking, and hiding below your own posts work with every app password.", Tone.WORKS)
    if options.service != _SERVICE:
        said["service"] = options.service
    return Connected(kept_of(tokens, password), said, f"@{tokens.handle}")


def _checks(tokens: Tokens) -> tuple[tuple[str, HttpRequest, str], ...]:
    """What is tried: in words, by which call, and the option that follows from it."""
    one, search = ("limit", "1"), "app.bsky.feed.searchPosts"
    told = "app.bsky.notification.listNotifications"
    return (
        ("Searching", xrpc.call(tokens.pds, search, params=(("q", "bluesky"), one), token=tokens.access), ""),
        ("Reading mentions, replies and quotes", xrpc.call(tokens.pds, told, params=(one,), token=tokens.access), ""),
        (
            "Reading and answering direct messages",
            passed_on(xrpc.call(tokens.pds, CONVOS, params=(one,), token=tokens.access)),
            "messages",
        ),
    )


def _options(typed: Mapping[str, str]) -> BlueskyOptions:
    """What was typed, as options would hold it.

    Raises:
        BadRequest: it cannot be an account.
    """
    told = {name: value.strip() for name, value in typed.items() if value.strip()}
    if "handle" not in told or "app_password" not in told:
        msg = "a handle and an app password are both needed"
        raise BadRequest(msg)
    try:
        return BlueskyOptions.model_validate(told)
    except ValidationError as error:
        # Without what was typed: it may be the password in the wrong field.
        fields = ", ".join(str(each["loc"][0]) for each in error.errors() if each["loc"])
        msg = f"this cannot be right: {fields}; the handle is a name such as acme.bsky.social, the server an address"
        raise BadRequest(msg) from None
