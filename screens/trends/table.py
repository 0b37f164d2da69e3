"""The numbers of a chart as a table, for who does not see it or wants them exactly."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from inbox.trends.views import HeatMap, Series, ShareOfVoice
from screens.i18n import NONE, _, number, percent
from screens.security import verbatim
from screens.trends import series as counts
from screens.trends.heat_chart import weekdays


def below(key: str, head: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> None:
    """A table that opens under its chart."""
    with st.expander(_("As a table"), key=key, icon=":material/table:"):
        st.html(table(head, rows, name))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> str:
    """A table as HTML: the first column names its row. It scrolls by itself, also with the keyboard."""
    heads = "".join(f'<th scope="col">{verbatim(one)}</th>' for one in head)
    body = "".join(
        f'<tr><th scope="row">{verbatim(row[0])}</th>{"".join(f"<td>{verbatim(one)}</td>" for one in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="kb-figures" tabindex="0" role="region" aria-label="{verbatim(name)}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def of_volume(
    series: Series, before: Series | None, step: str, named: counts.Named
) -> tuple[list[str], list[list[str]]]:
    """A row per step: each series, all together, found late, and the period before."""
    steps = counts.moments(series)
    split = series.keys != ("",)
    by_both = {(one.at, one.key): one.n for one in series.points}
    whole, late = counts.by_moment(series), counts.late_by_moment(series)
    then = list(counts.by_moment(before).values()) if before is not None else []
    head = [_("When"), *([named.name(key) for key in series.keys] if split else []), _("Together"), _("Found late")]
    head += [_("Period before")] if before is not None else []
    rows = []
    for place, at in enumerate(steps):
        each = [number(by_both.get((at, key), 0)) for key in series.keys] if split else []
        row = [counts.when(at, step), *each, number(whole[at]), number(late.get(at, 0))]
        if before is not None:
            row.append(number(then[place]) if place < len(then) else NONE)
        rows.append(row)
    return head, rows


def of_voice(found: ShareOfVoice) -> tuple[list[str], list[list[str]]]:
    """A row per brand."""
    head = [_("Brand"), _("Messages"), _("Share"), _("Messages before"), _("Share before")]
    return head, [
        [
            one.name,
            number(one.n),
            NONE if one.share is None else percent(one.share),
            number(one.n_before),
            NONE if one.share_before is None else percent(one.share_before),
        ]
        for one in found.brands
    ]


def of_week(found: HeatMap) -> tuple[list[str], list[list[str]]]:
    """A row per day of the week, a column per hour: how much was said in all of them together."""
    by_both = {(one.weekday, one.hour): one.n for one in found.cells}
    head = [_("Day"), *(f"{hour}:00" for hour in range(24))]
    days = weekdays()
    return head, [[days[day], *(number(by_both.get((day, hour), 0)) for hour in range(24))] for day in range(7)]
