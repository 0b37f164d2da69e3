"""The switch in the sidebar with which somebody says that they are away, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.views import CurrentUser
from screens import snooze, words
from screens.i18n import N_, _, local_now, moment
from screens.state import Notice, inbox, tab, token, utc_now

_AWAY: Mapping[str, str] = {
    "30m": N_("Away for half an hour"),
    "2h": N_("Away for two hours"),
    "tomorrow": N_("Away until tomorrow 09:00"),
    "monday": N_("Away until Monday 09:00"),
    "open": N_("Away until I say otherwise"),
}
_SPANS: Mapping[str, timedelta] = {"30m": timedelta(minutes=30), "2h": timedelta(hours=2)}


def draw(user: CurrentUser) -> None:
    """Draw the switch for somebody who works on conversations."""
    if not user.may(Permission.WORK):
        return
    try:
        own = inbox().availability.own(token())
    except InboxError:
        return
    options = {key: _(text) for key, text in _AWAY.items()}
    label, icon = _("Available"), ":material/check_circle:"
    if own.away:
        options = {"back": _("I am back"), **options}
        until = moment(own.away_until, utc_now()) if own.away_until else ""
        label, icon = (
            (_("Away until {time}").format(time=until) if until else _("Away")),
            ":material/do_not_disturb_on:",
        )
    key = f"availability_{label}"
    st.menu_button(
        label, list(options), key=key, icon=icon, width="stretch", format_func=lambda one: options[one],
        on_click=_on_choose, args=(key,),
    )  # fmt: skip


def _on_choose(key: str) -> None:
    """Say it; the fragment draws itself again."""
    chosen = st.session_state.get(key)
    if not isinstance(chosen, str):
        return
    try:
        if chosen == "back":
            inbox().availability.back(token())
        else:
            now = utc_now()
            span = _SPANS.get(chosen)
            until = None if chosen == "open" else now + span if span else snooze.until(chosen, local_now(now))
            inbox().availability.away(token(), until=until)
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
