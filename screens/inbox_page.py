"""The inbox: sidebar, list and detail as three keyed fragments, each redrawn on its own."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inbox.errors import NotSignedIn
from inbox.views import EVERYTHING, Card, Choices, CurrentUser, View, ViewCount
from screens import (
    actions,
    alert_bar,
    around,
    bulk,
    cards,
    components,
    guide,
    hand_over,
    health_bar,
    inbox_address,
    list_head,
    page_step,
    palette,
    sidebar,
    threads,
    words,
)
from screens.detail import pane
from screens.i18n import _, current, plural
from screens.state import (
    Tab,
    badges,
    choices,
    counts,
    enter,
    inbox,
    reads_together,
    saved_views,
    tab,
    token,
    utc_now,
)

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
    "h": "theme:1",
    "H": "theme:2",
}


def draw() -> None:
    """Draw the page."""
    here = tab()
    _deep_link(here)
    # A full run draws the detail after the list, so the first row is open at once.
    _nav()
    health_bar.draw()
    alert_bar.draw()
    hand_over.strip()
    with st.container(key="panes", horizontal=True, gap="small", wrap=False):
        with st.container(key="listpane", gap=None):
            list_head.draw()
            _list()
        with st.container(key="detailpane", gap="small"):
            pane.draw()
    with st.container(key="unseen"):
        around.draw()
        palette.draw()
        guide.draw()


def _deep_link(here: Tab) -> None:
    """Open `?c=<id>` and the list that the address asks for once, when the tab begins."""
    if st.session_state.get("klankbord_linked"):
        return
    st.session_state["klankbord_linked"] = True
    wanted = str(st.query_params.get("c", ""))
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 17:
        here.select(int(wanted))
        here.open_detail = True
    view, filters = inbox_address.read(st.query_params.to_dict())
    here.view = view or here.view
    if filters != EVERYTHING:
        here.filters = filters


@st.fragment(key="nav", run_every=15)
@reads_together
def _nav() -> None:
    try:
        user = enter()
        own = sidebar.Own(
            saved=saved_views(),
            counts=badges().saved,
            shown=tab().saved,
            around=inbox().presence.people(token()),
            n_drafts=len({one.conversation_id for one in inbox().writing.my_drafts(token())}),
        )
        counted = counts()
    except NotSignedIn:
        tab().signed_out = True
        return
    with st.sidebar:
        sidebar.draw(user, tab().view, counted, own=own)


@st.fragment(key="list", run_every=20)
@reads_together
def _list() -> None:
    here = tab()
    try:
        user = enter()
        _read(here)
        offered = choices()
    except NotSignedIn:
        here.signed_out = True
        here.cards = []
        page_step.signed_out()
        return
    if here.problem is not None:
        told = threads.notice("warning", words.search_problem(here.problem))
        st.html(f'<div id="kb-search-problem">{told}</div>')
    elif here.hint is not None:
        st.html(f'<div id="kb-search-hint">{threads.notice("info", words.search_problem(here.hint))}</div>')
    with st.container(key="listbody"):
        components.mount(
            "mention_list",
            _list_data(here, user, offered),
            height="stretch",
            pick=actions.on_pick,
            act=actions.on_key,
            more=actions.on_more,
            bulk=bulk.on_bulk,
            count=bulk.on_count,
            refresh=actions.on_refresh,
        )
    here.open_detail = False


def _read(here: Tab) -> None:
    """Bring the rows up to date: anew after a step, one page more at the end, else only what changed in them."""
    box, who = inbox(), token()
    if here.stale:
        wanted = max(PAGE_SIZE, min(len(here.cards), MOST_ROWS))
        page = box.listing(who, here.view, here.filters, limit=wanted)
        here.cards, here.next_cursor = list(page.cards), page.next_cursor
        here.problem, here.hint = page.problem, page.hint
        here.gone = set()
        here.stale, here.more = False, False
        here.baseline = _badge(counts(), here.view)
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
        here.fresh = _merge(here, page.cards, whole=page.next_cursor is None, n_now=_badge(counts(), here.view))


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


def _badge(counted: tuple[ViewCount, ...], view: View) -> int:
    return next((count.n for count in counted if count.view == view), 0)


def _list_data(here: Tab, user: CurrentUser, offered: Choices) -> dict[str, Any]:
    now = utc_now()
    whole = _whole(here)
    return {
        "rows": [
            cards.row(card, user, now, gone=card.id in here.gone, tag_words=offered.tag_words) for card in here.cards
        ],
        "selected": here.selected,
        "rev": here.rev,
        "scope": here.scope,
        "more": here.next_cursor is not None and len(here.cards) < MOST_ROWS,
        "reached": here.next_cursor,
        "fresh": plural("{n} new message", "{n} new messages", here.fresh) if here.fresh else "",
        "open": here.open_detail,
        "now": cards.millis(now),
        "lang": current().code,
        "keys": _KEYS,
        "empty": empty(here),
        "bulk": bulk.menus(user, offered),
        "total": None if here.total is None else {"n": here.total[0], "capped": here.total[1]},
        "count": None if whole is None else {"n": whole[0], "capped": whole[1]},
        "unpicked": here.unpicked,
        "words": {
            "progress": _("{n} of {total}"),
            "leave_focus": _("Leave focus view"),
            "all_done": _("All done in this view"),
            "looking": _("{name} is looking at this"),
            "writing": _("{name} is writing"),
            "list": _("Conversations in {view}").format(view=words.view(here.view)),
            "now": _("now"),
            "min": _("min"),
            "hour": _("h"),
            "day": _("d"),
            "overdue": _("Overdue by this much"),
            "due": _("Time left to answer"),
            "loading": _("Loading more …"),
            "further": _("Look further back"),
            "so_far": _("This is what was found so far."),
            "none_yet": _("Nothing was found so far among the newest messages."),
        },
    }


def _whole(here: Tab) -> tuple[int, bool] | None:
    """How many conversations the list holds altogether, where a badge says so; and whether there are more."""
    if here.saved is not None:
        found = next((one for one in badges().saved if one.id == here.saved), None)
        return None if found is None or found.n is None else (found.n, found.capped)
    if here.filters != EVERYTHING:
        return None
    return next(((one.n, one.capped) for one in counts() if one.view == here.view), None)


def empty(here: Tab) -> dict[str, str]:
    """What a list without rows says: what is missing, and what would bring it there."""
    if here.problem is not None:
        return {
            "icon": "search_off",
            "title": _("This search cannot be read"),
            "text": _("Change it as the message above says, or empty the search box."),
        }
    if here.filters != EVERYTHING and here.saved is None:
        return {
            "icon": "filter_alt_off",
            "title": _("Nothing matches"),
            "text": _("Loosen the search or the filters, or look in another view."),
        }
    if here.saved is not None:
        return {
            "icon": "task_alt",
            "title": _("Nothing in this view now"),
            "text": _("What fits it appears by itself. Its menu in the sidebar changes or deletes it."),
        }
    texts = {
        View.NEW: (_("All caught up"), _("Nothing new is waiting. What is open stands under Mine and Waiting.")),
        View.MINE: (_("Nothing is assigned to you"), _("Press g to take the next conversation of the queue.")),
        View.UNASSIGNED: (
            _("Everything has somebody"),
            _("No new or open conversation is nobody's. Press g for the next one of your own queue."),
        ),
        View.URGENT: (
            _("Nothing is urgent"),
            _("Nobody threatens to leave or to go public. Give a conversation a higher priority and it comes here."),
        ),
        View.PROMISES: (
            _("No customer waits for a promise"),
            _("What you promise in an answer is suggested under it, and stands here once you confirm it."),
        ),
        View.MENTIONS: (
            _("Nobody has named you yet"),
            _("A colleague who writes @ and your name in an internal note puts that conversation here."),
        ),
        View.WAITING: (
            _("Nothing waits for a customer"),
            _("After you asked a customer something, it waits here and comes back by itself when they answer."),
        ),
        View.ARCHIVED: (
            _("The archive is empty"),
            _("What is found long after it was written comes here: searchable, without a clock."),
        ),
        View.OVERDUE: (
            _("Nothing is overdue"),
            _("Everybody was answered in time. The next one due stands at the top of All."),
        ),
        View.SNOOZED: (_("Nothing is snoozed"), _("Press z on a conversation to see it again tomorrow morning.")),
        View.RESOLVED: (_("Nothing is resolved yet"), _("Press e on a conversation that needs no answer.")),
        View.ALL: (
            _("No messages yet"),
            _("They appear by themselves. The Sources page shows what is listened to, and what each source says."),
        ),
    }
    title, text = texts[here.view]
    return {"icon": "task_alt", "title": title, "text": text}
