"""Asking a specialist without a seat: a small form over the conversation, and the questions that were asked."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.service import Inbox
from inbox.specialists.views import Asked, QuestionView, Standing
from inbox.views import CurrentUser, Detail, Done
from screens import actions, threads, words
from screens.i18n import N_, _, moment, plural
from screens.security import verbatim
from screens.state import inbox, tab, token, utc_now

_LINK = "klankbord_asked"
_STANDING = {
    Standing.WAITING: N_("not opened yet"),
    Standing.OPENED: N_("opened"),
    Standing.ANSWERED: N_("answered"),
    Standing.EXPIRED: N_("expired"),
    Standing.REVOKED: N_("taken back"),
}


def draw(_user: CurrentUser, detail: Detail) -> None:
    """Draw the menu with its form, and how the questions stand."""
    number = detail.card.id
    try:
        asked = inbox().specialists.questions(token(), number)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    waiting = sum(one.standing in {Standing.WAITING, Standing.OPENED} for one in asked)
    label = plural("{n} question waits", "{n} questions wait", waiting) if waiting else _("Specialist")
    # Drawn when it is opened: most conversations never need it, and forms are dear to draw.
    menu = st.popover(
        label,
        icon=":material/contact_support:",
        key=f"ask_{number}_{len(asked)}",
        help=_("Ask a specialist"),
        on_change="rerun",
    )
    if menu.open:
        with menu:
            for one in asked:
                _question(one)
            _form(number, detail.card.version, private=detail.card.visibility == "private")


def link() -> None:
    """The link of the question that was just asked, shown once where no mail goes out."""
    asked: Asked | None = st.session_state.pop(_LINK, None)
    if asked is None:
        return
    lead = _("No mail goes out here. Give this link to {name}; it takes one answer, until {time}.")
    told = lead.format(name=asked.name, time=moment(asked.expires_at, utc_now()))
    st.html(threads.notice("info", told))
    st.code(inbox().specialists.link(asked), language=None)


def _question(one: QuestionView) -> None:
    now = utc_now()
    when = one.answered_at or one.opened_at or one.created_at
    told = f"{_(_STANDING[one.standing])} · {moment(when, now)}"
    with st.container(key=f"question_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(
            f'<div class="kb-session"><b><bdi>{verbatim(one.name)}</bdi></b> <span class="kb-soft">{verbatim(told)}'
            f'</span><span class="kb-asked">{verbatim(one.question)}</span></div>'
        )
        if one.standing in {Standing.WAITING, Standing.OPENED}:
            st.button(_("Take back"), key=f"takeback_{one.id}", on_click=_on_take_back, args=(one.id,))


def _form(number: int, version: int, *, private: bool) -> None:
    with st.form(f"asking_{number}_{version}", border=False):
        lead = _("They need no account: they get the thread, your question, and room for one answer.")
        if private:
            lead = _("What was said in private stays out of the page they get: "
                     "write in your question what they must know.")  # fmt: skip
        st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
        st.text_input(_("Name of the specialist"), key=f"ask_name_{number}", max_chars=100)
        st.text_input(_("Mail address"), key=f"ask_email_{number}", max_chars=254)
        st.text_area(_("Question"), key=f"ask_text_{number}", max_chars=20_000, height=110)
        st.form_submit_button(
            _("Ask"), type="primary", key=f"ask_submit_{number}", on_click=_on_ask, args=(number, version)
        )


def _on_ask(number: int, version: int) -> None:
    state = st.session_state
    given = {part: str(state[f"ask_{part}_{number}"]) for part in ("name", "email", "text")}

    def step(box: Inbox, who: str) -> Done:
        asked = box.specialists.ask(
            who, number, name=given["name"], email=given["email"], question=given["text"], version=version
        )
        if not asked.mailed:
            state[_LINK] = asked
        return asked.done

    card = tab().card(number)
    if actions.take(step, conversation_id=number, name=card.author_name if card else "") is not None:
        for part in given:
            state.pop(f"ask_{part}_{number}", None)
    actions.redraw(*actions.ALL)


def _on_take_back(question_id: int) -> None:
    actions.take(lambda box, who: box.specialists.take_back(who, question_id), conversation_id=0)
    actions.redraw(*actions.ALL)
