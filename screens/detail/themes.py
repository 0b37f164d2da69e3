"""Themes of a conversation: what it raises, what it may raise, and choosing or making another."""

from __future__ import annotations

import streamlit as st

from inbox.themes.views import Chip, ThemeRef
from inbox.views import Detail
from screens import themes
from screens.i18n import _, percent
from screens.security import md_escape
from screens.state import inbox, token

KEYS = ("h", "Shift+h")
"""Accept the first suggestion, and the second; see `inbox_page`."""


def draw(detail: Detail) -> None:
    """Draw the row. May raise `InboxError`."""
    number, version = detail.card.id, detail.card.version
    found = inbox().themes.of(token(), number)
    with st.container(key="themesrow", horizontal=True, gap="small", vertical_alignment="center"):
        for one in found.linked:
            _linked(number, one)
        for place, chip in enumerate(found.suggested, start=1):
            _suggested(number, chip, place)
        raised = {one.id for one in found.linked}
        names = [one.name for one in inbox().themes.names(token()) if one.id not in raised]
        key = f"theme_add_{number}_{version}"
        st.selectbox(
            _("Theme"),
            names,
            index=None,
            key=key,
            width=190,
            placeholder=_("Add a theme"),
            label_visibility="collapsed",
            accept_new_options=True,
            on_change=themes.on_choose,
            args=(number, key),
        )


def _linked(number: int, one: ThemeRef) -> None:
    st.button(
        md_escape(one.name),
        key=f"theme_off_{one.id}",
        icon=":material/close:",
        icon_position="right",
        help=_("Take the theme off"),
        on_click=themes.on_unlink,
        args=(number, one.id),
    )


def _suggested(number: int, chip: Chip, place: int) -> None:
    why = _("Because of: {words}. Key: {key}").format(words=md_escape(", ".join(chip.because)), key=KEYS[place - 1])
    with st.container(
        key=f"theme_maybe_{place}", horizontal=True, gap=None, vertical_alignment="center", width="content"
    ):
        st.button(
            f"{md_escape(chip.name)}? {percent(chip.confidence)}",
            key=f"theme_yes_{chip.id}",
            icon=":material/add:",
            help=why,
            on_click=themes.on_accept,
            args=(number, chip, place),
        )
        st.button(
            _("No"),
            key=f"theme_no_{chip.id}",
            type="tertiary",
            help=_("Not about {theme}").format(theme=md_escape(chip.name)),
            on_click=themes.on_decline,
            args=(number, chip, place),
        )
