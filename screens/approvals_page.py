"""The Approvals page: answers that wait for a colleague's yes, and answers that need somebody."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.replying.views import OutboxView
from screens import components, page_step, replying, sidebar, threads, words
from screens.cards import clean, millis
from screens.detail import outgoing
from screens.i18n import _, plural
from screens.security import verbatim
from screens.state import inbox, token, utc_now

FRAGMENT = "approvals"


def draw() -> None:
    """Draw the page."""
    with st.container(key="approvalspage"):
        _page()


def n_waiting() -> int:
    """How many answers wait for a yes; none when that cannot be said now."""
    try:
        return inbox().replies.n_waiting_for_approval(token())
    except InboxError:
        return 0


@st.fragment(key=FRAGMENT, run_every=15)
def _page() -> None:
    user = page_step.entered()
    if user is None:
        return
    try:
        waiting = inbox().replies.waiting_for_approval(token())
        troubled = inbox().replies.troubled(token())
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Approvals"), plural("{n} waits", "{n} wait", len(waiting)))
    page_step.told()
    if not waiting and not troubled:
        lead = _("Answers of colleagues who are read first appear here, and answers that could not be sent.")
        st.html(f'<div class="kb-empty"><h2>{_("Nothing waits for you")}</h2><p>{verbatim(lead)}</p></div>')
        return
    components.mount(
        "outgoing",
        {
            "id": 0,
            "now": millis(utc_now()),
            "rows": [
                *(_row(one, _("Waits for approval")) for one in waiting),
                *(_row(one, _("Needs somebody")) for one in troubled),
            ],
            "acts": [],
            "looked": "",
            "stop": replying.stopped(),
            "words": outgoing.words_of(),
        },
        act=replying.on_list_act,
    )


def _row(row: OutboxView, group: str) -> dict[str, Any]:
    """A bubble with the question it answers and the way to the conversation."""
    return {
        **outgoing.bubble(row),
        "group": group,
        "to": clean(row.customer) or _("No name"),
        "source": clean(row.source_name),
        "question": clean(row.question),
        "conversation": row.conversation_id,
        "go": _("Open the conversation"),
    }
