"""Counts over time made ready to be drawn: the smallest series folded into one, names, and rows of a chart. Pure.

What goes in comes out: folding changes no sum.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import altair as alt

from inbox.trends.views import THE_REST, Point, Series
from screens.charts import looks
from screens.i18n import _, full_date, short_day


def folded(series: Series, most: int = looks.MOST) -> Series:
    """The same counts with at most `most` series, of which the last one holds whatever is smallest."""
    kept = [key for key in series.keys if key != THE_REST]
    if len(kept) + (THE_REST in series.keys) <= most:
        return series
    kept = kept[: most - 1]
    keeps = frozenset(kept)
    together: dict[tuple[datetime, str], Point] = {}
    for one in series.points:
        key = one.key if one.key in keeps else THE_REST
        there = together.get((one.at, key), Point(one.at, key, 0))
        together[one.at, key] = Point(one.at, key, there.n + one.n, there.late + one.late)
    return replace(series, points=tuple(together.values()), keys=(*kept, THE_REST))


def in_order(series: Series, order: Sequence[str]) -> Series:
    """The same with these keys first, so that tones always stand in one order."""
    first = [key for key in order if key in series.keys]
    return replace(series, keys=(*first, *(key for key in series.keys if key not in first)))


def moments(series: Series) -> tuple[datetime, ...]:
    """Every step, in order."""
    return tuple(sorted({one.at for one in series.points}))


def by_moment(series: Series) -> dict[datetime, int]:
    """How many in each step, all series together."""
    found = dict.fromkeys(moments(series), 0)
    for one in series.points:
        found[one.at] += one.n
    return found


def late_by_moment(series: Series) -> dict[datetime, int]:
    """How many of each step were found late; only steps that have any."""
    found = Counter[datetime]()
    for one in series.points:
        found[one.at] += one.late
    return {at: n for at, n in sorted(found.items()) if n}


def by_key(series: Series) -> dict[str, int]:
    """How many of each series."""
    found = dict.fromkeys(series.keys, 0)
    for one in series.points:
        found[one.key] += one.n
    return found


def step_name(at: datetime) -> str:
    """The name of a step in a chart and in an address; the hour that is lived twice in autumn has two."""
    return at.isoformat()


def when(at: datetime, step: str) -> str:
    """A step in words."""
    if step == "hour":
        return f"{full_date(at.date())} {at:%H:%M}"
    if step == "week":
        return _("week of {day}").format(day=full_date(at.date()))
    return full_date(at.date())


def ticks(steps: Sequence[datetime], step: str, most: int = 9) -> list[str]:
    """The steps that are named under a chart: of hours the midnights, of days the Mondays, at most about `most`."""
    named = list(steps)
    if step == "hour" and len(named) > 30:
        named = [at for at in named if at.hour == 0]
    elif step == "day" and len(named) > 16:
        named = [at for at in named if at.weekday() == 0]
    every = max(1, -(-len(named) // most))
    return [step_name(at) for at in named[::every]]


def tick_label(at: datetime, step: str, *, spans_days: bool) -> str:
    """A step under a chart, as short as can be."""
    return f"{at:%H:%M}" if step == "hour" and not spans_days else short_day(at.date())


def axis(steps: Sequence[datetime], step: str) -> alt.X:
    """The axis of time: every step has its place, some are named.

    A step is a name and not a moment, so that neither the browser's time zone nor an hour that is lived twice moves a
    bar.
    """
    spans = len({at.date() for at in steps}) > 1
    named = frozenset(ticks(steps, step))
    labels = {step_name(at): tick_label(at, step, spans_days=spans) for at in steps if step_name(at) in named}
    return alt.X(
        "at:O",
        title=None,
        scale=alt.Scale(domain=[step_name(at) for at in steps], paddingInner=0.12, paddingOuter=0.05),
        axis=alt.Axis(
            values=ticks(steps, step),
            labelExpr=f"{json.dumps(labels)}[datum.value]",
            labelAngle=0,
            grid=False,
            labelOverlap="greedy",
        ),
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What keys are called, and in which colour they are drawn."""

    name: Callable[[str], str]
    colour: dict[str, str]


def rows(series: Series, step: str, named: Named) -> list[dict[str, object]]:
    """A row for each count that is not zero."""
    place = {key: at for at, key in enumerate(series.keys)}
    words = {at: when(at, step) for at in moments(series)}
    return [
        {
            "at": step_name(one.at),
            "key": one.key,
            "name": named.name(one.key),
            "when": words[one.at],
            "n": one.n,
            "late": one.late,
            "place": place[one.key],
        }
        for one in series.points
        if one.n
    ]
