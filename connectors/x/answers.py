"""What an answer of X means: its body, or the agreed error.

X names errors by a `type` URI whose host changed (twitter.com, x.com): only what follows `/problems/` counts. Some come
with 200, some as a web page, some with a status that says less than the body. An answer with an error holds no items,
so it costs nothing; only of a write that may have happened we cannot know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    ConnectorError,
    Forbidden,
    FormatChanged,
    RateLimited,
    Transient,
)
from connectors.fields import items_of, text_of
from connectors.http_status import json_body, object_in, raise_for_status, retry_at
from connectors.instants import parse_iso
from connectors.items import Json
from connectors.requests import HttpResponse

PLATFORM = "X"
Object = dict[str, Json]
_CONSOLE = "the developer console of X"


def body_of(response: HttpResponse, *, renewable: bool = False) -> Object:
    """Return the body of an answer that is no error.

    Partial errors beside data are left to the caller (`problems_of`).

    Args:
        response: the answer.
        renewable: True when the login that was used can be renewed without a person.

    Raises:
        ConnectorError: by the problem's type and the status.
    """
    if response.status >= 400:
        _refuse(response, renewable=renewable)
    raise_for_status(response, platform=PLATFORM)
    body = json_body(response, platform=PLATFORM)
    if not isinstance(body, dict):
        msg = f"{PLATFORM} answered with something else than was asked for"
        raise FormatChanged(msg)
    if "data" not in body and "meta" not in body and not problems_of(body):
        title = text_of(body, "title")
        if title is not None:  # a problem in an answer that claims success
            _raise_problem(body, response, renewable=renewable)
        msg = f"{PLATFORM} answered without data"
        raise FormatChanged(msg)
    return body


def problems_of(body: Object) -> list[Object]:
    """The errors about single items that stand beside the data."""
    return [each for each in items_of(body, "errors") if isinstance(each, dict)]


def kind_of(problem: Object) -> str:
    """The last part of a problem's type, such as `resource-not-found`; "" when it has none."""
    name = text_of(problem, "type") or ""
    return name.rsplit("/problems/", 1)[1] if "/problems/" in name else ""


def refuse_whole(body: Object) -> NoReturn:
    """Raise for an answer that claims success and holds only errors, such as a list of an account that is not there.

    Raises:
        Forbidden, BadRequest: by the first error's type.
    """
    first = next(iter(problems_of(body)), {})
    said = _said(first)
    if kind_of(first) == "not-authorized-for-resource":
        msg = f"{PLATFORM} does not show this to us{said}"
        raise Forbidden(msg)
    msg = f"{PLATFORM} has nothing to show for our question{said}"
    raise BadRequest(msg)


def refuse_stream(problem: Object, now: datetime) -> NoReturn:
    """Raise for a stream that X does not open, or ended by a line of its own.

    Raises:
        BudgetExhausted: by the problem's type.
        Transient: anything else; X asks to come back.
    """
    kind, title = kind_of(problem), text_of(problem, "title") or ""
    if kind == "credits" or title in {"CreditsDepleted", "SpendCapReached"}:
        _out_of_money(problem, title, now)
    if kind == "usage-capped" or title == "UsageCapExceeded":
        msg = f"{PLATFORM} says that the cap of this app is used up{_said(problem)}"
        raise BudgetExhausted(msg, until=_next_period(text_of(problem, "period"), now))
    why = text_of(problem, "connection_issue") or text_of(problem, "disconnect_type") or title
    if why == "TooManyConnections":
        msg = f"{PLATFORM} allows an app one stream, and another program or source holds it: end that one"
        raise Transient(msg, retry_after_s=60)
    msg = f"{PLATFORM} ended its stream{f' ({why})' if why else ''}{_said(problem)}"
    raise Transient(msg)


def _refuse(response: HttpResponse, *, renewable: bool) -> NoReturn:
    body = object_in(response) or None
    try:
        if body is not None:
            _raise_problem(body, response, renewable=renewable)
        raise_for_status(response, platform=PLATFORM, refreshable=renewable)
    except ConnectorError as error:
        if response.request.method == "GET" or response.status < 500:
            error.spent = {}
        raise
    raise AssertionError  # a status of 400 and above always raises


