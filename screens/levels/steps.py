"""What is pressed and chosen on the page of service levels: each step writes the address anew, and draws it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from screens import address, period_choice
from screens.levels import wish
from screens.levels.wish import Wish
from screens.levels.words import DEFINITIONS
from screens.state import inbox, utc_now

FRAGMENT = "levels"
_PAGE = "levels"
_SHOWN = "klankbord_levels_rows"


def wanted() -> Wish:
    """What is to be shown."""
    return wish.read(address.shown(_PAGE, wish.NAMES).values, DEFINITIONS)


def key(field: str) -> str:
    """The key of a field; a new one after the address brought something else, so that the field shows it."""
    return f"levels_{field}_{address.shown(_PAGE, wish.NAMES).turn}"


def today() -> date:
    """The local day of the workspace."""
    return utc_now().astimezone(inbox().zone()).date()


def on_period() -> None:
    """Another period was chosen."""
    now = wanted()
    _show(replace(now, period=period_choice.chosen(key("period"), now.period, today())))


def on_filter() -> None:
    """Teams or sources were chosen."""
    teams, sources = (tuple(st.session_state.get(key(one)) or ()) for one in ("team", "source"))
    _show(replace(wanted(), teams=teams, sources=sources))


def on_section() -> None:
    """Another part of the page was chosen."""
    now = wanted()
    _show(replace(now, section=wish.one_of(st.session_state.get(key("section")), wish.SECTIONS)))


def on_by() -> None:
    """Promised times are to be split otherwise."""
    now = wanted()
    _show(replace(now, by=wish.one_of(st.session_state.get(key("by")), wish.SPLITS)))


def on_within() -> None:
    """Other conversations are to be listed under the curve of first answers."""
    _show(replace(wanted(), within=wish.one_of(st.session_state.get(key("within")), wish.WITHIN)))


def on_part() -> None:
    """Other rows of a figure are to be listed."""
    now = wanted()
    _show(replace(now, part=wish.one_of(st.session_state.get(key(f"rows_{now.figure}")), wish.PARTS)))


def on_open(figure: str, only: str = "") -> None:
    """A figure is opened with its formula and its rows, of a part of a split alone if one is named; "" closes it."""
    _show(replace(wanted(), figure=figure, part=wish.PARTS[0], only=only, person=None))


def on_only(only: str) -> None:
    """Only the rows of a part of a split are to be listed; all for ""."""
    _show(replace(wanted(), only=only))


def on_everybody() -> None:
    """A figure of one person is to be that of everybody."""
    _show(replace(wanted(), person=None))


def on_more(n: int) -> None:
    """More rows are to be listed."""
    st.session_state[_SHOWN] = (wish.written(wanted()), n)
    st.rerun(FRAGMENT)


def n_rows(usual: int) -> int:
    """How many rows are to be listed."""
    asked, n = st.session_state.get(_SHOWN, ({}, usual))
    return int(n) if asked == wish.written(wanted()) else usual


def _show(asked: Wish) -> None:
    address.keep(_PAGE, wish.written(asked))
    st.rerun(FRAGMENT)
