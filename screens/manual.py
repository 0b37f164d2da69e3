"""New entry: a call, a visit, a letter or a chat becomes a conversation; who reaches us again is added to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.manual.views import CHANNELS, Entry
from inbox.permissions import Permission
from inbox.views import PRIORITIES, Choices, CurrentUser, Detail
from screens import actions, page_step, sidebar, threads, words
from screens.i18n import N_, _, current, local_now
from screens.state import Notice, enter, inbox, tab, token, utc_now

_DONE = "klankbord_entered"
_CHANNELS: Mapping[str, str] = {
    "phone": N_("Telephone"),
    "shop": N_("Shop"),
    "letter": N_("Letter"),
    "chat": N_("Chat"),
}
_LANGUAGES = ("nl", "en", "de", "fr", "es", "pl", "tr", "ar", "uk")
_FIELDS = ("channel", "name", "contact", "text", "when", "day", "time", "lang", "brands", "team", "priority", "mine")


def draw() -> None:
    """Draw the page; after an entry go on in the inbox, with the new conversation open."""
    done = st.session_state.pop(_DONE, None)
    place = st.session_state.get("klankbord_inbox_page")
    if isinstance(done, int) and place is not None:
        here = tab()
        here.select(done)
        here.stale, here.open_detail = True, True
        st.switch_page(place)
    with st.container(key="entrypage"):
        _page()


@st.fragment(key="entry")
def _page() -> None:
    try:
        user = enter()
        choices = inbox().choices(token())
    except NotSignedIn:
        page_step.signed_out()
        return
    with st.sidebar:
        sidebar.draw(user, None)
    lead = _("What reached us by telephone, in the shop, by letter or by chat.")
    st.html(f'<div class="kb-pagehead"><h1>{_("New entry")}</h1><span class="kb-soft">{lead}</span></div>')
    here = tab()
    if here.notice is not None:
        st.html(threads.notice(here.notice.tone, here.notice.text))
        here.notice = None
    _form(choices)


def _form(choices: Choices) -> None:
    """The fields; what is typed stays when another page is looked at in between."""
    st.segmented_control(
        _("How they reached us"),
        CHANNELS,
        default="phone",
        format_func=_channel,
        key="entry_channel",
        persist_state="session",
    )
    st.text_area(
        _("What was said"),
        key="entry_text",
        height=170,
        max_chars=20_000,
        placeholder=_("As literally as you can; colleagues answer from this."),
        persist_state="session",
    )
    left, right = st.columns(2)
    left.text_input(_("Name of the customer"), key="entry_name", max_chars=200, persist_state="session")
    right.text_input(
        _("Telephone number or e-mail address"),
        key="entry_contact",
        max_chars=200,
        placeholder=_("optional; the same number is the same customer next time"),
        persist_state="session",
    )
    # A row at a time, so that the keyboard goes through the fields as they are read.
    _when("entry")
    left, right = st.columns(2)
    left.selectbox(
        _("Language of the customer"),
        _LANGUAGES,
        index=_LANGUAGES.index(current().code),
        format_func=words.language,
        key="entry_lang",
        persist_state="session",
    )
    teams = {one.value: one.label for one in choices.teams}
    if teams:
        right.selectbox(
            _("Team"),
            list(teams),
            format_func=lambda key: teams.get(key, key),
            key="entry_team",
            persist_state="session",
        )
    left, right = st.columns(2)
    left.selectbox(
        _("Priority"),
        range(len(PRIORITIES)),
        index=2,
        format_func=lambda level: words.priority(PRIORITIES[level]),
        key="entry_priority",
        persist_state="session",
    )
    brands = {one.value: one.label for one in choices.brands}
    if len(brands) > 1:
        right.multiselect(
            _("Brand"),
            list(brands),
            format_func=lambda key: brands.get(key, key),
            key="entry_brands",
            placeholder=_("Any"),
            persist_state="session",
        )
    st.checkbox(_("I handle this myself"), key="entry_mine", value=True, persist_state="session")
    st.button(
        _("Save this entry"),
        key="entry_save",
        type="primary",
        icon=":material/check:",
        shortcut="Ctrl+Enter",
        on_click=_on_save,
        kwargs={"only_brand": next(iter(brands), None) if len(brands) == 1 else None},
    )


def _when(prefix: str) -> None:
    now = local_now(utc_now())
    chosen = st.segmented_control(
        _("When"),
        ("now", "earlier"),
        default="now",
        format_func=lambda key: _("Just now") if key == "now" else _("Earlier"),
        key=f"{prefix}_when",
        persist_state="session",
    )
    if chosen == "earlier":
        with st.container(horizontal=True, gap="small"):
            st.date_input(_("Day"), now.date(), max_value=now.date(), format="DD/MM/YYYY", key=f"{prefix}_day",
                          persist_state="session")  # fmt: skip
            st.time_input(_("Time"), now.time().replace(second=0, microsecond=0), key=f"{prefix}_time", step=300,
                          persist_state="session")  # fmt: skip


def _channel(key: str) -> str:
    return _(_CHANNELS[key])


def _said_at(prefix: str) -> datetime | None:
    state = st.session_state
    day, at = state.get(f"{prefix}_day"), state.get(f"{prefix}_time")
    if state.get(f"{prefix}_when") != "earlier" or not isinstance(day, date) or not isinstance(at, time):
        return None
    return datetime.combine(day, at, local_now(utc_now()).tzinfo)


def _on_save(*, only_brand: str | None) -> None:
    state: Any = st.session_state
    try:
        enter()  # also says in which time zone a day and time are meant
        entry = Entry(
            channel=str(state.get("entry_channel") or ""),
            text=str(state.get("entry_text") or ""),
            name=str(state.get("entry_name") or ""),
            contact=str(state.get("entry_contact") or ""),
            said_at=_said_at("entry"),
            lang=str(state.get("entry_lang") or "nl"),
            brand_ids=(only_brand,) if only_brand else tuple(state.get("entry_brands") or ()),
            team_id=state.get("entry_team"),
            priority=int(state.get("entry_priority", 2)),
            mine=bool(state.get("entry_mine")),
        )
        done = inbox().manual.enter(token(), entry)
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
        st.rerun("entry")
    for name in _FIELDS:
        state.pop(f"entry_{name}", None)
    state[_DONE] = done.conversation_id
    st.rerun()


def again(user: CurrentUser, detail: Detail) -> None:
    """Draw "they reached us again" under a conversation that was entered by hand; nothing under others."""
    if detail.card.source_id != "manual" or not user.may(Permission.WORK) or detail.card.status == "spam":
        return
    prefix = f"again_{detail.card.id}"
    with st.expander(_("They reached us again"), icon=":material/add_call:", key=f"{prefix}_box"):
        st.segmented_control(
            _("How they reached us"),
            CHANNELS,
            default=detail.card.platform if detail.card.platform in CHANNELS else "phone",
            format_func=_channel,
            key=f"{prefix}_channel",
        )
        st.text_area(_("What was said"), key=f"{prefix}_text", max_chars=20_000, persist_state="session")
        _when(prefix)
        st.button(
            _("Add to this conversation"),
            key=f"{prefix}_save",
            type="primary",
            on_click=_on_again,
            args=(detail.card.id, prefix, detail.card.lang),
        )


def _on_again(conversation_id: int, prefix: str, lang: str) -> None:
    state: Any = st.session_state
    here = tab()
    here.notice = None
    try:
        enter()
        entry = Entry(
            channel=str(state.get(f"{prefix}_channel") or ""),
            text=str(state.get(f"{prefix}_text") or ""),
            said_at=_said_at(prefix),
            lang=lang if lang not in {"", "und"} else current().code,
        )
        inbox().manual.add(token(), conversation_id, entry)
        state.pop(f"{prefix}_text", None)
        here.stale = True
    except InboxError as problem:
        here.notice = Notice("error", words.error(problem))
    actions.redraw(*actions.ALL)
