"""How charts look: colours that light, dark and the colour-blind can read, axes, numbers and months in words of here.

Colours are of neither theme: every one keeps a contrast of about 3 to 1 with both backgrounds. Those of series were
chosen one after the other, each as far as possible from those before it as people see them with and without red-green
blindness (Machado, Oliveira and Fernandes 2009, severity 1). Nothing is told by colour alone: series stand in the
order of their legend, and the table beside a chart tells the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import altair as alt
from altair.utils import schemapi
from babel import Locale

from screens.i18n import _, current
from screens.security import verbatim

PLAIN, MARK, SPIKE, BEFORE, OTHER = "#6366f1", "#d97706", "#e11d48", "#8b8fa3", "#838a97"
"""One series alone; something that happened; an alert; the period before; whatever is left."""
TONES: Mapping[str, str] = {
    "negative": "#d9480f",
    "neutral": "#838a97",
    "positive": "#2f7fd6",
    "unsure": "#7b4fd0",
    "mixed": "#b7791f",
    "": "#c3a35c",
}
"""Always the same, in every chart; `""` is what nobody scored."""
SERIES: Sequence[str] = (
    "#2f6bd6",
    "#d98f21",
    "#11735f",
    "#d9216a",
    "#8d9cd9",
    "#73572e",
    "#bfa47c",
    "#385a8c",
    "#737311",
    "#8a3fe0",
    "#bf6a4d",
    "#4aa3a2",
)
MOST = len(SERIES)
"""Series with a colour of their own; the rest is folded into one."""

Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart that names its data, and the data by name: Altair copies a chart, with all that is in it, many times."""

    chart: alt.Chart | alt.LayerChart
    data: Mapping[str, Rows]


def colours(shown: Sequence[str], known: Sequence[str] = ()) -> dict[str, str]:
    """A colour for each shown key, the same whatever else is shown, as far as there are enough.

    Args:
        shown: keys that get a colour; at most `MOST` differ.
        known: every key there is, in an order that does not change; each has its place in `SERIES`. What is not
            among them, or finds its place taken, gets the next one that is free.
    """
    order = {key: at for at, key in enumerate(known)}
    taken: dict[int, str] = {}
    for key in sorted(shown, key=lambda one: (order.get(one, len(order)), one)):
        wanted = order.get(key, len(order)) % MOST
        free = next((at for at in _from(wanted) if at not in taken), wanted)
        taken[free] = taken.get(free, key)
    place = {key: at for at, key in taken.items()}
    return {key: SERIES[place[key]] if key in place else OTHER for key in shown}


def _from(first: int) -> Sequence[int]:
    return [*range(first, MOST), *range(first)]


def spec(build: Callable[[], Drawing], *, told: str) -> dict[str, Any]:
    """A chart as Vega-Lite reads it, for `st.vega_lite_chart`, with numbers and months of the reader's language.

    It is built without checking each part of it against the schema, which took more time than all else on a page;
    tests check every chart.

    Args:
        build: makes the chart.
        told: what it shows, in a sentence, for who does not see it.
    """
    with schemapi.debug_mode(arg=False):
        made = build()
        whole: dict[str, Any] = made.chart.to_dict(validate=False)
    whole["datasets"] = dict(made.data)
    whole["description"] = told
    # What is drawn as SVG is read aloud part by part, and can be saved as it is.
    whole["usermeta"] = {"embedOptions": {"renderer": "svg"}}
    whole.setdefault("config", {})["locale"] = _locale(current().code)
    return whole


def saving(key: str, name: str) -> str:
    """Buttons that save a chart as a picture, as HTML; the component `charts` hears them.

    Args:
        key: of the container that the chart stands in.
        name: of the file, without an ending.
    """
    which = f'data-kb-chart="{verbatim(key)}" data-kb-name="{verbatim(name)}"'
    buttons = "".join(
        f'<button type="button" data-kb-save="{ending}" {which}>{verbatim(told)}</button>'
        for ending, told in (("png", _("Save as PNG")), ("svg", _("Save as SVG")))
    )
    return f'<p class="kb-save">{buttons}</p>'


def over(name: str) -> alt.Chart:
    """A chart over data by name."""
    return alt.Chart(alt.NamedData(name=name))


def per_day(said: str) -> alt.Chart:
    """Bars of the rows `days` (`day`, `n`), one per day; `said` names what is counted."""
    bars: alt.Chart = (
        over("days")
        .mark_bar(color=PLAIN, binSpacing=1)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%d-%m", grid=False, tickCount=9)),
            y=alt.Y("n:Q", title=None, axis=counts()),
            tooltip=[
                alt.Tooltip("day:T", title=_("Day"), format="%d-%m-%Y"),
                alt.Tooltip("n:Q", title=said, format=",d"),
            ],
        )
    )
    return bars


def flagged(base: alt.Chart) -> alt.Chart:
    """A flag at the top of a chart, at each of the days of `base`."""
    marks = base.mark_point(shape="triangle-down", color=MARK, filled=True, size=90, opacity=1)
    flags: alt.Chart = marks.encode(y=alt.value(4))
    return flags


@cache
def _locale(code: str) -> dict[str, Any]:
    """Numbers and dates for Vega, as Babel knows them of a language."""
    spoken = Locale.parse("en_GB" if code == "en" else code)
    signs = spoken.number_symbols["latn"]
    days, short_days = (spoken.days["format"][width] for width in ("wide", "abbreviated"))
    months, short_months = (spoken.months["format"][width] for width in ("wide", "abbreviated"))
    sunday_first = [6, 0, 1, 2, 3, 4, 5]
    return {
        "number": {
            "decimal": signs["decimal"],
            "thousands": signs["group"],
            "grouping": [3],
            "currency": ["€\u00a0", ""],
        },
        "time": {
            "dateTime": "%A %-d %B %Y %H:%M",
            "date": "%d-%m-%Y",
            "time": "%H:%M",
            "periods": ["AM", "PM"],
            "days": [days[at] for at in sunday_first],
            "shortDays": [short_days[at] for at in sunday_first],
            "months": [months[at] for at in range(1, 13)],
            "shortMonths": [short_months[at].rstrip(".") for at in range(1, 13)],
        },
    }


def legend(n: int) -> alt.Legend | None:
    """A legend under the chart, in as many columns as the chart is wide; none for one series."""
    if n < 2:
        return None
    return alt.Legend(
        title=None,
        orient="bottom",
        columns=alt.ExprRef(f"width < 480 ? 2 : width < 800 ? {min(n, 4)} : {min(n, 6)}"),
        labelLimit=150,
        symbolType="square",
    )


def counts(title: str | None = None) -> alt.Axis:
    """An axis of whole numbers."""
    return alt.Axis(title=title, tickMinStep=1, tickCount=4, format=",d")
