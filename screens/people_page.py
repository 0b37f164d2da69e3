"""The People page, for administrators: who may come in, as what, and the one-time links with which they begin."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.views import SignInLinkMade, UserView
from screens import sidebar, threads, words
from screens.i18n import _, moment, plural
from screens.security import md_escape, verbatim
from screens.state import Notice, enter, inbox, tab, token, utc_now

_LINK = "klankbord_made_link"


def draw() -> None:
    """Draw the page."""
    with st.container(key="peoplepage"):
        _people()


@st.fragment(key="people")
def _people() -> None:
    try:
        user = enter()
        found = inbox().users(token())
        teams = {team.value: team.label for team in inbox().choices(token()).teams}
    except NotSignedIn:
        st.html(threads.notice("error", _("You are signed out."), ("/login", _("Sign in"))))
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    told = plural("{n} person", "{n} people", sum(one.active for one in found))
    st.html(f'<div class="kb-pagehead"><h1>{_("People")}</h1><span class="kb-soft">{told}</span></div>')
    _result()
    _add(teams)
    for one in found:
        _row(one, own=one.id == user.id)


def _result() -> None:
    """The link that was just made, shown once; or what was refused."""
    here = tab()
    if here.notice is not None:
        st.html(threads.notice(here.notice.tone, here.notice.text))
        here.notice = None
    made: SignInLinkMade | None = st.session_state.pop(_LINK, None)
    if made is None:
        return
    lead = _("Give this link to {name}, by a way only that person reads. It works once, until {time}.")
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
        left.selectbox(_("Role"), list(Role), format_func=words.role, key="add_role")
        if teams:
            right.selectbox(
                _("Team"),
                list(teams),
                index=None,
                format_func=lambda key: teams[key],
                key="add_team",
                placeholder=_("Any"),
            )
        st.form_submit_button(_("Add, and make a one-time link"), type="primary", on_click=_on_add, key="add_submit")


def _row(one: UserView, *, own: bool) -> None:
    state = _("active") if one.active else _("disabled")
    if one.active and not one.has_password:
        state = _("has not signed in yet")
    facts = " · ".join(part for part in (one.login, one.team_id or "", state) if part)
    with st.container(key=f"person_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="kb-person {"" if one.active else "off"}"><span class="kb-avatar small" aria-hidden="true">'
            f"{verbatim(words.initials(one.name))}</span><div><b>{verbatim(one.name)}</b>"
            f'<span class="kb-soft">{verbatim(facts)}</span></div></div>'
        )
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
        st.button(
            _("New link"),
            key=f"link_{one.id}",
            icon=":material/link:",
            on_click=_on_link,
            args=(one.id,),
            disabled=not one.active,
        )
        st.button(
            _("Disable") if one.active else _("Let in again"),
            key=f"active_{one.id}",
            on_click=_on_active,
            args=(one.id, not one.active),
            disabled=own,
        )


def _do(step: Callable[[Inbox, str], None]) -> None:
    try:
        enter()
        step(inbox(), token())
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
    st.rerun("people")


def _on_add() -> None:
    state = st.session_state

    def step(box: Inbox, who: str) -> None:
        state[_LINK] = box.add_user(
            who,
            login=state["add_login"].strip(),
            name=state["add_name"].strip(),
            role=state["add_role"],
            team_id=state.get("add_team"),
        )

    _do(step)


def _on_role(user_id: int) -> None:
    _do(lambda box, who: box.set_role(who, user_id, st.session_state[f"role_{user_id}"]))


def _on_link(user_id: int) -> None:
    def step(box: Inbox, who: str) -> None:
        st.session_state[_LINK] = box.reset_link(who, user_id)

    _do(step)


def _on_active(user_id: int, active: bool) -> None:
    _do(lambda box, who: box.set_active(who, user_id, active=active))
