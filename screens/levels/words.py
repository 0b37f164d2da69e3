"""The words of service levels: figures in groups, lengths of time, shares, changes, why something is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from babel.numbers import format_decimal

from inbox.kpis.catalogue import KPIS
from inbox.kpis.views import KpiRow
from inbox.views import KpiValue
from screens.i18n import N_, NONE, _, current, number, percent, plural

GROUPS: Sequence[tuple[str, Sequence[str]]] = (
    (N_("Promised times"), ("sla_met", "sla_response_met", "sla_resolution_met", "promises_kept")),
    (N_("How fast"), ("first_response_time", "next_response_time", "resolution_time", "waiting_time", "handle_time")),
    (N_("Answers"), ("answer_rate_24h", "answer_rate_7d", "reopen_rate", "proactive_share", "sentiment_shift")),
    (N_("What came in"), ("inflow", "inflow_first_seen", "relevance_rate", "load")),
    (N_("What lies there"), ("backlog", "oldest_open")),
)
"""Every figure, in the order of the page."""
DEFINITIONS: Mapping[str, str] = {kpi.id: kpi.definition for kpi in KPIS}
NAMES: Mapping[str, str] = {kpi.id: kpi.name for kpi in KPIS}
UNITS: Mapping[str, str] = {kpi.id: kpi.unit for kpi in KPIS}
_LESS = frozenset(
    {
        "first_response_time",
        "next_response_time",
        "resolution_time",
        "waiting_time",
        "reopen_rate",
        "backlog",
        "oldest_open",
    }
)
_MORE = frozenset(
    {
        "sla_met",
        "sla_response_met",
        "sla_resolution_met",
        "promises_kept",
        "answer_rate_24h",
        "answer_rate_7d",
        "sentiment_shift",
    }
)
_OF_DEADLINES = frozenset({"sla_met", "sla_response_met", "sla_resolution_met", "promises_kept"})
_LEFT_OUT: Mapping[str, str] = {
    "no_answer_needed": N_("no answer needed"),
    "by_rule": N_("by a rule or the clock"),
    "before_message": N_("dated before the message"),
    "unanswered": N_("resolved without an answer"),
    "withdrawn": N_("resolved before the deadline fell"),
    "untold": N_("tone unsure or unknown"),
}


def lasting(seconds: float) -> str:
    """A length of time in its two largest units: `2 h 14 min`, `3 d 4 h`, `40 s`."""
    whole = round(seconds)
    if whole < 60:
        return _("{s} s").format(s=number(whole))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("{m} min").format(m=number(minutes))
    if minutes < 24 * 60:
        return _two(*divmod(minutes, 60), _("{n} h"), _("{n} min"))
    return _two(*divmod(round(seconds / 3600), 24), _("{n} d"), _("{n} h"))


def _two(large: int, small: int, large_form: str, small_form: str) -> str:
    told = large_form.format(n=number(large))
    return f"{told} {small_form.format(n=number(small))}" if small else told


def since(instant: datetime | None, now: datetime) -> str:
    """How long ago something was; a dash for nothing."""
    return NONE if instant is None else lasting(max(0.0, (now - instant).total_seconds()))


def told(value: float | None, unit: str) -> str:
    """A value in its unit; a dash where there is none."""
    if value is None:
        return NONE
    if unit == "seconds":
        return lasting(value)
    if unit == "share":
        return f"{_decimal(value * 100)}%"
    if unit == "points":
        return f"{'+' if value > 0 else ''}{number(round(value, 2))}"
    return _decimal(value)


def _decimal(value: float) -> str:
    return str(format_decimal(round(value, 1), locale=current().locale))


def name(kpi_id: str) -> str:
    """Name of a figure."""
    return _(NAMES[kpi_id])


def formula(kpi_id: str) -> str:
    """How a figure is counted, what is left out, and what still runs."""
    return _(DEFINITIONS[kpi_id])


def change(now: KpiValue, before: KpiValue) -> tuple[str, str]:
    """How a figure changed against the period before, in words, and whether that is `good`, `bad` or neither (``)."""
    if now.value is None:
        return "", ""
    if before.value is None:
        return _("nothing to compare with"), ""
    was = _("was {value}, n {n}").format(value=told(before.value, now.unit), n=number(before.n))
    moved = now.value - before.value
    size = _size(now, before.value)
    if size is None:
        return _("as before ({was})").format(was=was), ""
    better = now.id in _MORE if moved > 0 else now.id in _LESS
    worse = now.id in _LESS if moved > 0 else now.id in _MORE
    return f"{'▲' if moved > 0 else '▼'} {size} ({was})", "good" if better else "bad" if worse else ""


def _size(now: KpiValue, before: float) -> str | None:
    """How much a figure moved; None for not so much that it could be told."""
    moved = abs((now.value or 0.0) - before)
    if now.unit == "share":
        return _("{n} points").format(n=_decimal(moved * 100)) if round(moved * 100, 1) else None
    if now.unit == "seconds":
        return lasting(moved) if round(moved) else None
    if now.unit == "points":
        return number(round(moved, 2)) if round(moved, 2) else None
    if not moved:
        return None
    return percent(moved / before) if before else _decimal(moved)


def rests_on(kpi: KpiValue, now: datetime) -> str:
    """On how many cases a figure rests, how many are left out, and what still runs."""
    parts = [_("n {n}").format(n=number(kpi.n))]
    if kpi.left_out:
        parts.append(_("{n} left out").format(n=number(kpi.left_out)))
    if kpi.n_open:
        still = plural("{n} still open", "{n} still open", kpi.n_open)
        if kpi.oldest_open_at is not None:
            still = _("{still}, oldest {age}").format(still=still, age=since(kpi.oldest_open_at, now))
        parts.append(still)
    return " · ".join(parts)


def of_row(row: KpiRow, kpi_id: str) -> str:
    """What a conversation counts for in a figure, in a few words."""
    unit = UNITS[kpi_id]
    if row.left_out is not None:
        return _(_LEFT_OUT[row.left_out]) if row.left_out in _LEFT_OUT else row.left_out
    if row.value is None:
        return ""
    if unit == "share":
        yes, no = (_("in time"), _("missed")) if kpi_id in _OF_DEADLINES else (_("yes"), _("no"))
        return yes if row.value else no
    if row.business_value is None:
        return told(row.value, unit)
    return _("{wall}, in business time {business}").format(
        wall=told(row.value, unit), business=told(row.business_value, unit)
    )
