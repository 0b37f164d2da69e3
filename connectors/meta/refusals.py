"""What the Graph API's errors mean. It tells by the code in the body; the HTTP status is 400 for nearly all of them.

    1, 2, is_transient                     Transient
    4, 17, 32, 613, 800xx                  RateLimited, until the usage header's minutes have passed, else an hour
    102, 190                               AuthExpired where the login can be renewed and only ran out, else AuthDead
    10, 200-299, 1705                      Forbidden: a permission is missing
    368                                    Forbidden: Meta has blocked this for abuse
    100 with subcode 33, 803               NotThere: removed, or not to be seen with this login
    every other code                       BadRequest

Source: the platform's own table of error codes, as in docs/connectors/facebook.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import orjson

from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, RateLimited, Transient
from connectors.fields import flag_of, number_of, part, text_of
from connectors.http_status import object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpResponse

_LIMITED = frozenset({4, 17, 32, 613, *range(80000, 80015)})
_LOGIN = frozenset({102, 190})
_EXPIRED = frozenset({463})
_UNTOLD_WAIT = timedelta(hours=1)
_LONGEST_WAIT_MIN = 24 * 60
_HIGH, _FULL = 75.0, 90.0
_WHY_DEAD = {
    458: "the app was removed from the account",
    459: "Meta wants the person to confirm something on its site first",
    460: "the password was changed",
    463: "it ran out",
    464: "the account is not confirmed",
    467: "it is no longer valid",
    492: "the person no longer has a role on the page",
}
_SPACE = re.compile(r"\s+")
_SECRET = re.compile(r"(access_token|client_secret|appsecret_proof|input_token)=[^&\s\"']+", re.IGNORECASE)


class NotThere(BadRequest):
    """The object is removed, or cannot be seen with this login (100/33): alone no proof of a removal."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error as the Graph API words it.

    Attributes:
        code, subcode: what decides; 0 when not given.
        words: the platform's sentence, shortened and without secrets.
        passing: the platform calls it temporary.
    """

    code: int
    subcode: int
    words: str
    passing: bool


def refusal_of(response: HttpResponse) -> Refusal | None:
    """The error that an answer holds, whatever its status; None without one."""
    body = object_in(response)
    told = part(body, "error")
    if not told:
        if text_of(body, "error_message") is None or number_of(body, "code") is None:
            return None
        # The login endpoints of Threads and Instagram write the same error flat.
        told = {"message": body["error_message"], "code": body["code"]}
    said = text_of(told, "error_user_msg") or text_of(told, "message") or ""
    return Refusal(
        number_of(told, "code") or 0,
        number_of(told, "error_subcode") or 0,
        _SECRET.sub(r"\1=***", _SPACE.sub(" ", said)).strip()[:300],
        flag_of(told, "is_transient"),
    )


def check(response: HttpResponse, *, platform: str, connect: str, renewable: bool = False) -> None:
    """Raise the agreed error for an unsuccessful answer.

    Args:
        response: the answer.
        platform: how people know the other side.
        connect: the command that logs in anew, named in the sentence.
        renewable: the connector can renew a login that merely ran out.

    Raises:
        ConnectorError: see the table at the top of this module.
    """
    refusal = refusal_of(response)
    if refusal is None:
        raise_for_status(response, platform=platform, refreshable=renewable)
        return
    _raise(response, refusal, platform, connect, renewable=renewable)


def _raise(response: HttpResponse, refusal: Refusal, platform: str, connect: str, *, renewable: bool) -> NoReturn:
    code, said = refusal.code, f": {refusal.words}" if refusal.words else ""
    if code in _LIMITED:
        msg = f"{platform} asks us to slow down ({code})"
        raise RateLimited(msg, until=asked_to_wait_until(response))
    if code in _LOGIN:
        if renewable and refusal.subcode in {0, *_EXPIRED}:
            msg = f"the login at {platform} ran out"
            raise AuthExpired(msg)
        why = _WHY_DEAD.get(refusal.subcode, refusal.words or "it is not accepted")
        msg = f"the login at {platform} is dead, {why}: log in again with `{connect}`"
        raise AuthDead(msg)
    if code in {1, 2} or refusal.passing:
        msg = f"{platform} has trouble{said}"
        raise Transient(msg)
    if code == 368:
        msg = f"{platform} has blocked this for a while because it looked like abuse{said}"
        raise Forbidden(msg)
    if _of_permission(code):
        msg = f"{platform} does not allow this to our login ({code}){said}"
        raise Forbidden(msg)
    if code == 803 or (code == 100 and refusal.subcode == 33):
        msg = f"{platform} does not know this, or does not show it to our login{said}"
        raise NotThere(msg)
    if code == 0 and (response.status >= 500 or response.status == 429):
        raise_for_status(response, platform=platform)
    msg = f"{platform} refuses our question ({code}){said}"
    raise BadRequest(msg)


def lacks_permission(response: HttpResponse) -> bool:
    """Whether the platform refuses just this to our login, which may be about the one thing that was asked for."""
    refusal = refusal_of(response)
    return refusal is not None and _of_permission(refusal.code)


def _of_permission(code: int) -> bool:
    return code == 10 or 200 <= code < 300 or code == 1705


def asked_to_wait_until(response: HttpResponse) -> datetime:
    """When a limited login may ask again: what the headers say, else in an hour. Asking earlier lengthens the block."""
    told = retry_at(response)
    if told is not None:
        return told
    minutes = max((usage.minutes for usage in usages(response.headers)), default=0.0)
    if minutes <= 0:
        return response.received_at + _UNTOLD_WAIT
    return response.received_at + timedelta(minutes=min(minutes, _LONGEST_WAIT_MIN))


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit is used: the highest of its percentages, and the minutes until it opens again."""

    percent: float
    minutes: float


def usages(headers: Mapping[str, str]) -> Iterator[Usage]:
    """Read the usage headers: of the app or user, and of the business use case (percentages; minutes to wait)."""
    for name in ("x-app-usage", "x-business-use-case-usage"):
        try:
            told = orjson.loads(headers.get(name, ""))
        except orjson.JSONDecodeError:
            continue
        for each in _records(told):
            figures = [_figure(each.get(key)) for key in ("call_count", "total_time", "total_cputime")]
            yield Usage(max(figures), _figure(each.get("estimated_time_to_regain_access")))


def pause_wished(response: HttpResponse) -> timedelta | None:
    """A slower pace when three quarters of a limit are used, a much slower one when nearly all of it is."""
    used = max((usage.percent for usage in usages(response.headers)), default=0.0)
    if used >= _FULL:
        return timedelta(hours=1)
    return timedelta(minutes=15) if used >= _HIGH else None


def _records(told: Json) -> Iterator[dict[str, Json]]:
    if not isinstance(told, dict):
        return
    if any(key in told for key in ("call_count", "total_time", "total_cputime")):
        yield told
        return
    for group in told.values():
        for each in group if isinstance(group, list) else ():
            if isinstance(each, dict):
                yield each


def _figure(value: Json) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
