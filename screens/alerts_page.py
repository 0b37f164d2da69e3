"""The Alerts page: what fired and why, the rules with their trial, who is told, and what became of each telling."""

from __future__ import annotations

import streamlit as st

from inbox.alerts.views import AlertView, Kind, RuleView
from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.views import Choices, CurrentUser
from screens import alert_form, alert_words, alerts, components, page_step, sidebar, threads, words
from screens.i18n import N_, _, plural
from screens.security import md_escape, verbatim
from screens.state import choices, inbox, token, utc_now

_HELP = {
    Kind.MAIL: N_("A mail address."),
    Kind.WEBHOOK: N_("An address of your own system, as https://host/path. It gets signed JSON."),
    Kind.CHAT: N_("The incoming webhook of Slack, Teams, Mattermost and the like, or an address such as discord://…"),
}


def draw() -> None:
    """Draw the page."""
    wanted = str(st.query_params.get("alert", ""))
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 20:
        del st.query_params["alert"]
        alerts.page().opened = int(wanted)
    with st.container(key="alertspage"):
        _alerts()
    with st.container(key="unseen"):
        components.mount("charts", {})


@st.fragment(key=alerts.FRAGMENT)
def _alerts() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    try:
        offered = choices()
        fired, rules = inbox().alerts.latest(token()), inbox().alerts.rules(token())
        page_step.heading(_("Alerts"), plural("{n} rule", "{n} rules", len(rules)))
        page_step.told()
        tabs = st.tabs([_("What fired"), _("Rules"), _("Receivers"), _("Told")], key="alert_tabs")
        with tabs[0]:
            _fired(fired, has_rules=bool(rules))
        with tabs[1]:
            _rules(user, rules, offered)
        with tabs[2]:
            _receivers(user)
        with tabs[3]:
            _told(user, fired)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))


# What fired


def _fired(found: tuple[AlertView, ...], *, has_rules: bool) -> None:
    if not found:
        lead = _("Rules are looked at every five minutes. What they find stands here, with what explains it.")
        if not has_rules:
            lead = _("Nothing is watched: make a rule under Rules. What it finds stands here, with what explains it.")
        st.html(f'<div class="kb-empty"><h2>{_("Nothing fired yet")}</h2><p>{verbatim(lead)}</p></div>')
        return
    opened = alerts.page().opened
    if opened is None or opened not in {one.id for one in found}:
        opened = found[0].id
    for one in found:
        with st.container(key=f"alert_row_{one.id}"):
            st.html(alert_words.head(one, utc_now()))
            if one.id == opened:
                _whole(one)
            else:
                st.button(
                    _("See why"),
                    key=f"alert_open_{one.id}",
                    icon=":material/chevron_right:",
                    on_click=alerts.on_open,
                    args=(one.id,),
                )


def _whole(one: AlertView) -> None:
    st.html(alert_words.why(one, utc_now()))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        shows = not one.silent  # a silence has no messages to show
        if shows and st.button(
            _("Show its messages in the inbox"), key=f"alert_inbox_{one.id}", icon=":material/inbox:"
        ):
            alerts.show_in_inbox(one)
            page_step.go("inbox")
        for verdict, label, icon in (("real", _("It was real"), "check"), ("false", _("False alarm"), "close")):
            chosen = one.verdict == verdict
            st.button(
                label,
                key=f"alert_{verdict}_{one.id}",
                icon=f":material/{icon}:",
                type="primary" if chosen else "secondary",
                on_click=alerts.on_judge,
                args=(one.id, None if chosen else verdict),
            )
        if one.running:
            st.button(
                _("Close the line in the inbox"),
                key=f"alert_seen_{one.id}",
                icon=":material/visibility:",
                on_click=alerts.on_seen,
                args=(one.id,),
            )
    st.html(f'<p class="kb-soft">{verbatim(alert_words.told(one.deliveries))}</p>')


# Rules


def _rules(user: CurrentUser, found: tuple[RuleView, ...], offered: Choices) -> None:
    manages = user.may(Permission.MANAGE_WORK)
    editing = alerts.page().editing
    receivers = inbox().alerts.receivers(token()) if editing is not None else ()
    if manages and editing == 0:
        alert_form.draw(None, offered, receivers)
    elif manages:
        st.button(_("Make a rule"), key="alert_new", icon=":material/add:", on_click=alerts.on_edit, args=(0,))
    if not found and editing is None:
        lead = _("A rule tells when more is said than usual at that hour. Try it on the past before it runs.")
        st.html(f'<div class="kb-empty"><h2>{_("No alert rules yet")}</h2><p>{verbatim(lead)}</p></div>')
    for one in found:
        with st.container(key=f"alertline_rule_{one.id}"):
            if manages and editing == one.id:
                alert_form.draw(one, offered, receivers)
                continue
            st.html(alert_words.rule(one, offered, utc_now()))
            if manages:
                _tools(one)


