"""Promised times: of the deadlines that fell in the period, which were met, by team, source, hour and weekday."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.kpis.views import By
from inbox.views import KpiValue
from screens.i18n import N_, _, number
from screens.levels import charts, names, nothing, overview, steps, words
from screens.levels.asking import Asking
from screens.security import md_escape, verbatim
from screens.state import inbox, token

SLA = "sla_met"
BY: Mapping[By, str] = {
    "team": N_("By team"),
    "source": N_("By source"),
    "hour": N_("By hour"),
    "weekday": N_("By weekday"),
}
_OF_TIME = ("hour", "weekday")


def draw(asking: Asking) -> None:
    """Draw it. May raise `InboxError`."""
    overview.alone(asking, SLA)
    by = asking.wish.by
    st.segmented_control(
        _("Split"),
        list(BY),
        default=by,
        required=True,
        format_func=lambda one: _(BY[one]),
        key=steps.key("by"),
        on_change=steps.on_by,
        label_visibility="collapsed",
    )
    found = [(key, kpi) for key, kpi in inbox().figures.split(token(), SLA, asking.asked, by) if kpi.n]
    if not found:
        lead = _("Messages for a team that promises times bring deadlines; what is promised stands on the Teams page.")
        nothing.draw(asking, _("No deadline fell in this period"), lead)
        return
    bars = [charts.Bar(names.of(by, key, asking), kpi.value or 0.0, kpi.n) for key, kpi in found]
    told = ", ".join(f"{one.name} {words.told(one.share, 'share')}" for one in bars)
    charts.draw(
        lambda: charts.bars(bars, across=by in _OF_TIME),
        key=f"levels_promised_{by}",
        name=f"{SLA}-{by}".replace("_", "-"),
        told=f"{_('Promised times met')}, {_(BY[by]).lower()}: {told}.",
    )
    if by in _OF_TIME:
        lead = _("The hour and the day are those at which the deadline fell, on the clock of the workspace.")
        st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
    for place, (key, kpi) in enumerate(found):
        _row(asking, place, by, key, kpi)


def _row(asking: Asking, place: int, by: By, key: str, kpi: KpiValue) -> None:
    name = names.of(by, key, asking)
    with st.container(key=f"promised_{place}", horizontal=True, vertical_alignment="center", gap="small"):
        met = round((kpi.value or 0.0) * kpi.n)
        parts = (
            _("{n} of {total} in time").format(n=number(met), total=number(kpi.n)),
            _("{n} missed").format(n=number(kpi.n - met)),
            *([_("{n} left out").format(n=number(kpi.left_out))] if kpi.left_out else []),
        )
        st.html(
            f'<div class="kb-part-of"><b><bdi>{verbatim(name)}</bdi></b> '
            f"<span>{verbatim(words.told(kpi.value, 'share'))}</span> "
            f'<span class="kb-soft">{verbatim(" · ".join(parts))}</span></div>'
        )
        st.button(
            _("Open {figure}").format(figure=md_escape(name)),
            key=f"promised_open_{place}",
            icon=":material/chevron_right:",
            on_click=steps.on_open,
            args=(SLA, f"{by}.{key}"),
        )
