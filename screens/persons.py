"""What the customer panel does when somebody clicks in it: thin, through the door of persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import streamlit as st

from inbox.errors import InboxError
from inbox.persons.door import Persons
from screens import actions, components
from screens.state import enter, inbox, tab, token

_STATE = "klankbord_customer"
PAGE = 20


def shown(author_id: int) -> dict[str, Any]:
    """What this tab remembers of the panel of one person: how much history, and the merge that can be taken back."""
    kept = st.session_state.get(_STATE)
    if not isinstance(kept, dict) or kept.get("author") != author_id:
        kept = {"author": author_id, "limit": PAGE, "merged": 0}
        st.session_state[_STATE] = kept
    return cast("dict[str, Any]", kept)


def on_act() -> None:
    """Something was clicked in the panel."""
    sent = components.sent("customer", "act")
    author_id = sent.get("author")
    if not isinstance(author_id, int):
        return
    if sent.get("what") == "open":
        _open(sent.get("id"))
    if sent.get("what") == "more":
        shown(author_id)["limit"] += 2 * PAGE
        actions.redraw("detail")
    answer(author_id, sent)
    tab().stale = True
    actions.redraw("list", "detail")


def answer(author_id: int, sent: Mapping[str, Any]) -> None:
    """Do one step on a person; what is refused is told in the detail."""
    kept = shown(author_id)
    step = _step(author_id, sent, kept)
    if step is None:
        return
    tab().notice = None
    try:
        enter()
        step(inbox().persons, token())
    except InboxError as problem:
        actions.refused(tab(), problem)


def _step(author_id: int, sent: Mapping[str, Any], kept: dict[str, Any]) -> Callable[[Persons, str], object] | None:
    account, other, event = (_number(sent.get(name)) for name in ("account", "other", "event"))
    badge, on = str(sent.get("badge", "")), bool(sent.get("on"))
    texts = {name: str(sent.get(name, "")) for name in ("note", "name", "consent")}

    def accept(box: Persons, who: str) -> None:
        kept["merged"] = box.accept(who, account, other).event_id

    def unmerge(box: Persons, who: str) -> None:
        kept["merged"] = 0
        box.unmerge(who, event)

    steps: dict[str, Callable[[Persons, str], object]] = {
        "badge": lambda box, who: (box.give_badge if on else box.take_badge)(who, author_id, badge),
        "describe": lambda box, who: box.describe(who, author_id, **texts),
        "accept": accept,
        "refuse": lambda box, who: box.refuse(who, account, other),
        "split": lambda box, who: box.split(who, account),
        "unmerge": unmerge,
    }
    return steps.get(str(sent.get("what")))


def _open(conversation_id: object) -> None:
    if isinstance(conversation_id, int):
        tab().notice = None
        tab().select(conversation_id)
    actions.redraw("list", "detail")


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
