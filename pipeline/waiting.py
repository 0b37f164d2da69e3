"""Which queries of a source wait, for what, and until when. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.report import QueryReport
from pipeline.troubles import GONE_CONFIRMATIONS, Consequence
from store.sources import QueryStateRecord

STOPPED = frozenset({"AuthDead", "Forbidden", "BadRequest", "Gone", "BudgetExhausted"})
"""Error classes that a person can end (a limit may have been raised); a freshly started worker asks once at once."""


def waits(state: QueryStateRecord, now: datetime, *, fresh: bool) -> bool:
    """Whether a query is not to be asked yet.

    Args:
        state: what is remembered of it.
        now: aware UTC.
        fresh: the worker has just started or a person asks: what waits for a person is tried once.
    """
    if state.not_before is None or state.not_before <= now:
        return False
    return not (fresh and state.error_class in STOPPED)


def recalled(state: QueryStateRecord) -> Consequence:
    """The trouble a waiting query is remembered to be in."""
    name = state.error_class or "Transient"
    again = state.not_before or datetime.min.replace(tzinfo=UTC)
    disabled = name == "Gone" and state.failures >= GONE_CONFIRMATIONS
    healths = {"RateLimited": "waiting", "BudgetExhausted": "waiting", "AuthDead": "login"}
    healths |= {"Forbidden": "refused", "BadRequest": "refused", "Gone": "gone" if disabled else "trouble"}
    text = state.error_text or ""
    return Consequence(name, text, healths.get(name, "trouble"), again, state.failures, disabled=disabled)


def earliest(done: Sequence[QueryReport], waiting: Sequence[QueryStateRecord]) -> datetime | None:
    """Before when no query of a source may be asked; None when one of them may be asked at any time."""
    for report in done:
        if report.trouble is not None and report.trouble.ends_run:
            return report.trouble.not_before
    instants = [None if report.trouble is None else report.trouble.not_before for report in done]
    instants += [state.not_before for state in waiting]
    if not instants or None in instants:
        return None
    return min(instant for instant in instants if instant is not None)
