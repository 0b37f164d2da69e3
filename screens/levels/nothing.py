"""A part of the page with nothing to tell: what is missing, where it comes from, and what to choose instead."""

from __future__ import annotations

import streamlit as st

from screens.i18n import _
from screens.levels.asking import Asking
from screens.security import verbatim


def draw(asking: Asking, title: str, lead: str) -> None:
    """Draw it. `title` says what is missing, `lead` where it comes from."""
    narrowed = asking.wish.teams or asking.wish.sources
    then = _("Choose a longer period or fewer filters.") if narrowed else _("Or choose a longer period.")
    st.html(f'<div class="kb-empty"><h2>{verbatim(title)}</h2><p>{verbatim(lead)} {verbatim(then)}</p></div>')
