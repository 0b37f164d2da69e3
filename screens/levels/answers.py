"""The survival curve: which share had its first answer within a time, with those that still wait honestly counted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from screens.i18n import _, percent, plural
from screens.levels import charts, nothing, overview, rows_of, steps, words
from screens.levels.asking import Asking
from screens.levels.wish import TIMES, WAITING
from screens.security import verbatim
from screens.state import inbox, token

_FIGURE = "first_response_time"


def draw(asking: Asking) -> None:
    """Draw it. May raise `InboxError`."""
    overview.alone(asking, _FIGURE)
    found = inbox().figures.survival(token(), asking.asked)
    if not found.points:
        _none_yet(asking, found.n_open)
        return
    st.html(f'<h2 class="kb-part">{verbatim(_("Share with a first answer within a time"))}</h2>')
    told = reached(found.points)
    said = ", ".join(
        _("{share} within {time}").format(share=percent(share), time=words.lasting(s)) for s, share in told
    )
    charts.draw(lambda: charts.curve(found.points), key="levels_curve", name="first-answers", told=f"{said}.")
    st.html(_steps(told))
    rests = plural(
        "Rests on {n} conversation that began in this period.",
        "Rests on {n} conversations that began in this period.",
        found.n + found.n_open,
    )
    waiting = plural("{n} of them still waits.", "{n} of them still wait.", found.n_open) if found.n_open else ""
    how = _(
        "One that still waits counts as not answered for as long as it has waited, and after that it is no longer "
        "held against or for anybody (Kaplan-Meier). So the curve does not look better by leaving hard ones lying."
    )
    st.html(f'<p>{verbatim(rests)} {verbatim(waiting)}</p><p class="kb-soft">{verbatim(how)}</p>')
    _rows(asking, [s for s, _share in told], waiting=found.n_open > 0)


def _none_yet(asking: Asking, n_open: int) -> None:
    """There is no curve: nobody was answered, and maybe nobody waits."""
    if not n_open:
        lead = _("Whoever writes to you waits from then on; the curve begins with the first answer.")
        nothing.draw(asking, _("Nobody waited for a first answer in this period"), lead)
        return
    st.html(f'<p class="kb-soft">{verbatim(_("Nothing that began in this period has an answer yet."))}</p>')
    _rows(asking, (), waiting=True)


def _rows(asking: Asking, times: Sequence[int], *, waiting: bool) -> None:
    """The conversations of a step of the table, or those that wait, once somebody asks for them."""
    st.html(f'<h2 class="kb-part">{verbatim(_("Conversations"))}</h2>')
    offered = [*map(str, times), *([WAITING] if waiting else [])]
    chosen = asking.wish.within if asking.wish.within in offered else None
    st.segmented_control(
        _("Which conversations"),
        offered,
        default=chosen,
        format_func=_named,
        key=steps.key("within"),
        on_change=steps.on_within,
        label_visibility="collapsed",
    )
    if chosen is None:
        st.html(f'<p class="kb-soft">{verbatim(_("Choose one to see its conversations."))}</p>')
        return
    within, shown = None if chosen == WAITING else float(chosen), rows_of.n_shown()
    rows, n = inbox().figures.begun(token(), asking.asked, within=within, limit=shown)
    st.html(f'<p class="kb-soft" id="kb-begun" data-n="{n}">{verbatim(_counted(n, within))}</p>')
    rows_of.listed(asking, _FIGURE, rows, more=len(rows) == shown < n)


def _named(one: str) -> str:
    return _("Still waiting") if one == WAITING else _("Within {time}").format(time=words.lasting(int(one)))


def _counted(n: int, within: float | None) -> str:
    if within is None:
        return plural("{n} waits for its first answer.", "{n} wait for their first answer.", n)
    named = _("Within {time}").format(time=words.lasting(within))
    return f"{named}: {plural('{n} first answer', '{n} first answers', n)}."


def reached(points: Sequence[tuple[float, float]]) -> list[tuple[int, float]]:
    """The share answered within each time of the table, as far as the curve goes: beyond it nobody was seen."""
    last = points[-1][0]
    return [(t, max((share for s, share in points if s <= t), default=0.0)) for t in TIMES if t <= last]


def _steps(told: Sequence[tuple[int, float]]) -> str:
    cells = "".join(
        f"<div><dt>{verbatim(words.lasting(s))}</dt><dd>{verbatim(percent(share))}</dd></div>" for s, share in told
    )
    return f'<dl class="kb-reached">{cells}</dl>'
