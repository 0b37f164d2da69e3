"""What an error of Reddit means: errors inside a 200, `reason` of a refusal, web pages, and then the HTTP status.

Source: recorded answers of the API, and the help pages on its rules.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson

from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    RateLimited,
)
from connectors.fields import items_of, part, text_of
from connectors.http_status import json_body, raise_for_status, retry_at
from connectors.items import Json
from connectors.reddit.login import SAYS_AGAIN
from connectors.requests import HttpResponse

_WHY = {
    "private": "this subreddit is private: our account has no access",
    "quarantined": "this subreddit is quarantined: our account has to accept that on its page first",
    "banned": "this subreddit was banned by Reddit",
    "gold_only": "this subreddit is for paying members only",
    "gated": "this subreddit wants its rules accepted on its page first",
    "USER_BLOCKED": "this person blocked our account",
    "THREAD_LOCKED": "the thread is locked",
    "TOO_OLD": "the thread is too old to be answered",
    "DELETED_COMMENT": "the comment was deleted",
    "DELETED_LINK": "the post was deleted",
    "SUBREDDIT_NOTALLOWED": "our account may not write in this subreddit",
    "SUBREDDIT_NOEXIST": "this subreddit does not exist",
    "RESTRICTED_TO_PM": "this person takes no messages of accounts it does not know",
    "NOT_WHITELISTED_BY_USER_MESSAGE": "this person takes no messages of accounts it does not know",
    "BANNED_FROM_SUBREDDIT": "our account was banned from this subreddit",
    "SOMETHING_IS_BANNED": "our account was banned there",
}
_WRONG = {"NO_TEXT": "the answer is empty", "TOO_LONG": "the answer is too long for Reddit"}
_LOGIN = {"USER_REQUIRED", "INVALID_TOKEN"}
_ABOUT_WRITING = timedelta(minutes=10)
"""How long we wait after "you are doing that too much" without a time."""


def body_of(response: HttpResponse, *, renewable: bool) -> Json:
    """Return the answer's JSON once it is known to be no error.

    Raises:
        ConnectorError: by the errors in the body, then by the status.
    """
    check(response, renewable=renewable)
    return json_body(response, platform="Reddit")


def check(response: HttpResponse, *, renewable: bool) -> None:
    """Raise the agreed error for an unsuccessful answer, also one inside a 200."""
    body = _json(response)
    if isinstance(body, dict):
        _inside(body, response, renewable=renewable)
    code = _code(body) or response.status
    if response.status < 400 and code < 400:
        raise_for_status(response, platform="Reddit")
        return
    reason = (text_of(body, "reason") or "") if isinstance(body, dict) else ""
    if reason in _WHY and code in {403, 404, 451}:
        raise Forbidden(_WHY[reason])
    if code == 429:
        msg = "Reddit asks us to slow down"
        raise RateLimited(msg, until=retry_at(response))
    carried = "Authorization" in response.request.headers
    if code == 401 or (code == 403 and renewable and not carried):
        raise _ran_out(renewable=renewable)
    if code == 403 and not isinstance(body, dict):
        msg = "Reddit blocks this program (403): its approval is missing or was withdrawn, or our address is blocked"
        raise Forbidden(msg)
    if code in {403, 451}:
        msg = f"Reddit does not allow our account this ({reason or code})"
        raise Forbidden(msg)
    if code == 404:
        msg = f"Reddit knows nothing under this address ({reason or code})"
        raise BadRequest(msg)
    if response.status < 400:
        msg = f"Reddit says there was an error ({code}) in an answer that claims success"
        raise FormatChanged(msg)
    raise_for_status(response, platform="Reddit", refreshable=renewable)


def _inside(body: dict[str, Json], response: HttpResponse, *, renewable: bool) -> None:
    """Raise for `json.errors`, which come with 200 and name what is wrong."""
    answer = part(body, "json")
    for error in items_of(answer, "errors"):
        code = str(error[0]) if isinstance(error, list) and error else str(error)
        words = str(error[1])[:200] if isinstance(error, list) and len(error) > 1 else ""
        raise _named(code, words, answer.get("ratelimit"), response.received_at, renewable=renewable)


def _named(code: str, words: str, wait: Json, now: datetime, *, renewable: bool) -> ConnectorError:
    said = f": {words}" if words else ""
    if code == "RATELIMIT":
        seconds = float(wait) if isinstance(wait, int | float) else _ABOUT_WRITING.total_seconds()
        msg = f"Reddit lets this account write less often{said}"
        return RateLimited(msg, until=now + timedelta(seconds=min(max(seconds, 0.0), 86_400)), whole_host=False)
    if code in _LOGIN:
        return _ran_out(renewable=renewable)
    if code in _WRONG:
        return BadRequest(_WRONG[code])
    if code in _WHY:
        return Forbidden(_WHY[code])
    return BadRequest(f"Reddit refuses this ({code}){said}")


def _ran_out(*, renewable: bool) -> ConnectorError:
    if renewable:
        return AuthExpired("Reddit says the login ran out")
    return AuthDead(f"Reddit does not accept our login: {SAYS_AGAIN}, or put client_id and client_secret in the source")


def _json(response: HttpResponse) -> Json:
    try:
        body: Json = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return None
    return body


def _code(body: Json) -> int | None:
    """The status that a body names; only beside `message`, because a comment may hold a field called error."""
    if isinstance(body, dict) and isinstance(body.get("error"), int) and isinstance(body.get("message"), str):
        value = body["error"]
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return None
