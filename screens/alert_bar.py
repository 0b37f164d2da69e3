"""One line in the inbox while a spike goes on, with the way to what explains it. Closed with a press."""

from __future__ import annotations

import streamlit as st

from inbox.alerts.views import Running
from inbox.errors import InboxError
from screens import alert_words, alerts, threads
from screens.i18n import _, number, plural
from screens.state import enter, inbox, token


@st.fragment(key=alerts.BAR, run_every=60)
def draw() -> None:
    """Draw the line of the newest spike that this tab did not close, or nothing."""
    try:
        enter()
        found = [one for one in inbox().alerts.running(token()) if one.alert_id not in alerts.page().closed]
    except InboxError:
        # The list says that somebody is signed out; the line has nothing to add.
        return
    if not found:
        st.html('<div class="kb-no-health"></div>')
        return
    with st.container(key="alertbar", horizontal=True, vertical_alignment="center", gap="small"):
        link = (f"/alerts?alert={found[0].alert_id}", _("See why"))
        st.html(threads.notice("warning kb-health", text(found), link))
        st.button(
            _("Close"),
            key=f"alert_close_{found[0].alert_id}",
            icon=":material/close:",
            type="tertiary",
            on_click=alerts.on_close,
            args=(found[0].alert_id,),
        )


def text(found: list[Running]) -> str:
    """What goes on, in a sentence or two."""
    one = found[0]
    told = _("{rule}: {n} messages {window}").format(
        rule=one.rule, n=number(one.n), window=alert_words.window(one.window_h)
    )
    if one.silent:
        told = f"{one.rule}: {alert_words.silent(one.silent)}"
    elif one.expected is not None:
        told += f" ({_('usual: {mean}').format(mean=number(round(one.expected, 1)))})"
    rest = plural(" And {n} more alert.", " And {n} more alerts.", len(found) - 1) if len(found) > 1 else ""
    return f"{told}.{rest}"
