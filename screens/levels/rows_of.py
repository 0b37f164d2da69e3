"""The rows behind a figure: every conversation that was counted, missed, left out or still runs, as a link to it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.kpis.views import KpiRow, Part
from inbox.views import KpiValue
from screens import theme_words
from screens.i18n import N_, _, plural
from screens.levels import names, steps, words
from screens.levels.asking import Asking
from screens.security import md_escape, verbatim
from screens.state import inbox, token

PARTS: Mapping[Part, str] = {
    "counted": N_("What counts"),
    "missed": N_("Missed"),
    "left_out": N_("Left out"),
    "open": N_("Still open"),
}
_PAGE = 50


def draw(asking: Asking, kpi: KpiValue) -> None:
    """Draw them. May raise `InboxError`."""
    st.html(f'<h2 class="kb-part">{verbatim(_("Conversations"))}</h2>')
    only = asking.wish.only_of
    offered = [one for one in PARTS if not (one == "missed" and kpi.unit != "share") and not (one == "open" and only)]
    part = asking.wish.part if asking.wish.part in offered else offered[0]
    st.segmented_control(
        _("Which conversations"),
        offered,
        default=part,
        required=True,
        format_func=lambda one: _(PARTS[one]),
        key=steps.key(f"rows_{kpi.id}"),
        on_change=steps.on_part,
        label_visibility="collapsed",
    )
    shown = n_shown()
    if only is not None:
        st.button(
            _("Only {part}: show all").format(part=md_escape(names.of(*only, asking))),
            key="levels_only",
            icon=":material/filter_alt_off:",
            on_click=steps.on_only,
            args=("",),
        )
    found = inbox().figures.rows(token(), kpi.id, asking.asked, part, only=only, limit=shown + 1)
    listed(asking, kpi.id, found[:shown], more=len(found) > shown)


def n_shown() -> int:
    """How many rows are to be listed."""
    return steps.n_rows(_PAGE)


def listed(asking: Asking, kpi_id: str, rows: tuple[KpiRow, ...], *, more: bool) -> None:
    """List rows of a figure, with a button for more of them where there are. May raise `InboxError`."""
    _list(asking, rows, kpi_id)
    if more:
        st.button(_("Show more"), key="levels_more", on_click=steps.on_more, args=(n_shown() + _PAGE,))


def _list(asking: Asking, rows: tuple[KpiRow, ...], kpi_id: str) -> None:
    ids = list(dict.fromkeys(row.conversation_id for row in rows))
    talks = inbox().talks(token(), ids)
    beside: dict[int, str] = {}
    for row in rows:  # one that counted more often is told more often
        said = words.of_row(row, kpi_id)
        beside[row.conversation_id] = "; ".join(one for one in (beside.get(row.conversation_id, ""), said) if one)
    st.html(theme_words.talks(talks, asking.now, beside) or f'<p class="kb-soft">{_("None in this period.")}</p>')
    if len(talks) < len(ids):
        told = plural(
            "{n} conversation is no longer kept; what was counted of it stays.",
            "{n} conversations are no longer kept; what was counted of them stays.",
            len(ids) - len(talks),
        )
        st.html(f'<p class="kb-soft">{verbatim(told)}</p>')
