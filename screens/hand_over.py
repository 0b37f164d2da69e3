"""Hand-over notes: the strip over the inbox while something stands, and the menu with which one leaves a note."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.hand_over.views import HandOverView
from inbox.permissions import Permission
from inbox.service import Inbox
from inbox.views import CurrentUser
from screens import words
from screens.i18n import _, moment, plural
from screens.security import md_escape, verbatim
from screens.state import Notice, choices, enter, inbox, tab, token, utc_now

_EARLIER = 20


@st.fragment(key="handover", run_every=60)
def strip() -> None:
    """One slim line with the newest note that stands; all of them behind it. Nothing when none stands."""
    try:
        user = enter()
        found = inbox().hand_over.standing(token())
    except NotSignedIn:
        return
    if not found:
        st.html('<span class="kb-no-health" hidden></span>')
        return
    with st.container(key="handoverstrip", horizontal=True, gap="small", vertical_alignment="center"):
        first = found[0]
        st.html(
            f'<div class="kb-handover"><span class="kb-icon" aria-hidden="true">assignment</span>'
            f"<b><bdi>{verbatim(first.author.name)}</bdi></b> <span>{verbatim(first.text)}</span></div>"
        )
        label = plural("{n} hand-over note", "{n} hand-over notes", len(found))
        with st.popover(label, key=f"handover_notes_{len(found)}"):
            for one in found:
                _note(user, one)


def menu(user: CurrentUser) -> None:
    """The menu in the sidebar: leave a note, read earlier ones."""
    if not user.may(Permission.WORK):
        return
    # Drawn when it is opened: forms are dear to draw, and the sidebar is drawn at every step.
    popover = st.popover(
        _("Hand-over note"), icon=":material/assignment:", key="handover_menu", width="stretch", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        with st.form("handover_form", border=False, clear_on_submit=True):
            st.text_area(_("What should the next shift know?"), key="handover_text", max_chars=20_000, height=110)
            teams = {one.value: one.label for one in choices().teams}
            st.selectbox(
                _("For"),
                ["", *teams],
                index=["", *teams].index(user.team_id) if user.team_id in teams else 0,
                format_func=lambda key: md_escape(teams[key]) if key else _("Everybody"),
                key="handover_team",
            )
            st.form_submit_button(_("Leave the note"), type="primary", key="handover_submit", on_click=_on_write)
        earlier = [one for one in inbox().hand_over.earlier(token(), limit=_EARLIER) if one.done_at is not None]
        if earlier:
            st.html("".join(_line(one) for one in earlier))


def _note(user: CurrentUser, one: HandOverView) -> None:
    st.html(_line(one))
    if not user.may(Permission.WORK):
        return
    with st.container(key=f"handover_row_{one.id}", horizontal=True, gap="small"):
        st.button(_("Done"), key=f"handover_done_{one.id}", icon=":material/check:", on_click=_on_done, args=(one.id,))
    if one.may_edit:
        with st.form(f"handover_edit_{one.id}", border=False):
            st.text_area(_("Change the note"), value=one.text, key=f"handover_text_{one.id}", max_chars=20_000)
            st.form_submit_button(_("Save"), key=f"handover_save_{one.id}", on_click=_on_edit, args=(one.id,))


def _line(one: HandOverView) -> str:
    now = utc_now()
    told = f"{one.author.name} · {moment(one.at, now)}"
    if one.done_at is not None:
        told += " · " + _("done by {name}").format(name=one.done_by or "?")
    return (
        f'<div class="kb-handnote"><span class="kb-soft"><bdi>{verbatim(told)}</bdi></span>'
        f'<p class="kb-text">{verbatim(one.text)}</p></div>'
    )


def _on_write() -> None:
    text, team = str(st.session_state["handover_text"]), str(st.session_state["handover_team"])
    _do(lambda box, who: box.hand_over.write(who, text, team_id=team or None))
    st.rerun()


def _on_done(note_id: int) -> None:
    _do(lambda box, who: box.hand_over.done(who, note_id))
    st.rerun("handover")


def _on_edit(note_id: int) -> None:
    text = str(st.session_state[f"handover_text_{note_id}"])
    _do(lambda box, who: box.hand_over.edit(who, note_id, text))
    st.rerun("handover")


def _do(step: Callable[[Inbox, str], object]) -> None:
    try:
        enter()
        step(inbox(), token())
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
