"""The Sources page: is everything coming in, since when not, how late, what was set aside."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from inbox.errors import NotSignedIn
from inbox.views import CoverageBar, CoverState, QueryHealth, SourceHealth
from screens import sidebar, source_words, threads
from screens.i18n import _, full_moment, moment, number, plural, span
from screens.platforms import sign_of
from screens.security import verbatim
from screens.state import enter, inbox, tab, token, utc_now

DAYS = 7
_NONE = "-"


def draw() -> None:
    """Draw the page."""
    with st.container(key="sourcespage"):
        _sources()


@st.fragment(key="sources", run_every=30)
def _sources() -> None:
    try:
        user = enter()
        found = inbox().sources(token(), days=DAYS)
    except NotSignedIn:
        tab().signed_out = True
        st.html(threads.notice("error", _("You are signed out."), ("/login", _("Sign in"))))
        return
    with st.sidebar:
        sidebar.draw(user, None)
    now = utc_now()
    st.html(_summary(found))
    if not found:
        lead = _("Nothing is listened to yet. Add a source to the configuration file; it appears here by itself.")
        st.html(f'<div class="kb-empty"><h2>{_("No sources yet")}</h2><p>{lead}</p></div>')
        return
    st.html("".join(_source(source, now) for source in found) + _legend())


def _summary(found: tuple[SourceHealth, ...]) -> str:
    well = sum(source.level == "ok" for source in found)
    told = plural("{n} source", "{n} sources", len(found))
    if found:
        told += " · " + _("{n} well").format(n=number(well))
    if len(found) - well:
        told += " · " + plural("{n} needs a look", "{n} need a look", len(found) - well)
    return f'<div class="kb-pagehead"><h1>{_("Sources")}</h1><span class="kb-soft">{verbatim(told)}</span></div>'


def _source(source: SourceHealth, now: datetime) -> str:
    sign = sign_of(source.platform)
    own = f'<span class="kb-badge status">{_("own channel")}</span>' if source.own else ""
    tone = {"ok": "green", "attention": "orange", "dark": "red"}.get(source.level, "orange")
    facts = [
        (_("Kept"), number(source.stored)),
        (_("Seen before"), number(source.duplicates)),
        (_("Set aside, unreadable"), number(source.quarantined)),
        (_("Gaps"), number(source.open_gaps)),
        (_("Delay, half within"), _delay(source.delay_p50_s)),
        (_("Delay, 95% within"), _delay(source.delay_p95_s)),
        (_("Last success"), moment(source.last_ok_at, now) if source.last_ok_at else _("never")),
        (_("Newest message"), moment(source.last_item_at, now) if source.last_item_at else _("none yet")),
        (_("Asked every"), span(source.every_s)),
        (_("Next look"), moment(source.next_due_at, now) if source.next_due_at and source.enabled else _NONE),
    ]
    warn = {_("Set aside, unreadable"): source.quarantined, _("Gaps"): source.open_gaps}
    cells = "".join(
        f'<div class="{"warn" if warn.get(name) else ""}"><dt>{verbatim(name)}</dt><dd>{verbatim(value)}</dd></div>'
        for name, value in facts
    )
    bars = "".join(_query(query, now) for query in source.queries)
    if source.level == "ok":
        what = source_words.what(source, now) if source.enabled else _("Switched off in the configuration.")
    else:
        what = source_words.what(source, now)
    return (
        f'<article class="kb-source {tone}" data-source="{verbatim(source.id)}"><header>'
        f'<span class="kb-sign" style="background:{sign.colour}" aria-hidden="true">{sign.letters}</span>'
        f"<div><h2>{verbatim(source.name)} {own}</h2>"
        f'<span class="kb-soft">{verbatim(f"{sign.name} · {source.connector} · {source.id}")}</span></div>'
        f'<span class="kb-badge {tone}">{verbatim(source_words.level(source.level))}</span></header>'
        f"<p>{verbatim(what)}</p><dl>{cells}</dl>{bars}</article>"
    )


def _delay(seconds: float | None) -> str:
    return _NONE if seconds is None else span(seconds)


def _query(query: QueryHealth, now: datetime) -> str:
    start = now - timedelta(days=DAYS)
    pieces = "".join(_bar(bar, start, now) for bar in query.bars)
    gaps = plural("{n} gap", "{n} gaps", query.n_gaps) if query.n_gaps else _("no gaps")
    label = _("What was covered in the last {n} days: {gaps}").format(n=DAYS, gaps=gaps)
    return (
        f'<div class="kb-ledger"><span class="kb-soft">{verbatim(query.label)}</span>'
        f'<div class="kb-bars" role="img" aria-label="{verbatim(label)}">{pieces}</div>'
        f'<span class="kb-soft">{verbatim(gaps)}</span></div>'
    )


def _bar(bar: CoverageBar, start: datetime, end: datetime) -> str:
    whole = (end - start).total_seconds()
    left = max(0.0, (bar.start - start).total_seconds() / whole)
    right = min(1.0, (bar.end - start).total_seconds() / whole)
    if right <= left:
        return ""
    words = {
        CoverState.COVERED: _("covered"),
        CoverState.GAP: _("gap"),
        CoverState.UNKNOWN: _("not looked at"),
    }[bar.state]
    title = f"{words}: {full_moment(bar.start)} - {full_moment(bar.end)} {bar.text}".strip()
    place = f"left:{left:.4%};width:max({right - left:.4%},2px)"
    return f'<i class="{bar.state.value}" style="{place}" title="{verbatim(title)}"></i>'


def _legend() -> str:
    entries = (("covered", _("covered")), ("gap", _("gap")), ("unknown", _("not looked at")))
    marks = "".join(f'<span><i class="{state}"></i>{verbatim(word)}</span>' for state, word in entries)
    lead = _("Each bar is the last {n} days, until now.").format(n=DAYS)
    return f'<div class="kb-legend kb-soft">{verbatim(lead)} {marks}</div>'
