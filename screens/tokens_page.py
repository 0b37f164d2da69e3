"""The page "API tokens", for administrators: which programs may call, with what, until when; made here, ended here."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from inbox.service import Inbox
from inbox.tokens.scopes import Scope
from inbox.tokens.views import Standing, TokenMade, TokenView, Wish
from inbox.views import Choices
from screens import page_step, sidebar, threads, token_words, words
from screens.i18n import _, moment, plural, short_date
from screens.security import verbatim
from screens.state import inbox, token, utc_now

FRAGMENT = "tokens"
_MADE = "klankbord_made_token"
_DAYS = (30, 90, 365, 730)


def draw() -> None:
    """Draw the page."""
    with st.container(key="tokenspage"):
        _tokens()


@st.fragment(key=FRAGMENT)
def _tokens() -> None:
    user = page_step.entered()
    if user is None:
        return
    try:
        found = inbox().tokens.listing(token())
        choices = inbox().choices(token())
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    good = sum(one.standing is Standing.GOOD for one in found)
    page_step.heading(_("API tokens"), plural("{n} that works", "{n} that work", good))
    page_step.told()
    lead = _("With a token another program reads this workspace, or pushes messages into it, as far as you allow it.")
    st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
    _made()
    _new(choices)
    if not found:
        what = _("Make one for each program, so that you can end one without the others.")
        st.html(f'<div class="kb-empty"><h2>{_("No tokens yet")}</h2><p>{verbatim(what)}</p></div>')
    names = {one.value: one.label for one in (*choices.brands, *choices.sources)}
    for one in found:
        _row(one, names)


def _made() -> None:
    """The token that was just made, shown once."""
    made: TokenMade | None = st.session_state.pop(_MADE, None)
    if made is None:
        return
    lead = _("Copy this token now and keep it where you keep passwords: it is not shown again. It works until {day}.")
    st.html(threads.notice("info", lead.format(day=short_date(made.view.expires_at))))
    st.code(made.secret, language=None, wrap_lines=True)


def _new(choices: Choices) -> None:
    with (
        st.expander(_("Make a token"), icon=":material/key:", key="token_new"),
        st.form("token_make", border=False),
    ):
        left, right = st.columns([2, 1])
        left.text_input(
            _("What it is for"), key="token_name", max_chars=100, placeholder=_("Such as the program that uses it")
        )
        right.selectbox(
            _("Works for"),
            _DAYS,
            index=2,
            format_func=lambda days: plural("{n} day", "{n} days", days),
            key="token_days",
        )
        st.pills(
            _("What it may do"),
            list(Scope),
            selection_mode="multi",
            default=[Scope.READ_MENTIONS],
            format_func=token_words.scope,
            key="token_scopes",
        )
        left, right = st.columns(2)
        brands = {one.value: one.label for one in choices.brands}
        sources = {one.value: one.label for one in choices.sources}
        left.multiselect(
            _("Only these brands"),
            list(brands),
            format_func=lambda key: brands[key],
            key="token_brands",
            placeholder=_("All brands"),
        )
        right.multiselect(
            _("Only these sources"),
            list(sources),
            format_func=lambda key: sources[key],
            key="token_sources",
            placeholder=_("All sources"),
            help=_("Pushing needs the source that takes the messages."),
        )
        st.form_submit_button(_("Make it"), type="primary", on_click=_on_make, key="token_submit")


def _row(one: TokenView, names: dict[str, str]) -> None:
    works = one.standing is Standing.GOOD
    with st.container(key=f"token_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(_facts(one, names))
        if works or one.standing is Standing.MAKER_GONE:
            with st.popover(_("Revoke"), icon=":material/block:", key=f"end_{one.id}"):
                st.html(f"<p>{verbatim(_('From the next call on it is refused. That cannot be undone.'))}</p>")
                st.button(
                    _("Revoke it now"), key=f"revoke_{one.id}", type="primary", on_click=_on_revoke, args=(one.id,)
                )


def _facts(one: TokenView, names: dict[str, str]) -> str:
    tone, said = token_words.standing(one.standing)
    now = utc_now()
    used = (
        _("never used")
        if one.last_used_at is None
        else _("last used {when}").format(when=moment(one.last_used_at, now))
    )
    ended = one.revoked_at or (one.expires_at if one.expires_at <= now else None)
    until = _("works until {day}") if ended is None else _("worked until {day}")
    by = _("made on the command line") if one.maker is None else _("made by {name}").format(name=one.maker)
    facts = [until.format(day=short_date(ended or one.expires_at)), used, by]
    narrowed = [names.get(each, each) for each in (*one.brand_ids, *one.source_ids)]
    if narrowed:
        facts.insert(0, _("only {names}").format(names=", ".join(narrowed)))
    may = " · ".join(token_words.scope(scope) for scope in one.scopes)
    off = "" if one.standing is Standing.GOOD else "off"
    return (
        f'<div class="kb-person {off}"><div><span class="kb-named"><b><bdi>{verbatim(one.name)}</bdi></b> '
        f'<span class="kb-badge {tone}">{verbatim(said)}</span></span>'
        f"<span>{verbatim(may)}</span>"
        f'<span class="kb-soft"><code>{verbatim(one.prefix)}…</code> {verbatim(" · ".join(facts))}</span></div></div>'
    )


def _on_make() -> None:
    state = st.session_state

    def step(box: Inbox, who: str) -> None:
        wish = Wish(
            name=str(state["token_name"]),
            scopes=tuple(state["token_scopes"] or ()),
            days=int(state["token_days"]),
            brand_ids=tuple(state["token_brands"]),
            source_ids=tuple(state["token_sources"]),
        )
        state[_MADE] = box.tokens.make(who, wish)

    page_step.take(FRAGMENT, step)


def _on_revoke(token_id: int) -> None:
    def step(box: Inbox, who: str) -> str:
        box.tokens.revoke(who, token_id)
        return _("Revoked: it is refused from now on.")

    page_step.take(FRAGMENT, step)
