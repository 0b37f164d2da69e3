"""The one bar for the whole team: shown when a source needs a look, in plain words, with the way to the details."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.source_views import HealthBar
from screens import source_words, threads
from screens.i18n import _, plural
from screens.state import enter, inbox, token, utc_now


@st.fragment(key="health", run_every=30)
def draw() -> None:
    """Draw the bar, or nothing when every source is well."""
    try:
        enter()
        bar = inbox().health_bar(token())
    except InboxError:
        # The list says that somebody is signed out; the bar has nothing to add.
        return
    if bar.n_dark == 0 and bar.n_attention == 0:
        st.html('<div class="kb-no-health"></div>')
        return
    tone = "error" if bar.n_dark else "warning"
    with st.container(key="healthbar", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(threads.notice(f"{tone} kb-health", text(bar)))
        st.page_link(
            st.session_state["klankbord_sources_page"], label=_("Look at the sources"), icon=":material/sensors:"
        )


def text(bar: HealthBar) -> str:
    """What is the matter, worst first, in one or two sentences."""
    now = utc_now()
    told = [f"{source.name}: {source_words.what(source, now)}" for source in bar.worst[:2]]
    rest = bar.n_dark + bar.n_attention - len(told)
    if rest > 0:
        told.append(plural("{n} more source needs a look.", "{n} more sources need a look.", rest))
    return " ".join(told)
