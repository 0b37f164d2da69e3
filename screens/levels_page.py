"""The Service levels page: how fast and how well people are answered, for who leads.

Everything that is shown stands in the address. Names of teams, sources and people are words of people: labels get
`md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from inbox.errors import InboxError, NotAllowed
from inbox.periods import Period
from inbox.permissions import Permission
from inbox.views import Choices
from screens import components, page_step, period_choice, sidebar, threads, words
from screens.i18n import N_, _
from screens.levels import agents, answers, backlog, load, opened, overview, promised, steps
from screens.levels.asking import Asking
from screens.levels.wish import Wish
from screens.state import choices, reads_together

SECTIONS: Mapping[str, tuple[str, Callable[[Asking], None]]] = {
    "overview": (N_("All figures"), overview.draw),
    "answers": (N_("First answers"), answers.draw),
    "promised": (N_("Promised times"), promised.draw),
    "backlog": (N_("Backlog"), backlog.draw),
    "load": (N_("Load"), load.draw),
    "people": (N_("Per person"), agents.draw),
}


def draw() -> None:
    """Draw the page."""
    with st.container(key="levelspage"):
        _levels()
    with st.container(key="unseen"):
        components.mount("charts", {})


@st.fragment(key=steps.FRAGMENT)
@reads_together
def _levels() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    if not user.may(Permission.FIGURES):
        page_step.heading(_("Service levels"))
        st.html(threads.notice("error", words.error(NotAllowed(Permission.FIGURES, user.role))))
        return
    wish = steps.wanted()
    try:
        offered = choices()
        period = _chosen(wish, offered)
        if period is not None:
            _whole(Asking.of(wish, period, offered))
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))


def _chosen(wish: Wish, offered: Choices) -> Period | None:
    """The head of the page with its fields; the period, or None after it was said why there is none."""
    problem, period = None, None
    try:
        period = wish.period.period(steps.today())
    except InboxError as found:
        problem = found
    page_step.heading(_("Service levels"), period_choice.told(period) if period else "")
    with st.container(key="levels_choose", horizontal=True, gap="small", vertical_alignment="bottom"):
        period_choice.draw(wish.period, key=steps.key("period"), on_change=steps.on_period)
        teams = {one.value: one.label for one in offered.teams}
        sources = {one.value: one.label for one in offered.sources}
        _several("team", _("Teams"), _("All teams"), teams, wish.teams)
        _several("source", _("Sources"), _("All sources"), sources, wish.sources)
    if problem is not None:
        st.html(threads.notice("warning", words.error(problem)))
    return period


def _several(name: str, label: str, every: str, offered: Mapping[str, str], now: tuple[str, ...]) -> None:
    if len(offered) < 2 and not now:
        return
    names = {**{one: one for one in now}, **offered}
    st.multiselect(
        label,
        list(names),
        default=list(now),
        format_func=lambda one: names.get(one, one),
        placeholder=every,
        key=steps.key(name),
        on_change=steps.on_filter,
        label_visibility="collapsed",
        width=240,
    )


def _whole(asking: Asking) -> None:
    if asking.wish.figure:
        opened.draw(asking)
        return
    st.segmented_control(
        _("Part of the page"),
        list(SECTIONS),
        default=asking.wish.section,
        required=True,
        format_func=lambda one: _(SECTIONS[one][0]),
        key=steps.key("section"),
        on_change=steps.on_section,
        label_visibility="collapsed",
    )
    SECTIONS[asking.wish.section][1](asking)
