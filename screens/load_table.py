"""Inflow per hour and weekday against people planned, as a table of shades; for the Team page and service levels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from inbox.availability.views import Cell, Load
from screens.i18n import _, current, full_date, number
from screens.security import verbatim


def html(load: Load, *, last: date | None = None, opens: Callable[[Cell], str] | None = None) -> str:
    """Inflow per hour and weekday as a table of shades, people planned beside it where they may be told.

    Args:
        load: what is shown.
        last: the last day of it, where that is not yesterday.
        opens: the address of the messages of a cell; without it no cell is a link.
    """
    top = max((cell.inflow for cell in load.cells), default=0.0)
    names = current().locale.days["stand-alone"]["abbreviated"]
    hours = range(24)
    head = "".join(f'<th scope="col">{hour:02d}</th>' for hour in hours)
    rows = []
    for day in range(7):
        cells = []
        for cell in load.cells[day * 24 : day * 24 + 24]:
            shade = cell.inflow / top if top else 0.0
            people = "" if cell.people is None else f"<small>{number(round(cell.people, 1))}</small>"
            told = number(round(cell.inflow, 1)) if cell.inflow else ""
            if told and opens is not None:
                name = f"{names[day]} {cell.hour:02d}:00: {told}"
                told = f'<a href="{verbatim(opens(cell))}" target="_self" aria-label="{verbatim(name)}">{told}</a>'
            cells.append(f'<td style="--shade:{shade:.2f}">{told}{people}</td>')
        rows.append(f'<tr><th scope="row">{verbatim(str(names[day]))}</th>{"".join(cells)}</tr>')
    lead = _("Messages an hour, mean of the last {n} days").format(n=load.n_days)
    if last is not None:
        lead = _("Messages an hour, mean of {n} days up to {day}").format(n=load.n_days, day=full_date(last))
    if load.cells and load.cells[0].people is None:
        beside = _("People are told from {n} on, because a smaller group tells on single people.").format(
            n=load.smallest_group
        )
    else:
        beside = _("Small: people planned, of {n}.").format(n=load.n_people)
    return (
        f'<section class="kb-heat" tabindex="0" aria-label="{verbatim(lead)}"><h2>{verbatim(lead)}</h2>'
        f'<p class="kb-soft">{verbatim(beside)}</p><table><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></section>"
    )
