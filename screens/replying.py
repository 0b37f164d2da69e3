"""What people do with answers on their way: take back, try again, approve, reject, say what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from inbox.errors import BadInput, CannotReply, InboxError, NeedsASecondLook, ReplyTooLong
from inbox.service import Inbox
from inbox.views import Done
from screens import actions, components, findings
from screens.state import tab

_STOPPED = "klankbord_approving"
# What is wrong with the text itself is told beside it.
_OF_THE_TEXT = (BadInput, CannotReply, NeedsASecondLook, ReplyTooLong)

_ACTS: Mapping[str, Callable[[Inbox, str, int, str], Done | None]] = {
    "cancel": lambda box, who, number, _reason: box.replies.cancel(who, number),
    "retry": lambda box, who, number, _reason: box.replies.retry(who, number),
    "approve": lambda box, who, number, _reason: box.replies.approve(who, number),
    "reject": lambda box, who, number, reason: box.replies.reject(who, number, reason=reason),
    "sent_by_hand": lambda box, who, number, _reason: box.replies.sent_by_hand(who, number),
    "was_not_sent": lambda box, who, number, _reason: box.replies.was_not_sent(who, number),
    "like": lambda box, who, number, _reason: box.replies.like(who, number),
    "hide": lambda box, who, number, _reason: box.replies.hide(who, number),
    "delete_own": lambda box, who, number, _reason: box.replies.delete_own(who, number),
    "recheck": lambda box, who, number, _reason: box.replies.recheck(who, number),
}


def on_act() -> None:
    """A button of a bubble under the thread was pressed."""
    act(components.sent("outgoing", "act"))
    actions.redraw(*actions.ALL)


def on_fetch_parent(conversation_id: int) -> None:
    """What the first message answers is asked of the platform."""
    actions.take(lambda box, who: box.replies.fetch_parent(who, conversation_id), conversation_id=conversation_id)
    actions.redraw("detail")


def on_list_act() -> None:
    """The same on the page of approvals."""
    act(components.sent("outgoing", "act"))
    st.rerun("approvals")


def act(sent: Mapping[str, Any]) -> None:
    """Do what was pressed: `{what, id, conversation, reason}`."""
    step, number, conversation = _ACTS.get(str(sent.get("what"))), sent.get("id"), sent.get("conversation")
    if step is None or not isinstance(number, int) or not isinstance(conversation, int):
        return
    if sent.get("what") == "approve" and isinstance(sent.get("text"), str):
        step = _with_text(number, sent)
    reason = str(sent.get("reason", ""))
    name = next((card.author_name for card in tab().cards if card.id == conversation), "")
    actions.take(lambda box, who: step(box, who, number, reason), conversation_id=conversation, name=name)


def stopped() -> dict[str, Any] | None:
    """Why the text that an approver wrote does not go out, for the bubble."""
    found: dict[str, Any] | None = st.session_state.get(_STOPPED)
    return found


def _with_text(number: int, sent: Mapping[str, Any]) -> Callable[[Inbox, str, int, str], Done | None]:
    """Approve with the approver's own words; what the guard finds is kept for the bubble."""
    text, confirmed = str(sent["text"]), sent.get("confirmed")
    codes = tuple(str(one) for one in confirmed) if isinstance(confirmed, list | tuple) else ()

    def step(box: Inbox, who: str, _number: int, _reason: str) -> Done | None:
        st.session_state[_STOPPED] = None
        try:
            return box.replies.approve(who, number, text=text, confirmed=codes)
        except InboxError as problem:
            if not isinstance(problem, _OF_THE_TEXT):
                raise
            told = {**findings.stop(problem), "id": number, "text": text.strip(), "nonce": str(sent.get("nonce", ""))}
            st.session_state[_STOPPED] = told
            return None

    return step
