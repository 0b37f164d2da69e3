"""Figures per person, only where the group is large enough that they do not point at somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from inbox.kpis.views import MASKED
from inbox.views import KpiValue
from screens import threads
from screens.i18n import NONE, _, number
from screens.levels import nothing, words
from screens.levels.asking import Asking
from screens.levels.wish import written
from screens.security import verbatim
from screens.state import inbox, token

SHOWN: Sequence[str] = ("first_response_time", "next_response_time", "resolution_time", "handle_time", "sla_met")
"""Figures that are told of a person."""


def draw(asking: Asking) -> None:
    """Draw them. May raise `InboxError`."""
    found = {one: dict(inbox().figures.split(token(), one, asking.asked, "agent")) for one in SHOWN}
    keys = {key for some in found.values() for key in some}
    if MASKED in keys:
        told = _(
            "Figures per person are told of larger groups only, because in a small one they point at single people. "
            "The figures of the whole group stand under All figures."
        )
        st.html(threads.notice("info", told))
        return
    people = {str(number): name for number, name in asking.people.items()}
    ordered = sorted(keys, key=lambda key: (key == "", _who(key, people).casefold()))
    if not ordered:
        lead = _("Figures per person begin with the first answer, or the first conversation that somebody resolves.")
        nothing.draw(asking, _("Nobody answered or resolved anything in this period"), lead)
        return
    lead = _(
        "Median by the clock on the wall, and on how many it rests. Who takes the hard ones has longer times and fewer "
        "of them: read it with the person, not against them."
    )
    st.html(
        f'<p class="kb-soft">{verbatim(lead)}</p>{_table(asking, found, {key: _who(key, people) for key in ordered})}'
    )


def _who(key: str, people: Mapping[str, str]) -> str:
    if not key:
        return _("On the platform itself")
    return people.get(key) or _("Somebody who left")


def _table(asking: Asking, found: Mapping[str, Mapping[str, KpiValue]], people: Mapping[str, str]) -> str:
    head = "".join(f'<th scope="col">{verbatim(words.name(one))}</th>' for one in SHOWN)
    rows = "".join(
        f'<tr><th scope="row"><bdi>{verbatim(name)}</bdi></th>'
        f"{''.join(_cell(asking, key, found[one].get(key)) for one in SHOWN)}</tr>"
        for key, name in people.items()
    )
    return (
        f'<div class="kb-scroll" tabindex="0" role="region" aria-label="{verbatim(_("Per person"))}">'
        f'<table class="kb-cols"><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _cell(asking: Asking, person: str, kpi: KpiValue | None) -> str:
    """The figure of somebody, as a link to its rows."""
    if kpi is None or kpi.value is None:
        return f"<td>{NONE}</td>"
    rests = [_("n {n}").format(n=number(kpi.n))]
    if kpi.business_value is not None:
        rests.insert(0, _("business time {time}").format(time=words.lasting(kpi.business_value)))
    told = verbatim(words.told(kpi.value, kpi.unit))
    if person:
        opened = replace(asking.wish, figure=kpi.id, person=int(person))
        told = f'<a href="/levels?{verbatim(urlencode(written(opened)))}" target="_self">{told}</a>'
    return f"<td>{told}<small>{verbatim(' · '.join(rests))}</small></td>"
