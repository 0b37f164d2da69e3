"""Over the list: what the search asks of the clock, in words, each with a button that takes it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import streamlit as st
from babel.dates import get_day_names

from inbox.clock_terms import ClockTerm, clock_terms
from screens import actions
from screens.i18n import _, current, full_date
from screens.security import md_escape
from screens.state import Tab


def draw(here: Tab, redrawn: Sequence[str]) -> None:
    """Draw them; nothing where the search asks nothing of the clock.

    Args:
        here: the tab.
        redrawn: the parts of the page that show the search.
    """
    terms = clock_terms(here.filters.search)
    if not terms:
        return
    with st.container(key="clockterms", horizontal=True, gap="small"):
        for place, one in enumerate(terms):
            st.button(
                md_escape(told(one)),
                key=f"clockterm_{place}",
                icon=":material/close:",
                help=_("Take it off the search"),
                on_click=_off,
                args=(here, one.without, tuple(redrawn)),
            )


def told(one: ClockTerm) -> str:
    """A part of a search in words."""
    if one.kind == "after" and one.day is not None:
        words = _("from {day}").format(day=full_date(one.day))
    elif one.kind == "before" and one.day is not None:
        words = _("up to {day}").format(day=full_date(one.day - timedelta(days=1)))
    elif one.kind == "weekday":
        names = get_day_names("wide", context="stand-alone", locale=current().locale)
        words = _("on {days}").format(days=", ".join(str(names[day]) for day in one.weekdays))
    elif one.hour is not None:
        words = _hours(*one.hour)
    else:
        words = _("found more than a day late") if one.late else _("found within a day")
    return words


def _hours(sign: str, hour: int) -> str:
    first = hour + 1 if sign == ">" else hour
    end = hour if sign == "<" else hour + 1
    if sign == "=":
        return _("between {first}:00 and {end}:00").format(first=hour, end=end)
    if sign in {">", ">="}:
        return _("from {first}:00 on").format(first=first)
    return _("before {end}:00").format(end=end)


def _off(here: Tab, search: str, redrawn: Sequence[str]) -> None:
    actions.narrow(replace(here.filters, search=search))
    here.filled += 1
    actions.redraw(*redrawn)
