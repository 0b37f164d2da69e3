"""Mentions of a brand per day, with a mark where its query changed. Readable in both themes: colours are of neither."""

from __future__ import annotations

import altair as alt
import streamlit as st

from inbox.lab.views import BrandLab, QueryChange
from screens.charts import looks
from screens.i18n import _, local_now, moment, number
from screens.security import verbatim
from screens.state import utc_now

_HEIGHT = 130


def draw(opened: BrandLab) -> None:
    """Draw the chart, or say that nothing came in."""
    total = sum(one.n for one in opened.per_day)
    head = _("{n} mentions in {days} days").format(n=number(total), days=len(opened.per_day))
    st.html(f'<p class="kb-labline kb-soft">{verbatim(head)}</p>')
    if not total and not opened.changed:
        return
    spec = looks.spec(lambda: chart(opened), told=_described(opened, head))
    st.vega_lite_chart(spec, width="stretch", key="lab_chart")


def chart(opened: BrandLab) -> looks.Drawing:
    """The chart, to be given to `looks.spec`."""
    layers = [looks.per_day(_("Mentions"))]
    if opened.changed:
        layers += _marks()
    data: dict[str, looks.Rows] = {
        "days": [{"day": f"{one.day}T00:00:00", "n": one.n} for one in opened.per_day],
        "changes": [_mark(one) for one in opened.changed],
    }
    return looks.Drawing(alt.LayerChart(layer=layers).properties(height=_HEIGHT), data)


def _marks() -> list[alt.Chart]:
    base = looks.over("changes").encode(
        x="day:T",
        tooltip=[
            alt.Tooltip("when:N", title=_("Query changed")),
            alt.Tooltip("who:N", title=_("By")),
            alt.Tooltip("text:N", title=_("New text")),
        ],
    )
    return [base.mark_rule(color=looks.MARK, strokeDash=[4, 3], strokeWidth=2), looks.flagged(base)]


def _mark(one: QueryChange) -> dict[str, object]:
    here = local_now(one.at)
    text = one.after if len(one.after) <= 120 else f"{one.after[:120]} …"
    return {
        "day": f"{here.date()}T00:00:00",  # without a zone, as the days of the bars: each reader's own calendar
        "when": moment(one.at, utc_now()),
        "who": one.author,
        "text": text,
    }


def _described(opened: BrandLab, head: str) -> str:
    changed = ", ".join(moment(one.at, utc_now()) for one in opened.changed)
    return f"{head}. {_('The query changed: {times}').format(times=changed)}." if changed else f"{head}."
