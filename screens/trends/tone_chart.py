"""The tone of what was said over time, as shares of what has a tone. Pure: data to chart."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from inbox.trends.views import Series
from screens import words
from screens.charts import looks
from screens.i18n import _, percent
from screens.trends import series as counts

TONES: Sequence[str] = ("negative", "neutral", "positive", "unsure")
"""In the order they are stacked; what nobody scored is not among them."""
PICK = "pick"
_HEIGHT = 200


def rows(series: Series, step: str) -> looks.Rows:
    """A row per step and tone that occurs: its number, and its share of what has a tone in that step."""
    whole = dict.fromkeys(counts.moments(series), 0)
    for one in series.points:
        whole[one.at] += one.n if one.key in TONES else 0
    return [
        {
            "at": counts.step_name(one.at),
            "key": one.key,
            "name": words.sentiment(one.key),
            "when": counts.when(one.at, step),
            "n": one.n,
            "share": one.n / whole[one.at],
            "told": percent(one.n / whole[one.at]),
            "place": TONES.index(one.key),
        }
        for one in series.points
        if one.key in TONES and one.n
    ]


def chart(series: Series, step: str) -> looks.Drawing:
    """The chart, to be given to `looks.spec`."""
    steps = counts.moments(series)
    shown = rows(series, step)
    keys = [key for key in TONES if any(one["key"] == key for one in shown)]
    made: alt.Chart = (
        looks.over("tones")
        .mark_bar(cursor="pointer")
        .encode(
            x=counts.axis(steps, step),
            y=alt.Y("share:Q", stack="zero", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title=None, format="%")),
            color=alt.Color(
                "name:N",
                scale=alt.Scale(
                    domain=[words.sentiment(key) for key in keys], range=[looks.TONES[key] for key in keys]
                ),
                legend=looks.legend(len(keys)),
            ),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("when:N", title=_("When")),
                alt.Tooltip("name:N", title=_("Tone")),
                alt.Tooltip("told:N", title=_("Share")),
                alt.Tooltip("n:Q", title=_("Messages"), format=",d"),
            ],
        )
        .add_params(alt.selection_point(name=PICK, fields=["at", "key"], toggle=False, empty=False))
        .properties(height=_HEIGHT)
    )
    return looks.Drawing(made, {"tones": shown})
