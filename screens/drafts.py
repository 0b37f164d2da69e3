"""Drafts not sent: from the sidebar one walks through the conversations in which one began to write."""

from __future__ import annotations

from inbox.errors import InboxError
from screens import actions
from screens.state import enter, inbox, tab, token


def on_draft() -> None:
    """Open the next conversation with a draft of one's own; after the last one the first again."""
    here = tab()
    try:
        enter()
        numbers = list(dict.fromkeys(one.conversation_id for one in inbox().writing.my_drafts(token())))
    except InboxError as problem:
        actions.refused(here, problem)
        numbers = []
    if numbers:
        at = numbers.index(here.selected) + 1 if here.selected in numbers else 0
        here.notice = None
        here.select(numbers[at % len(numbers)])
        here.open_detail = True
    actions.redraw("nav", "list", "detail")
