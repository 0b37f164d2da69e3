"""One figure as HTML: its value, its change, what it rests on, and for a duration both clocks beside each other."""

from __future__ import annotations

from datetime import datetime

from inbox.views import KpiValue
from screens.i18n import _
from screens.levels import words
from screens.security import verbatim


def row(now: KpiValue, before: KpiValue, at: datetime) -> str:
    """A figure as a row of the list, with its name."""
    return f'<div class="kb-kpi">{_what(now, at, "h3")}{_value(now, before)}{_clocks(now)}</div>'


def head(now: KpiValue, before: KpiValue, at: datetime) -> str:
    """A figure over what is told of it."""
    return f'<div class="kb-kpi alone">{_what(now, at, "h2")}{_value(now, before)}{_clocks(now)}</div>'


def _what(now: KpiValue, at: datetime, tag: str) -> str:
    rests = verbatim(words.rests_on(now, at))
    return f'<div class="what"><{tag}>{verbatim(words.name(now.id))}</{tag}><span class="kb-soft">{rests}</span></div>'


def _value(now: KpiValue, before: KpiValue) -> str:
    median = f" <small>{verbatim(_('median'))}</small>" if now.unit == "seconds" and now.p90 is not None else ""
    told, tone = words.change(now, before)
    moved = f'<span class="kb-move {tone}">{verbatim(told)}</span>' if told else ""
    return f'<div class="value"><b>{verbatim(words.told(now.value, now.unit))}</b>{median}{moved}</div>'


def _clocks(now: KpiValue) -> str:
    """Median, mean and P90 by the clock on the wall and in business time; empty for what is no duration."""
    if now.unit != "seconds" or now.p90 is None:
        return ""
    head_row = "".join(f'<th scope="col">{verbatim(one)}</th>' for one in (_("median"), _("mean"), _("P90")))
    lines = [_line(_("wall clock"), now.value, now.mean, now.p90)]
    if now.business_p90 is not None:
        lines.append(_line(_("business time"), now.business_value, now.business_mean, now.business_p90))
    return (
        f'<table class="kb-clocks"><thead><tr><td></td>{head_row}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )


def _line(name: str, *values: float | None) -> str:
    cells = "".join(f"<td>{verbatim(words.told(one, 'seconds'))}</td>" for one in values)
    return f'<tr><th scope="row">{verbatim(name)}</th>{cells}</tr>'
