"""The Themes page: what is raised and rises, one theme opened, and phrases of which a theme can be made.

Names, queries and examples are words of people: labels get `md_escape`, everything else `verbatim`.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.themes.views import ThemeRow
from inbox.views import Choices, CurrentUser
from screens import (
    page_step,
    sidebar,
    theme_discovery,
    theme_form,
    theme_opened,
    theme_words,
    themes,
    threads,
    tone_accuracy,
    words,
)
from screens.i18n import _, plural
from screens.security import md_escape, verbatim
from screens.state import choices, inbox, token, utc_now


def draw() -> None:
    """Draw the page."""
    with st.container(key="themespage"):
        _themes()


@st.fragment(key=themes.FRAGMENT)
def _themes() -> None:
    user = page_step.entered()
    if user is None:
        return
    with st.sidebar:
        sidebar.draw(user, None)
    try:
        offered = choices()
        theme_id = themes.opened()
        if theme_id is None:
            _whole(user, offered)
        else:
            theme_opened.draw(user, offered, theme_id)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        st.button(_("Back to all themes"), key="theme_back", on_click=themes.on_open, args=(None,))


def _whole(user: CurrentUser, offered: Choices) -> None:
    brand, source = narrowed(offered)
    found = inbox().themes.listing(token(), brand_id=brand, source_id=source)
    page_step.heading(_("Themes"), plural("{n} theme", "{n} themes", len(found)))
    page_step.told()
    if themes.phrase() and user.may(Permission.WORK):
        theme_form.make(user, offered)
    listed, discovered, gone = st.tabs([_("Themes"), _("Discover phrases"), _("Out of use")], key="theme_tabs")
    with listed:
        _list(user, offered, found)
    with discovered:
        theme_discovery.draw(user, offered)
    with gone:
        _archived(user)


def narrowed(offered: Choices) -> tuple[str | None, str | None]:
    """Of which brand and source figures are asked for."""
    state = st.session_state
    brand, source = state.get("theme_brand"), state.get("theme_source")
    return (
        brand if brand in {one.value for one in offered.brands} else None,
        source if source in {one.value for one in offered.sources} else None,
    )


def _list(user: CurrentUser, offered: Choices, found: Sequence[ThemeRow]) -> None:
    _narrowing(offered)
    if user.may(Permission.WORK) and not themes.phrase():
        theme_form.make(user, offered)
    if not found:
        lead = _(
            "A theme is a cause or an idea that many conversations raise. Make one, with a query or some examples."
        )
        st.html(f'<div class="kb-empty"><h2>{_("No themes yet")}</h2><p>{verbatim(lead)}</p></div>')
    if any(theme_words.negative(one) for one in found):
        st.html(tone_accuracy.beside(inbox().tones.accuracy(token()), user))
    for place, one in enumerate(found):
        with st.container(key=f"theme_row_{place}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(theme_words.row(one))
            st.button(
                _("Open {theme}").format(theme=md_escape(one.name)),
                key=f"theme_open_{place}",
                icon=":material/chevron_right:",
                on_click=themes.on_open,
                args=(one.id,),
            )
    st.html(
        f'<p class="kb-soft kb-lesson">{verbatim(theme_words.lesson(inbox().themes.lesson(token()), utc_now()))}</p>'
    )


def _narrowing(offered: Choices) -> None:
    with st.container(horizontal=True, gap="small", key="theme_narrow"):
        for key, label, options in (
            ("theme_brand", _("Brand"), {one.value: one.label for one in offered.brands}),
            ("theme_source", _("Source"), {one.value: one.label for one in offered.sources}),
        ):
            st.selectbox(
                label,
                list(options),
                index=None,
                key=key,
                format_func=lambda one, options=options: options.get(one, one),  # type: ignore[misc]
                placeholder=_("All"),
                width=220,
            )


def _archived(user: CurrentUser) -> None:
    found = inbox().themes.listing(token(), archived=True)
    if not found:
        st.html(f'<p class="kb-soft">{_("No theme is out of use.")}</p>')
    names = {one.id: one.name for one in found} | {one.id: one.name for one in inbox().themes.names(token())}
    for one in found:
        with st.container(key=f"theme_gone_{one.id}", horizontal=True, vertical_alignment="center", gap="small"):
            into = names.get(one.merged_into or 0)
            told = _("merged into {theme}").format(theme=into) if into else ""
            st.html(
                f'<div class="kb-theme"><h2><bdi>{verbatim(one.name)}</bdi> {theme_words.badge(one)}</h2>'
                f'<span class="kb-soft">{verbatim(told)}</span></div>'
            )
            if user.may(Permission.MANAGE_WORK) and one.merged_into is None:
                st.button(
                    _("Use {theme} again").format(theme=md_escape(one.name)),
                    key=f"theme_again_{one.id}",
                    on_click=themes.on_archive,
                    args=(one.id, False),
                )
