"""On My account: of what one is told by mail."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.mail.texts import MailKind
from inbox.mail.views import MailChoice
from inbox.mail.wanted import CHOOSABLE
from inbox.service import Inbox
from screens import page_step
from screens.i18n import N_, _
from screens.security import verbatim

_KINDS: Mapping[MailKind, str] = {
    MailKind.MENTIONED: N_("Somebody names me in a note"),
    MailKind.APPROVAL: N_("An answer waits for my approval"),
    MailKind.PROMISE_DUE: N_("A promise to a customer of mine is due soon"),
    MailKind.ANSWERED: N_("A specialist answered my question"),
    MailKind.ASSIGNED: N_("A colleague assigns a conversation to me"),
    MailKind.SNOOZE_OVER: N_("A conversation of mine is back from its snooze"),
}


def draw(choice: MailChoice, *, can_send: bool, fragment: str) -> None:
    """Draw the choice, and say where the mails go or why none arrive."""
    st.subheader(_("Mails to me"), anchor=False)
    if choice.to is not None:
        lead = _("They go to {address}.").format(address=choice.to)
    elif can_send:
        lead = _("No mail address of yours is known; an administrator adds it on the People page.")
    else:
        lead = _("No mail goes out of here: an administrator has not set it up.")
    st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
    if choice.to is None:
        return
    with st.container(key="mailchoice", gap="xsmall"):
        for kind in CHOOSABLE:
            st.checkbox(
                _(_KINDS[kind]), value=kind in choice.wanted, key=_key(kind), on_change=_on_choose, args=(fragment,)
            )


def _key(kind: MailKind) -> str:
    return f"mail_{kind.value}"


def _on_choose(fragment: str) -> None:
    wanted = [kind.value for kind in CHOOSABLE if st.session_state.get(_key(kind))]

    def step(box: Inbox, who: str) -> None:
        box.mail.choose(who, wanted)

    page_step.take(fragment, step)
