"""The inbox: sidebar, list and detail as three keyed fragments, each redrawn on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from inbox.errors import NotSignedIn
from inbox.views import EVERYTHING, Card, Choices, CurrentUser, Filters, View, ViewCount
from screens import actions, cards, components, detail_pane, health_bar, sidebar, threads, words
from screens.i18n import _, current, plural
from screens.state import Tab, enter, inbox, tab, token, utc_now

PAGE_SIZE = 40
# Rows kept in one list; who scrolls further is better served by a search or filter.
MOST_ROWS = 400
_KEYS = {
    "a": "toggle_claim",
    "e": "resolve",
    "z": "snooze:tomorrow",
    "s": "spam",
    "i": "ignore:not_about_us",
    "m": "assign_me",
}


def draw() -> None:
    """Draw the page."""
    here = tab()
    _deep_link(here)
    # A full run draws the detail after the list, so the first row is open at once.
    _nav()
    health_bar.draw()
    with st.container(key="panes", horizontal=True, gap="small", wrap=False):
        with st.container(key="listpane", gap=None):
            _list()
        with st.container(key="detailpane", gap="small"):
            detail_pane.draw()


def _deep_link(here: Tab) -> None:
    """Open `?c=<id>` once, when the tab begins."""
    if st.session_state.get("klankbord_linked"):
        return
    st.session_state["klankbord_linked"] = True
    wanted = str(st.query_params.get("c", ""))
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 17:
        here.select(int(wanted))
        here.open_detail = True
    view = str(st.query_params.get("view", ""))
    if view in set(View):
        here.view = View(view)


@st.fragment(key="nav", run_every=15)
def _nav() -> None:
    try:
        user = enter()
        counts = inbox().counts(token())
    except NotSignedIn:
        tab().signed_out = True
        return
    here = tab()
    with st.sidebar:
        sidebar.draw(user, here.view, counts)


@st.fragment(key="list", run_every=20)
def _list() -> None:
    here = tab()
    try:
        user = enter()
        _read(here)
        choices = inbox().choices(token())
    except NotSignedIn:
        here.signed_out = True
        here.cards = []
        st.html(threads.notice("error", _("You are signed out."), ("/login", _("Sign in"))))
        return
    with st.container(key="listhead", horizontal=True, gap="small", vertical_alignment="center"):
        st.text_input(
            _("Search"),
            key="search",
            icon=":material/search:",
            placeholder=_('Search words, "a phrase", word*, AND OR NOT'),
            label_visibility="collapsed",
            on_change=_on_search,
        )
        _filters(here, choices)
    if here.problem is not None:
        told = threads.notice("warning", words.search_problem(here.problem))
        st.html(f'<div id="kb-search-problem">{told}</div>')
    with st.container(key="listbody"):
        components.mount(
            "mention_list",
            _list_data(here, user),
            height="stretch",
            pick=actions.on_pick,
            act=actions.on_key,
            more=actions.on_more,
            refresh=actions.on_refresh,
        )
    here.open_detail = False


def _read(here: Tab) -> None:
    """Bring the rows up to date: anew after a step, one page more at the end, else only what changed in them."""
    box, who = inbox(), token()
    if here.stale:
        wanted = max(PAGE_SIZE, min(len(here.cards), MOST_ROWS))
        page = box.listing(who, here.view, here.filters, limit=wanted)
        here.cards, here.next_cursor, here.problem = list(page.cards), page.next_cursor, page.problem
        here.gone = set()
        here.stale, here.more = False, False
        here.baseline = _badge(box.counts(who), here.view)
        here.fresh = 0
        if here.selected is None and here.cards:
            here.select(here.cards[0].id)
    elif here.more and here.next_cursor and len(here.cards) < MOST_ROWS:
        page = box.listing(who, here.view, here.filters, cursor=here.next_cursor, limit=PAGE_SIZE)
        known = {card.id for card in here.cards}
        here.cards.extend(card for card in page.cards if card.id not in known)
        here.next_cursor, here.more = page.next_cursor, False
    else:
        here.more = False
        page = box.listing(who, here.view, here.filters, limit=max(PAGE_SIZE, len(here.cards)))
        here.fresh = _merge(here, page.cards, whole=page.next_cursor is None, n_now=_badge(box.counts(who), here.view))


def _merge(here: Tab, read: tuple[Card, ...], *, whole: bool, n_now: int) -> int:
    """Refresh the rows shown without moving one; returns how many came since the list was read.

    When the list could be read to its end, the rows that are not among those shown are counted. Otherwise only the
    badge tells, because a row that moves up from the next page is not a new one.
    """
    now_there = {card.id: card for card in read}
    here.gone = {card.id for card in here.cards if card.id not in now_there} if whole else here.gone
    here.cards = [now_there.get(card.id, card) for card in here.cards]
    if whole:
        return len(now_there.keys() - {card.id for card in here.cards})
    return max(0, n_now - here.baseline) if here.filters == EVERYTHING else 0


def _badge(counts: tuple[ViewCount, ...], view: View) -> int:
    return next((count.n for count in counts if count.view == view), 0)


def _list_data(here: Tab, user: CurrentUser) -> dict[str, Any]:
    now = utc_now()
    return {
        "rows": [cards.row(card, user, now, gone=card.id in here.gone) for card in here.cards],
        "selected": here.selected,
        "rev": here.rev,
        "scope": here.scope,
        "more": here.next_cursor is not None and len(here.cards) < MOST_ROWS,
        "fresh": plural("{n} new message", "{n} new messages", here.fresh) if here.fresh else "",
        "open": here.open_detail,
        "now": cards.millis(now),
        "lang": current().code,
        "keys": _KEYS,
        "empty": _empty(here),
        "words": {
            "list": _("Conversations in {view}").format(view=words.view(here.view)),
            "now": _("now"),
            "min": _("min"),
            "hour": _("h"),
            "day": _("d"),
            "overdue": _("Overdue by this much"),
            "due": _("Time left to answer"),
            "loading": _("Loading more …"),
        },
    }


def _empty(here: Tab) -> dict[str, str]:
    if here.problem is not None:
        return {
            "icon": "search_off",
            "title": _("This search cannot be read"),
            "text": _("Change it as the message above says, or empty the search box."),
        }
    if here.filters != EVERYTHING:
        return {
            "icon": "filter_alt_off",
            "title": _("Nothing matches"),
            "text": _("Loosen the search or the filters, or look in another view."),
        }
    texts = {
        View.NEW: (_("All caught up"), _("Nothing new is waiting. What is open stands under Mine and Waiting.")),
        View.MINE: (_("Nothing is assigned to you"), _("Press g to take the next conversation of the queue.")),
        View.OVERDUE: (
            _("Nothing is overdue"),
            _("Everybody was answered in time. The next one due stands at the top of All."),
        ),
        View.SNOOZED: (_("Nothing is snoozed"), _("Press z on a conversation to see it again tomorrow morning.")),
        View.RESOLVED: (_("Nothing is resolved yet"), _("Press e on a conversation that needs no answer.")),
    }
    title, text = texts.get(
        here.view,
        (_("Nothing here"), _("New messages appear by themselves. The Sources page shows what is listened to.")),
    )
    return {"icon": "task_alt", "title": title, "text": text}


def _on_search() -> None:
    text = str(st.session_state.get("search", "")).strip()
    here = tab()
    actions.narrow(replace(here.filters, search=text))
    actions.redraw(*actions.ALL)


_FIELDS = ("source_ids", "langs", "kinds", "brand_ids", "tags")


def _filters(here: Tab, choices: Choices) -> None:
    """The filter menu. Widgets keep their own state; a change narrows the list at once."""
    kinds = ["post", "comment", "review", "article", "topic", "answer", "message", "manual"]
    n_active = sum(bool(getattr(here.filters, name)) for name in (*_FIELDS, "team_id", "assignee_id", "since"))
    label = _("Filter") if not n_active else f"{_('Filter')} · {n_active}"
    with st.popover(label, icon=":material/filter_list:", key="filters"):
        sources = {one.value: one.label for one in choices.sources}
        brands = {one.value: one.label for one in choices.brands}
        teams = {one.value: one.label for one in choices.teams}
        people = {one.id: one.name for one in choices.people}
        langs = [one.value for one in choices.languages]
        st.multiselect(
            _("Source"), list(sources), format_func=lambda key: sources.get(key, key), **_widget("source_ids")
        )
        st.multiselect(
            _("Language"), langs, format_func=lambda key: words.language(key) or _("unknown"), **_widget("langs")
        )
        st.multiselect(_("Kind"), kinds, format_func=words.kind, **_widget("kinds"))
        if len(brands) > 1:
            st.multiselect(
                _("Brand"), list(brands), format_func=lambda key: brands.get(key, key), **_widget("brand_ids")
            )
        st.multiselect(_("Tags"), [one.value for one in choices.tags], **_widget("tags"))
        if teams:
            st.selectbox(
                _("Team"), list(teams), index=None, format_func=lambda key: teams.get(key, key), **_widget("team_id")
            )
        st.selectbox(
            _("Assigned to"),
            list(people),
            index=None,
            format_func=lambda key: people.get(key, str(key)),
            **_widget("assignee_id"),
        )
        st.button(
            _("Clear all"),
            key="filters_clear",
            icon=":material/filter_alt_off:",
            on_click=_clear,
            disabled=not n_active,
        )


def _widget(name: str) -> dict[str, Any]:
    return {"key": f"filter_{name}", "on_change": _on_filter, "placeholder": _("Any")}


def _on_filter() -> None:
    state = st.session_state
    changes: dict[str, Any] = {name: tuple(state.get(f"filter_{name}") or ()) for name in _FIELDS}
    changes |= {name: state.get(f"filter_{name}") for name in ("team_id", "assignee_id")}
    actions.narrow(replace(tab().filters, **changes))
    actions.redraw(*actions.ALL)


def _clear() -> None:
    for name in _FIELDS:
        st.session_state[f"filter_{name}"] = []
    for name in ("team_id", "assignee_id"):
        st.session_state[f"filter_{name}"] = None
    actions.narrow(Filters(search=tab().filters.search))
    actions.redraw(*actions.ALL)
