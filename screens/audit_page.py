"""The record, for administrators: who signed in or was refused, what changed about people, and mail that did not go."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.access.record import KINDS
from inbox.access.views import RecordLine
from inbox.errors import InboxError
from inbox.mail.views import MailView
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.tone.views import TONES
from screens import page_step, sidebar, threads, words
from screens.account_page import METHODS
from screens.i18n import N_, _, full_moment, moment
from screens.record_words import ACTIONS
from screens.security import md_escape, verbatim
from screens.state import inbox, token, utc_now

FRAGMENT = "record"
_PAGES = "klankbord_record_pages"
_PER_PAGE = 50
_KIND_NAMES: Mapping[str, str] = {
    "sign_in": N_("Sign-ins and passwords"),
    "refused": N_("Refused sign-ins"),
    "people": N_("People and roles"),
    "links": N_("One-time links"),
    "second_factor": N_("Second factors"),
    "sessions": N_("Ended sessions"),
    "tokens": N_("Tokens of the API"),
    "export": N_("Exports"),
    "privacy": N_("Rights of customers"),
    "settings": N_("Settings and the rest"),
}
_STATES: Mapping[str, str] = {
    "queued": N_("waits, and is tried again"),
    "failed": N_("not sent"),
    "unknown": N_("may have been sent"),
}
# What a line tells beside the sentence; other facts are for machines.
_TOLD = (
    "name",
    "method",
    "second",
    "address",
    "before",
    "after",
    "role",
    "team_id",
    "why",
    "to",
    "n",
    "email",
    "search",
    "kind",
    "word",
    "weight",
    "lang",
    "label",
    "sample",
    "model",
    "number",
)


def draw() -> None:
    """Draw the page."""
    with st.container(key="recordpage"):
        _record()


@st.fragment(key=FRAGMENT)
def _record() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("Record"), _("Lines are never changed."))
    page_step.told()
    try:
        _unsent(inbox().mail.unsent(token()))
        _filters()
        lines, more = _read()
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    if not lines:
        told = _("Nothing is recorded for this choice. Choose another person or kind, or none.")
        st.html(f'<p class="kb-soft">{verbatim(told)}</p>')
        return
    rows = "".join(_row(line) for line in lines)
    st.html(f'<ul class="kb-record" aria-label="{verbatim(_("Record"))}">{rows}</ul>')
    if more:
        st.button(_("Show older lines"), key="record_more", on_click=_on_more)


def _read() -> tuple[list[RecordLine], bool]:
    """As many pages as were asked for, each from where the one before ended."""
    wanted = {"person_id": st.session_state.get("record_person"), "kind": st.session_state.get("record_kind")}
    lines: list[RecordLine] = []
    before: int | None = None
    for _page in range(int(st.session_state.get(_PAGES, 1))):
        page = inbox().access.record(token(), before=before, limit=_PER_PAGE, **wanted)
        lines += page.lines
        before = page.before
        if before is None:
            break
    return lines, before is not None


def _filters() -> None:
    people = {one.id: one.name for one in inbox().people.users(token())}
    left, right = st.columns(2)
    left.selectbox(
        _("Person"),
        list(people),
        index=None,
        format_func=lambda key: people.get(key, str(key)),
        placeholder=_("Everybody"),
        key="record_person",
        on_change=_on_filter,
    )
    right.selectbox(
        _("Kind of line"),
        list(KINDS),
        index=None,
        format_func=lambda key: _(_KIND_NAMES[key]),
        placeholder=_("All kinds"),
        key="record_kind",
        on_change=_on_filter,
    )


def _row(line: RecordLine) -> str:
    action = _(ACTIONS[line.action]) if line.action in ACTIONS else line.action.replace("_", " ")
    by = line.actor or (_("not signed in") if line.kind == "refused" or line.action == "link_asked" else "Klankbord")
    own = line.actor_id is not None and line.actor_id == line.object_id
    whom = "" if own or not line.object else f"<b><bdi>{verbatim(line.object)}</bdi></b> "
    told = " · ".join(_told(name, line.params[name]) for name in _TOLD if line.params.get(name) not in {None, ""})
    bad = " bad" if line.kind == "refused" else ""
    return (
        f'<li class="{verbatim(line.kind)}{bad}"><time title="{verbatim(full_moment(line.at))}">'
        f"{verbatim(moment(line.at, utc_now()))}</time><span><bdi>{verbatim(by)}</bdi></span>"
        f'<span>{whom}{verbatim(action)} <span class="kb-soft">{verbatim(told)}</span></span></li>'
    )


def _told(name: str, value: object) -> str:
    """A fact of a line in words."""
    if name in {"role", "before", "after"} and value in set(Role):
        return words.role(str(value))
    if name == "label":
        return words.sentiment(str(value)) if value in TONES else _("nobody can tell")
    if name == "model":
        return _("the one that came with Klankbord") if value == "shipped" else str(value)
    return _(METHODS[value]) if name == "method" and value in METHODS else str(value)


def _unsent(mails: tuple[MailView, ...]) -> None:
    if not mails:
        return
    st.subheader(_("Mail that has not arrived"), anchor=False)
    for one in mails:
        state = _(_STATES[one.state]) if one.state in _STATES else one.state
        with st.container(key=f"mail_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(
                f'<div class="kb-session"><b>{verbatim(one.subject)}</b> '
                f'<span class="kb-badge {"" if one.state == "queued" else "red"}">{verbatim(state)}</span>'
                f'<span class="kb-soft">{verbatim(" · ".join((one.to_address, one.error_text or "")))}</span></div>'
            )
            if one.state != "queued":
                st.button(
                    _("Send again"),
                    key=f"again_{one.id}",
                    icon=":material/send:",
                    help=_("To {address}. Make sure first that it did not arrive.").format(
                        address=md_escape(one.to_address)
                    ),
                    on_click=_on_again,
                    args=(one.id,),
                )


def _on_filter() -> None:
    st.session_state[_PAGES] = 1
    st.rerun(FRAGMENT)


def _on_more() -> None:
    st.session_state[_PAGES] = int(st.session_state.get(_PAGES, 1)) + 1
    st.rerun(FRAGMENT)


def _on_again(mail_id: int) -> None:
    def step(box: Inbox, who: str) -> str:
        box.mail.send_again(who, mail_id)
        return _("It is tried again within a few seconds.")

    page_step.take(FRAGMENT, step)
