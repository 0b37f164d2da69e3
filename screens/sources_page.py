"""The Sources page: is everything coming in, since when not, how late, what was set aside; looking now and pausing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from inbox.errors import NotSignedIn
from inbox.listening.door import Listening
from inbox.permissions import Permission
from inbox.service import Inbox
from inbox.source_views import RunView, SetAside, SourceHealth
from screens import page_step, sidebar, source_card, source_words, threads
from screens.i18n import _, full_moment, number, plural, span
from screens.security import verbatim
from screens.state import enter, inbox, tab, token, utc_now

_OPENED = "klankbord_opened_source"


def draw() -> None:
    """Draw the page."""
    with st.container(key="sourcespage"):
        _sources()


@st.fragment(key="sources", run_every=30)
def _sources() -> None:
    try:
        user = enter()
        found = inbox().sources(token(), days=source_card.DAYS)
    except NotSignedIn:
        tab().signed_out = True
        page_step.signed_out()
        return
    with st.sidebar:
        sidebar.draw(user, None)
    now = utc_now()
    st.html(_summary(found))
    _result()
    if not found:
        lead = _("Nothing is listened to yet. Add a source to the configuration file; it appears here by itself.")
        st.html(f'<div class="kb-empty"><h2>{_("No sources yet")}</h2><p>{lead}</p></div>')
        return
    may_change = user.may(Permission.MANAGE_SETTINGS)
    for source in found:
        with st.container(key=f"source_{source.id}", gap=None):
            st.html(source_card.card(source, now))
            _buttons(source, may_change=may_change)
            if st.session_state.get(_OPENED) == source.id:
                _details(source)
    st.html(source_card.legend())


def _summary(found: tuple[SourceHealth, ...]) -> str:
    well = sum(source.level == "ok" for source in found)
    told = plural("{n} source", "{n} sources", len(found))
    if found:
        told += " · " + _("{n} well").format(n=number(well))
    if len(found) - well:
        told += " · " + plural("{n} needs a look", "{n} need a look", len(found) - well)
    return f'<div class="kb-pagehead"><h1>{_("Sources")}</h1><span class="kb-soft">{verbatim(told)}</span></div>'


def _result() -> None:
    here = tab()
    if here.notice is not None:
        st.html(threads.notice(here.notice.tone, here.notice.text))
        here.notice = None


def _buttons(source: SourceHealth, *, may_change: bool) -> None:
    opened = st.session_state.get(_OPENED) == source.id
    with st.container(key=f"sourcebar_{source.id}", horizontal=True, gap="small"):
        st.button(
            _("Close details") if opened else _("Last looks and what was set aside"),
            key=f"source_open_{source.id}",
            icon=":material/expand_less:" if opened else ":material/expand_more:",
            type="tertiary",
            on_click=partial(_open, None if opened else source.id),
        )
        if not may_change or not source.enabled:
            return
        if source.paused_at is None:
            _change(source, _("Look now"), "refresh", step=Listening.look_now, told=_("{name} is asked now."))
            _change(source, _("Pause"), "pause", step=Listening.pause, told=_("{name} is paused."))
        else:
            _change(source, _("Go on"), "play_arrow", step=Listening.go_on, told=_("{name} goes on."))


def _change(
    source: SourceHealth, label: str, icon: str, *, step: Callable[[Listening, str, str], None], told: str
) -> None:
    st.button(
        label,
        key=f"source_{step.__name__}_{source.id}",
        icon=f":material/{icon}:",
        type="tertiary",
        on_click=partial(_do, step, source.id, told.format(name=source.name)),
    )


def _do(step: Callable[[Listening, str, str], None], source_id: str, told: str) -> None:
    def through_the_door(box: Inbox, who: str) -> str:
        step(box.listening, who, source_id)
        return told

    page_step.do(through_the_door)


def _open(source_id: str | None) -> None:
    st.session_state[_OPENED] = source_id


def _details(source: SourceHealth) -> None:
    looks = inbox().listening.last_looks(token(), source.id)
    aside = inbox().listening.set_aside(token(), source.id)
    with st.container(key=f"sourcedetails_{source.id}", border=True):
        st.markdown(f"**{_('Last looks')}**")
        if looks:
            st.dataframe(_table(looks), hide_index=True, height="content")
        else:
            st.caption(_("Nobody has looked here yet."))
        st.markdown(f"**{_('Set aside, unreadable')}**")
        st.html("".join(_aside(one) for one in aside) or f'<p class="kb-soft">{_("Nothing.")}</p>')
        if aside:
            lead = _("After an update these can be read again on the server, with this command:")
            st.caption(lead)
            st.code(f"klankbord quarantine retry --source {source.id}", language=None)


def _table(looks: tuple[RunView, ...]) -> list[dict[str, str | int]]:
    return [
        {
            _("When"): full_moment(one.started_at),
            _("Query"): one.query_label,
            _("Took"): span(one.took_s) if one.took_s is not None else "",
            _("Requests"): one.calls,
            _("Received"): one.received,
            _("Kept"): one.stored,
            _("Changed"): one.changed,
            _("Seen before"): one.duplicate,
            _("Not about us"): one.unmatched,
            _("Set aside"): one.set_aside,
            _("Trouble"): source_words.of_collector(one.trouble or ""),
        }
        for one in looks
    ]


def _aside(one: SetAside) -> str:
    what = _("a whole answer") if one.whole_answer else (one.external_id or _("an item without an id"))
    tries = plural("tried {n} time", "tried {n} times", one.tries)
    return (
        f'<p class="kb-aside"><b>{verbatim(what)}</b> <span class="kb-soft">{verbatim(full_moment(one.found_at))} · '
        f"{verbatim(tries)}</span><br>{verbatim(one.error)}</p>"
    )
