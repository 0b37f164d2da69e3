"""What happens when somebody presses something: thin callbacks that ask the inbox and say what came of it.

Each ends in `redraw`, which reruns only the fragments that changed; nothing after it runs. The inbox checks session,
role, claim and version again at every step; what it refuses is shown in words and changes nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.errors import StreamlitAPIException

from inbox import reaching
from inbox.errors import Changed, InboxError, NotSignedIn
from inbox.service import Inbox
from inbox.views import Done, Filters, View
from screens import components, events, page_step, reading, words
from screens.decisions import step_of
from screens.i18n import _, plural
from screens.state import Notice, Step, Tab, enter, inbox, speak, tab, token

ALL = ("nav", "list", "detail")
# Steps after which the conversation has left the desk, so that the next one is opened.
_ADVANCING = frozenset({"resolved", "ignored", "spam", "snoozed", "waiting_customer", "waiting_internal"})


def redraw(*fragments: str) -> None:
    """Rerun these fragments and nothing else, first what the reader looks at. Ends the callback.

    That is the detail, unless the list has to choose first what is opened.
    """
    reading.keep_turn()
    if tab().go_to:
        # On the way to another page: a part of this one would be drawn instead of it.
        st.rerun()
    order = ("detail", "list") if tab().selected is not None else ("list", "detail")
    try:
        st.rerun(sorted(fragments, key=lambda name: order.index(name) if name in order else len(order)))
    except StreamlitAPIException:
        # The same click opened another page, where these fragments are not: it is drawn as a whole.
        return


def refused(here: Tab, problem: InboxError) -> None:
    """Keep what the inbox refused, to be read in the detail."""
    if isinstance(problem, NotSignedIn) and problem.code == "not_signed_in":
        here.signed_out = True
    tone = "warning" if problem.code in {"claimed_by_other", "changed", "undo_refused"} else "error"
    here.notice = Notice(tone, words.error(problem))


def take(step: Callable[[Inbox, str], Done | None], *, conversation_id: int, name: str = "") -> Done | None:
    """Do one step and keep its undo; returns None when it was refused or there was nothing to do."""
    here = tab()
    here.notice = None
    try:
        with reaching.in_words():
            enter()
            reading.forget()
            done = step(inbox(), token())
    except InboxError as problem:
        refused(here, problem)
        here.stale = here.stale or isinstance(problem, Changed)
        return None
    if done is None:
        return None
    after = here.after(conversation_id)
    if done.event_id is not None and done.undo_until is not None:
        here.step = Step(done, events.toast(done, name), here.selected)
    here.stale = True
    if done.code in _ADVANCING and conversation_id == here.selected:
        here.select(after)
    return done


def _name_of(conversation_id: int) -> str:
    card = tab().card(conversation_id)
    return card.author_name if card else ""


def decide(conversation_id: int, version: int | None, what: str) -> None:
    """One decision on a conversation, by key or button."""
    take(step_of(conversation_id, version, what), conversation_id=conversation_id, name=_name_of(conversation_id))
    redraw(*ALL)


def on_pick() -> None:
    """A row was chosen in the list: only the detail is drawn again."""
    here = tab()
    chosen = components.sent("mention_list", "pick").get("id")
    if isinstance(chosen, int):
        here.selected = chosen
        here.notice = None
        here.earlier = 200
    redraw("detail")


def on_key() -> None:
    """A key was pressed in the list."""
    sent = components.sent("mention_list", "act")
    what, number, version = sent.get("what"), sent.get("id"), sent.get("version")
    if what == "next":
        next_for_me()
    elif isinstance(what, str) and isinstance(number, int):
        if tab().selected != number:
            tab().select(number)
        decide(number, version if isinstance(version, int) else None, what)


def next_for_me() -> None:
    """Claim the first item of the queue and open it."""
    here = tab()
    view = here.view if here.view in {View.URGENT, View.OVERDUE, View.UNASSIGNED, View.NEW, View.MINE} else View.ALL
    done = take(lambda box, who: box.next_for_me(who, view=view), conversation_id=0)
    if done is not None:
        here.select(done.conversation_id)
        here.open_detail = True
    elif here.notice is None:
        here.notice = Notice("info", _nothing(view))
    redraw(*ALL)


def _nothing(view: View) -> str:
    """Why there is nothing next, in words."""
    try:
        why = inbox().why_nothing_next(token(), view=view)
    except InboxError as problem:
        return words.error(problem)
    if why.full is not None:
        return plural(
            "Your desk is full: {n} conversation. Finish it, then take the next.",
            "Your desk is full: {n} conversations. Finish one, then take the next.",
            why.full,
        )
    if why.skills:
        told = _("What waits takes a skill that colleagues have first: {skills}. It comes to you when it is overdue.")
        return told.format(skills=", ".join(why.skills))
    return _("Nothing is waiting in this view. Well done.")


def on_more() -> None:
    """The reader came near the end of the list."""
    tab().more = True
    redraw("list")


def on_refresh() -> None:
    """The reader asked for what came since."""
    here = tab()
    here.stale = True
    here.scope += 1
    here.total = None
    redraw("nav", "list")


def on_view() -> None:
    """Another view was chosen in the sidebar."""
    chosen = components.sent("nav", "view").get("id")
    if chosen in set(View):
        show(View(str(chosen)))
    redraw("head", *ALL)


def show(view: View) -> None:
    """Show a view from its top, with its first row open."""
    here = tab()
    if here.saved is not None:
        here.saved, here.filters = None, Filters()
        here.filled += 1
    here.view = view
    here.stale = True
    here.scope += 1
    here.total = None
    here.notice = None
    here.cards = []
    here.select(None)


def on_language() -> None:
    """Another language was chosen; kept with the person. Ends in a full run, because every text changes."""
    code = components.sent("nav", "language").get("code")
    if code in {"nl", "en"}:
        try:
            with reaching.in_words():
                inbox().set_language(token(), str(code))
        except InboxError as problem:
            refused(tab(), problem)
        speak(str(code))
        tab().stale = True
    st.rerun()


def on_account() -> None:
    """The name in the sidebar was pressed: to one's own account."""
    page_step.go("account")


