"""Load: inflow per hour and weekday against the people planned, and when there is most for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

import streamlit as st

from inbox.availability.views import Cell, Load
from screens import load_table
from screens.i18n import _, current, number, percent
from screens.levels import nothing, overview, steps
from screens.levels.asking import Asking
from screens.period_choice import OWN, Wanted
from screens.security import verbatim
from screens.state import inbox, token
from screens.trends import picked
from screens.trends.asked import Asked, write

_LEAST, _MOST = 7, 366
_TOP = 5


def draw(asking: Asking) -> None:
    """Draw it. May raise `InboxError`."""
    overview.alone(asking, "load")
    team = asking.wish.teams[0] if len(asking.wish.teams) == 1 else None
    past = asking.period.last if asking.period.last < steps.today() else None
    days = min(_MOST, max(_LEAST, asking.period.n_days))
    found = inbox().availability.load(token(), days=days, team_id=team, last=asking.period.last)
    if not any(cell.inflow for cell in found.cells):
        lead = _("Every message that comes in counts here, at its hour of the week.")
        nothing.draw(asking, _("Nothing came in during this period"), lead)
        return
    st.html(f"{_pinches(found)}{load_table.html(found, last=past, opens=lambda cell: opened(found, cell))}")
    how = _("An hour opens its messages on Trends: all of these days together, of which the number here is the mean.")
    told = _(
        "Inflow counts every message that came in, of all teams and sources together; people are those who are planned "
        "now, not those who were planned then. So it tells when it is busy, not whether somebody worked hard."
    )
    st.html(f'<p class="kb-soft">{verbatim(told)} {verbatim(how)}</p>')


def opened(found: Load, cell: Cell) -> str:
    """The address of the page of trends at which the messages of an hour of the week are listed."""
    last = found.first + timedelta(days=found.n_days - 1)
    asked = Asked(Wanted(OWN, found.first, last), pick=picked.written("week", str(cell.weekday), str(cell.hour)))
    return f"/trends?{urlencode(write(asked))}"


def busiest(cells: Sequence[Cell]) -> list[tuple[Cell, float]]:
    """The hours with most messages for each person who is planned, busiest first; none where people are not told."""
    loads = [(cell, cell.inflow / cell.people) for cell in cells if cell.people and cell.inflow]
    return sorted(loads, key=lambda one: (-one[1], one[0].weekday, one[0].hour))[:_TOP]


def unmanned(cells: Sequence[Cell]) -> float | None:
    """The share of inflow that comes when nobody is planned; None where people are not told or nothing came in."""
    total = sum(cell.inflow for cell in cells)
    if not total or any(cell.people is None for cell in cells):
        return None
    return sum(cell.inflow for cell in cells if not cell.people) / total


def _pinches(found: Load) -> str:
    alone, top = unmanned(found.cells), busiest(found.cells)
    lines = []
    if alone:
        lines.append(_("{share} of what comes in comes when nobody is planned.").format(share=percent(alone)))
    if top:
        said = _("{day} {hour}:00 ({n} for each person)")
        days = current().locale.days["stand-alone"]["abbreviated"]
        hours = ", ".join(
            said.format(day=days[cell.weekday], hour=f"{cell.hour:02d}", n=number(round(load, 1))) for cell, load in top
        )
        lines.append(_("Most for each person planned: {hours}.").format(hours=hours))
    return "".join(f"<p>{verbatim(line)}</p>" for line in lines)
