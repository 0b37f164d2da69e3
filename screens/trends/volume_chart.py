"""How much was said over time as a chart: stacked series, the period before as a line, and marks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import altair as alt

from inbox.trends.views import Mark, Series
from screens import words
from screens.charts import looks
from screens.i18n import _, moment, number
from screens.trends import series as counts

PICK = "pick"
"""The name of what is clicked: `at` and `key` of a bar, or of the sign of what was found late."""
LATE = "(late)"
"""The key of the signs of what was found late."""
_HEIGHT = 300
_MOST_TOLD = 300


@dataclass(frozen=True, slots=True)
class Spike:
    """An alert that fired: the rule by its name, in which hour, and how many messages there were."""

    at: datetime
    rule: str
    n: int


@dataclass(frozen=True, slots=True)
class Volume:
    """What is drawn. `before` is the period before, not split; `spikes` alerts; `now` the present moment, for words."""

    series: Series
    before: Series | None
    marks: Sequence[Mark]
    step: str
    named: counts.Named
    now: datetime
    spikes: Sequence[Spike] = ()


def chart(shown: Volume) -> looks.Drawing:
    """The chart, to be given to `looks.spec`."""
    steps = counts.moments(shown.series)
    data: dict[str, looks.Rows] = {
        "gaps": gap_rows(shown, steps),
        "bars": counts.rows(shown.series, shown.step, shown.named),
        "before": before_rows(shown),
        "late": late_rows(shown),
        "queries": query_rows(shown, steps),
        "spikes": spike_rows(shown, steps),
    }
    layers = {
        "gaps": _gaps,
        "bars": lambda: [_bars(shown, steps)],
        "before": _line,
        "late": _late,
        "queries": _changes,
        "spikes": _spikes,
    }
    kept = {name: rows for name, rows in data.items() if rows or name == "bars"}
    drawn = [layer for name in kept for layer in layers[name]()]
    return looks.Drawing(alt.LayerChart(layer=drawn).properties(height=_HEIGHT), kept)


def _bars(shown: Volume, steps: Sequence[datetime]) -> alt.Chart:
    keys = shown.series.keys
    split = keys != ("",)
    tooltip = [alt.Tooltip("when:N", title=_("When"))]
    tooltip += [alt.Tooltip("name:N", title=_("What"))] if split else []
    tooltip.append(alt.Tooltip("n:Q", title=_unit(shown.series), format=",d"))
    tooltip.append(alt.Tooltip("late:Q", title=_("of which found late"), format=",d"))
    labels = [shown.named.name(key) for key in keys]
    colour = (
        alt.Color(
            "name:N",
            scale=alt.Scale(domain=labels, range=[shown.named.colour.get(key, looks.OTHER) for key in keys]),
            legend=looks.legend(len(keys)),
        )
        if split
        else alt.value(looks.PLAIN)
    )
    made: alt.Chart = (
        looks.over("bars")
        .mark_bar(cursor="pointer")
        .encode(
            x=counts.axis(steps, shown.step),
            y=alt.Y("n:Q", stack="zero", axis=looks.counts()),
            color=colour,
            order=alt.Order("place:Q"),
            tooltip=tooltip,
        )
        .add_params(alt.selection_point(name=PICK, fields=["at", "key"], toggle=False, empty=False))
    )
    return made


def before_rows(shown: Volume) -> looks.Rows:
    """The period before, its first step under the first step of now."""
    if shown.before is None:
        return []
    then = counts.by_moment(shown.before)
    pairs = zip(counts.moments(shown.series), then.items(), strict=False)
    return [{"at": counts.step_name(at), "when": counts.when(was, shown.step), "n": n} for at, (was, n) in pairs]


def _line() -> list[alt.Chart]:
    base = looks.over("before").encode(
        x="at:O",
        y="n:Q",
        tooltip=[
            alt.Tooltip("when:N", title=_("Period before")),
            alt.Tooltip("n:Q", title=_("Number"), format=",d"),
        ],
    )
    return [
        base.mark_line(color=looks.BEFORE, strokeDash=[5, 3], strokeWidth=2),
        base.mark_point(color=looks.BEFORE, filled=True, size=14),
    ]


def late_rows(shown: Volume) -> looks.Rows:
    """The steps of which something was found late."""
    whole = counts.by_moment(shown.series)
    return [
        {
            "at": counts.step_name(at),
            "key": LATE,
            "when": counts.when(at, shown.step),
            "top": whole[at],
            "told": _("{n} of {total}").format(n=number(n), total=number(whole[at])),
        }
        for at, n in counts.late_by_moment(shown.series).items()
    ]


def _late() -> list[alt.Chart]:
    base = looks.over("late").encode(
        x="at:O",
        y="top:Q",
        tooltip=[alt.Tooltip("when:N", title=_("When")), alt.Tooltip("told:N", title=_("Found late"))],
    )
    return [
        base.mark_point(
            shape="diamond", filled=True, size=46, color=looks.BEFORE, opacity=1, yOffset=-6, cursor="pointer"
        )
    ]


def query_rows(shown: Volume, steps: Sequence[datetime]) -> looks.Rows:
    """The steps in which the query of a brand changed; changes of one step together."""
    found: dict[datetime, list[Mark]] = {}
    for one in shown.marks:
        at = step_at(steps, one.at)
        if one.kind == "query" and at is not None:
            found.setdefault(at, []).append(one)
    return [
        {
            "at": counts.step_name(at),
            "when": ", ".join(moment(one.at, shown.now) for one in some),
            "text": _shortened(" ".join(words.said(one.text) for one in some)),
        }
        for at, some in found.items()
    ]


def _changes() -> list[alt.Chart]:
    base = looks.over("queries").encode(
        x="at:O", tooltip=[alt.Tooltip("when:N", title=_("Query changed")), alt.Tooltip("text:N", title=_("What"))]
    )
    flag = base.mark_point(shape="triangle-down", color=looks.MARK, filled=True, size=90, opacity=1)
    return [base.mark_rule(color=looks.MARK, strokeDash=[4, 3], strokeWidth=2), flag.encode(y=alt.value(4))]


def spike_rows(shown: Volume, steps: Sequence[datetime]) -> looks.Rows:
    """The steps in which an alert fired, over their bars; alerts of one step together."""
    whole = counts.by_moment(shown.series)
    found: dict[datetime, list[Spike]] = {}
    for one in shown.spikes:
        at = step_at(steps, one.at)
        if at is not None:
            found.setdefault(at, []).append(one)
    return [
        {
            "at": counts.step_name(at),
            "when": ", ".join(moment(one.at, shown.now) for one in some),
            "text": _shortened(", ".join(f"{one.rule} ({number(one.n)})" for one in some)),
            "top": whole[at],
        }
        for at, some in found.items()
    ]


def _spikes() -> list[alt.Chart]:
    base = looks.over("spikes").encode(
        x="at:O",
        y="top:Q",
        tooltip=[alt.Tooltip("when:N", title=_("Spike")), alt.Tooltip("text:N", title=_("Alert"))],
    )
    return [base.mark_text(text="▲", dy=-9, fontSize=14, color=looks.SPIKE)]


def gap_rows(shown: Volume, steps: Sequence[datetime]) -> looks.Rows:
    """The steps in which something was not read; all gaps of a step together."""
    found: dict[datetime, list[Mark]] = {}
    for one in shown.marks:
        for at in spanned(steps, one.at, one.until) if one.kind == "gap" else ():
            found.setdefault(at, []).append(one)
    return [
        {
            "at": counts.step_name(at),
            "when": counts.when(at, shown.step),
            "text": _shortened(" ".join(dict.fromkeys(words.said(one.text) for one in some))),
        }
        for at, some in found.items()
    ]


def _gaps() -> list[alt.Chart]:
    base = looks.over("gaps").encode(
        x="at:O",
        tooltip=[alt.Tooltip("when:N", title=_("Not everything was read")), alt.Tooltip("text:N", title=_("What"))],
    )
    return [base.mark_rect(color=looks.MARK, opacity=0.16)]


def step_at(steps: Sequence[datetime], at: datetime) -> datetime | None:
    """The step that a moment falls in; None before the first one."""
    return max((one for one in steps if one <= at), default=None)


def spanned(steps: Sequence[datetime], at: datetime, until: datetime | None) -> list[datetime]:
    """The steps that a stretch [at, until) touches."""
    end = until if until is not None and until > at else at
    following = [*steps[1:], None]
    return [
        one
        for one, after in zip(steps, following, strict=True)
        if (one < end or one == at) and (after is None or after > at)
    ] or [one for one in (step_at(steps, at),) if one is not None and end == at]


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_TOLD else f"{text[: _MOST_TOLD - 1]}…"


def _unit(series: Series) -> str:
    return _("Conversations") if series.unit == "conversations" else _("Messages")
