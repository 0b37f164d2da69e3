"""The backlog over time, from a snapshot every quarter of an hour, and as it stands now."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from inbox.kpis.views import BacklogAt
from screens.i18n import _, number, short_date
from screens.levels import charts, listed, live, overview
from screens.levels.asking import Asking
from screens.levels.charts import Stand
from screens.security import verbatim
from screens.state import inbox, token

MOST_POINTS = 400
"""Moments that are drawn at most; beyond that every so manieth."""


def draw(asking: Asking) -> None:
    """Draw it. May raise `InboxError`."""
    live.draw(asking)
    for one in ("backlog", "oldest_open"):
        overview.alone(asking, one)
    found = inbox().figures.backlog(token(), asking.asked)
    st.html(f'<h2 class="kb-part">{verbatim(_("Open conversations over time"))}</h2>')
    if len(found.snapshots) < 2:
        lead = _("A snapshot is kept every quarter of an hour while the worker runs. There is none of this period yet.")
        st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
    else:
        _over_time(found.snapshots)
    _states(asking, found.live)


def thinned(some: Sequence[BacklogAt], most: int = MOST_POINTS) -> list[BacklogAt]:
    """At most so many of them, evenly, always with the last one."""
    step = -(-len(some) // most)
    return [one for at, one in enumerate(some) if (len(some) - 1 - at) % step == 0]


def _over_time(some: Sequence[BacklogAt]) -> None:
    names = (_("All that is open"), _("Wait for an answer"), _("Over their time"))
    stands = [
        Stand(one.at, name, n)
        for one in thinned(some)
        for name, n in zip(names, (one.n_open, one.unanswered, one.overdue), strict=True)
    ]
    most, least = (choose(some, key=lambda one: one.n_open) for choose in (max, min))
    told = _("Most open: {most} on {most_day}. Fewest: {least} on {least_day}.").format(
        most=number(most.n_open),
        most_day=short_date(most.at),
        least=number(least.n_open),
        least_day=short_date(least.at),
    )
    charts.draw(lambda: charts.stands(stands, names), key="levels_backlog", name="backlog", told=told)
    how = _(
        "Snapshots tell teams apart, but not sources. A snapshot keeps how many there were, not which: what is open "
        "now opens its list, a moment of the past does not."
    )
    st.html(f'<p class="kb-soft">{verbatim(told)} {verbatim(how)}</p>')


def _states(asking: Asking, now: BacklogAt) -> None:
    rows = listed.states(asking, now.by_status)
    if rows:
        st.html(f'<h2 class="kb-part">{verbatim(_("Open now, by state"))}</h2><dl class="kb-reached">{rows}</dl>')
