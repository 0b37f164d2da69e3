"""From an error to its one agreed consequence (docs/collecting.md), pure.

Waiting is per query, so that one refused query stops no other; where the platform's answer holds for the whole
source (its login, its budget, its host), the run ends and every query waits.
"""

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
from pipeline.pace import LONGEST_BACKOFF, backoff

ASK_AGAIN = timedelta(hours=24)
"""A stopped query is asked once a day: people lift refusals on the platform's side without telling us."""

GONE_CONFIRMATIONS = 3
CONFIRM_GONE = timedelta(hours=6)
GONE_AGAIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one error of one query.

    Attributes:
        error_class: the error's name, as kept with the query and the source.
        text: what happened, for people.
        health: ok, waiting, trouble, login, refused or gone.
        not_before: aware UTC; the query is not asked again before.
        failures: errors of this query in a row, this one included.
        ends_run: the other queries of this source are not asked in this run either.
        set_aside: the whole answer goes to quarantine.
        disabled: asking has stopped for good, until someone looks.
    """

    error_class: str
    text: str
    health: str
    not_before: datetime
    failures: int
    ends_run: bool = False
    set_aside: bool = False
    disabled: bool = False


def consequence(  # noqa: PLR0911 - one return per error class reads like the table it is
    error: ConnectorError, *, now: datetime, failures: int = 0, previous: str | None = None, jitter: float = 0.0
) -> Consequence:
    """Decide what follows from an error.

    Args:
        error: what the client or the connector raised.
        now: aware UTC.
        failures: errors of this query in a row before this one.
        previous: error class of the one before; a confirmation counts only behind its like.
        jitter: 0-1, random.
    """
    text = str(error) or type(error).__name__
    again = failures + 1
    match error:
        case RateLimited():
            wait = _later(error.until, now + backoff(again, jitter), now)
            return Consequence("RateLimited", text, "waiting", wait, again, ends_run=error.whole_host)
        case BudgetExhausted():
            wait = _later(error.until, now + ASK_AGAIN, now)
            return Consequence("BudgetExhausted", text, "waiting", wait, again, ends_run=error.whole_source)
        case AuthExpired() | AuthDead():
            return Consequence("AuthDead", text, "login", now + ASK_AGAIN, again, ends_run=True)
        case Forbidden():
            return Consequence("Forbidden", text, "refused", now + ASK_AGAIN, again)
        case BadRequest():
            return Consequence("BadRequest", text, "refused", now + ASK_AGAIN, again, set_aside=True)
        case Gone():
            return _gone(text, now, again if previous == "Gone" else 1)
        case FormatChanged():
            return Consequence("FormatChanged", text, "trouble", now + backoff(again, jitter), again, set_aside=True)
        case Transient():
            wished = min(timedelta(seconds=error.retry_after_s or 0), LONGEST_BACKOFF)
            return Consequence("Transient", text, "trouble", now + max(backoff(again, jitter), wished), again)
        case _:
            return Consequence(type(error).__name__, text, "trouble", now + backoff(again, jitter), again)


def _later(until: datetime | None, fallback: datetime, now: datetime) -> datetime:
    """The platform's instant when it named one that is still to come."""
    return until if until is not None and until > now else fallback


def _gone(text: str, now: datetime, times: int) -> Consequence:
    """One 410 may be a mistake of the platform: it counts when seen three times over half a day."""
    if times < GONE_CONFIRMATIONS:
        return Consequence("Gone", text, "trouble", now + CONFIRM_GONE, times)
    return Consequence("Gone", text, "gone", now + GONE_AGAIN, times, disabled=True)
