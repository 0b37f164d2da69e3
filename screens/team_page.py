"""The Team page, for those who lead: who is here, how much they have and are planned for, inflow against people."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.availability.views import PersonAtWork, TeamNow
from inbox.errors import InboxError
from inbox.service import Inbox
from screens import load_table, page_step, sidebar, threads, words
from screens.i18n import N_, _, moment, number, plural
from screens.security import md_escape, verbatim
from screens.state import inbox, token, utc_now

_STATES: Mapping[str, tuple[str, str]] = {
    "available": (N_("available"), "green"),
    "away": (N_("away"), "red"),
    "off": (N_("outside planned hours"), ""),
}


def draw() -> None:
    """Draw the page."""
    with st.container(key="teampage"):
        _team()


@st.fragment(key="team", run_every=30)
def _team() -> None:
    user = page_step.entered()
    if user is None:
        return
    try:
        people = inbox().availability.people(token())
        teams = inbox().availability.teams(token())
        load = inbox().availability.load(token())
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    here = sum(one.here for one in people)
    page_step.heading(_("Team"), plural("{n} person here now", "{n} people here now", here))
    page_step.told()
    st.html(f'<div class="kb-tiles">{"".join(_tile(one) for one in teams)}</div>')
    for one in people:
        _person(one)
    st.html(load_table.html(load))


def _tile(one: TeamNow) -> str:
    name = verbatim(one.name) if one.id is not None else verbatim(_("Without a team"))
    state = _("open now") if one.open_now else _("closed now")
    facts = (
        (_("Waiting"), number(one.waiting)),
        (_("On desks"), number(one.n_open)),
        (_("Available"), f"{number(one.n_available)} / {number(one.n_people)}"),
        (_("Places left"), _("no limit") if one.free is None else number(one.free)),
    )
    rows = "".join(f"<div><dt>{verbatim(label)}</dt><dd>{verbatim(value)}</dd></div>" for label, value in facts)
    short = " warn" if one.waiting and not one.n_available else ""
    return (
        f'<section class="kb-tile{short}"><h2><bdi>{name}</bdi> <span class="kb-soft">{verbatim(state)}</span></h2>'
        f"<dl>{rows}</dl></section>"
    )


def _person(one: PersonAtWork) -> None:
    with st.container(key=f"work_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_facts(one))
        with st.popover(_("Plan"), icon=":material/calendar_month:", key=f"plan_menu_{one.id}"):
            _plan(one)
        away = one.state == "away"
        st.button(
            _("Back") if away else _("Away"),
            key=f"away_{one.id}_{away}",
            on_click=_on_away,
            args=(one.id, not away),
        )


def _facts(one: PersonAtWork) -> str:
    text, tone = _STATES[one.state]
    state = _(text)
    if one.away_until is not None:
        state = _("away until {time}").format(time=moment(one.away_until, utc_now()))
    limit = f"{number(one.n_open)} / {number(one.most_open)}" if one.most_open is not None else number(one.n_open)
    share = min(1.0, one.n_open / one.most_open) if one.most_open else min(1.0, one.n_open / 20)
    skills = "".join(f'<span class="kb-badge">{verbatim(skill)}</span>' for skill in one.skills)
    soft = " · ".join(part for part in (one.team_id or "", words.role(one.role), one.hours or "") if part)
    here = f'<i class="kb-here" role="img" aria-label="{verbatim(_("here now"))}"></i>' if one.here else ""
    return (
        '<div class="kb-work"><span class="kb-avatar small" aria-hidden="true">'
        f"{verbatim(words.initials(one.name))}</span>"
        f"<div><b><bdi>{verbatim(one.name)}</bdi></b> {here}"
        f'<span class="kb-badge {tone}">{verbatim(state)}</span>{skills}'
        f'<span class="kb-soft">{verbatim(soft)}</span></div>'
        f'<div class="kb-loadbar"><span>{verbatim(_("open: {n}").format(n=limit))}</span>'
        f'<span class="track"><span style="width:{share:.0%}"></span></span></div></div>'
    )


def _plan(one: PersonAtWork) -> None:
    with st.form(f"plan_{one.id}", border=False):
        st.text_input(
            _("Planned hours"),
            value=one.hours or "",
            key=f"plan_hours_{one.id}",
            placeholder="mon-thu 09:00-17:00",
            help=_("As a team's opening hours; empty: those of the team."),
        )
        st.text_input(
            _("Skills"),
            value=", ".join(one.skills),
            key=f"plan_skills_{one.id}",
            placeholder="lang:de, tag:billing",
            help=_("What is found under lang:, platform:, tag: or brand: goes first to those who have it."),
        )
        st.number_input(
            _("Most conversations on the desk"),
            value=one.most_open,
            min_value=0,
            max_value=1000,
            key=f"plan_most_{one.id}",
            placeholder=_("no limit"),
        )
        label = _("Save the plan of {name}").format(name=md_escape(one.name))
        st.form_submit_button(label, type="primary", key=f"plan_save_{one.id}", on_click=_on_plan, args=(one.id,))


def _on_away(user_id: int, away: bool) -> None:
    def step(box: Inbox, who: str) -> None:
        box.availability.set_for(who, user_id, away=away)

    page_step.take("team", step)


def _on_plan(user_id: int) -> None:
    state = st.session_state

    def step(box: Inbox, who: str) -> str:
        box.availability.plan(
            who,
            user_id,
            hours=str(state[f"plan_hours_{user_id}"]) or None,
            skills=str(state[f"plan_skills_{user_id}"]).split(","),
            most_open=state[f"plan_most_{user_id}"],
        )
        return _("The plan is kept.")

    page_step.take("team", step)
