"""All figures in groups, each with its change and what it rests on, and a button that opens its rows and formula."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.kpis.views import Asked
from inbox.views import KpiValue
from screens.i18n import _
from screens.levels import figure, live, steps, words
from screens.levels.asking import Asking
from screens.levels.words import GROUPS
from screens.security import verbatim
from screens.state import inbox, token

_OF_ALL_TEAMS = frozenset({"inflow", "inflow_first_seen", "load"})


def draw(asking: Asking) -> None:
    """Draw them. May raise `InboxError`."""
    live.draw(asking)
    now, before = _by_id(asking.asked), _by_id(asking.before)
    if not any(kpi.n or kpi.left_out for kpi in now.values() if not (asking.wish.teams and kpi.id in _OF_ALL_TEAMS)):
        _nothing(asking)
        return
    for heading, ids in GROUPS:
        st.html(f'<h2 class="kb-part">{verbatim(_(heading))}</h2>')
        for one in ids:
            _row(asking, now[one], before[one])


def alone(asking: Asking, kpi_id: str) -> None:
    """One figure over a part of the page that tells more of it. May raise `InboxError`."""
    now, before = (inbox().figures.value(token(), kpi_id, asked) for asked in (asking.asked, asking.before))
    _row(asking, now, before)


def _by_id(asked: Asked) -> Mapping[str, KpiValue]:
    """All figures by their id."""
    return {kpi.id: kpi for kpi in inbox().figures.values(token(), asked)}


def _row(asking: Asking, now: KpiValue, before: KpiValue) -> None:
    with st.container(key=f"kpi_{now.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(figure.row(now, before, asking.now))
        st.button(
            _("Open {figure}").format(figure=words.name(now.id)),
            key=f"kpi_open_{now.id}",
            icon=":material/chevron_right:",
            on_click=steps.on_open,
            args=(now.id,),
        )


def _nothing(asking: Asking) -> None:
    if asking.wish.teams or asking.wish.sources:
        lead = _(
            "Nothing happened in this period for these teams and sources. Choose a longer period or fewer filters."
        )
    else:
        lead = _("Figures appear by themselves as soon as messages come in and are answered in this period.")
    st.html(f'<div class="kb-empty"><h2>{_("No figures yet")}</h2><p>{verbatim(lead)}</p></div>')
