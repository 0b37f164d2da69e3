"""The Export page: what is to leave and in which form, what stays out of it, how far it is, and what is scheduled."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError, NotAllowed
from inbox.permissions import Permission
from screens import export_form, export_jobs, export_schedules, export_steps, page_step, sidebar, threads, words
from screens.i18n import _


def draw() -> None:
    """Draw the page."""
    with st.container(key="exportpage"):
        _export()


@st.fragment(key=export_steps.FRAGMENT)
def _export() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Export"))
    if not user.may(Permission.EXPORT):
        refusal = NotAllowed(permission=Permission.EXPORT, role=user.role)
        st.html(threads.notice("error", words.error(refusal)))
        return
    page_step.told()
    with st.container(key="export_new", border=True):
        _new()
    export_schedules.draw()
    export_jobs.draw()


def _new() -> None:
    wanted = export_form.draw()
    if wanted is None:
        return
    with st.container(horizontal=True, gap="small"):
        st.button(
            _("Make the export"),
            key="export_start",
            type="primary",
            icon=":material/download:",
            on_click=export_steps.on_start,
            args=(wanted,),
        )
        try:
            export_schedules.make(wanted)
        except InboxError as problem:
            st.html(threads.notice("error", words.error(problem)))
