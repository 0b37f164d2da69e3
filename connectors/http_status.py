"""What an HTTP answer means when the platform's own body does not say otherwise.

Every http connector looks at the platform's own error codes first and then calls `raise_for_status`, so that
one status means one thing all over the house:

    2xx, 304                     nothing is wrong
    429                          RateLimited, until Retry-After or a reset header
    401                          AuthDead; AuthExpired where the connector can refresh
    403 of a browser challenge   Transient, half an hour
    402, 403, 407, 451           Forbidden
    410                          Gone
    408, 421, 425, 5xx           Transient
    3xx                          FormatChanged: a redirect that was not followed
    every other 4xx              BadRequest

Does not wait, retry or log.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timedelta
from typing import NoReturn, cast

import orjson

from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, FormatChanged, Gone, RateLimited, Transient
from connectors.instants import parse_http_date, parse_iso, parse_unix
from connectors.items import Json
from connectors.requests import HttpResponse

_RESET_HEADERS = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")
_PASSING = {408, 421, 425}
_REFUSED = {402, 403, 407, 451}
_CHALLENGE_S = 1800.0
_LONGEST_WAIT = timedelta(days=31)
_SPACE = re.compile(r"\s+")


def raise_for_status(response: HttpResponse, *, platform: str, refreshable: bool = False) -> None:
    """Turn an unsuccessful HTTP status into the agreed error; do nothing for a good one.

    Args:
        response: the answer.
        platform: how people know the other side, used in the message ("forum.example").
        refreshable: True when the connector can renew an expired login by itself, so that 401 means AuthExpired.

    Raises:
        ConnectorError: see the table at the top of this module.
    """
    status = response.status
    if 200 <= status < 300 or status == 304:
        return
    if status == 429:
        until = retry_at(response)
        msg = f"{platform} asks us to wait (429)"
        raise RateLimited(msg, until=until)
    if status >= 500 or status in _PASSING:
        msg = f"{platform} has trouble ({status})"
        raise Transient(msg, retry_after_s=_seconds(response))
    _refuse(response, platform, refreshable=refreshable)


def _refuse(response: HttpResponse, platform: str, *, refreshable: bool) -> NoReturn:
    status = response.status
    if status == 401:
        if refreshable:
            msg = f"{platform} says the login ran out (401)"
            raise AuthExpired(msg)
        msg = f"{platform} does not accept our login (401): log in again or renew the key"
        raise AuthDead(msg)
    if status == 403 and is_challenge(response):
        msg = (
            f"{platform} shows a browser check instead of an answer (403): ask its administrator to let our address in"
        )
        raise Transient(
            msg,
            retry_after_s=_CHALLENGE_S,
        )
    if status in _REFUSED:
        msg = f"{platform} refuses this ({status}){_said(response)}"
        raise Forbidden(msg)
    if status == 410:
        msg = f"{platform} says this was removed for good (410)"
        raise Gone(msg)
    if 300 <= status < 400:
        msg = f"{platform} points to another address ({status}): check the configured address"
        raise FormatChanged(msg)
    if status == 404:
        msg = f"{platform} has nothing at this address (404): check the configured address"
        raise BadRequest(msg)
    msg = f"{platform} refuses our question ({status}){_said(response)}"
    raise BadRequest(msg)


def is_challenge(response: HttpResponse) -> bool:
    """Tell whether a proxy in front of the platform wants to see a browser (Cloudflare's `cf-mitigated` header)."""
    return response.headers.get("cf-mitigated", "").lower() == "challenge"


def retry_at(response: HttpResponse) -> datetime | None:
    """Say when the platform wants to be asked again, aware UTC; None when it did not say.

    Reads `Retry-After` in seconds or as an HTTP date (RFC 9110, section 10.2.3), then the reset headers, whose
    forms differ: an ISO instant (Mastodon), a Unix time, or seconds from now (IETF draft). An instant in the
    past means "now"; one more than a month ahead is taken for nonsense and left out.
    """
    now = response.received_at
    for name in ("retry-after", *_RESET_HEADERS):
        value = response.headers.get(name, "").split(",")[0] if name != "retry-after" else response.headers.get(name)
        wished = _instant(value.strip(), now) if value else None
        if wished is not None:
            wished = max(wished, now)
            return wished if wished - now <= _LONGEST_WAIT else None
    return None


def _instant(value: str, now: datetime) -> datetime | None:
    try:
        figure = float(value)
    except ValueError:
        for read in (parse_iso, parse_http_date):
            try:
                return read(value)
            except ValueError:
                continue
        return None
    if not math.isfinite(figure):
        return None
    try:
        # A figure too large to be a wait is a point in time: 1e9 s after 1970 was in 2001.
        return parse_unix(figure) if figure > 1e9 else now + timedelta(seconds=max(figure, 0.0))
    except (ValueError, OverflowError):
        return None


def _seconds(response: HttpResponse) -> float | None:
    until = retry_at(response)
    return None if until is None else (until - response.received_at).total_seconds()


def object_in(response: HttpResponse) -> dict[str, Json]:
    """The object in a body, whatever the status, to look for a platform's own error in; empty for anything else."""
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _said(response: HttpResponse) -> str:
    """The platform's own short words, when the body is a JSON error in one of the usual spellings."""
    body = object_in(response)
    for key in ("error_description", "error", "message", "detail", "errors"):
        value = body.get(key)
        if isinstance(value, list):
            value = "; ".join(each for each in value if isinstance(each, str))
        if isinstance(value, str) and value.strip():
            return ": " + _SPACE.sub(" ", value).strip()[:200]
    return ""


def json_body(response: HttpResponse, *, platform: str = "the platform") -> Json:
    """Read the body as JSON.

    One text with a lone surrogate or bytes that are not UTF-8 must not cost the whole page: those characters
    become U+FFFD.

    Args:
        response: an answer whose status was already looked at.
        platform: how people know the other side.

    Raises:
        FormatChanged: a web page, nothing, or JSON that is cut off or invalid.
    """
    body = response.body.strip()
    if not body:
        msg = f"{platform} sent an empty answer where data was expected"
        raise FormatChanged(msg)
    if body[:1] == b"<" or "html" in response.headers.get("content-type", "").lower():
        msg = f"{platform} sent a web page where data was expected: check the address, or whether it needs a login"
        raise FormatChanged(msg)
    try:
        return cast("Json", orjson.loads(body))
    except orjson.JSONDecodeError:
        return _lenient(body, platform)


def _lenient(body: bytes, platform: str) -> Json:
    try:
        read = json.loads(body.decode("utf-8", "replace"), parse_constant=_no_constant)
        return _scrub(read)
    except RecursionError as error:
        msg = f"{platform} sent data nested too deep to be meant"
        raise FormatChanged(msg) from error
    except ValueError as error:
        msg = f"{platform} sent data that is cut off or not valid JSON ({error})"
        raise FormatChanged(msg) from error


def _no_constant(name: str) -> NoReturn:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _scrub(value: Json) -> Json:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_scrub(each) for each in value]
    if isinstance(value, dict):
        return {cast("str", _scrub(key)): _scrub(each) for key, each in value.items()}
    return value
