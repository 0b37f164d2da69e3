"""What a browser tab knows between two runs, and how it reaches the inbox.

`use` is called once by the shell with a factory of the composed `Inbox`; screens then take it with `inbox()`. The
working state of a tab is one typed object, `Tab`, kept in Streamlit's session state.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, wraps
from typing import cast

import streamlit as st

from inbox.saved_views.views import Badges, SavedView
from inbox.service import Inbox
from inbox.views import Card, Choices, CurrentUser, Done, Filters, SearchProblem, View, ViewCount
from screens import i18n, reading
from screens.gate import COOKIE

InboxFactory = Callable[[], Inbox]
_KEY = "klankbord_tab"


def _no_inbox() -> Inbox:
    msg = "screens.state.use(...) was not called: start with `klankbord dashboard`, or `streamlit run dashboard.py`"
    raise RuntimeError(msg)


_factory: InboxFactory = _no_inbox


def _cookie_token() -> str:
    return str(st.context.cookies.get(COOKIE, ""))


_token_of: Callable[[], str] = _cookie_token


def use(factory: InboxFactory, *, token_of: Callable[[], str] = _cookie_token) -> None:
    """Say how the inbox is made, and how the session token of a browser is found (by default its cookie).

    The inbox is made once per process, at the first use.
    """
    global _factory, _token_of
    _factory, _token_of = factory, token_of
    inbox.cache_clear()


@cache
def inbox() -> Inbox:
    """The inbox of this process.

    Raises:
        RuntimeError: `use` was not called.
    """
    return _factory()


def reads_together(draw: Callable[[], None]) -> Callable[[], None]:
    """Decorate the drawing of a fragment: all it reads is read in one transaction of the store."""

    @wraps(draw)
    def drawn() -> None:
        with reading.turn(), inbox().reading_together():
            draw()

    return drawn


def utc_now() -> datetime:
    """The clock of the inbox, aware UTC, so that a page never disagrees with what the inbox decides."""
    return inbox().now()


@dataclass(slots=True)
class Step:
    """The last step, shown with its undo until the ten seconds are over. `bulk`: events taken back together."""

    done: Done
    text: str
    was_selected: int | None
    bulk: tuple[int, ...] = ()


@dataclass(slots=True)
class Notice:
    """A sentence the agent must read: `tone` is info, warning or error."""

    tone: str
    text: str


@dataclass(slots=True)
class Tab:
    """The working state of one browser tab.

    Attributes:
        cards: the rows shown, in the order they were loaded; rows do not move by themselves.
        gone: shown rows that left the view because of somebody else.
        rev: grows when the server moves the selection, so that the list follows it.
        scope: grows when the list shows something else (view, filter, search), so that it scrolls to the top.
        stale: the next run of the list reads it anew instead of merging.
        baseline: badge of the view when the list was read, to say how many came since.
        composed: nonce of the last text that was kept, so that the composer may clear it.
        earlier: how many messages of a thread are read.
        more: the reader came near the end; the next run of the list reads one page more.
        fresh: how many came since the list was read.
        open_detail: on a phone, show the detail at once (deep link).
        key: the name of this tab, for presence.
        saved: the saved view that is shown.
        filled: grows when filters are set from the server's side, so that their fields begin anew.
        total: how many the view holds, once the reader asked (to do something to all of them).
        unpicked: grows when the list is to forget which rows were picked.
        go_to: the page to show next.
        pages: path, title and icon of the pages that this person sees.
    """

    view: View = View.NEW
    filters: Filters = field(default_factory=Filters)
    cards: list[Card] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    next_cursor: str | None = None
    problem: SearchProblem | None = None
    hint: SearchProblem | None = None
    selected: int | None = None
    rev: int = 0
    scope: int = 0
    stale: bool = True
    baseline: int = 0
    step: Step | None = None
    notice: Notice | None = None
    composed: str = ""
    open_detail: bool = False
    signed_out: bool = False
    earlier: int = 200
    more: bool = False
    fresh: int = 0
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    saved: int | None = None
    filled: int = 0
    total: tuple[int, bool] | None = None
    unpicked: int = 0
    go_to: str = ""
    pages: tuple[tuple[str, str, str], ...] = ()

    def select(self, conversation_id: int | None) -> None:
        """Move the selection from the server's side."""
        self.selected = conversation_id
        self.rev += 1
        self.earlier = 200

    def card(self, conversation_id: int | None) -> Card | None:
        """The shown row of a conversation."""
        return next((card for card in self.cards if card.id == conversation_id), None)

    def after(self, conversation_id: int) -> int | None:
        """Which row comes after this one has left: the next, else the one before, else none."""
        ids = [card.id for card in self.cards]
        if conversation_id not in ids:
            return ids[0] if ids else None
        at = ids.index(conversation_id)
        following = [one for one in ids[at + 1 :] + ids[:at][::-1] if one not in self.gone]
        return following[0] if following else None


def tab() -> Tab:
    """The working state of this tab, made at its first run."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Tab()
    return cast("Tab", st.session_state[_KEY])


def token() -> str:
    """The session token of this browser, as its websocket brought it along; empty when there is none."""
    return _token_of()


def enter() -> CurrentUser:
    """Begin a run of a page or fragment: who is signed in, in that person's language and time zone.

    Raises:
        inbox.errors.NotSignedIn: signed out, here or elsewhere.
    """
    speak(str(st.session_state.get("klankbord_language") or _browser_language()))
    user = reading.once("user", lambda: inbox().current_user(token()))
    speak(user.language or str(st.session_state.get("klankbord_language") or _browser_language()))
    return user


def counts() -> tuple[ViewCount, ...]:
    """The badges of all views, as they stand in this run."""
    return badges().standing


def badges() -> Badges:
    """The badges of standing and saved views, as they stand in this run."""
    return reading.once("badges", lambda: inbox().saved_views.badges(token(), saved_views()))


def saved_views() -> tuple[SavedView, ...]:
    """The saved views of the person."""
    return reading.once("saved_views", lambda: inbox().saved_views.all(token()))


def choices() -> Choices:
    """What filters and menus offer."""
    return reading.once("choices", lambda: inbox().choices(token()))


def speak(language: str) -> None:
    """Use a language for the rest of this run, and remember it for the next one in this tab."""
    st.session_state["klankbord_language"] = language
    i18n.choose(language, st.context.timezone or "UTC")


def _browser_language() -> str:
    return i18n.from_accept_language(st.context.locale or "en")
