"""The Streamlit script: page settings, who is signed in, navigation by role."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from inbox.errors import NotSignedIn
from inbox.permissions import Permission
from screens import inbox_page, people_page, sources_page, threads
from screens.i18n import _
from screens.state import enter, tab

_HERE = Path(__file__).parent


def main() -> None:
    """One full run of the app."""
    st.set_page_config(
        page_title="Klankbord",
        page_icon=str(_HERE / "static" / "klankbord.svg"),
        layout="wide",
        initial_sidebar_state="auto",
    )
    st.html(f"<style>{(_HERE / 'app.css').read_text(encoding='utf-8')}</style>")
    try:
        user = enter()
    except NotSignedIn:
        st.html(threads.notice("error", _("You are signed out."), ("/login", _("Sign in"))))
        return
    tab().signed_out = False
    inbox = st.Page(inbox_page.draw, title=_("Inbox"), icon=":material/inbox:", default=True, url_path="inbox")
    sources = st.Page(sources_page.draw, title=_("Sources"), icon=":material/sensors:", url_path="sources")
    pages = [inbox, sources]
    if user.may(Permission.MANAGE_USERS):
        pages.append(st.Page(people_page.draw, title=_("People"), icon=":material/group:", url_path="people"))
    st.session_state["klankbord_sources_page"] = sources
    st.navigation(pages, position="top").run()


main()
