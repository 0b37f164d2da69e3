"""How often a theme was raised per day, as a small chart that is readable in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt
import streamlit as st

from screens.charts import looks
from screens.i18n import _, plural

_HEIGHT = 150


def draw(trend: Sequence[tuple[date, int]]) -> None:
    """Draw the chart, with what it says in words for who does not see it."""
    told = plural("{n} conversation in these weeks.", "{n} conversations in these weeks.", sum(n for _day, n in trend))
    spec = looks.spec(lambda: chart(trend), told=f"{_('Conversations per day')}. {told}")
    st.vega_lite_chart(spec, width="stretch", key="theme_chart")


def chart(trend: Sequence[tuple[date, int]]) -> looks.Drawing:
    """The chart, to be given to `looks.spec`."""
    made: alt.Chart = (
        looks.over("days")
        .mark_bar(color=looks.PLAIN, cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(format="%d-%m", tickCount="week", grid=False)),
            y=alt.Y("n:Q", title=None, axis=looks.counts()),
            tooltip=[
                alt.Tooltip("day:T", title=_("Day"), format="%d-%m-%Y"),
                alt.Tooltip("n:Q", title=_("Conversations"), format=",d"),
            ],
        )
        .properties(height=_HEIGHT)
    )
    return looks.Drawing(made, {"days": [{"day": day.isoformat(), "n": n} for day, n in trend]})
