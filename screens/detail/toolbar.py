"""The row of buttons and menus over a conversation: claim, assign, snooze, close, open on the platform."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inbox.permissions import Permission
from inbox.views import Choices, CurrentUser, Detail
from screens import actions, bulk, words
from screens.detail import noise_scopes, specialists
from screens.i18n import _
from screens.security import md_escape, safe_url


def draw_hand_back(detail: Detail) -> None:
    """Draw the one button of a specialist: the conversation goes back to who asked."""
    with st.container(key="actions", horizontal=True, gap="small"):
        _button("reopen", _("Hand back"), ":material/undo:", detail)


def _button(what: str, label: str, icon: str, detail: Detail, **options: Any) -> None:
    card = detail.card
    # Keyed by conversation: a press that is under way while the next one is drawn never acts on that one.
    st.button(
        label,
        key=f"do_{what}_{card.id}",
        icon=icon,
        on_click=actions.decide,
        args=(card.id, card.version, what),
        **options,
    )


def _menu(name: str, label: str, icon: str, options: dict[str, str], detail: Detail) -> None:
    """A menu whose entries are steps; keyed by conversation, so that a choice belongs to this one."""
    key = f"menu_{name}_{detail.card.id}_{detail.card.version}"

    def chosen() -> None:
        what = st.session_state.get(key)
        if isinstance(what, str) and what in noise_scopes.ASKING:
            noise_scopes.ask(detail.card.id, what)
        elif isinstance(what, str):
            actions.decide(detail.card.id, detail.card.version, what)

    st.menu_button(
        label, list(options), key=key, icon=icon, help=label, format_func=lambda step: options[step], on_click=chosen
    )


def draw(user: CurrentUser, detail: Detail, choices: Choices) -> None:
    """Draw the row for somebody who works on conversations."""
    card = detail.card
    closed = card.status in words.CLOSED
    mine = card.claimed_by is not None and card.claimed_by.id == user.id
    with st.container(key="actions", horizontal=True, gap="small", vertical_alignment="center"):
        if mine:
            _button("release", _("Give back"), ":material/person_remove:", detail)
        elif detail.may_claim:
            _button("claim", _("Take it"), ":material/person_add:", detail)
        elif user.may(Permission.TAKE_OVER):
            _button("take_over", _("Take over"), ":material/swap_horiz:", detail)
        if not closed:
            _menu("assign", _("Assign"), ":material/group:", _assignees(user, detail, choices), detail)
        if "snoozed" in detail.moves:
            _menu("snooze", _("Snooze"), ":material/snooze:", bulk.snoozes(), detail)
        if not closed:
            specialists.draw(user, detail)
        close = _closings(detail)
        if close:
            _menu("close", _("More"), ":material/more_horiz:", close, detail)
        url = safe_url(detail.reply.deep_link) or safe_url(card.url)
        if url:
            st.link_button(
                _("Open"),
                url,
                icon=":material/open_in_new:",
                help=_("Open on the platform, in a new tab"),
                key="original",
            )
        with st.container(key="decide", width="content"):
            if closed and "open" in detail.moves:
                _button("reopen", _("Reopen"), ":material/replay:", detail, type="primary")
            elif "resolved" in detail.moves:
                label = _("Resolve") if card.n_outbound else _("No answer needed")
                _button("resolve", label, ":material/check:", detail, type="primary")

    noise_scopes.draw(card.id)


def _assignees(user: CurrentUser, detail: Detail, choices: Choices) -> dict[str, str]:
    assignee = detail.card.assignee
    options: dict[str, str] = {}
    if assignee is None or assignee.id != user.id:
        options["assign_me"] = _("To me")
    options |= {
        f"assign:{one.id}": md_escape(one.name)
        for one in choices.people
        if one.id != user.id and (assignee is None or one.id != assignee.id)
    }
    options |= {
        f"team:{one.value}": _("Team {name}").format(name=md_escape(one.label))
        for one in choices.teams
        if one.value != detail.card.team_id
    }
    if assignee is not None:
        options["assign:"] = _("To nobody")
    return options


def _closings(detail: Detail) -> dict[str, str]:
    options: dict[str, str] = {}
    if "waiting_customer" in detail.moves:
        options["wait_customer"] = _("Wait for the customer")
    if "waiting_internal" in detail.moves:
        options["wait_internal"] = _("Wait for a colleague")
    if "open" in detail.moves and detail.card.status not in {"new", *words.CLOSED}:
        options["reopen"] = _("Open again")
    if "ignored" in detail.moves:
        for code in words.IGNORING:
            options[f"ignore:{code}"] = _("Ignore: {reason}").format(reason=words.reason(code))
    options |= {"unmute": _("Take the mute off")} if detail.card.muted_at else {"mute": _("Mute")}
    if "spam" in detail.moves:
        options["spam"] = _("Spam")
    if "spam" in detail.moves or detail.card.status in {"spam", "ignored"}:
        options |= noise_scopes.options()
    if detail.card.status == "spam":
        options["not_spam"] = _("Not spam")
    return options
