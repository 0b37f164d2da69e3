"""Calls of the AT Protocol, and what its errors mean: by the body's `error` name first, then by the HTTP status."""

from __future__ import annotations

from urllib.parse import urlsplit

from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, FormatChanged, RateLimited, Transient
from connectors.fields import text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpRequest, HttpResponse

#: The access token ran out or is none any more: a new one may help.
_LOGIN = {"ExpiredToken", "InvalidToken", "AuthenticationRequired", "AuthMissing"}
_ACCOUNT = {
    "AccountTakedown": "this account was taken down by Bluesky",
    "AccountSuspended": "this account is suspended by Bluesky",
    "AccountDeactivated": "this account is deactivated: activate it again in the app",
}
_PASSING = {"InternalServerError", "UpstreamFailure", "UpstreamTimeout", "NotEnoughResources", "InvalidSwap"}
_BLOCKED = {"BlockedActor", "BlockedByActor"}
#: The words in which servers refuse private messages to an app password that was made without them.
_NARROW = ("bad token scope", "bad token method", "insufficient access")
_GONE = {"NotFound", "RecordNotFound", "RepoNotFound", "HandleNotFound", "InvalidConvo"}


def call(
    base: str,
    method: str,
    *,
    params: tuple[tuple[str, str], ...] = (),
    json: Json = None,
    token: str | None = None,
    step: str = "",
) -> HttpRequest:
    """Build a call: a procedure with `json`, else a query."""
    headers = {"Accept": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return HttpRequest(
        f"{base}/xrpc/{method}",
        method="GET" if json is None else "POST",
        params=params,
        headers=headers,
        json=json,
        step=step,
    )


def error_of(response: HttpResponse) -> tuple[str, str] | None:
    """The name and words of an error that the body tells of, also where the status claims success; None without one."""
    body = object_in(response)
    name = text_of(body, "error")
    return None if name is None else (name, (text_of(body, "message") or name)[:200])


def is_gone(response: HttpResponse) -> bool:
    """Whether the server says that what was asked for is not there."""
    said = error_of(response)
    return said is not None and (said[0] in _GONE or said[1].casefold().startswith("could not locate record"))


def object_of(response: HttpResponse, *, renewable: bool) -> dict[str, Json]:
    """Return the answer's object once it is known to be no error.

    Raises:
        ConnectorError: see `check`.
    """
    check(response, renewable=renewable)
    host = host_of(response)
    body = json_body(response, platform=host)
    if not isinstance(body, dict):
        msg = f"{host} answered with something else than was asked for"
        raise FormatChanged(msg)
    return body


def check(response: HttpResponse, *, renewable: bool) -> None:
    """Raise the agreed error for an unsuccessful answer.

    Args:
        response: the answer.
        renewable: whether a new access token can be had without a person.

    Raises:
        ConnectorError: by the server's words, then by the status.
    """
    host, said = host_of(response), error_of(response)
    if said is None:
        raise_for_status(response, platform=host)
        return
    name, words = said
    if response.status == 429 or name == "RateLimitExceeded":
        msg = f"{host} asks us to slow down"
        raise RateLimited(msg, until=retry_at(response))
    if name == "AuthFactorTokenRequired":
        msg = f"{host} wants a second factor: connect with an app password, not with the account's own"
        raise AuthDead(msg)
    if name in _ACCOUNT:
        msg = f"{host} says {_ACCOUNT[name]}"
        raise AuthDead(msg)
    if any(part in words.casefold() for part in _NARROW):
        msg = f"the app password does not allow this ({words}): make one that may read direct messages"
        raise Forbidden(msg)
    if name in _LOGIN:
        _login(host, words, renewable=renewable)
    if name in _BLOCKED:
        msg = f"{host} refuses this because one account blocked the other"
        raise Forbidden(msg)
    if name == "MethodNotImplemented":
        msg = f"{host} does not offer this: {words}"
        raise Forbidden(msg)
    if name in _PASSING or response.status >= 500:
        wait = retry_at(response)
        msg = f"{host} has trouble: {words}"
        raise Transient(msg, retry_after_s=None if wait is None else (wait - response.received_at).total_seconds())
    if response.status == 403:
        msg = f"{host} does not allow this: {words}"
        raise Forbidden(msg)
    if response.status < 400:
        msg = f"{host} says {words!r} in an answer that claims success"
        raise FormatChanged(msg)
    msg = f"{host} refuses this: {words}"
    raise BadRequest(msg)


def _login(host: str, words: str, *, renewable: bool) -> None:
    if renewable:
        msg = f"the session at {host} ran out"
        raise AuthExpired(msg)
    msg = f"{host} does not accept our login ({words}): connect the account again with an app password"
    raise AuthDead(msg)


def host_of(response: HttpResponse) -> str:
    """How people know the server that answered."""
    return urlsplit(response.request.url).hostname or "the server"
