"""Steps behind the buttons of the Tags page: thin, through the door of tags."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from inbox.service import Inbox
from inbox.tags.door import Tags
from inbox.tags.views import Renaming
from inbox.views import Filters, View
from screens import actions, page_step
from screens.i18n import _, plural
from screens.state import Notice, tab

FRAGMENT = "tags"
_OPEN = "klankbord_tag"


def opened() -> str | None:
    """The tag whose fields are shown."""
    found = st.session_state.get(_OPEN)
    return found if isinstance(found, str) else None


def do(step: Callable[[Tags, str], object], *, said: str = "") -> bool:
    """Take a step; what is refused is told at the top of the page."""

    def through_the_door(box: Inbox, who: str) -> str:
        step(box.tags, who)
        return said

    return page_step.do(through_the_door)


def on_open(name: str | None) -> None:
    """Show the fields of a tag, or of none."""
    st.session_state[_OPEN] = name
    st.rerun(FRAGMENT)


def on_describe(name: str | None, text_key: str, colour_key: str, name_key: str | None = None) -> None:
    """Keep what a tag means; with `name_key` it is a new one."""
    state = st.session_state
    tag = str(state[name_key]) if name_key else str(name)
    kept = do(
        lambda box, who: box.describe(who, tag, description=str(state[text_key]), colour=state[colour_key]),
        said=_("The tag is kept."),
    )
    if kept:
        st.session_state[_OPEN] = None
    st.rerun(FRAGMENT)


def on_rename(name: str, key: str) -> None:
    """Give a tag another name everywhere."""
    new = str(st.session_state[key])
    _replace(lambda box, who: box.rename(who, name, new))


def on_join(name: str, key: str) -> None:
    """Join a tag to another everywhere."""
    into = st.session_state[key]
    if into is None:
        tab().notice = Notice("error", _("Choose the tag it is to be joined to."))
        st.rerun(FRAGMENT)
    _replace(lambda box, who: box.join(who, name, str(into)))


def on_retire(name: str, retired: bool) -> None:
    """Offer a tag no more, or again."""
    do(lambda box, who: box.retire(who, name, retired=retired))
    st.rerun(FRAGMENT)


def on_delete(name: str) -> None:
    """Delete a tag that nothing uses."""
    if do(lambda box, who: box.delete(who, name), said=_("The tag is deleted.")):
        st.session_state[_OPEN] = None
    st.rerun(FRAGMENT)


def show_in_inbox(name: str) -> None:
    """Everything with this tag, in the inbox."""
    tab().view = View.ALL
    actions.narrow(Filters(tags=(name,)))


def _replace(begin: Callable[[Tags, str], Renaming]) -> None:
    def step(box: Inbox, who: str) -> str:
        so_far = begin(box.tags, who)
        while not so_far.done:
            so_far = box.tags.go_on(who, so_far)
        return plural("Changed on {n} conversation.", "Changed on {n} conversations.", so_far.n)

    if page_step.do(step):
        st.session_state[_OPEN] = None
    st.rerun(FRAGMENT)