def _tools(one: RuleView) -> None:
    name = md_escape(one.draft.name)
    with st.container(horizontal=True, gap="small", key=f"alert_tools_{one.id}"):
        label = _("Switch {rule} off") if one.active else _("Switch {rule} on")
        st.button(
            label.format(rule=name),
            key=f"alert_switch_{one.id}",
            icon=":material/toggle_on:" if one.active else ":material/toggle_off:",
            on_click=alerts.on_switch,
            args=(one.id, not one.active),
        )
        st.button(
            _("Change {rule}").format(rule=name),
            key=f"alert_edit_{one.id}",
            icon=":material/edit:",
            on_click=alerts.on_edit,
            args=(one.id,),
        )
        with st.popover(_("End {rule}").format(rule=name), icon=":material/delete:", key=f"alert_end_{one.id}"):
            st.html(f"<p>{verbatim(_('It looks no more; what it found stays.'))}</p>")
            st.button(
                _("End it"), key=f"alert_archive_{one.id}", type="primary", on_click=alerts.on_archive, args=(one.id,)
            )


# Who is told


def _receivers(user: CurrentUser) -> None:
    manages = user.may(Permission.MANAGE_WORK)
    if manages:
        _new_receiver()
    found = inbox().alerts.receivers(token())
    if not found:
        lead = _("A receiver is a mail address, a webhook or a chat. Rules tell receivers.")
        st.html(f'<div class="kb-empty"><h2>{_("No receivers yet")}</h2><p>{verbatim(lead)}</p></div>')
    for one in found:
        with st.container(key=f"alertline_receiver_{one.id}"):
            st.html(alert_words.receiver(one, utc_now()))
            if not manages:
                continue
            with st.container(horizontal=True, gap="small"):
                name = md_escape(one.name)
                st.button(
                    _("Send {name} a test").format(name=name),
                    key=f"alert_test_{one.id}",
                    icon=":material/send:",
                    on_click=alerts.on_test,
                    args=(one.id,),
                )
                with st.popover(
                    _("End {rule}").format(rule=name), icon=":material/delete:", key=f"alert_gone_{one.id}"
                ):
                    st.html(f"<p>{verbatim(_('It is told no more, and its address is forgotten.'))}</p>")
                    st.button(
                        _("End it"), key=f"alert_bye_{one.id}", type="primary", on_click=alerts.on_end, args=(one.id,)
                    )


def _new_receiver() -> None:
    here = alerts.page()
    if here.key:
        lead = _("Check signatures with this key. It is shown this once:")
        st.html(threads.notice("info", lead))
        st.code(here.key, language=None)
    prefix = f"alert_receiver_{here.fresh}"
    with st.expander(_("Add a receiver"), icon=":material/add:", key="alert_add"):
        kinds = [one for one in Kind if one is not Kind.MAIL or inbox().mail.can_send]
        st.text_input(_("Name"), key=f"{prefix}_name", max_chars=80)
        kind = Kind(
            st.selectbox(_("Told by"), kinds, format_func=lambda one: _(alert_words.KINDS[one]), key=f"{prefix}_kind")
        )
        st.text_input(
            _("Address"),
            key=f"{prefix}_address",
            type="default" if kind is Kind.MAIL else "password",
            help=_(_HELP[kind]),
            max_chars=2_000,
        )
        if kind is not Kind.MAIL:
            lead = _("The address is kept encrypted, and is not shown again.")
            st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
        st.button(_("Add it"), key="alert_add_it", type="primary", on_click=alerts.on_add, args=(prefix,))


def _told(user: CurrentUser, fired: tuple[AlertView, ...]) -> None:
    found = inbox().alerts.deliveries(token())
    if not found:
        lead = _("Add a receiver, and name it in a rule. What becomes of each message to a receiver stands here.")
        st.html(f'<div class="kb-empty"><h2>{_("Nobody was told yet")}</h2><p>{verbatim(lead)}</p></div>')
    rules = {one.id: one.rule for one in fired}
    for one in found:
        with st.container(key=f"alertline_told_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(alert_words.delivery(one, rules, utc_now()))
            if one.stuck and user.may(Permission.MANAGE_WORK):
                st.button(
                    _("Send it again"),
                    key=f"alert_again_{one.id}",
                    icon=":material/replay:",
                    on_click=alerts.on_again,
                    args=(one.id,),
                )
