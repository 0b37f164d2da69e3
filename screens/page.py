"""The Streamlit script: page settings, who is signed in, navigation by role."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from inbox.errors import NotSignedIn
from screens import navigation, page_step
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
        page_step.signed_out()
        return
    tab().signed_out = False
    menu, by_path = navigation.pages(user)
    st.session_state["klankbord_sources_page"] = by_path["sources"]
    st.session_state["klankbord_inbox_page"] = by_path["inbox"]
    st.session_state["klankbord_entry_page"] = by_path.get("entry")
    tab().pages = tuple((path, page.title, page.icon.split("/")[-1].strip(":")) for path, page in by_path.items())
    chosen = st.navigation(menu, position="top")
    wanted = by_path.get(tab().go_to)
    if wanted is not None and wanted.url_path != chosen.url_path:
        # Until it is there: what a browser tells meanwhile names the page of before, and Streamlit would go back to it.
        st.switch_page(wanted)
    tab().go_to = ""
    chosen.run()


main()
