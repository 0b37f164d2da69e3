"""What happens when somebody presses something about promises, and the strip of those just made elsewhere."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.promises.views import PromiseView
from inbox.service import Inbox
from inbox.views import CurrentUser, Done
from screens import actions
from screens.i18n import _, local_now, moment
from screens.security import verbatim
from screens.state import inbox, token, utc_now

_MOST = 3


def strip(user: CurrentUser, shown: int | None) -> None:
    """What this person seems to have promised in other conversations than the one shown, to be confirmed at once."""
    if not user.may(Permission.WORK):
        return
    try:
        found = [one for one in inbox().promises.mine(token()) if one.conversation_id != shown]
    except InboxError:
        return
    for one in found[:_MOST]:
        with st.container(key=f"promisestrip_{one.id}", horizontal=True, gap="small", vertical_alignment="center"):
            st.html(sentence(one, _("Promised to {name}?").format(name=one.customer or "?")))
            button("confirm", _("Confirm"), one, where="strip")
            button("drop", _("No promise"), one, where="strip", icon=":material/close:", help=_("No promise"))


def sentence(one: PromiseView, lead: str) -> str:
    """A promise in a line: what it is, its words, when it is due."""
    tone = "red" if one.late else "orange" if one.state == "suggested" else "green"
    due = moment(one.due_at, utc_now())
    badge = f'<span class="kb-badge {tone}"><bdi>{verbatim(lead)}</bdi></span>'
    return (
        f'<div class="kb-promise {tone}" title="{verbatim(one.text)}">{badge} '
        f'<q>{verbatim(one.text)}</q> <b class="due">{verbatim(due)}</b></div>'
    )


def button(what: str, label: str, one: PromiseView, *, where: str = "panel", **options: Any) -> None:
    """A button that does one step on a promise."""
    st.button(label, key=f"promise_{what}_{one.id}_{where}", on_click=act, args=(what, one), **options)


def act(what: str, one: PromiseView) -> None:
    """Confirm, keep or drop a promise."""

    def step(box: Inbox, who: str) -> Done:
        if what == "confirm":
            return box.promises.confirm(who, one.id)
        return box.promises.keep(who, one.id) if what == "keep" else box.promises.drop(who, one.id)

    actions.take(step, conversation_id=one.conversation_id)
    actions.redraw(*actions.ALL)


def moment_fields(prefix: str, due_at: datetime | None) -> None:
    """Fields for a day and a time, in the reader's time zone."""
    start = local_now(due_at) if due_at is not None else local_now(utc_now()) + timedelta(days=1)
    left, right = st.columns(2)
    left.date_input(_("Day"), value=start.date(), key=f"{prefix}_day", format="DD-MM-YYYY")
    right.time_input(
        _("Time"), value=start.time().replace(second=0, microsecond=0) if due_at else time(17), key=f"{prefix}_time"
    )


def read_moment(prefix: str) -> datetime:
    """The moment that stands in the fields, aware."""
    state = st.session_state
    zone = local_now(utc_now()).tzinfo
    return datetime.combine(state[f"{prefix}_day"], state[f"{prefix}_time"], tzinfo=zone)


def on_move(one: PromiseView, prefix: str) -> None:
    """Give a promise another moment; a suggestion is confirmed with it."""
    due_at = read_moment(prefix)

    def step(box: Inbox, who: str) -> Done:
        if one.state == "suggested":
            return box.promises.confirm(who, one.id, due_at=due_at)
        return box.promises.move(who, one.id, due_at=due_at)

    actions.take(step, conversation_id=one.conversation_id)
    actions.redraw(*actions.ALL)


def on_make(number: int, prefix: str) -> None:
    """Make a promise by hand."""
    text, due_at = str(st.session_state.get(f"{prefix}_text", "")), read_moment(prefix)
    actions.take(lambda box, who: box.promises.make(who, number, text=text, due_at=due_at), conversation_id=number)
    actions.redraw(*actions.ALL)
