"""How things stand at this moment, drawn again every half minute: open, waiting, overdue, and the oldest of each."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from screens import page_step, threads
from screens import words as inbox_words
from screens.i18n import _, clock, number
from screens.levels import listed, words
from screens.levels.asking import Asking
from screens.security import verbatim
from screens.state import inbox, token, utc_now


def draw(asking: Asking) -> None:
    """Draw it, narrowed as the page is."""
    _live(asking)


@st.fragment(key="levels_live", run_every=30)
def _live(asking: Asking) -> None:
    if page_step.entered() is None:
        return
    now = utc_now()
    try:
        stand = inbox().figures.backlog(token(), asking.asked).live
    except InboxError as problem:
        st.html(threads.notice("error", inbox_words.error(problem)))
        return
    waiting = listed.waiting(asking) if stand.unanswered else ""
    tiles = (
        listed.cell(_("Open now"), number(stand.n_open), listed.all_open(asking) if stand.n_open else ""),
        listed.cell(_("Wait for an answer"), number(stand.unanswered), waiting),
        listed.cell(
            _("Over their time"),
            number(stand.overdue),
            listed.overdue(asking) if stand.overdue else "",
            tone="warn" if stand.overdue else "",
        ),
        listed.cell(
            _("Oldest open"), words.since(stand.oldest_open_at, now), listed.oldest(asking, stand.oldest_open_at)
        ),
        listed.cell(_("Waits longest for an answer"), words.since(stand.oldest_unanswered_at, now), waiting),
    )
    told, hint = _("Now, at {time}").format(time=clock(now)), listed.hint(asking)
    st.html(
        f'<section class="kb-live" aria-label="{verbatim(told)}"><h2>{verbatim(told)}</h2><dl>{"".join(tiles)}</dl>'
        f"{f'<p>{verbatim(hint)}</p>' if hint else ''}</section>"
    )
