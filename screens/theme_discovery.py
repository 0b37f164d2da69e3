"""Discovering: phrases that stand out in one pile of messages against another, each with who says it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.themes.discovering import DAYS
from inbox.themes.views import Against, Comparison, Found, PhraseRow
from inbox.views import Choices, CurrentUser
from screens import theme_words, themes, threads, words
from screens.i18n import N_, _, number, plural
from screens.security import verbatim
from screens.state import inbox, token, utc_now

_AGAINST: Mapping[Against, str] = {
    Against.MOOD: N_("Negative against positive"),
    Against.TIME: N_("This week against the four weeks before"),
    Against.BRAND: N_("A brand against another"),
    Against.SOURCE: N_("A source against others"),
}


def draw(user: CurrentUser, offered: Choices) -> None:
    """Draw the choices and what stands out."""
    try:
        found = inbox().themes.discover(token(), _asked(offered))
    except InboxError as problem:
        st.html(threads.notice("info", words.error(problem)))
        return
    _told(found)
    for place, one in enumerate(found.phrases):
        _phrase(user, one, place)


def _asked(offered: Choices) -> Comparison:
    brands = {one.value: one.label for one in offered.brands}
    sources = {one.value: one.label for one in offered.sources}
    with st.container(horizontal=True, gap="small", key="phrase_asked"):
        against = st.selectbox(
            _("Compare"), list(_AGAINST), format_func=lambda one: _(_AGAINST[one]), key="phrase_against", width=330
        )
        days = DAYS[1]
        if against is not Against.TIME:
            days = st.selectbox(_("Over"), DAYS, index=1, format_func=_days, key="phrase_days", width=120)
        brand = _choice(_("Brand"), brands, "phrase_brand")
        if against is Against.BRAND:
            return Comparison(against, days, brand_id=brand, other=_choice(_("Against"), brands, "phrase_other_brand"))
        source = _choice(_("Source"), sources, "phrase_source")
        other = None
        if against is Against.SOURCE:
            other = _choice(_("Against"), sources, "phrase_other_source", placeholder=_("All others"))
        return Comparison(against, days, brand_id=brand, source_id=source, other=other)


def _choice(label: str, options: Mapping[str, str], key: str, *, placeholder: str = "") -> str | None:
    found: str | None = st.selectbox(
        label,
        list(options),
        index=None,
        format_func=lambda one: options.get(one, one),
        key=key,
        placeholder=placeholder or _("All"),
        width=180,
    )
    return found


def _told(found: Found) -> None:
    counted = _("{here} texts against {other}. Phrases that fewer than three people say are not shown.").format(
        here=number(found.n_here), other=number(found.n_other)
    )
    st.html(f'<p class="kb-soft">{verbatim(counted)}</p>')
    if not found.phrases:
        lead = _("Nothing stands out. Texts are counted every ten minutes; choose more days, or another comparison.")
        st.html(f'<div class="kb-empty"><p>{verbatim(lead)}</p></div>')


def _phrase(user: CurrentUser, one: PhraseRow, place: int) -> None:
    with st.container(key=f"phraserow_{place}", horizontal=True, vertical_alignment="center", gap="small"):
        here = plural("{n} text here", "{n} texts here", one.n)
        other = _("{n} in the other pile").format(n=number(one.n_other))
        st.html(
            f'<div class="kb-theme"><h2><bdi>{verbatim(one.phrase)}</bdi> <span class="kb-soft">{verbatim(here)}'
            f" · {verbatim(other)}</span></h2>{theme_words.talks(one.examples, utc_now())}</div>"
        )
        if user.may(Permission.WORK):
            st.button(
                _("Make a theme of this"),
                key=f"phrase_theme_{place}",
                icon=":material/add:",
                on_click=themes.on_phrase,
                args=(one.phrase,),
            )


def _days(n: int) -> str:
    return plural("{n} day", "{n} days", n)