def narrow(filters: Filters) -> None:
    """Use these filters from the top of the list."""
    here = tab()
    here.filters = filters
    here.stale = True
    here.scope += 1
    here.total = None
    here.cards = []
    here.select(None)


def on_undo() -> None:
    """Take the last step back and return to where it was done."""
    here = tab()
    step = here.step
    if step is None or step.done.event_id is None:
        return
    event_id, was = step.done.event_id, step.was_selected
    here.step = None
    done = take(lambda box, who: box.undo(who, event_id), conversation_id=0)
    if done is not None:
        here.step = None
        here.select(was or done.conversation_id)
    redraw(*ALL)


def set_property(conversation_id: int, version: int, kind: str, key: str, *, shown: int | str | None) -> None:
    """Priority or reason for contact were changed in their fields; `shown` is what the field showed."""
    value = st.session_state[key]
    if value == shown:
        # A field that made place for a newer one may be heard once more by Streamlit, with what it showed.
        return
    name = _name_of(conversation_id)
    if kind == "priority":
        take(
            lambda box, who: box.set_priority(who, conversation_id, value, version=version),
            conversation_id=conversation_id,
            name=name,
        )
    elif kind == "why":
        take(
            lambda box, who: box.set_why(who, conversation_id, value, version=version),
            conversation_id=conversation_id,
            name=name,
        )
    redraw(*ALL)


def set_tags(conversation_id: int, before: tuple[str, ...], key: str) -> None:
    """Tags were added or taken off."""
    wanted = [tag.strip().lower() for tag in st.session_state[key] if tag.strip()]
    name = _name_of(conversation_id)
    for tag in wanted:
        if tag not in before:
            take(partial(_add_tag, number=conversation_id, tag=tag), conversation_id=conversation_id, name=name)
    for tag in before:
        if tag not in wanted:
            take(partial(_remove_tag, number=conversation_id, tag=tag), conversation_id=conversation_id, name=name)
    redraw(*ALL)


def _add_tag(box: Inbox, who: str, *, number: int, tag: str) -> Done:
    return box.add_tag(who, number, tag)


def _remove_tag(box: Inbox, who: str, *, number: int, tag: str) -> Done:
    return box.remove_tag(who, number, tag)


def more_messages() -> None:
    """Show earlier messages of a long thread."""
    tab().earlier += 500
    redraw("detail")
