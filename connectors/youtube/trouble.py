"""What an error of the API means: by the `reason` in its body, then by its HTTP status.

Source of the reasons: the API's own table of errors and recorded answers. A reason may not match the status (a 403 with
the reason SERVICE_UNAVAILABLE was recorded), so the reason comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.fields import items_of, part, text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.items import Json
from connectors.requests import HttpResponse
from connectors.youtube.login import SAYS_AGAIN

PACIFIC = "America/Los_Angeles"
"""The quota's day begins at midnight there."""
_SPENT = {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"}
_HASTY = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
_KEY = {"keyInvalid", "keyExpired", "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED"}
_LOGIN = {"authError", "authorizationRequired", "invalidCredentials", "required", "ACCESS_TOKEN_EXPIRED"}
_PASSING = {"processingFailure", "backendError", "internalError", "SERVICE_UNAVAILABLE", "serviceUnavailable"}
_AWAY = {
    "videoNotFound": "the video no longer exists or may not be seen",
    "channelNotFound": "the channel does not exist",
    "commentNotFound": "the comment no longer stands there",
    "commentThreadNotFound": "the comment no longer stands there",
    "parentCommentNotFound": "the comment no longer stands there",
}
_REFUSED = {
    "commentsDisabled": "comments are turned off under this video",
    "accessNotConfigured": "turn on YouTube Data API v3 for your project in the Google Cloud console",
    "insufficientPermissions": f"the login lacks the right to manage comments: {SAYS_AGAIN} and tick every box",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": f"the login lacks the right to manage comments: {SAYS_AGAIN} and tick every box",
    "ineligibleAccount": "this Google account may not comment on YouTube: it has no channel, or was limited",
    "forbidden": "this login may not do that; only the channel's owner can",
    "banWithoutReject": "an author can be banned only while the comment is rejected",
    "commentsNotFromChannelOwner": "only our own comments can be taken back",
}
_ASKED_WRONG = {
    "commentTextTooLong": "the text is too long for YouTube",
    "commentTextRequired": "the text is empty",
    "parentCommentIsPrivate": "the comment is not public, so it cannot be answered",
}
_CLASSES: dict[str, type[ConnectorError]] = {
    **dict.fromkeys(_SPENT, BudgetExhausted),
    **dict.fromkeys(_HASTY, RateLimited),
    **dict.fromkeys((*_KEY, "youtubeSignupRequired"), AuthDead),
    **dict.fromkeys(_LOGIN, AuthExpired),
    **dict.fromkeys(_PASSING, Transient),
    **dict.fromkeys(_AWAY, Gone),
    **dict.fromkeys(_REFUSED, Forbidden),
    **dict.fromkeys(_ASKED_WRONG, BadRequest),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What an error's body says: its first reason, and words for people."""

    reason: str
    words: str


def said_in(body: Json) -> Said | None:
    """Read an error out of a body; None when it holds none, whatever the status."""
    if not isinstance(body, dict) or not isinstance(body.get("error"), dict):
        return None
    error = part(body, "error")
    reasons = [
        reason
        for each in (*items_of(error, "details"), *items_of(error, "errors"))
        if isinstance(each, dict) and (reason := text_of(each, "reason"))
    ]
    known = [reason for reason in reasons if reason in _CLASSES]
    return Said((known or reasons or [""])[0], (text_of(error, "message") or "")[:200])


def body_of(response: HttpResponse, *, kind: str, renewable: bool) -> dict[str, Json]:
    """Return the answer's JSON once it is known to be what was asked for.

    Args:
        response: the answer.
        kind: the resource asked for, such as `commentThreadListResponse`.
        renewable: whether a login that ran out can be renewed without a person.

    Raises:
        ConnectorError: by the reason in the body, then by the status.
    """
    check(response, renewable=renewable)
    body = json_body(response, platform="YouTube")
    if not isinstance(body, dict) or text_of(body, "kind") != f"youtube#{kind}":
        msg = "YouTube answered with something else than was asked for"
        raise FormatChanged(msg)
    if not isinstance(body.get("items", []), list):
        msg = "YouTube answered without a list"
        raise FormatChanged(msg)
    return body


def reason_of(response: HttpResponse) -> str:
    """The reason of an error; "" when the answer holds none."""
    said = _said(response)
    return "" if said is None else said.reason


def check(response: HttpResponse, *, renewable: bool) -> None:
    """Raise the agreed error for an unsuccessful answer, also one inside a 200."""
    said = _said(response)
    if said is None and response.status < 400:
        raise_for_status(response, platform="YouTube")
        return
    if response.status in {401, 403} and renewable and not _carried(response):
        msg = "the login has not been renewed yet"
        raise AuthExpired(msg)
    if said is not None:
        _raise(said, response, renewable=renewable)
    raise_for_status(response, platform="YouTube", refreshable=renewable)


def _carried(response: HttpResponse) -> bool:
    return bool({"Authorization", "X-goog-api-key"} & set(response.request.headers))


def _said(response: HttpResponse) -> Said | None:
    return said_in(object_in(response))


def _raise(said: Said, response: HttpResponse, *, renewable: bool) -> NoReturn:
    kind, words = _CLASSES.get(said.reason), f": {said.words}" if said.words else ""
    if kind is BudgetExhausted:
        msg = "today's YouTube quota of your Google project is used up"
        searching = response.request.url.endswith("/search")  # searches have a bucket of their own
        raise BudgetExhausted(msg, until=pacific_midnight(response.received_at), whole_source=not searching)
    if kind is RateLimited or (kind is None and response.status == 429):
        msg = "YouTube asks us to slow down"
        raise RateLimited(msg, until=retry_at(response))
    if said.reason in _KEY:
        msg = f"Google does not accept the API key ({said.reason}): make a new one, allowed for YouTube Data API v3"
        raise AuthDead(msg)
    if said.reason == "youtubeSignupRequired":
        msg = "this Google account has no YouTube channel: log in with the one that has"
        raise AuthDead(msg)
    if kind is AuthExpired or (kind is None and response.status == 401):
        _ran_out(response, renewable=renewable)
    if kind is Transient or (kind is None and (response.status >= 500 or response.status == 409)):
        msg = f"YouTube has trouble ({said.reason or response.status})"
        raise Transient(msg)
    if kind is not None:
        raise kind((_AWAY | _REFUSED | _ASKED_WRONG)[said.reason])
    if response.status in {403, 451}:
        msg = f"YouTube does not allow this ({said.reason or response.status}){words}"
        raise Forbidden(msg)
    if response.status < 400 and not said.reason:
        msg = f"YouTube says there was an error in an answer that claims success{words}"
        raise FormatChanged(msg)
    msg = f"YouTube refuses this ({said.reason or response.status}){words}"
    raise BadRequest(msg)


def _ran_out(response: HttpResponse, *, renewable: bool) -> NoReturn:
    if renewable:
        msg = "YouTube says the login ran out"
        raise AuthExpired(msg)
    lacking = "give the source an api_key, or connect our account"
    msg = f"YouTube does not accept our login: {SAYS_AGAIN if _carried(response) else lacking}"
    raise AuthDead(msg)


def pacific_midnight(after: datetime) -> datetime:
    """The next instant at which a day begins in California, aware; there the quota begins anew."""
    zone = ZoneInfo(PACIFIC)
    tomorrow = after.astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone).astimezone(after.tzinfo)
