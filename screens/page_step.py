"""One step on a page of people: asked of the inbox, and what it refused kept to be read on top of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.service import Inbox
from inbox.views import CurrentUser
from screens import threads, words
from screens.i18n import _
from screens.state import Notice, enter, inbox, tab, token


def go(path: str) -> NoReturn:
    """To another page of the app, drawn as a whole."""
    tab().go_to = path
    st.rerun()


def take(fragment: str, step: Callable[[Inbox, str], str | None]) -> None:
    """Do a step in a callback, and draw the page again. The step may give a sentence that says what was done."""
    do(step)
    st.rerun(fragment)


def do(step: Callable[[Inbox, str], str | None]) -> bool:
    """Do a step and keep what it says, or what was refused, for the top of the page; whether it was done."""
    try:
        enter()
        said = step(inbox(), token())
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
        return False
    tab().notice = Notice("info", said) if said else None
    return True


def told() -> None:
    """Show once what the last step said or was refused."""
    here = tab()
    if here.notice is not None:
        st.html(threads.notice(here.notice.tone, here.notice.text))
        here.notice = None


def entered() -> CurrentUser | None:
    """Who is signed in; None after it was said that nobody is."""
    try:
        return enter()
    except NotSignedIn:
        signed_out()
        return None


def signed_out() -> None:
    """Say that nobody is signed in any more, with the way back."""
    st.html(threads.notice("error", _("You are signed out."), ("/login", _("Sign in"))))


def heading(title: str, beside: str = "") -> None:
    """The heading of a page, with a soft word beside it. Both are words of ours."""
    soft = f'<span class="kb-soft">{beside}</span>' if beside else ""
    st.html(f'<div class="kb-pagehead"><h1>{title}</h1>{soft}</div>')
