"""The promises of a conversation: suggestions to confirm, what the customer waits for, and how earlier ones ended."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.promises.views import PromiseView
from inbox.views import CurrentUser, Detail
from screens import promises, reading
from screens.i18n import N_, _, moment
from screens.security import verbatim
from screens.state import inbox, token, utc_now

_STATES: Mapping[str, str] = {"kept": N_("kept"), "broken": N_("not kept in time"), "dropped": N_("dropped")}


def draw(user: CurrentUser, detail: Detail) -> None:
    """Draw what needs a decision or is waited for; the rest stands in the menu of `menu`."""
    for one in _found(detail):
        if one.state == "suggested":
            _suggestion(user, one)
        elif one.waiting:
            _waiting(user, one)


def menu(detail: Detail) -> None:
    """The menu with a form for a promise by hand, and how earlier promises ended."""
    card = detail.card
    prefix = f"newpromise_{card.id}_{card.version}"
    label = _("Promise")
    # Drawn when it is opened: most conversations never need it, and forms are dear to draw.
    popover = st.popover(
        label, icon=":material/handshake:", help=label, key=f"promisemenu_{card.id}", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        with st.form(prefix, border=False):
            lead = _("What did you promise, and by when? The conversation comes back in time.")
            st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
            st.text_input(_("Promised"), key=f"{prefix}_text", max_chars=500, placeholder=_("We call back"))
            promises.moment_fields(prefix, None)
            st.form_submit_button(
                _("Keep this promise in mind"),
                type="primary",
                key=f"{prefix}_submit",
                on_click=promises.on_make,
                args=(card.id, prefix),
            )
        ended = [one for one in _found(detail) if one.state != "suggested" and not one.waiting]
        if ended:
            rows = "".join(_ended(one) for one in ended)
            st.html(f'<ul class="kb-promises" aria-label="{verbatim(_("Earlier promises"))}">{rows}</ul>')


def _ended(one: PromiseView) -> str:
    told = f"{_(_STATES.get(one.state, one.state))} · {moment(one.due_at, utc_now())}"
    return f'<li><q>{verbatim(one.text)}</q> <span class="kb-soft">{verbatim(told)}</span></li>'


def _found(detail: Detail) -> tuple[PromiseView, ...]:
    try:
        number = detail.card.id
        return reading.once(f"promises {number}", lambda: inbox().promises.of(token(), number))
    except InboxError:
        return ()


def _suggestion(user: CurrentUser, one: PromiseView) -> None:
    with st.container(key=f"promiserow_{one.id}", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(promises.sentence(one, _("A promise?")))
        if user.may(Permission.WORK):
            promises.button("confirm", _("Confirm"), one, type="primary")
            _other_moment(one)
            promises.button("drop", _("No promise"), one, icon=":material/close:", help=_("No promise"))


def _waiting(user: CurrentUser, one: PromiseView) -> None:
    with st.container(key=f"promiserow_{one.id}", horizontal=True, gap="small", vertical_alignment="center"):
        st.html(promises.sentence(one, _("Promised, and late") if one.late else _("Promised")))
        if user.may(Permission.WORK):
            promises.button("keep", _("Done"), one)
            if not one.late:
                _other_moment(one)
                promises.button("drop", _("Drop"), one, icon=":material/close:", help=_("Drop"))


def _other_moment(one: PromiseView) -> None:
    prefix = f"movepromise_{one.id}_{one.due_at:%m%d%H%M}"
    moved = _("Other moment")
    with (
        st.popover(moved, icon=":material/schedule:", help=moved, key=f"{prefix}_menu"),
        st.form(prefix, border=False),
    ):
        promises.moment_fields(prefix, one.due_at)
        st.form_submit_button(
            _("Set this moment"),
            type="primary",
            key=f"{prefix}_submit",
            on_click=promises.on_move,
            args=(one, prefix),
        )
