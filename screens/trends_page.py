"""The Trends page: how much is said, of whom, where, in what tone; what that was before; what is behind a figure.

What is looked at stands in the address, so that it can be sent to a colleague. Names and texts are of others: labels
get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

import streamlit as st

from inbox.errors import BadInput, InboxError, NotAllowed
from inbox.permissions import Permission
from inbox.trends.views import Slice
from inbox.views import Choices, CurrentUser
from screens import components, page_step, sidebar, threads, words
from screens.i18n import _, stretch
from screens.period_choice import OWN
from screens.security import verbatim
from screens.state import choices, inbox, token
from screens.trends import controls, figures, parts, steps, tiles, tops
from screens.trends.asked import Asked, slice_of


def draw() -> None:
    """Draw the page."""
    with st.container(key="trendspage"):
        _trends()
    with st.container(key="unseen"):
        components.mount("charts", {})


@st.fragment(key=steps.FRAGMENT)
def _trends() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    if not user.may(Permission.FIGURES):
        page_step.heading(_("Trends"))
        refusal = NotAllowed(permission=Permission.FIGURES, role=user.role)
        st.html(threads.notice("error", words.error(refusal)))
        return
    asked = steps.asked()
    try:
        offered = choices()
        try:
            wanted = slice_of(asked, steps.today())
        except BadInput as problem:
            page_step.heading(_("Trends"))
            controls.draw(asked, offered)
            st.html(threads.notice("warning", words.error(problem)))
            return
        _whole(user, offered, asked, wanted)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))


def _whole(user: CurrentUser, offered: Choices, asked: Asked, wanted: Slice) -> None:
    page_step.heading(_("Trends"), verbatim(stretch(wanted.first, wanted.last)))
    page_step.told()
    controls.draw(asked, offered)
    found = figures.read(inbox(), token(), user, asked, wanted)
    if found.nothing:
        _empty(asked)
        return
    shown = parts.Shown(user, offered, asked, wanted, found)
    tiles.draw(found)
    parts.behind_tile(shown)
    parts.volume(shown)
    parts.tone(shown)
    with st.container(key="trends_pair"):
        parts.voice(shown)
        parts.week(shown)
    tops.draw(user, asked, wanted)


def _empty(asked: Asked) -> None:
    if asked.n_filters:
        title, lead = _("Nothing fits"), _("Nothing was said in this period that fits these filters.")
    elif asked.period.name == OWN:
        title, lead = _("Nothing was said"), _("Nothing was collected of these days. Choose others.")
    else:
        title = _("Nothing was collected yet")
        lead = _("As soon as a source is read, what is said shows here. The Sources page tells what is listened to.")
    st.html(f'<div class="kb-empty"><h2>{verbatim(title)}</h2><p>{verbatim(lead)}</p></div>')
    with st.container(horizontal=True, horizontal_alignment="center"):
        if asked.n_filters:
            st.button(_("Without filters"), key="trends_everything", on_click=steps.on_everything)
        elif asked.period.name != OWN and st.button(_("Look at the sources"), key="trends_sources"):
            page_step.go("sources")
