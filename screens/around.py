"""Who else is here: this tab says which conversation it shows, and hears who looks at or writes in which.

Words of presence are written by one thread of their own, so that no click ever waits for the store's writer; when the
thread is behind, a word is left out: the next one comes within seconds.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.presence.views import Someone
from inbox.service import Inbox
from screens import components, words
from screens.i18n import _
from screens.security import verbatim
from screens.state import Tab, enter, inbox, reads_together, tab, token

_LOG = logging.getLogger(__name__)
_MOST_BEHIND = 50
_writer = ThreadPoolExecutor(1, thread_name_prefix="presence")
_behind: set[Future[None]] = set()


@st.fragment(key="around", run_every=5)
@reads_together
def draw() -> None:
    """Say where this tab is, and tell the list who is where."""
    here = tab()
    try:
        enter()
        people = inbox().presence.around(token())
    except InboxError:
        return  # the list says that somebody is signed out
    look(here)
    components.mount(
        "around",
        {
            "people": {str(number): [_one(who) for who in found] for number, found in people.items()},
            "here": str(here.selected or ""),
            "words": {"looking": _("{name} is looking at this"), "writing": _("{name} is writing")},
        },
    )


def look(here: Tab) -> None:
    """This tab shows the selected conversation."""
    if here.selected is not None:
        _say(here.key, here.selected, writing=False)


def write(conversation_id: int) -> None:
    """Somebody types in a conversation, in this tab. Call it as often as you like."""
    _say(tab().key, conversation_id, writing=True)


def line(conversation_id: int) -> str:
    """Who else is at the open conversation, as HTML for the head of the detail."""
    found = inbox().presence.around(token(), [conversation_id]).get(conversation_id, ())
    told = " · ".join(
        (_("{name} is writing") if one.writing else _("{name} is looking at this")).format(name=one.person.name)
        for one in found
    )
    return f'<div id="kb-around" class="kb-around" role="status">{verbatim(told)}</div>'


def settle() -> None:
    """Wait until everything that was said is written. For tests and for the end of the process."""
    for one in list(_behind):
        one.result()


def _say(key: str, conversation_id: int, *, writing: bool) -> None:
    if len(_behind) >= _MOST_BEHIND:
        return
    said = _writer.submit(_touch, inbox(), token(), key, conversation_id, writing=writing)
    _behind.add(said)
    said.add_done_callback(_behind.discard)


def _touch(box: Inbox, who: str, key: str, conversation_id: int, *, writing: bool) -> None:
    try:
        box.presence.touch(who, tab=key, conversation_id=conversation_id, writing=writing)
    except InboxError as problem:
        # Signed out, or the store is busy: the page says the first, and the next word comes within seconds.
        _LOG.info("a word of presence was not kept: %s", problem)


def _one(who: Someone) -> dict[str, Any]:
    return {"name": who.person.name, "letters": words.initials(who.person.name), "writing": who.writing}