def _raise_problem(body: Object, response: HttpResponse, *, renewable: bool) -> None:
    """Raise by the body; return when it says nothing that the status does not say better."""
    kind, title, now = kind_of(body), text_of(body, "title") or "", response.received_at
    said = _said(body)
    if kind == "streaming-connection" or (response.status == 409 and response.request.method == "GET"):
        refuse_stream(body, now)
    if kind == "credits" or response.status == 402 or title in {"CreditsDepleted", "SpendCapReached"}:
        _out_of_money(body, title, now)
    if kind == "usage-capped" or title == "UsageCapExceeded":
        msg = f"{PLATFORM} says that the cap of this app is used up{said}"
        raise BudgetExhausted(msg, until=_next_period(text_of(body, "period"), now))
    if response.status == 429:
        msg = f"{PLATFORM} asks us to wait (429)"
        raise RateLimited(msg, until=retry_at(response), whole_host=False)
    if response.status == 401:
        if renewable:
            msg = f"{PLATFORM} says that the login ran out"
            raise AuthExpired(msg)
        msg = f"{PLATFORM} does not accept our login: run `klankbord connect x`, or renew the bearer token"
        raise AuthDead(msg)
    if response.status >= 500:
        return
    _raise_refusal(kind, title, said, response.status)


def _raise_refusal(kind: str, title: str, said: str, status: int) -> NoReturn:
    low = said.casefold()
    # A post of somebody who is suspended is refused too; only what is said of our own account or app ends the login.
    if re.search(r"(?:your|this) (?:account|app\w*)\b.{0,40}\bsuspended|temporarily locked", low):
        msg = f"{PLATFORM} has blocked the account or the app{said}; a person has to look there"
        raise AuthDead(msg)
    if kind in {"client-forbidden", "client-not-enrolled"}:
        msg = f"{PLATFORM} does not let this app do that{said}; enrol the app in {_CONSOLE}"
        raise Forbidden(msg)
    if kind == "unsupported-authentication":
        msg = f"{PLATFORM} wants the login of our account for this, not an app-only token: run `klankbord connect x`"
        raise Forbidden(msg)
    if "duplicate content" in low:
        msg = f"{PLATFORM} refuses the same words twice: our account posted this text already; change it a little"
        raise BadRequest(msg)
    if "not been mentioned or otherwise engaged" in low:
        msg = f"{PLATFORM} lets an app answer only people who name or quote our account: answer there by hand"
        raise Forbidden(msg)
    if status == 403:
        msg = f"{PLATFORM} refuses this{said}; check the rights of the login with `klankbord connect x`"
        raise Forbidden(msg)
    msg = f"{PLATFORM} refuses our question{said or f': {title}'}"
    raise BadRequest(msg)


def _out_of_money(body: Object, title: str, now: datetime) -> NoReturn:
    reset = text_of(body, "reset_date")
    if title == "SpendCapReached" or reset is not None:
        until = _date(reset) or _next_period("Monthly", now)
        msg = f"the spending limit of our app at {PLATFORM} is reached; raise it in {_CONSOLE}"
        raise BudgetExhausted(msg, until=until)
    msg = f"our account at {PLATFORM} has no credits left; buy some in {_CONSOLE}, or turn on automatic top-up"
    raise BudgetExhausted(msg)


def _date(value: str | None) -> datetime | None:
    try:
        return None if value is None else parse_iso(value)
    except ValueError:
        return None


def _next_period(period: str | None, now: datetime) -> datetime:
    """Caps of a day end at midnight UTC, those of a month on the first."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if (period or "").casefold().startswith(("dai", "day")):
        return midnight + timedelta(days=1)
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


def _said(body: Object) -> str:
    """X's own words, short."""
    words = text_of(body, "detail") or text_of(body, "error_description") or text_of(body, "title")
    first: Sequence[Object] = problems_of(body)[:1]
    more = text_of(first[0], "message") or text_of(first[0], "detail") if first else None
    joined = " ".join((more or words or "").split())
    return f": {joined[:200]}" if joined else ""


def end_is_too_recent(response: HttpResponse) -> bool:
    """Whether X refused a question because its end lies less than ten seconds back."""
    body = object_in(response) if response.status == 400 else {}
    return any("end_time" in (text_of(each, "message") or "") for each in problems_of(body))
