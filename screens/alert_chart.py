"""Messages per day of a rule that is tried, with a mark where it would have fired. Readable in both themes."""

from __future__ import annotations

from datetime import datetime

import altair as alt
import streamlit as st

from inbox.alerts.views import Moment, Trial
from screens.charts import looks
from screens.i18n import _, local_now, moment, number, plural

_HEIGHT = 150


def draw(found: Trial, now: datetime) -> None:
    """Draw the chart, with what it says in words for who does not see it."""
    told = plural("It would have fired {n} time", "It would have fired {n} times", len(found.moments))
    spec = looks.spec(lambda: chart(found, now), told=f"{_('Messages per day')}. {told}.")
    with st.container(key="alert_drawn", gap=None):
        st.vega_lite_chart(spec, width="stretch", key="alert_chart")
        st.html(looks.saving("alert_drawn", "klankbord-alert"))


def chart(found: Trial, now: datetime) -> looks.Drawing:
    """The chart, to be given to `looks.spec`."""
    layers = [looks.per_day(_("Messages"))]
    if found.moments:
        marks = looks.over("fired").encode(
            x="day:T",
            tooltip=[
                alt.Tooltip("when:N", title=_("Would have fired")),
                alt.Tooltip("n:N", title=_("Messages")),
                alt.Tooltip("usual:N", title=_("Usual")),
            ],
        )
        layers.append(looks.flagged(marks))
    data: dict[str, looks.Rows] = {
        "days": [{"day": f"{day}T00:00:00", "n": n} for day, n in found.per_day],
        "fired": [_mark(one, now) for one in found.moments],
    }
    return looks.Drawing(alt.LayerChart(layer=layers).properties(height=_HEIGHT), data)


def _mark(one: Moment, now: datetime) -> dict[str, object]:
    usual = "?" if one.expected is None else number(round(one.expected.mean, 1))
    day = f"{local_now(one.hour).date()}T00:00:00"  # without a zone, as the days of the bars
    return {"day": day, "when": moment(one.hour, now), "n": number(one.n), "usual": usual}
