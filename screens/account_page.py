"""My account: the password, the second factor, and the browsers in which one is signed in."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import streamlit as st

from inbox.access.views import AccountView, Enrolment, SessionView
from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.service import Inbox
from screens import account_mail, browsers, page_step, sidebar, threads, words
from screens.i18n import N_, _, full_moment, moment, plural
from screens.security import verbatim
from screens.state import inbox, token, utc_now

FRAGMENT = "account"
_CODES = "klankbord_recovery_codes"
_ENROLLING = "klankbord_enrolling"
METHODS: Mapping[object, str] = {
    "password": N_("password"),
    "link": N_("one-time link"),
    "oidc": N_("single sign-on"),
    "command": N_("this machine"),
}


def draw() -> None:
    """Draw the page."""
    with st.container(key="accountpage"):
        _account()


@st.fragment(key=FRAGMENT)
def _account() -> None:
    user = page_step.entered()
    if user is None:
        return
    answers = user.may(Permission.REPLY)
    try:
        mine = inbox().access.account(token())
        signed_in = inbox().access.sessions(token())
        told_by_mail = inbox().mail.mine(token())
        initials = inbox().writing.writer(token()).initials if answers else None
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    page_step.heading(_("My account"), verbatim(mine.login))
    page_step.told()
    if answers:
        _initials(initials)
    _second_factor(mine)
    _password(mine)
    account_mail.draw(told_by_mail, can_send=inbox().mail.can_send, fragment=FRAGMENT)
    _sessions(signed_in)


def _initials(initials: str | None) -> None:
    st.subheader(_("Initials"), anchor=False)
    key = f"initials_{initials or ''}"
    st.text_input(
        _("Your initials, under every answer"),
        value=f"^{initials}" if initials else "",
        key=key,
        max_chars=6,
        placeholder="^SW",
        on_change=_on_initials,
        args=(key,),
        width=240,
    )


def _second_factor(mine: AccountView) -> None:
    st.subheader(_("Second factor"), anchor=False)
    codes: tuple[str, ...] | None = st.session_state.get(_CODES)
    if codes is not None:
        _recovery_codes(codes)
    elif mine.second_factor_since is None and st.session_state.get(_ENROLLING):
        _enrol()
    elif mine.second_factor_since is None:
        lead = _("Somebody who finds out your password cannot sign in without the codes of an app on your phone.")
        st.html(f"<p>{verbatim(lead)}</p>")
        st.button(_("Set up a second factor"), key="factor_begin", icon=":material/phonelink_lock:", on_click=_on_begin)
    else:
        _factor_on(mine)


def _recovery_codes(codes: tuple[str, ...]) -> None:
    lead = _("Keep these recovery codes where only you find them: each lets you in once without your phone. "
             "They are shown this one time.")  # fmt: skip
    st.html(threads.notice("info", lead))
    st.code("\n".join(codes), language=None)
    st.button(_("I have kept them"), key="codes_kept", type="primary", on_click=_on_kept)


def _enrol() -> None:
    try:
        enrolment = inbox().access.begin_second_factor(token())
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.html(_qr(enrolment))
    with right, st.form("factor_form", border=False):
        st.html(f"<p>{verbatim(_('Scan this with an authenticator app, then type the six figures it shows.'))}</p>")
        st.html(f'<p class="kb-soft">{verbatim(_("Cannot scan? Type this over in the app:"))}</p>')
        st.code(enrolment.secret, language=None)
        st.text_input(_("Code"), key="factor_code", max_chars=40, autocomplete="one-time-code")
        with st.container(horizontal=True, gap="small"):
            st.form_submit_button(_("Turn it on"), type="primary", key="factor_confirm", on_click=_on_confirm)
            st.form_submit_button(_("Not now"), key="factor_stop", on_click=_on_stop)


def _qr(enrolment: Enrolment) -> str:
    drawing = base64.b64encode(enrolment.svg.encode()).decode()
    return (
        f'<img class="kb-qr" alt="{verbatim(_("QR code"))}" width="220" height="220" '
        f'src="data:image/svg+xml;base64,{drawing}">'
    )


def _factor_on(mine: AccountView) -> None:
    since = mine.second_factor_since
    left = plural("{n} recovery code left", "{n} recovery codes left", mine.recovery_left)
    on = _("On since {time}").format(time=moment(since, utc_now()) if since else "")
    st.html(f'<p><span class="kb-badge green">{verbatim(on)}</span> <span class="kb-soft">{verbatim(left)}</span></p>')
    with st.popover(_("Change"), icon=":material/phonelink_lock:", key="factor_change"), st.form("off", border=False):
        st.text_input(_("Code, or a recovery code"), key="off_code", max_chars=40, autocomplete="one-time-code")
        st.form_submit_button(_("New recovery codes"), key="codes_renew", on_click=_on_renew)
        st.form_submit_button(_("Turn it off"), key="factor_off", on_click=_on_off)
        if mine.second_factor_required:
            told = _("Your role needs one: after turning it off you are signed out, and set it up anew as you sign in.")
            st.html(f'<p class="kb-soft">{verbatim(told)}</p>')


def _password(mine: AccountView) -> None:
    if not mine.has_password:
        return
    st.subheader(_("Password"), anchor=False)
    with (
        st.expander(_("Change my password"), icon=":material/password:", key="password_change"),
        st.form("password_form", border=False, clear_on_submit=True),
    ):
        st.text_input(_("Password you have now"), type="password", key="password_old", autocomplete="current-password")
        st.text_input(
            _("New password, at least 12 characters"), type="password", key="password_new", autocomplete="new-password"
        )
        st.text_input(_("The same password again"), type="password", key="password_again", autocomplete="new-password")
        st.form_submit_button(_("Change it"), type="primary", key="password_submit", on_click=_on_password)


def _sessions(signed_in: tuple[SessionView, ...]) -> None:
    st.subheader(_("Where you are signed in"), anchor=False)
    for one in signed_in:
        with st.container(key=f"session_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(describe(one))
            if not one.here:
                st.button(
                    _("Sign out there"), key=f"end_{one.id}", icon=":material/logout:", on_click=_on_end, args=(one.id,)
                )

    if len(signed_in) > 1:
        st.button(_("Sign out everywhere"), key="end_everywhere", icon=":material/logout:", on_click=_on_end_everywhere)


def describe(one: SessionView) -> str:
    """A session in words, as HTML: which browser, from where, how it came in, when it was last seen."""
    name, system = browsers.browser(one.agent), browsers.system(one.agent)
    label = _("{browser} on {system}").format(browser=name, system=system) if name and system else name or system
    here = f' <span class="kb-badge green">{verbatim(_("here"))}</span>' if one.here else ""
    method = _(METHODS[one.method]) if one.method in METHODS else one.method
    seen = _("last seen {time}").format(time=moment(one.seen_at, utc_now()))
    # A session begun on the server itself came over no network.
    address = "" if one.method == "command" else one.address
    facts = " · ".join(part for part in (address, method, seen) if part)
    return (
        f'<div class="kb-session" title="{verbatim(full_moment(one.created_at))}">'
        f"<b>{verbatim(label or _('Unknown browser'))}</b>{here}"
        f'<span class="kb-soft">{verbatim(facts)}</span></div>'
    )


def _on_initials(key: str) -> None:
    def step(box: Inbox, who: str) -> str:
        kept = box.writing.set_initials(who, str(st.session_state.get(key) or ""))
        return _("Your initials: ^{initials}").format(initials=kept) if kept else _("No initials any more.")

    page_step.take(FRAGMENT, step)


def _on_begin() -> None:
    st.session_state[_ENROLLING] = True
    st.rerun(FRAGMENT)


def _on_stop() -> None:
    st.session_state.pop(_ENROLLING, None)
    st.rerun(FRAGMENT)


def _on_kept() -> None:
    st.session_state.pop(_CODES, None)
    st.rerun(FRAGMENT)


def _on_confirm() -> None:
    def step(box: Inbox, who: str) -> None:
        codes = box.access.confirm_second_factor(who, str(st.session_state["factor_code"]))
        st.session_state[_CODES] = codes
        st.session_state.pop(_ENROLLING, None)

    page_step.take(FRAGMENT, step)


def _on_renew() -> None:
    def step(box: Inbox, who: str) -> None:
        st.session_state[_CODES] = box.access.renew_recovery_codes(who, str(st.session_state["off_code"]))

    page_step.take(FRAGMENT, step)


def _on_off() -> None:
    def step(box: Inbox, who: str) -> str:
        box.access.turn_off_second_factor(who, str(st.session_state["off_code"]))
        return _("Your second factor is off.")

    page_step.take(FRAGMENT, step)


def _on_password() -> None:
    kept = st.session_state
    old, new, again = (str(kept[f"password_{name}"]) for name in ("old", "new", "again"))

    def step(box: Inbox, who: str) -> str:
        if new != again:
            return _("The two passwords are not the same. Type them again.")
        box.access.change_password(who, old=old, new=new)
        return _("Your password is changed; you are signed out in every other browser.")

    page_step.take(FRAGMENT, step)


def _on_end_everywhere() -> None:
    def step(box: Inbox, who: str) -> None:
        box.sign_out_everywhere(who)

    page_step.take(FRAGMENT, step)


def _on_end(session_id: str) -> None:
    def step(box: Inbox, who: str) -> str:
        box.access.end_session(who, session_id)
        return _("Signed out there; it counts from the next click in that browser.")

    page_step.take(FRAGMENT, step)
