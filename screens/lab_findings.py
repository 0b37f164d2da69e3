"""What a back-test found so far: how far it is, what comes and goes per source and week, examples with marked words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from inbox.lab.views import Example, Findings, SourceCount, WeekCount
from screens import lab
from screens.i18n import N_, _, moment, number, plural, short_date
from screens.lab import Bench
from screens.lab_texts import in_the_inbox, marked
from screens.security import verbatim
from screens.state import utc_now
from screens.threads import notice

_OUTCOMES: Mapping[str, str] = {
    "added": N_("Comes in addition"),
    "dropped": N_("Comes no more"),
    "kept": N_("Stays"),
}
_WEEKS = 12
_SOURCES = 15
MINUS = "\u2212"
_WEEKS_MARK = "%d-%m"


def draw(bench: Bench) -> None:
    """Draw what was found, or what to press."""
    found = bench.found
    if found is None:
        lead = _(
            "Change the query above and press Test: you see what the change would add, drop and keep of what came in. "
            "Nothing is saved."
        )
        st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
        return
    if not bench.is_tested:
        st.html(notice("warning", _("The text has changed since; test it again.")))
    _progress(found)
    st.html(_totals(found))
    if found.per_source:
        st.html(_sources(found.per_source))
    if found.overlap:
        told = ", ".join(f"{name}: {number(n)}" for name, n in found.overlap.items())
        st.html(f'<p class="kb-labline">{verbatim(_("Also found by the query of {brands}").format(brands=told))}</p>')
    if found.per_week:
        st.html(_weeks(found.per_week[-_WEEKS:]))
    for outcome, title in _OUTCOMES.items():
        some = [one for one in found.examples if one.outcome == outcome]
        if some:
            st.html(examples(_(title), some))


def examples(title: str, some: Sequence[Example]) -> str:
    """A list of examples under a heading; those that stand in the inbox open there."""
    lines = "".join(_example(one) for one in some)
    return (
        f'<section class="kb-lab"><h2 class="kb-part">{verbatim(title)}</h2><ul class="kb-hits">{lines}</ul></section>'
    )


def _example(one: Example) -> str:
    facts = [one.source_name, moment(one.at, utc_now())]
    if one.conversation_id is None:
        facts.append(_("not in the inbox: no query matched it"))
    facts += [_("also {brand}").format(brand=name) for name in one.also]
    return (
        f'<li class="{one.outcome}"><p class="kb-text" dir="auto">{marked(one.text, one.marks, one.against)}</p>'
        f'<span class="kb-soft">{verbatim(" · ".join(facts))}{in_the_inbox(one.conversation_id)}</span></li>'
    )


def _progress(found: Findings) -> None:
    told = _("{n} of {total} tested").format(n=number(found.tested), total=number(found.expected))
    if found.per_second:
        told += f" · {_('{n} a second').format(n=number(round(found.per_second)))}"
    if found.state == "running":
        st.progress(min(1.0, found.tested / max(1, found.expected)), told)
        return
    st.html(f'<p class="kb-labline kb-soft">{verbatim(told)}</p>')
    if found.state == "capped":
        st.html(notice("info", _("The test stopped at its time; what it found so far stands below.")))
        st.button(_("Go on testing"), key="lab_go_on", icon=":material/play_arrow:", on_click=lab.on_go_on)


def _totals(found: Findings) -> str:
    rows = (
        ("added", _("in addition"), _signed("+", found.added)),
        ("dropped", _("no more"), _signed(MINUS, found.dropped)),
        ("kept", _("stay"), number(found.kept)),
    )
    cells = "".join(
        f'<div class="{key}"><b>{verbatim(n)}</b><span>{verbatim(name)}</span></div>' for key, name, n in rows
    )
    lines = []
    if found.horizon is not None:
        outside = plural(
            "{n} addition comes from outside the archive.",
            "{n} additions come from outside the archive.",
            found.from_outside,
        )
        kept = _(
            "What no query matched is kept for 30 days, at present since {day}: "
            "what a query would have added before that is not known."
        )
        lines += [outside, kept.format(day=short_date(found.horizon))]
    else:
        lines.append(
            _("Nothing that no query matched is kept at present, so additions from outside the archive are not known.")
        )
    if found.whole:
        told = plural(
            "{n} message of your own channels counts for this brand whatever the query says.",
            "{n} messages of your own channels count for this brand whatever the query says.",
            found.whole,
        )
        lines.append(told)
    lines.append(_("Copies are counted once."))
    aside = " ".join(lines)
    return f'<div class="kb-labsum">{cells}</div><p class="kb-labline kb-soft">{verbatim(aside)}</p>'


def _sources(rows: Sequence[SourceCount]) -> str:
    heads = (_("Source"), _("in addition"), _("no more"), _("stay"))
    head = "".join(f"<th scope=col>{verbatim(one)}</th>" for one in heads)
    body = "".join(
        f"<tr><th scope=row>{verbatim(row.name)}</th><td class=added>{_signed('+', row.added)}</td>"
        f"<td class=dropped>{_signed(MINUS, row.dropped)}</td><td>{number(row.kept)}</td></tr>"
        for row in rows[:_SOURCES]
    )
    more = plural("and {n} source more", "and {n} sources more", len(rows) - _SOURCES) if len(rows) > _SOURCES else ""
    foot = f'<p class="kb-labline kb-soft">{verbatim(more)}</p>' if more else ""
    return f'<table class="kb-labtable"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}'


def _signed(sign: str, n: int) -> str:
    return f"{sign}{number(n)}" if n else "0"


def _weeks(weeks: Sequence[WeekCount]) -> str:
    most = max([1, *(max(one.before, one.after) for one in weeks)])
    label = _("Found per week, before and after")
    bars = "".join(
        f'<div><span class="pair"><i class="before" style="height:{round(100 * one.before / most)}%"></i>'
        f'<i class="after" style="height:{round(100 * one.after / most)}%"></i></span>'
        f'<span class="n">{number(one.before)} → {number(one.after)}</span>'
        f'<span class="kb-soft">{verbatim(one.monday.strftime(_WEEKS_MARK))}</span></div>'
        for one in weeks
    )
    key = (
        f'<p class="kb-legend"><span><i class="before"></i>{verbatim(_("now"))}</span>'
        f'<span><i class="after"></i>{verbatim(_("with this text"))}</span></p>'
    )
    return (
        f'<section class="kb-labweeks" aria-label="{verbatim(label)}"><h2 class="kb-part">{verbatim(label)}</h2>{key}'
        f'<div class="weeks">{bars}</div></section>'
    )
