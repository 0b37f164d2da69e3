"""One figure opened: its value, how it went over time, its formula and calendar, and every row behind it."""

from __future__ import annotations

import streamlit as st

from inbox.kpis.views import By
from screens.i18n import _
from screens.levels import calendars, charts, figure, names, rows_of, steps, words
from screens.levels.asking import Asking
from screens.security import md_escape, verbatim
from screens.state import inbox, token

_MOST_DAYS = 45
"""Days that are drawn one by one; a longer period is drawn by week."""
_FEWEST_DAYS = 3
_WHOLE = frozenset({"load"})
"""Figures of a whole period only."""


def draw(asking: Asking) -> None:
    """Draw it. May raise `InboxError`."""
    st.button(
        _("All figures"),
        key="figure_back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=steps.on_open,
        args=("",),
    )
    kpi_id = asking.wish.figure
    if asking.asked.user_id is not None:
        name = asking.people.get(asking.asked.user_id) or _("Somebody who left")
        st.button(
            _("Only {part}: show all").format(part=md_escape(name)),
            key="levels_everybody",
            icon=":material/filter_alt_off:",
            on_click=steps.on_everybody,
        )
    now, before = (inbox().figures.value(token(), kpi_id, asked) for asked in (asking.asked, asking.before))
    st.html(figure.head(now, before, asking.now))
    with st.expander(_("How it is counted, and by which calendar"), key="figure_formula"):
        formula = f"<p>{verbatim(words.formula(kpi_id))}</p>"
        st.html(f'<div class="kb-formula">{formula}{calendars.told(asking)}</div>')
    _over_time(asking, now.unit)
    rows_of.draw(asking, now)


def _over_time(asking: Asking, unit: str) -> None:
    kpi_id = asking.wish.figure
    if asking.period.n_days < _FEWEST_DAYS or kpi_id in _WHOLE:
        return
    by: By = "day" if asking.period.n_days <= _MOST_DAYS else "week"
    found = inbox().figures.split(token(), kpi_id, asking.asked, by)
    points = [
        charts.Point(first, names.of(by, key, asking), kpi.value, kpi.n)
        for key, kpi in found
        if kpi.value is not None and (first := names.begins(by, key)) is not None
    ]
    if len(points) < _FEWEST_DAYS:
        return
    name = words.name(kpi_id)
    heading = _("{figure} by day") if by == "day" else _("{figure} by week")
    st.html(f'<h2 class="kb-part">{verbatim(heading.format(figure=name))}</h2>')
    best, worst = (choose(points, key=lambda one: one.value) for choose in (min, max))
    told = _("{figure}: lowest {low} ({low_day}), highest {high} ({high_day}).").format(
        figure=name,
        low=words.told(best.value, unit),
        low_day=best.name,
        high=words.told(worst.value, unit),
        high_day=worst.name,
    )
    charts.draw(lambda: charts.over_time(points, unit), key="figure_time", name=kpi_id.replace("_", "-"), told=told)
