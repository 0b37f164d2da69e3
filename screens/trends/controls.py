"""Over the page: of which days, narrowed to what. What is chosen goes into the address at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from inbox.views import Choices
from screens import period_choice, words
from screens.i18n import N_, _
from screens.trends import names, steps
from screens.trends.asked import STEPS, Asked
from screens.trends.tone_chart import TONES

_STEPS: Mapping[str, str] = {"hour": N_("Hour"), "day": N_("Day"), "week": N_("Week")}


def draw(asked: Asked, offered: Choices) -> None:
    """Draw the fields, filled with what the address asks for."""
    steps.show_in_fields(asked)
    with st.container(key="trends_controls", horizontal=True, vertical_alignment="bottom", gap="small"):
        period_choice.draw(asked.period, key=steps.period_field(), on_change=steps.on_period)
        _filters(asked, offered)


def over_the_chart() -> None:
    """How wide a bar is, and what it is split by."""
    with st.container(key="trends_chart_controls", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            _("A bar is"),
            STEPS,
            key=steps.field("step"),
            format_func=lambda one: _(_STEPS[one]),
            on_change=steps.on_field,
            required=True,
        )
        st.selectbox(
            _("Split by"),
            list(names.SPLITS),
            key=steps.field("by"),
            format_func=names.split,
            on_change=steps.on_field,
            width=150,
        )


def _filters(asked: Asked, offered: Choices) -> None:
    n = asked.n_filters
    with st.popover(f"{_('Filter')} · {n}" if n else _("Filter"), icon=":material/filter_list:", key="trends_filters"):
        brands, sources, themes = (names.labels(by, offered) for by in ("brand", "source", "theme"))
        _several("brands", _("Brand"), list(brands), asked.brands, lambda key: brands.get(key, key))
        _several("sources", _("Source"), list(sources), asked.sources, lambda key: sources.get(key, key))
        langs = [one.value for one in offered.languages]
        _several("langs", _("Language"), langs, asked.langs, lambda key: words.language(key) or _("unknown"))
        _several("kinds", _("Kind"), names.KINDS, asked.kinds, words.kind)
        _several(
            "tones", _("Tone"), [*TONES, ""], asked.tones, lambda key: words.sentiment(key) if key else _("Not scored")
        )
        _several("themes", _("Theme"), list(themes), asked.themes, lambda key: themes.get(key, key))
        st.button(
            _("Clear all"),
            key="trends_clear",
            icon=":material/filter_alt_off:",
            on_click=steps.on_everything,
            disabled=not n,
        )


def _several(name: str, label: str, options: Sequence[str], chosen: Sequence[str], say: Callable[[str], str]) -> None:
    """A field of which several may be chosen; what an address asks for is offered too."""
    every = [*options, *(one for one in chosen if one not in options)]
    st.multiselect(label, every, key=steps.field(name), format_func=say, on_change=steps.on_field, placeholder=_("Any"))
