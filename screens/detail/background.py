"""Above the thread: what its first message answers, when that is not here, and the button that asks for it."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.replying.views import ParentState, ParentView
from inbox.views import CurrentUser, Detail
from screens import platform_words, replying
from screens.cards import clean
from screens.i18n import _
from screens.security import verbatim
from screens.state import enter, inbox, tab, token

# How often a message that is being fetched is looked for, in seconds.
_EVERY = 2


def draw(user: CurrentUser, detail: Detail) -> None:
    """Draw the sentence; while the message is being fetched it looks again by itself."""
    found = _found(detail)
    if found is None:
        if detail.answers_unseen:
            _told(_("This answers a message that is not here: it was removed, or the source does not show it."))
        return
    coming = found.state is ParentState.COMING
    st.fragment(_line, key="background", run_every=_EVERY if coming else None)(user, detail, coming=coming)


def _line(user: CurrentUser, detail: Detail, *, coming: bool) -> None:
    try:
        enter()
    except InboxError:
        return
    found = _found(detail)
    if coming and (found is None or found.state is not ParentState.COMING):
        tab().stale = True
        st.rerun()
    if found is None:
        return
    with st.container(key="parent", horizontal=True, gap="small", vertical_alignment="center"):
        _told(_sentence(found))
        if found.may_ask and user.may(Permission.WORK):
            st.button(
                _("Get what this answers"),
                key=f"parent_{detail.card.id}",
                on_click=replying.on_fetch_parent,
                args=(detail.card.id,),
            )


def _found(detail: Detail) -> ParentView | None:
    try:
        return inbox().replies.parent_of(token(), detail.card.id)
    except InboxError:
        return None


def _sentence(found: ParentView) -> str:
    if found.state is ParentState.COMING:
        return _("The message that this answers is being fetched …")
    if found.state is ParentState.GONE:
        return _("This answers a message that is no longer there, or that only some may read.")
    if found.state is ParentState.FAILED:
        why = platform_words.said(found.trouble or "?")
        return _("The message that this answers could not be fetched: {why}").format(why=clean(why))
    if found.may_ask:
        return _("This answers a message that is not here.")
    return _("This answers a message that is not here: it was removed, or the source does not show it.")


def _told(text: str) -> None:
    st.html(f'<p class="kb-removed" role="status">{verbatim(text)}</p>')
