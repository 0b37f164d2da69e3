"""Over the list: the search box and the filter menu, a fragment of its own.

Its widgets are many and change only when somebody searches or filters, so a step on a conversation leaves them alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from inbox.errors import NotSignedIn
from inbox.states import Status
from inbox.views import Choices, Filters
from screens import actions, clock_chips, query_help, words
from screens.i18n import _
from screens.state import Tab, choices, enter, tab

NAME = "head"
ALL = (NAME, *actions.ALL)


@st.fragment(key=NAME)
def draw() -> None:
    """Draw the head; the list itself says when somebody is signed out."""
    try:
        enter()
        offered = choices()
    except NotSignedIn:
        return
    with st.container(key="listhead", horizontal=True, gap="small", vertical_alignment="center"):
        with st.container(key="searchbox"):
            _search(tab())
        with st.popover(_("How to search"), icon=":material/help:", type="tertiary", key="queryhelp"):
            query_help.draw()
        _filters(tab(), offered)
    clock_chips.draw(tab(), ALL)


def _search(here: Tab) -> None:
    st.text_input(
        _("Search"),
        value=here.filters.search,
        key=_name("search"),
        icon=":material/search:",
        placeholder=_('Search words, "a phrase", word*, AND OR NOT'),
        label_visibility="collapsed",
        on_change=_on_search,
    )


def _name(name: str) -> str:
    """The key of a field. A new one after filters were set from our side, so that the field shows them."""
    return f"{name}_{tab().filled}" if tab().filled else name


def _on_search() -> None:
    here = tab()
    text = str(st.session_state.get(_name("search"), "")).strip()
    actions.narrow(replace(here.filters, search=text))
    actions.redraw(*ALL)


_FIELDS = ("source_ids", "langs", "kinds", "statuses", "brand_ids", "tags", "theme_ids")
_OTHER = ("team_id", "assignee_id", "unanswered")


def _filters(here: Tab, offered: Choices) -> None:
    """The filter menu. Widgets keep their own state; a change narrows the list at once."""
    kinds = ["post", "comment", "review", "article", "topic", "answer", "message", "manual"]
    n_active = sum(bool(getattr(here.filters, name)) for name in (*_FIELDS, *_OTHER, "since"))
    label = _("Filter") if not n_active else f"{_('Filter')} · {n_active}"
    with st.popover(label, icon=":material/filter_list:", key="filters"):
        chosen = here.filters
        sources = {one.value: one.label for one in offered.sources}
        brands = {one.value: one.label for one in offered.brands}
        teams = {one.value: one.label for one in offered.teams}
        people = {one.id: one.name for one in offered.people}
        langs = [one.value for one in offered.languages]
        _several("source_ids", _("Source"), list(sources), chosen, lambda key: sources.get(key, key))
        _several("langs", _("Language"), langs, chosen, lambda key: words.language(key) or _("unknown"))
        _several("kinds", _("Kind"), kinds, chosen, words.kind)
        _several("statuses", _("State"), [one.value for one in Status], chosen, words.status)
        if len(brands) > 1:
            _several("brand_ids", _("Brand"), list(brands), chosen, lambda key: brands.get(key, key))
        _several("tags", _("Tags"), [one.value for one in offered.tags], chosen, str)
        if offered.themes or chosen.theme_ids:
            themes = {int(one.value): one.label for one in offered.themes}
            _several("theme_ids", _("Theme"), list(themes), chosen, lambda key: themes.get(key, "?"))
        if teams:
            _one("team_id", _("Team"), list(teams), chosen, lambda key: teams.get(key, key))
        _one("assignee_id", _("Assigned to"), list(people), chosen, lambda key: people.get(key, str(key)))
        st.toggle(
            _("Somebody waits for an answer"),
            value=chosen.unanswered,
            key=_name("filter_unanswered"),
            on_change=_on_filter,
        )
        st.button(
            _("Clear all"),
            key="filters_clear",
            icon=":material/filter_alt_off:",
            on_click=_clear,
            disabled=not n_active,
        )


def _several(name: str, label: str, options: list[Any], chosen: Filters, say: Callable[[Any], str]) -> None:
    """A field of which several values may be chosen; what a saved view asks for is offered though it is rare now."""
    now = list(getattr(chosen, name))
    offered = [*options, *(one for one in now if one not in options)]
    st.multiselect(label, offered, default=now, format_func=say, **_widget(name))


def _one(name: str, label: str, options: list[Any], chosen: Filters, say: Callable[[Any], str]) -> None:
    """A field of which one value may be chosen."""
    now = getattr(chosen, name)
    offered = options if now is None or now in options else [*options, now]
    index = None if now is None else offered.index(now)
    st.selectbox(label, offered, index=index, format_func=say, **_widget(name))


def _widget(name: str) -> dict[str, Any]:
    return {"key": _name(f"filter_{name}"), "on_change": _on_filter, "placeholder": _("Any")}


def _on_filter() -> None:
    state = st.session_state
    changes: dict[str, Any] = {name: tuple(state.get(_name(f"filter_{name}")) or ()) for name in _FIELDS}
    changes |= {name: state.get(_name(f"filter_{name}")) for name in ("team_id", "assignee_id")}
    changes["unanswered"] = bool(state.get(_name("filter_unanswered")))
    actions.narrow(replace(tab().filters, **changes))
    actions.redraw(*ALL)


def _clear() -> None:
    here = tab()
    actions.narrow(Filters(search=here.filters.search))
    here.filled += 1
    actions.redraw(*ALL)
