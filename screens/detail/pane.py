"""The detail pane: which parts a conversation shows, and in which order."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.permissions import Permission
from inbox.views import Choices, CurrentUser, Detail
from screens import actions, around, bulk, components, dossier, events, manual, promises, rules, threads, words
from screens.cards import millis
from screens.detail import (
    background,
    composer,
    copies,
    correcting,
    customer,
    noise_scopes,
    outgoing,
    properties,
    specialists,
    themes,
    toolbar,
)
from screens.detail import promises as promise_rows
from screens.i18n import _
from screens.state import Tab, choices, enter, inbox, reads_together, tab, token, utc_now


@st.fragment(key="detail")
@reads_together
def draw() -> None:
    """Draw the conversation that is selected."""
    here = tab()
    try:
        user = enter()
    except NotSignedIn:
        _signed_out()
        return
    _step_bar(here)
    _notice(here)
    specialists.link()
    promises.strip(user, here.selected)
    if here.selected is None:
        _nothing(offered=bool(here.cards))
        return
    try:
        detail = inbox().detail(token(), here.selected, search=here.filters.search, messages=here.earlier)
        inbox().mentions.seen(token(), here.selected)
        offered = choices()
    except NotSignedIn:
        _signed_out()
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    _conversation(user, detail, offered)


def _signed_out() -> None:
    text = _("You are signed out. Sign in again; what you typed is still here.")
    st.html(f'<div id="kb-signed-out">{threads.notice("error", text, ("/login", _("Sign in")))}</div>')


def _nothing(*, offered: bool) -> None:
    title, lead = _("Choose a conversation"), _("Press j for the next one, or g to take the next of the queue.")
    if not offered:
        title = _("No conversation is open")
        lead = _("Choose another view, or press g to take the next of the queue.")
    st.html(
        f'<div class="kb-empty"><span aria-hidden="true" class="kb-icon">inbox</span>'
        f"<h2>{title}</h2><p>{lead}</p></div>"
    )


def _step_bar(here: Tab) -> None:
    step = here.step
    now = utc_now()
    data: dict[str, Any] = {"now": millis(now), "step": None, "words": {"back": _("Inbox"), "undo": _("Undo")}}
    if step is not None and step.done.undo_until is not None and step.done.undo_until > now:
        data["step"] = {"text": step.text, "until": millis(step.done.undo_until), "event": str(step.done.event_id)}
        if step.done.code == "spam" and not step.bulk and "noise_kind" not in step.done.params:
            data["more"] = {"lead": _("From now on also:"), "options": noise_scopes.keyed()}
    components.mount("step_bar", data, undo=bulk.on_undo, more=noise_scopes.on_more)


def _notice(here: Tab) -> None:
    if here.notice is not None:
        link = ("/login", _("Sign in")) if here.signed_out else None
        st.html(f'<div id="kb-notice">{threads.notice(here.notice.tone, here.notice.text, link)}</div>')


def _conversation(user: CurrentUser, detail: Detail, offered: Choices) -> None:
    now = utc_now()
    claim = threads.claim_line(detail, user.id, now)
    st.html(threads.head(detail, now) + claim + around.line(detail.card.id))
    around.look(tab())
    if user.may(Permission.WORK):
        toolbar.draw(user, detail, offered)
    elif user.may(Permission.NOTE) and "open" in detail.moves:
        toolbar.draw_hand_back(detail)
    if user.may(Permission.WORK):
        properties.draw(detail, offered)
        themes.draw(detail)
    promise_rows.draw(user, detail)
    if detail.more_messages:
        st.button(_("Show earlier messages"), key="earlier", type="tertiary", on_click=actions.more_messages)
    background.draw(user, detail)
    st.html(threads.thread(detail, now, corrects=user.may(Permission.WORK)))
    if user.may(Permission.WORK):
        correcting.listen()
    copies.draw(user, detail)
    if user.may(Permission.REPLY):
        outgoing.draw(user, detail)
    if user.may(Permission.NOTE):
        composer.draw(user, detail)
    manual.again(user, detail)
    customer.draw(user, detail, now)
    works = user.may(Permission.WORK)
    under = dossier.build(detail, now, event_text=lambda event: events.line(event, now), works=works)
    components.mount("dossier", under, take_back=rules.on_take_back)
