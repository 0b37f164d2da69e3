"""The People page, for administrators: who may come in, as what, how, and the one-time links with which they begin."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.people_views import SignInLinkMade, UserView
from inbox.permissions import Role
from inbox.service import Inbox
from screens import account_page, page_step, sidebar, threads, words
from screens.i18n import _, moment, plural
from screens.security import md_escape, verbatim
from screens.state import inbox, token, utc_now

FRAGMENT = "people"
_LINK = "klankbord_made_link"


def draw() -> None:
    """Draw the page."""
    with st.container(key="peoplepage"):
        _people()


@st.fragment(key=FRAGMENT)
def _people() -> None:
    user = page_step.entered()
    if user is None:
        return
    try:
        found = inbox().people.users(token())
        teams = {team.value: team.label for team in inbox().choices(token()).teams}
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("People"), plural("{n} person", "{n} people", sum(one.active for one in found)))
    page_step.told()
    _made()
    _add(teams)
    for one in found:
        _row(one, teams, own=one.id == user.id)


def _made() -> None:
    """The link that was just made, shown once."""
    made: SignInLinkMade | None = st.session_state.pop(_LINK, None)
    if made is None:
        return
    lead = _("Give this link to {name}, by a way only that person reads. It works once, until {time}.")
    if made.mailed:
        lead = _("A mail with this link is on its way to {name}. It works once, until {time}.")
    st.html(threads.notice("info", lead.format(name=made.user.name, time=moment(made.expires_at, utc_now()))))
    st.code(f"{_origin()}/welcome/{made.token}", language=None)


def _origin() -> str:
    url = st.context.url or ""
    return "/".join(url.split("/")[:3])


def _add(teams: dict[str, str]) -> None:
    with st.expander(_("Add somebody"), icon=":material/person_add:", key="add_person"), st.form("add", border=False):
        left, right = st.columns(2)
        left.text_input(_("Full name"), key="add_name", max_chars=100)
        right.text_input(_("Name to sign in with"), key="add_login", max_chars=100)
        left.text_input(_("Mail address"), key="add_email", max_chars=254)
        right.selectbox(_("Role"), list(Role), format_func=words.role, key="add_role")
        if teams:
            left.selectbox(
                _("Team"),
                list(teams),
                index=None,
                format_func=lambda key: teams[key],
                key="add_team",
                placeholder=_("Any"),
            )
        st.form_submit_button(_("Add, and make a one-time link"), type="primary", on_click=_on_add, key="add_submit")


def _row(one: UserView, teams: dict[str, str], *, own: bool) -> None:
    with st.container(key=f"person_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_facts(one, teams))
        st.selectbox(
            _("Role of {name}").format(name=md_escape(one.name)),
            list(Role),
            index=list(Role).index(one.role),
            format_func=words.role,
            key=f"role_{one.id}",
            label_visibility="collapsed",
            width=160,
            disabled=own,
            on_change=_on_role,
            args=(one.id,),
        )
        with st.popover(_("Change"), icon=":material/edit:", key=f"edit_{one.id}", help=None):
            _details(one, teams, own=own)


def _facts(one: UserView, teams: dict[str, str]) -> str:
    state = _("active") if one.active else _("disabled")
    if one.active and not (one.has_password or one.single_sign_on or one.n_sessions):
        state = _("has not signed in yet")
    signed_in = plural("signed in in {n} browser", "signed in in {n} browsers", one.n_sessions)
    team = teams.get(one.team_id, one.team_id) if one.team_id else ""
    facts = " · ".join(part for part in (one.login, team, state, signed_in if one.n_sessions else "") if part)
    badges = "".join(
        f' <span class="kb-badge {tone}">{verbatim(text)}</span>'
        for shown, tone, text in (
            (one.second_factor, "green", _("second factor")),
            (one.single_sign_on, "status", _("single sign-on")),
            (one.needs_approval, "orange", _("answers are approved")),
        )
        if shown
    )
    letters = one.initials or words.initials(one.name)
    return (
        f'<div class="kb-person {"" if one.active else "off"}"><span class="kb-avatar small" aria-hidden="true">'
        f'{verbatim(letters)}</span><div><span class="kb-named"><b>{verbatim(one.name)}</b>{badges}</span>'
        f'<span class="kb-soft">{verbatim(facts)}</span></div></div>'
    )


def _details(one: UserView, teams: dict[str, str], *, own: bool) -> None:
    number = one.id
    st.text_input(
        _("Mail address"),
        value=one.email or "",
        key=f"email_{number}",
        max_chars=254,
        on_change=_on_email,
        args=(number,),
    )
    left, right = st.columns(2)
    left.text_input(
        _("Initials"),
        value=one.initials or "",
        key=f"initials_{number}",
        max_chars=4,
        placeholder=words.initials(one.name),
        on_change=_on_initials,
        args=(number,),
    )
    right.selectbox(
        _("Team"),
        list(teams),
        index=list(teams).index(one.team_id) if one.team_id in teams else None,
        format_func=lambda key: teams[key],
        key=f"team_{number}",
        placeholder=_("Any"),
        on_change=_on_team,
        args=(number,),
    )
    st.toggle(
        _("Somebody else reads answers first"),
        value=one.needs_approval,
        key=f"approval_{number}",
        on_change=_on_approval,
        args=(number,),
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("New link"),
            key=f"link_{number}",
            icon=":material/link:",
            on_click=_on_link,
            args=(number,),
            disabled=not one.active,
        )
        if one.second_factor:
            st.button(_("Reset second factor"), key=f"factor_{number}", on_click=_on_factor, args=(number,))
        st.button(
            _("Disable") if one.active else _("Let in again"),
            key=f"active_{number}",
            on_click=_on_active,
            args=(number, not one.active),
            disabled=own,
        )
    if one.n_sessions and not own:
        _sessions(number)


def _sessions(number: int) -> None:
    for session in inbox().access.sessions_of(token(), number):
        with st.container(key=f"theirs_{session.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(account_page.describe(session))
            st.button(_("Sign out there"), key=f"end_{session.id}", on_click=_on_end, args=(number, session.id))
    st.button(_("Sign out everywhere"), key=f"ends_{number}", icon=":material/logout:", on_click=_on_ends,
              args=(number,))  # fmt: skip


def _on_add() -> None:
    state = st.session_state

    def step(box: Inbox, who: str) -> None:
        state[_LINK] = box.people.add(
            who,
            login=state["add_login"].strip(),
            name=state["add_name"].strip(),
            role=state["add_role"],
            team_id=state.get("add_team"),
            email=state["add_email"].strip() or None,
        )

    page_step.take(FRAGMENT, step)


def _on_role(user_id: int) -> None:
    page_step.take(FRAGMENT, lambda box, who: box.people.set_role(who, user_id, st.session_state[f"role_{user_id}"]))


def _on_team(user_id: int) -> None:
    page_step.take(FRAGMENT, lambda box, who: box.people.set_team(who, user_id, st.session_state[f"team_{user_id}"]))


def _on_email(user_id: int) -> None:
    page_step.take(FRAGMENT, lambda box, who: box.access.set_email(who, user_id, st.session_state[f"email_{user_id}"]))


def _on_initials(user_id: int) -> None:
    wanted = str(st.session_state[f"initials_{user_id}"])
    page_step.take(FRAGMENT, lambda box, who: box.access.set_initials(who, user_id, wanted))


def _on_approval(user_id: int) -> None:
    needs = bool(st.session_state[f"approval_{user_id}"])
    page_step.take(FRAGMENT, lambda box, who: box.access.set_needs_approval(who, user_id, needs=needs))


def _on_link(user_id: int) -> None:
    def step(box: Inbox, who: str) -> None:
        st.session_state[_LINK] = box.people.reset_link(who, user_id)

    page_step.take(FRAGMENT, step)


def _on_factor(user_id: int) -> None:
    def step(box: Inbox, who: str) -> str:
        box.access.reset_second_factor(who, user_id)
        return _("Second factor reset; that person is signed out everywhere.")

    page_step.take(FRAGMENT, step)


def _on_active(user_id: int, active: bool) -> None:
    page_step.take(FRAGMENT, lambda box, who: box.people.set_active(who, user_id, active=active))


def _on_end(user_id: int, session_id: str) -> None:
    page_step.take(FRAGMENT, lambda box, who: box.access.end_session_of(who, user_id, session_id))


def _on_ends(user_id: int) -> None:
    def step(box: Inbox, who: str) -> str:
        n = box.access.end_all_sessions_of(who, user_id)
        return plural("{n} session ended.", "{n} sessions ended.", n)

    page_step.take(FRAGMENT, step)
