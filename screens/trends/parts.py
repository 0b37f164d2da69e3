"""The charts of the page, each with its legend in words, its numbers as a table, and what is behind what is clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from inbox.trends.views import THE_REST, Series, Slice
from inbox.views import Choices, CurrentUser
from screens import tone_accuracy
from screens.charts import looks
from screens.i18n import _, number
from screens.security import verbatim
from screens.state import utc_now
from screens.trends import (
    controls,
    heat_chart,
    listed,
    names,
    picked,
    series,
    steps,
    table,
    tone_chart,
    voice_chart,
    volume_chart,
)
from screens.trends.asked import HOURLY, Asked, by_of, of_themes
from screens.trends.figures import Figures


@dataclass(frozen=True, slots=True)
class Shown:
    """Who looks, at what, and what was found."""

    user: CurrentUser
    offered: Choices
    asked: Asked
    wanted: Slice
    found: Figures


def volume(shown: Shown) -> None:
    """How much was said over time."""
    by, found = by_of(shown.asked), shown.found
    split = found.volume if by == "none" else series.folded(found.volume)
    if by == "sentiment":
        split = series.in_order(split, tone_chart.TONES)
    named = names.named(by, split, shown.offered)
    drawn = volume_chart.Volume(split, found.before, found.marks, found.step, named, utc_now(), found.spikes)
    with st.container(key="trends_volume_part", border=True):
        title = _("Conversations") if split.unit == "conversations" else _("Messages")
        _head(title)
        controls.over_the_chart()
        if not split.points:
            _note(_("No conversation of this period is linked to a theme."))
            return
        told = f"{title}: {number(found.volume.total)}"
        _chart(lambda: volume_chart.chart(drawn), "volume", told, partial(_step_pick, "volume"))
        _legend(drawn)
        _limits(shown)
        if by in {"brand", "theme"}:
            _note(_("What belongs to two of them counts at each, so the bars may add up to more than the total."))
        _foot("volume", *table.of_volume(split, found.before, found.step, named), title)
        _behind(shown, "volume", by, split)
        _behind_late(shown, split)


def _legend(drawn: volume_chart.Volume) -> None:
    """The signs that are in the chart, in words."""
    signs = []
    if drawn.before is not None:
        signs.append(("before", _("the period before")))
    if volume_chart.late_rows(drawn):
        signs.append(("late", _("some of it was found more than a day late")))
    kinds = {one.kind for one in drawn.marks}
    if volume_chart.spike_rows(drawn, series.moments(drawn.series)):
        signs.append(("spike", _("an alert fired")))
    if "query" in kinds:
        signs.append(("query", _("the query of a brand changed")))
    if "gap" in kinds:
        signs.append(("gap", _("a source was not read for a while")))
    marks = "".join(f'<li class="{kind}"><i aria-hidden="true"></i>{verbatim(text)}</li>' for kind, text in signs)
    st.html(f'<ul class="kb-signs">{marks}</ul>')


def _limits(shown: Shown) -> None:
    """What was asked and cannot be drawn, in words."""
    if of_themes(shown.asked):
        _note(_("Themes are counted by day and by conversation, without tone, language and kind of its messages."))
    elif shown.asked.step == "hour" and shown.found.step != "hour":
        _note(_("Hours are drawn of at most {n} days; these are days.").format(n=number(HOURLY)))


def tone(shown: Shown) -> None:
    """The tone over time, with how often it is right."""
    found = shown.found
    if found.tones is None:
        return
    tones = series.in_order(found.tones, tone_chart.TONES)
    with st.container(key="trends_tone_part", border=True):
        _head(_("Tone"))
        st.html(tone_accuracy.beside(found.accuracy, shown.user))
        if not any(one.n for one in tones.points if one.key in tone_chart.TONES):
            _note(_("Nothing in this period was given a tone."))
            return
        told = _("Share of each tone over time")
        _chart(lambda: tone_chart.chart(tones, found.step), "tone", told, partial(_step_pick, "tone"))
        named = names.named("sentiment", tones, shown.offered)
        _foot("tone", *table.of_volume(tones, None, found.step, named), _("Tone"))
        _behind(shown, "tone", "sentiment", tones)


def voice(shown: Shown) -> None:
    """Share of voice."""
    found = shown.found.voice
    with st.container(key="trends_voice_part", border=True):
        _head(_("Share of voice"))
        if not found.mentions:
            _note(_("No brand was named in this period."))
            return
        if len(found.brands) < 2:
            _note(_("Only one brand is listened for. Add competitors in the configuration to compare with."))
        colour = looks.colours([one.brand_id for one in found.brands], names.known("brand", shown.offered))
        told = _("Share of the messages that name a brand")
        _chart(lambda: voice_chart.chart(found, colour), "voice", told, _brand_pick)
        signs = f'<li class="was"><i aria-hidden="true"></i>{verbatim(_("the period before"))}</li>'
        st.html(f'<ul class="kb-signs">{signs}</ul>')
        _note(_("A message that names two brands counts at each."))
        _foot("voice", *table.of_voice(found), _("Share of voice"))
        _behind(shown, "voice", "brand")


def week(shown: Shown) -> None:
    """When in the week."""
    found = shown.found.heat
    if found is None:
        return
    with st.container(key="trends_week_part", border=True):
        _head(_("When in the week"))
        _note(_("The stronger the colour, the more messages in such an hour."))
        _chart(lambda: heat_chart.chart(found), "week", _("Messages by day of the week and hour"), _week_pick)
        _foot("week", *table.of_week(found), _("When in the week"))
        one = picked.read(shown.asked.pick)
        if one is not None and one.week is not None:
            told = heat_chart.cell_name(*one.week)
            listed.draw(told, shown.wanted, shown.asked.pick, only=one.only(shown.found.step))


def behind_tile(shown: Shown) -> None:
    """The messages behind a headline figure, when one was chosen."""
    one = picked.read(shown.asked.pick)
    if one is None or one.part != "tile":
        return
    found: Slice | None = shown.wanted
    told = _("All messages of this period")
    if one.key == "negative":
        told, found = _("Negative messages"), picked.narrowed(shown.wanted, one, shown.found.step, "sentiment")
    elif one.key == "voice":
        ours = tuple(own.brand_id for own in shown.found.voice.brands if not own.competitor)
        told = _("Messages about our own brands")
        found = replace(shown.wanted, brand_ids=ours) if ours else None
    elif one.key == picked.LATE:
        told = _("Found more than a day late")
    if found is not None:
        listed.draw(told, found, shown.asked.pick, only=one.only(shown.found.step))


def _behind(shown: Shown, part: str, by: str, drawn: Series | None = None) -> None:
    """The messages behind what was clicked in a part that is split by `by`, when something was."""
    one = picked.read(shown.asked.pick)
    if one is None or one.part != part:
        return
    step = shown.found.step
    others: tuple[str, ...] = ()
    if drawn is not None and one.key == THE_REST:
        others = tuple(key for key in names.known(by, shown.offered) if key not in drawn.keys)
    found = picked.narrowed(shown.wanted, one, step, by, others)
    if found is None:
        _note(_("What was chosen lies outside this period or these filters."))
        return
    called = names.name_of(by, one.key, names.labels(by, shown.offered)) if by != "none" else ""
    told = ", ".join(word for word in (series.when(one.at, step) if one.at else "", called) if word)
    counted = None
    if drawn is not None and one.at is not None:
        counted = sum(point.n for point in drawn.points if point.at == one.at and point.key == one.key)
    listed.draw(told, found, shown.asked.pick, n=counted, only=one.only(step))


def _behind_late(shown: Shown, drawn: Series) -> None:
    """What of a step was found late, when its sign was clicked."""
    one = picked.read(shown.asked.pick)
    if one is None or one.part != picked.LATE or one.at is None:
        return
    found = picked.narrowed(shown.wanted, one, shown.found.step, "none")
    if found is None:
        _note(_("What was chosen lies outside this period or these filters."))
        return
    told = _("{when}, found late").format(when=series.when(one.at, shown.found.step))
    n = series.late_by_moment(drawn).get(one.at, 0)
    listed.draw(told, found, shown.asked.pick, n=n, only=one.only(shown.found.step))


def _step_pick(part: str, clicked: dict[str, Any]) -> str:
    """A bar, or what of its step was found late; nothing for marks that count nothing of their own."""
    at, key = str(clicked.get("at", "")), clicked.get("key")
    if key == volume_chart.LATE:
        return picked.written(picked.LATE, at, "")
    return "" if key is None else picked.written(part, at, str(key))


def _week_pick(clicked: dict[str, Any]) -> str:
    return picked.written("week", str(clicked.get("weekday", "")), str(clicked.get("hour", "")))


def _brand_pick(clicked: dict[str, Any]) -> str:
    return picked.written("voice", str(clicked.get("key", "")))


def _chart(build: Callable[[], looks.Drawing], part: str, told: str, pick_of: Callable[[dict[str, Any]], str]) -> None:
    """A chart that takes clicks and can be saved as a picture; `pick_of` says which figure was clicked."""
    key = f"trends_{part}_{steps.chart_round()}"
    st.vega_lite_chart(
        looks.spec(build, told=told),
        width="stretch",
        key=key,
        on_select=partial(steps.on_chart, key, pick_of),
        selection_mode="pick",
    )


def _foot(part: str, head: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> None:
    """Under a chart: saving it as a picture, and its numbers."""
    st.html(looks.saving(f"trends_{part}_part", f"klankbord-{part}"))
    table.below(f"trends_{part}_table", head, rows, name)


def _head(title: str) -> None:
    st.html(f'<h2 class="kb-part">{verbatim(title)}</h2>')


def _note(text: str) -> None:
    st.html(f'<p class="kb-soft kb-note">{verbatim(text)}</p>')
