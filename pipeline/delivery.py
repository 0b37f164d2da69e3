"""What follows from an error of a write, pure. The question is always: may it stand on the platform now?

A write is repeated only when it certainly did not happen, or when the platform was looked at. An answer that cannot be
read, a time-out and a 5xx are no certainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    ConnectorError,
    Forbidden,
    Gone,
    RateLimited,
    Transient,
)
from connectors.items import Item
from pipeline.http.redact import redact_text
from store.outbox import Came, Outcome
from store.records import PageCommit

KEY_MARGIN = timedelta(minutes=10)
MOST_ITEMS = 150
MOST_READS = 5
"""Times a question is asked that the platform does not answer."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5, 600
_LONG = timedelta(hours=1)
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pauses:
    """Times between looks at the platform.

    Attributes:
        soon: until the first look, where the platform keeps keys.
        calm: until the first look elsewhere: the platform may still be at work on our call.
        second: until the look that must say the same before a write is repeated.
        blind: until the next look when looking failed.
    """

    soon: timedelta = timedelta(seconds=3)
    calm: timedelta = timedelta(seconds=30)
    second: timedelta = timedelta(seconds=90)
    blind: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Tried:
    """How far a row has come: tries so far (this one included), since when, and how long the platform keeps keys."""

    now: datetime
    attempts: int
    first_at: datetime
    keeps: timedelta | None = None
    pauses: Pauses = Pauses()

    @property
    def key_is_kept(self) -> bool:
        """Whether a repeat with the same key is surely taken for the same wish."""
        return self.keeps is not None and self.now - self.first_at < self.keeps - KEY_MARGIN


def of_error(error: ConnectorError, tried: Tried) -> Outcome:
    """What came of a write whose call failed."""
    now, name, text = tried.now, type(error).__name__, str(error) or type(error).__name__
    match error:
        case RateLimited():
            return Outcome(Came.LATER, now, name, text, again_at=_later(error.until, now + _wait(tried), now))
        case BudgetExhausted():
            return Outcome(Came.LATER, now, name, text, again_at=_later(error.until, now + _LONG, now))
        case Transient(arrived=False):
            wished = timedelta(seconds=min(error.retry_after_s or 0, _LONGEST_WAIT_S))
            return Outcome(Came.LATER, now, name, text, again_at=now + max(_wait(tried), wished))
        case BadRequest() if tried.attempts > 1:
            # "You posted that already" is an error too: it may be the earlier try that got through.
            return unclear(text, tried, name=name)
        case AuthDead() | AuthExpired() | Forbidden() | BadRequest() | Gone():
            return Outcome(Came.REFUSED, now, name, text)
        case _:
            return unclear(text, tried, name=name)


def unread(error: ConnectorError, tried: Tried) -> Outcome:
    """What came of a question whose call failed: asked again for a while, because asking twice does no harm."""
    came = of_error(error, tried)
    if came.came is Came.REFUSED or came.error_class in {"RateLimited", "BudgetExhausted"}:
        return came
    if tried.attempts >= MOST_READS:
        return replace(came, came=Came.REFUSED)
    return replace(came, came=Came.LATER, again_at=tried.now + _wait(tried))


def unclear(text: str, tried: Tried, *, name: str = "Transient") -> Outcome:
    """It may have happened: look, after a pause in which the platform can finish what it began."""
    pause = tried.pauses.calm if tried.keeps is None else tried.pauses.soon
    return Outcome(Came.UNKNOWN, tried.now, name, text, again_at=tried.now + pause)


def unseen(text: str, tried: Tried) -> Outcome:
    """The platform could not be looked at."""
    return Outcome(Came.UNSEEN, tried.now, "Unseen", text, again_at=tried.now + tried.pauses.blind)


def missing(tried: Tried, page: PageCommit | None = None) -> Outcome:
    """A look did not show it: to be repeated at once where the platform keeps keys, else after another look."""
    again_at = tried.now + tried.pauses.second
    return Outcome(Came.MISSING, tried.now, page=page, final=tried.key_is_kept, again_at=again_at)


def worth_keeping(items: Sequence[Item]) -> tuple[Item, ...]:
    """Of an answer or a long thread what is stored: our own posts before all, then the newest; in their order."""
    if len(items) <= MOST_ITEMS:
        return tuple(items)
    worth = sorted(range(len(items)), key=lambda at: (items[at].is_own, items[at].published_at or _BEFORE_ALL))
    return tuple(items[at] for at in sorted(worth[-MOST_ITEMS:]))


def redacted(outcome: Outcome, secrets: Sequence[str]) -> Outcome:
    """Without a secret in its sentence."""
    return outcome if outcome.text is None else replace(outcome, text=redact_text(outcome.text, secrets))


def _wait(tried: Tried) -> timedelta:
    return timedelta(seconds=min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(tried.attempts - 1, 10)))


def _later(until: datetime | None, fallback: datetime, now: datetime) -> datetime:
    """The platform's instant when it named one that is still to come."""
    return until if until is not None and until > now else fallback
