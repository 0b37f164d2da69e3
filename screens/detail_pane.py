"""The detail: one conversation, read from top to bottom, with everything that can be decided about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inbox.errors import InboxError, NotSignedIn
from inbox.permissions import Permission
from inbox.views import PRIORITIES, Choices, CurrentUser, Detail
from screens import actions, components, dossier, events, threads, words
from screens.cards import millis
from screens.i18n import _
from screens.security import md_escape, safe_url
from screens.state import Tab, enter, inbox, tab, token, utc_now

_CLOSED = frozenset({"resolved", "ignored", "spam", "archived"})


@st.fragment(key="detail")
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
    if here.selected is None:
        _nothing()
        return
    try:
        detail = inbox().detail(token(), here.selected, search=here.filters.search, messages=here.earlier)
        choices = inbox().choices(token())
    except NotSignedIn:
        _signed_out()
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    _conversation(here, user, detail, choices)


def _signed_out() -> None:
    text = _("You are signed out. Sign in again; what you typed is still here.")
    st.html(f'<div id="kb-signed-out">{threads.notice("error", text, ("/login", _("Sign in")))}</div>')


def _nothing() -> None:
    st.html(
        f'<div class="kb-empty"><span aria-hidden="true" class="kb-icon">inbox</span>'
        f"<h2>{_('Choose a conversation')}</h2>"
        f"<p>{_('Press j for the next one, or g to take the next of the queue.')}</p></div>"
    )


def _step_bar(here: Tab) -> None:
    step = here.step
    now = utc_now()
    data: dict[str, Any] = {"now": millis(now), "step": None, "words": {"back": _("Inbox"), "undo": _("Undo")}}
    if step is not None and step.done.undo_until is not None and step.done.undo_until > now:
        data["step"] = {"text": step.text, "until": millis(step.done.undo_until), "event": str(step.done.event_id)}
    components.mount("step_bar", data, undo=actions.on_undo)


def _notice(here: Tab) -> None:
    if here.notice is not None:
        link = ("/login", _("Sign in")) if here.signed_out else None
        st.html(f'<div id="kb-notice">{threads.notice(here.notice.tone, here.notice.text, link)}</div>')


def _conversation(here: Tab, user: CurrentUser, detail: Detail, choices: Choices) -> None:
    now = utc_now()
    claim = threads.claim_line(detail, user.id, now)
    st.html(threads.head(detail, now) + claim)
    if user.may(Permission.WORK):
        _actions(user, detail, choices)
    elif user.may(Permission.NOTE) and "open" in detail.moves:
        with st.container(key="actions", horizontal=True, gap="small"):
            _button("reopen", _("Hand back"), ":material/undo:", detail)
    if detail.more_messages:
        st.button(_("Show earlier messages"), key="earlier", type="tertiary", on_click=actions.more_messages)
    st.html(threads.thread(detail, now))
    if user.may(Permission.WORK):
        _properties(detail, choices)
    if user.may(Permission.NOTE):
        _composer(here, user, detail)
    components.mount(
        "dossier",
        dossier.build(detail, now, event_text=lambda event: events.line(event, now)),
        open=actions.on_open,
    )


def _button(what: str, label: str, icon: str, detail: Detail, **options: Any) -> None:
    card = detail.card
    st.button(
        label,
        key=f"do_{what}",
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
        if isinstance(what, str):
            actions.decide(detail.card.id, detail.card.version, what)

    st.menu_button(label, list(options), key=key, icon=icon, format_func=lambda step: options[step], on_click=chosen)


def _actions(user: CurrentUser, detail: Detail, choices: Choices) -> None:
    card = detail.card
    closed = card.status in _CLOSED
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
            _menu("snooze", _("Snooze"), ":material/snooze:", _snoozes(), detail)
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


def _snoozes() -> dict[str, str]:
    return {
        "snooze:3h": _("In 3 hours"),
        "snooze:tomorrow": _("Tomorrow 09:00"),
        "snooze:monday": _("Next Monday 09:00"),
        "snooze:week": _("In a week, 09:00"),
    }


def _closings(detail: Detail) -> dict[str, str]:
    options: dict[str, str] = {}
    if "waiting_customer" in detail.moves:
        options["wait_customer"] = _("Wait for the customer")
    if "waiting_internal" in detail.moves:
        options["wait_internal"] = _("Wait for a colleague")
    if "open" in detail.moves and detail.card.status not in {"new", *_CLOSED}:
        options["reopen"] = _("Open again")
    if "ignored" in detail.moves:
        for code in ("not_about_us", "no_added_value", "duplicate", "news_only"):
            options[f"ignore:{code}"] = _("Ignore: {reason}").format(reason=words.reason(code))
    if "spam" in detail.moves:
        options["spam"] = _("Spam")
    if detail.card.status == "spam":
        options["not_spam"] = _("Not spam")
    return options


def _properties(detail: Detail, choices: Choices) -> None:
    card = detail.card
    with st.container(key="properties", horizontal=True, gap="small", vertical_alignment="bottom"):
        # Keyed by version: what is shown is what the store says, also after somebody else changed it.
        key = f"priority_{card.id}_{card.version}"
        st.selectbox(
            _("Priority"),
            range(len(PRIORITIES)),
            index=min(max(card.priority, 0), len(PRIORITIES) - 1),
            format_func=lambda level: words.priority(PRIORITIES[level]),
            key=key,
            width=170,
            on_change=actions.set_property,
            args=(card.id, card.version, "priority", key),
        )
        key = f"why_{card.id}_{card.version}"
        st.selectbox(
            _("Reason for contact"),
            choices.whys,
            index=choices.whys.index(card.why) if card.why in choices.whys else None,
            format_func=words.why,
            placeholder=_("Choose"),
            key=key,
            width=170,
            on_change=actions.set_property,
            args=(card.id, card.version, "why", key),
        )
        key = f"tags_{card.id}_{card.version}"
        st.multiselect(
            _("Tags"),
            sorted({*card.tags, *(one.value for one in choices.tags)}),
            default=list(card.tags),
            accept_new_options=True,
            placeholder=_("Add a tag"),
            key=key,
            on_change=actions.set_tags,
            args=(card.id, card.tags, key),
        )


def _composer(here: Tab, user: CurrentUser, detail: Detail) -> None:
    modes = {
        "note": {
            "label": _("Internal note"),
            "placeholder": _("Only colleagues read this"),
            "hint": _("For colleagues; never sent to the customer."),
            "save": _("Save note"),
        }
    }
    if user.may(Permission.WORK) and detail.card.status != "spam":
        why_not = detail.reply.why_not
        hint = _("Answer on the platform itself (Open), then keep here what you wrote. This stops the clock.")
        modes["answer"] = {
            "label": _("Answered by hand"),
            "placeholder": _("Paste what you answered"),
            "hint": f"{why_not} {hint}" if why_not else hint,
            "save": _("Record answer"),
        }
    components.mount(
        "composer",
        {"id": detail.card.id, "user": user.id, "kept": here.composed, "modes": modes},
        save=actions.on_compose,
        busy=actions.on_busy,
    )
