"""Share of voice: how much of what is said of all brands is said of each. Pure: data to chart."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from inbox.trends.views import ShareOfVoice
from screens.charts import looks
from screens.i18n import NONE, _, percent

PICK = "pick"
_ROW, _FRAME = 38, 40
_WITH_ROOM = 1.08
"""Where the axis ends, so that what stands behind a bar of 100% can be read."""


def rows(found: ShareOfVoice) -> looks.Rows:
    """A row per brand that was mentioned, now or before."""
    return [
        {
            "key": one.brand_id,
            "name": _("{name} (competitor)").format(name=one.name) if one.competitor else one.name,
            "n": one.n,
            "share": one.share or 0.0,
            "told": percent(one.share or 0.0),
            "edge": max(one.share or 0.0, one.share_before or 0.0),
            "was": one.share_before,
            "was_told": NONE if one.share_before is None else percent(one.share_before),
        }
        for one in found.brands
        if one.n or one.n_before
    ]


def chart(found: ShareOfVoice, colour: Mapping[str, str]) -> looks.Drawing:
    """The chart, to be given to `looks.spec`."""
    shown = rows(found)
    base = looks.over("brands")
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=160, ticks=False, domain=False))
    tooltip = [
        alt.Tooltip("name:N", title=_("Brand")),
        alt.Tooltip("told:N", title=_("Share")),
        alt.Tooltip("n:Q", title=_("Messages"), format=",d"),
        alt.Tooltip("was_told:N", title=_("Share before")),
    ]
    bars = (
        base.mark_bar(cursor="pointer", height={"band": 0.62})
        .encode(
            x=alt.X(
                "share:Q",
                title=None,
                scale=alt.Scale(domain=[0, _WITH_ROOM], nice=False),
                axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]),
            ),
            y=y,
            color=alt.Color(
                "key:N",
                legend=None,
                scale=alt.Scale(
                    domain=[str(one["key"]) for one in shown],
                    range=[colour.get(str(one["key"]), looks.OTHER) for one in shown],
                ),
            ),
            tooltip=tooltip,
        )
        .add_params(alt.selection_point(name=PICK, fields=["key"], toggle=False, empty=False))
    )
    label = base.mark_text(align="left", dx=6, color=looks.BEFORE, fontWeight=600).encode(
        x="edge:Q", y=y, text="told:N"
    )
    was = (
        base.transform_filter("isValid(datum.was)")
        .mark_tick(color=looks.MARK, thickness=3, height={"band": 0.8})
        .encode(x="was:Q", y=y, tooltip=tooltip)
    )
    whole = alt.LayerChart(layer=[bars, was, label]).properties(height=_FRAME + _ROW * len(shown))
    return looks.Drawing(whole, {"brands": shown})
