"""A source as a card: how it stands, its figures, its budgets, and the coverage ledger drawn as bars."""

from __future__ import annotations

from datetime import datetime, timedelta

from inbox.source_views import CoverageBar, CoverState, QueryHealth, SourceHealth
from screens import meter_bar, source_words
from screens.i18n import _, full_moment, moment, number, plural, span
from screens.platforms import sign_of
from screens.security import verbatim

DAYS = 7
_NONE = "-"


def card(source: SourceHealth, now: datetime) -> str:
    """The card as HTML; all text of others escaped."""
    sign = sign_of(source.platform)
    own = f'<span class="kb-badge status">{_("own channel")}</span>' if source.own else ""
    tone = {"ok": "green", "attention": "orange", "dark": "red"}.get(source.level, "orange")
    idle = source.health in {"off", "paused"}
    badge = source_words.health_badge(source)
    facts = [
        (_("Kept"), number(source.stored)),
        (_("Seen before"), number(source.duplicates)),
        (_("Set aside, unreadable"), number(source.quarantined)),
        (_("Gaps"), number(source.open_gaps)),
        (_("Delay P50 / P95"), f"{_delay(source.delay_p50_s)} / {_delay(source.delay_p95_s)}"),
        (_("Last success"), moment(source.last_ok_at, now) if source.last_ok_at else _("never")),
        (_("Newest message"), moment(source.last_item_at, now) if source.last_item_at else _("none yet")),
        (_("Asked every"), span(source.every_s)),
        (_("Next look"), _next_look(source, now)),
        (_("Requests in 24 hours"), number(source.calls_day)),
    ]
    warn = {_("Set aside, unreadable"): source.quarantined, _("Gaps"): source.open_gaps}
    cells = "".join(
        f'<div class="{"warn" if warn.get(name) else ""}"><dt>{verbatim(name)}</dt><dd>{verbatim(value)}</dd></div>'
        for name, value in facts
    )
    bars = "".join(_query(query, now) for query in source.queries)
    meters = "".join(meter_bar.bar(meter, now) for meter in source.meters)
    what = source_words.what(source, now)
    return (
        f'<article class="kb-source {"idle" if idle else tone}" data-source="{verbatim(source.id)}"><header>'
        f'<span class="kb-sign" style="background:{sign.colour}" aria-hidden="true">{sign.letters}</span>'
        f"<div><h2>{verbatim(source.name)} {own}</h2>"
        f'<span class="kb-soft">{verbatim(f"{sign.name} · {source.connector} · {source.id}")}</span></div>'
        f'<span class="kb-badge {"" if idle else tone}">{verbatim(badge)}</span></header>'
        f"<p>{verbatim(what)}</p><dl>{cells}</dl>{meters}{bars}</article>"
    )


def _next_look(source: SourceHealth, now: datetime) -> str:
    idle = not source.enabled or source.paused_at is not None
    return _NONE if idle or source.next_due_at is None else moment(max(source.next_due_at, now), now)


def _delay(seconds: float | None) -> str:
    return _NONE if seconds is None else span(seconds)


def _query(query: QueryHealth, now: datetime) -> str:
    start = now - timedelta(days=DAYS)
    pieces = "".join(_bar(bar, start, now) for bar in query.bars)
    gaps = plural("{n} gap", "{n} gaps", query.n_gaps) if query.n_gaps else _("no gaps")
    label = _("What was covered in the last {n} days: {gaps}").format(n=DAYS, gaps=gaps)
    return (
        f'<div class="kb-ledger"><span class="kb-soft">{verbatim(query.label or query.query_id)}</span>'
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
    title = f"{words}: {full_moment(bar.start)} - {full_moment(bar.end)} {source_words.of_collector(bar.text)}".strip()
    place = f"left:{left:.4%};width:max({right - left:.4%},2px)"
    return f'<i class="{bar.state.value}" style="{place}" title="{verbatim(title)}"></i>'


def legend() -> str:
    """What the colours of the bars mean."""
    entries = (("covered", _("covered")), ("gap", _("gap")), ("unknown", _("not looked at")))
    marks = "".join(f'<span><i class="{state}"></i>{verbatim(word)}</span>' for state, word in entries)
    lead = _("Each bar is the last {n} days, until now.").format(n=DAYS)
    return f'<div class="kb-legend kb-soft">{verbatim(lead)} {marks}</div>'
