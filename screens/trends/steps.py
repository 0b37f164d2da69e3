"""Steps behind what is pressed on the Trends page. What is asked stands in the address; nothing else is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, cast

import streamlit as st

from inbox.views import Filters, View
from screens import actions, address, period_choice
from screens.state import inbox, tab, utc_now
from screens.trends.asked import NAMES, Asked, read, write

FRAGMENT = "trends"
_PAGE, _ROUND = "trends", "klankbord_trends_round"
FILTERS = ("brands", "sources", "langs", "kinds", "tones", "themes")


def asked() -> Asked:
    """What the address asks for; without anything in it, what was looked at last in this tab."""
    return read(address.shown(_PAGE, NAMES).values)


def _keep(wanted: Asked) -> None:
    address.keep(_PAGE, write(wanted))


def today() -> date:
    """The local day of the workspace."""
    return utc_now().astimezone(inbox().zone()).date()


def show_in_fields(wanted: Asked) -> None:
    """Let the fields show what the address asks for. Before they are drawn."""
    for name in ("step", "by", "top"):
        st.session_state[field(name)] = getattr(wanted, name)
    for name in FILTERS:
        st.session_state[field(name)] = list(getattr(wanted, name))


def field(name: str) -> str:
    """The key of a field."""
    return f"trends_in_{name}"


def period_field() -> str:
    """The key of the fields of the period; a new one after the address brought another."""
    return f"trends_period_{address.shown(_PAGE, NAMES).turn}"


def on_period() -> None:
    """Another period was chosen."""
    now = asked()
    _keep(replace(now, pick="", period=period_choice.chosen(period_field(), now.period, today())))


def on_field() -> None:
    """Another field was changed."""
    state, before = st.session_state, asked()
    changed: dict[str, Any] = {name: state.get(field(name)) or getattr(before, name) for name in ("step", "by", "top")}
    changed |= {name: tuple(state.get(field(name)) or ()) for name in FILTERS}
    _keep(replace(before, pick="", **changed))


def on_everything() -> None:
    """The filters are taken off."""
    _keep(asked().without_filters())


def on_pick(pick: str) -> None:
    """A figure was chosen, or (with nothing) its list is closed."""
    st.session_state[_ROUND] = chart_round() + 1
    _keep(replace(asked(), pick=pick))


def chart_round() -> int:
    """Grows when something else was chosen than in a chart, so that charts forget what was clicked in them."""
    return int(st.session_state.get(_ROUND, 0))


def on_chart(key: str, pick_of: Callable[[dict[str, Any]], str]) -> None:
    """Something was clicked in a chart; `pick_of` says which figure that is, and nothing of what is none."""
    event = st.session_state.get(key)
    chosen = cast("list[dict[str, Any]]", (event or {}).get("selection", {}).get("pick", []))
    pick = pick_of(dict(chosen[0])) if chosen else ""
    if pick:
        _keep(replace(asked(), pick=pick))


def open_in_inbox(view: View, filters: Filters) -> None:
    """Show what is behind a figure in the inbox."""
    here = tab()
    here.view, here.saved = view, None
    actions.narrow(filters)
    here.filled += 1
    here.go_to = "inbox"
