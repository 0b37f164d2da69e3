"""What follows from a fetch of a picture that brought none: try again, or give it up for a reason. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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
from connectors.requests import HttpResponse
from pipeline.http.body import TooLarge
from pipeline.http.limits import read_retry_after
from store.pictures import Left

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
)
"""Before the second try, the third, and so on; after the last of them it is given up."""
MISSING_PAUSE = timedelta(minutes=10)
"""A picture that is not there may only just have been posted: it is asked for once more."""
PATIENCE = timedelta(days=2)
"""Longer than this after it was found, nobody waits for a host's pause or a budget any more."""
_WAIT = timedelta(minutes=15)
_MISSING = frozenset({401, 403, 404})
_PASSING = frozenset({408, 425, 429})

_FINAL: tuple[tuple[type[ConnectorError], Left], ...] = (
    (Gone, Left.GONE),
    (Forbidden, Left.ADDRESS),
    (BadRequest, Left.ADDRESS),
    (TooLarge, Left.LARGE),
    (FormatChanged, Left.UNREADABLE),
)
"""What asking again does not change; the first that fits."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How far a picture has come.

    Attributes:
        now, found_at: aware UTC.
        tries: failed ones so far, without this one.
        chance: a random number 0-1, for jitter.
    """

    now: datetime
    found_at: datetime
    tries: int
    chance: float


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at an instant (aware UTC), with so many tries on the account."""

    at: datetime
    tries: int


def of_error(error: ConnectorError, tried: Tried) -> Again | Left:
    """What follows from an error on the way to a picture."""
    if isinstance(error, RateLimited | BudgetExhausted):
        at = max(error.until or tried.now + _WAIT, tried.now + timedelta(seconds=1))
        return Again(at, tried.tries) if at - tried.found_at <= PATIENCE else Left.UNREACHABLE
    final = next((reason for kind, reason in _FINAL if isinstance(error, kind)), None)
    if final is not None:
        return final
    if isinstance(error, AuthExpired | AuthDead):
        return _paused(tried, Left.LOGIN)
    asked = error.retry_after_s if isinstance(error, Transient) else None
    return _paused(tried, Left.UNREACHABLE, timedelta(seconds=asked or 0))


def of_answer(response: HttpResponse, tried: Tried) -> Again | Left | None:
    """What follows from an answer's status; None when it should hold the picture.

    A signature that ran out is refused like a picture that was removed, and is worth as much: nothing.
    """
    status = response.status
    if 200 <= status < 300:
        return None if response.body else Left.UNREADABLE
    if status in _MISSING:
        return Again(tried.now + MISSING_PAUSE, tried.tries + 1) if tried.tries == 0 else Left.GONE
    if status == 410:
        return Left.GONE
    if status in _PASSING or status >= 500:
        until = read_retry_after(response.headers.get("retry-after", ""), tried.now)
        return _paused(tried, Left.UNREACHABLE, timedelta() if until is None else until - tried.now)
    return Left.REFUSED


def _paused(tried: Tried, reason: Left, asked: timedelta = timedelta()) -> Again | Left:
    if tried.tries >= len(PAUSES):
        return reason
    pause = PAUSES[tried.tries] * (0.75 + tried.chance / 2)
    return Again(tried.now + max(pause, asked), tried.tries + 1)
