"""The charts of service levels: values in, an Altair chart out. Their looks are those of `screens.charts`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import altair as alt
import streamlit as st

from screens.charts import looks
from screens.i18n import _, local_now
from screens.levels import words

HEIGHT = 260
_EACH, _AXIS = 34, 50
_SHORT = timedelta(days=4)
"""Time of which an axis tells hours too: of less, many ticks would bear the same day."""
_DAYS, _HOURS = "%-d %b", "%-d %b %H:%M"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_TIMES = (300, 900, _HOUR, 4 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY)


@dataclass(frozen=True, slots=True)
class Bar:
    """A share (0-1) of `n` cases under a name."""

    name: str
    share: float
    n: int


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of `n` cases over the days from `first` on, named as people read it."""

    first: date
    name: str
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Stand:
    """How many there were of something at one moment."""

    at: datetime
    name: str
    n: int


def draw(build: Callable[[], looks.Drawing], *, key: str, name: str, told: str) -> None:
    """Draw a chart on the page.

    Args:
        build: makes it, with a function of this file.
        key: its name on the page.
        name: of the file it is saved as.
        told: what it shows, in words.
    """
    with st.container(key=f"chart_{key}", gap=None):
        st.vega_lite_chart(looks.spec(build, told=told), width="stretch", key=key)
        st.html(looks.saving(f"chart_{key}", f"klankbord-{name}"))


def curve(points: Sequence[tuple[float, float]]) -> looks.Drawing:
    """Share answered within a time, as steps; the axis of time is logarithmic, from a minute on."""
    rows: looks.Rows = [{"s": max(_MINUTE, s), "share": share, "time": words.lasting(s)} for s, share in points]
    longest = max(_TIMES[1], *(max(_MINUTE, s) for s, _share in points))
    ticks = [one for one in _TIMES if one <= longest]
    made: alt.Chart = (
        looks.over("rows")
        .mark_line(interpolate="step-after", color=looks.PLAIN, strokeWidth=2.5)
        .encode(
            x=alt.X(
                "s:Q",
                title=None,
                scale=alt.Scale(type="log", domain=[_MINUTE, longest], nice=False),
                axis=alt.Axis(values=ticks, labelExpr=_named(ticks), grid=False),
            ),
            y=alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=_shares()),
            tooltip=[
                alt.Tooltip("time:N", title=_("Within")),
                alt.Tooltip("share:Q", title=_("Answered"), format=".1%"),
            ],
        )
        .properties(height=HEIGHT)
    )
    return looks.Drawing(made, {"rows": rows})


def bars(some: Sequence[Bar], *, across: bool) -> looks.Drawing:
    """Shares under names, in their order; `across`: beside each other, else under each other."""
    rows: looks.Rows = [{"name": one.name, "share": one.share, "n": one.n} for one in some]
    order = [one.name for one in some]
    names: dict[str, Any] = {"sort": order, "axis": alt.Axis(title=None, labelAngle=0, labelLimit=180, grid=False)}
    length: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "title": None, "axis": _shares()}
    placed = (
        {"x": alt.X("name:N", **names), "y": alt.Y("share:Q", **length)}
        if across
        else {"y": alt.Y("name:N", **names), "x": alt.X("share:Q", **length)}
    )
    tips = [
        alt.Tooltip("name:N", title=_("Part")),
        alt.Tooltip("share:Q", title=_("In time"), format=".1%"),
        alt.Tooltip("n:Q", title=_("Deadlines"), format=",d"),
    ]
    made: alt.Chart = (
        looks.over("rows")
        .mark_bar(color=looks.PLAIN, cornerRadiusEnd=2)
        .encode(**placed, tooltip=tips)
        .properties(height=HEIGHT if across else _EACH * len(rows) + _AXIS)
    )
    return looks.Drawing(made, {"rows": rows})


def over_time(points: Sequence[Point], unit: str) -> looks.Drawing:
    """A figure by day or week, as a line with a dot for each; durations on an axis of whole minutes, hours or days."""
    rows: looks.Rows = [
        {"at": _on(one.first), "name": one.name, "value": one.value, "told": words.told(one.value, unit), "n": one.n}
        for one in points
    ]
    base = looks.over("rows").encode(
        x=alt.X("at:T", title=None, axis=alt.Axis(format="%-d %b", grid=False, tickCount=8)),
        y=alt.Y("value:Q", title=None, axis=_of_unit(unit, max(one.value for one in points))),
        tooltip=[
            alt.Tooltip("name:N", title=_("When")),
            alt.Tooltip("told:N", title=_("Value")),
            alt.Tooltip("n:Q", title="n", format=",d"),
        ],
    )
    line = base.mark_line(color=looks.PLAIN, strokeWidth=2)
    dots = base.mark_point(color=looks.PLAIN, filled=True, size=45, opacity=1)
    made = alt.LayerChart(layer=[line, dots]).properties(height=HEIGHT)
    return looks.Drawing(made, {"rows": rows})


def stands(some: Sequence[Stand], names: Sequence[str]) -> looks.Drawing:
    """Counts over time, a line for each name."""
    rows: looks.Rows = [{"at": _at(one.at), "name": one.name, "n": one.n} for one in some]
    palette = looks.colours(names, names)
    short = bool(some) and max(one.at for one in some) - min(one.at for one in some) < _SHORT
    made: alt.Chart = (
        looks.over("rows")
        .mark_line(strokeWidth=2, interpolate="step-after")
        .encode(
            x=alt.X("at:T", title=None, axis=alt.Axis(format=_HOURS if short else _DAYS, grid=False, tickCount=8)),
            y=alt.Y("n:Q", title=None, axis=looks.counts()),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(domain=list(names), range=[palette[one] for one in names]),
                legend=looks.legend(len(names)),
            ),
            tooltip=[
                alt.Tooltip("at:T", title=_("Moment"), format="%-d %B %H:%M"),
                alt.Tooltip("name:N", title=_("Conversations")),
                alt.Tooltip("n:Q", title=_("How many"), format=",d"),
            ],
        )
        .properties(height=HEIGHT)
    )
    return looks.Drawing(made, {"rows": rows})


def _shares() -> alt.Axis:
    return alt.Axis(title=None, tickCount=5, format=".0%")


def _of_unit(unit: str, largest: float) -> alt.Axis:
    if unit == "share":
        return _shares()
    if unit != "seconds":
        return alt.Axis(title=None, tickCount=4, format=",.2~f")
    step = next((one for one in (_DAY, _HOUR, _MINUTE) if largest >= 2 * one), 1)
    each = next(one for one in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if largest / (step * one) <= 6)
    ticks = [step * each * at for at in range(int(largest / (step * each)) + 2)]
    return alt.Axis(title=None, values=ticks, labelExpr=_named(ticks))


def _named(ticks: Sequence[float]) -> str:
    """Lengths of time at an axis, in words."""
    said = " : ".join(f"datum.value == {one} ? '{words.lasting(one)}'" for one in ticks)
    return f"{said} : ''"


def _on(day: date) -> str:
    """A day without a zone, so that it is the same day for every reader."""
    return f"{day.isoformat()}T00:00:00"


def _at(instant: datetime) -> str:
    return local_now(instant).replace(tzinfo=None).isoformat(timespec="seconds")
