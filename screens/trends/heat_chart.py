"""When in the week things are said, as a map of weekday by hour. Pure: data to chart."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
from babel.dates import get_day_names

from inbox.trends.views import HeatMap
from screens.charts import looks
from screens.i18n import _, current, number

PICK = "pick"
"""The name of what is clicked: `weekday` and `hour` of a cell."""
_HEIGHT = 210


def weekdays() -> Sequence[str]:
    """The short names of the days, Monday first."""
    names = get_day_names("abbreviated", context="stand-alone", locale=current().locale)
    return [str(names[at]) for at in range(7)]


def cell_name(weekday: int, hour: int) -> str:
    """An hour of the week in words: `Mon 09:00-10:00`."""
    return f"{weekdays()[weekday]} {hour:02d}:00-{(hour + 1) % 24:02d}:00"


def rows(found: HeatMap) -> looks.Rows:
    """A row per hour of the week that occurred in the period: how much was said, and how much in such an hour."""
    days = weekdays()
    return [
        {
            "day": days[one.weekday],
            "weekday": one.weekday,
            "hour": one.hour,
            "n": one.n,
            "mean": one.per_hour,
            "told": number(round(one.per_hour, 1)),
            "when": cell_name(one.weekday, one.hour),
        }
        for one in found.cells
        if one.per_hour is not None
    ]


def chart(found: HeatMap) -> looks.Drawing:
    """The map, to be given to `looks.spec`. Shades are of one colour, so that they read in light and dark."""
    made: alt.Chart = (
        looks.over("week")
        .mark_rect(color=looks.PLAIN, cornerRadius=2, cursor="pointer")
        .encode(
            x=alt.X(
                "hour:O",
                title=None,
                scale=alt.Scale(domain=list(range(24)), paddingInner=0.08),
                axis=alt.Axis(values=list(range(0, 24, 3)), labelAngle=0, labelExpr="datum.value + ':00'", ticks=False),
            ),
            y=alt.Y(
                "day:O",
                title=None,
                sort=list(weekdays()),
                scale=alt.Scale(domain=list(weekdays()), paddingInner=0.08),
                axis=alt.Axis(ticks=False),
            ),
            fillOpacity=alt.FillOpacity("mean:Q", scale=alt.Scale(domainMin=0, range=[0.06, 1]), legend=None),
            tooltip=[
                alt.Tooltip("when:N", title=_("When")),
                alt.Tooltip("told:N", title=_("Messages in such an hour")),
                alt.Tooltip("n:Q", title=_("In the whole period"), format=",d"),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["weekday", "hour"], toggle=False, empty=False))
        .properties(height=_HEIGHT)
    )
    return looks.Drawing(made, {"week": rows(found)})
