"""The versions of a brand's query: who saved what when, what changed in it, how precise it was, and going back."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.lab.views import BrandLab, Version
from screens import lab
from screens.i18n import N_, _, moment
from screens.security import verbatim
from screens.state import utc_now

_AUTHORS: Mapping[str, str] = {"config": N_("the configuration"), "cli": N_("the command line")}
_TAGS: Mapping[str, str] = {"added": "ins", "removed": "del", "same": "span"}


def draw(opened: BrandLab, *, manages: bool) -> None:
    """Draw the versions, newest first."""
    lead = _("A version counts for what comes in from its moment on. Earlier messages keep the brands they have.")
    st.html(f'<p class="kb-labline kb-soft">{verbatim(lead)}</p>')
    for one in opened.versions:
        with st.container(key=f"lab_version_{one.id}", gap="small"):
            st.html(_version(one))
            with st.container(horizontal=True, gap="small"):
                st.button(
                    _("Edit from here"),
                    key=f"lab_take_{one.id}",
                    icon=":material/edit:",
                    on_click=lab.on_take,
                    args=(one.text,),
                )
                if manages and not one.current:
                    st.button(
                        _("Go back to this"),
                        key=f"lab_back_{one.id}",
                        icon=":material/history:",
                        on_click=lab.on_go_back,
                        args=(one.id,),
                    )


def _version(one: Version) -> str:
    author = _(_AUTHORS[one.author]) if one.author in _AUTHORS else one.author
    now = f' <span class="kb-badge green">{verbatim(_("counts now"))}</span>' if one.current else ""
    facts = [moment(one.valid_from, utc_now())]
    if one.precision.n:
        low, high = one.precision.interval
        told = _("{share} % meant ({low} to {high} %, {n} labels)")
        facts.append(
            told.format(
                share=round(100 * one.precision.value), low=round(100 * low), high=round(100 * high), n=one.precision.n
            )
        )
    pieces = " ".join(f"<{_TAGS[change.kind]}>{verbatim(change.text)}</{_TAGS[change.kind]}>" for change in one.changes)
    return (
        f'<div class="kb-version"><p><b><bdi>{verbatim(author)}</bdi></b>{now} <span class="kb-soft">'
        f'{verbatim(" · ".join(facts))}</span></p><p class="kb-diff" dir="ltr">{pieces}</p></div>'
    )
