"""One theme opened: its trend, its conversations, and what can be changed of it."""

from __future__ import annotations

import streamlit as st

from inbox.permissions import Permission
from inbox.themes.views import ThemeRow, ThemeView
from inbox.views import Choices, CurrentUser
from screens import page_step, theme_chart, theme_form, theme_words, themes, themes_page, tone_accuracy
from screens.i18n import _, number, percent, plural
from screens.security import verbatim
from screens.state import inbox, token, utc_now

_DAYS = (30, 90, 365)


def draw(user: CurrentUser, offered: Choices, theme_id: int) -> None:
    """Draw the theme. May raise `InboxError`."""
    brand, source = themes_page.narrowed(offered)
    view = inbox().themes.opened(token(), theme_id, brand_id=brand, source_id=source)
    one = view.row
    st.button(
        _("All themes"),
        key="theme_back",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=themes.on_open,
        args=(None,),
    )
    page_step.heading(verbatim(one.name), theme_words.badge(one))
    page_step.told()
    _facts(view, offered, brand, source)
    if theme_words.negative(one):
        st.html(tone_accuracy.beside(inbox().tones.accuracy(token()), user))
    theme_chart.draw(view.trend)
    with st.container(horizontal=True, gap="small", key="theme_tools"):
        if st.button(_("Show them in the inbox"), key="theme_inbox", icon=":material/inbox:"):
            themes.show_in_inbox(one.id)
            page_step.go("inbox")
        if user.may(Permission.MANAGE_WORK) and one.archived_at is None:
            _tools(one, offered)
    st.html(f'<h2 class="kb-part">{_("Latest conversations")}</h2>')
    st.html(theme_words.talks(view.talks, utc_now()) or f'<p class="kb-soft">{_("Nobody raised it yet.")}</p>')


def _facts(view: ThemeView, offered: Choices, brand: str | None, source: str | None) -> None:
    one = view.row
    lines = [f"<p>{verbatim(one.description)}</p>"] if one.description else []
    lines.append(f'<p class="kb-soft">{verbatim(" · ".join([*theme_words.figures(one), *_said(view)]))}</p>')
    labels = {each.value: each.label for each in (*offered.brands, *offered.sources)}
    only = [labels.get(name, name) for name in (brand, source) if name]
    if only:
        lines.append(f'<p class="kb-soft">{verbatim(_("Only of {names}").format(names=", ".join(only)))}</p>')
    if one.query:
        lines.append(f"<p>{_('Query')}: <code>{verbatim(one.query)}</code></p>")
    if one.examples:
        said = "".join(f"<li>{verbatim(text)}</li>" for text in one.examples)
        lines.append(f"<p>{_('Examples')}:</p><ul>{said}</ul>")
    if one.applying is not None:
        told = _("Older conversations are gone through: {share} of the time, {n} linked.").format(
            share=percent(one.applying.done), n=number(one.applying.n)
        )
        lines.append(f'<p class="kb-soft" role="status">{verbatim(told)}</p>')
    st.html(f'<div class="kb-themefacts">{"".join(lines)}</div>')


def _said(view: ThemeView) -> list[str]:
    told = [plural("{n} conversation in all", "{n} conversations in all", view.n_links)]
    accepted, declined = (view.verdicts.get(name, 0) for name in ("accepted", "declined"))
    if accepted or declined:
        said = _("suggestion accepted {yes} times, declined {no} times")
        told.append(said.format(yes=number(accepted), no=number(declined)))
    return told


def _tools(one: ThemeRow, offered: Choices) -> None:
    with st.popover(_("Change"), icon=":material/edit:", key="theme_edit"):
        theme_form.change(one, offered)
    if one.query:
        with st.popover(_("Link older conversations"), icon=":material/history:", key="theme_apply"):
            key = f"theme_apply_{one.id}"
            st.selectbox(_("How far back"), _DAYS, format_func=_days, key=key)
            st.button(_("Go"), key="theme_apply_go", type="primary", on_click=themes.on_apply, args=(one.id, key))
    with st.popover(_("Merge"), icon=":material/merge:", key="theme_merge"):
        others = {each.id: each.name for each in inbox().themes.names(token()) if each.id != one.id}
        key = f"theme_into_{one.id}"
        st.html(f'<p class="kb-soft">{_("Its conversations move along. This cannot be undone.")}</p>')
        st.selectbox(
            _("Into"),
            list(others),
            index=None,
            format_func=lambda each: others.get(each, "?"),
            key=key,
            placeholder=_("Choose a theme"),
        )
        st.button(_("Merge"), key="theme_merge_go", type="primary", on_click=themes.on_merge, args=(one.id, key))
    st.button(
        _("Take out of use"),
        key="theme_archive",
        icon=":material/archive:",
        on_click=themes.on_archive,
        args=(one.id, True),
    )


def _days(n: int) -> str:
    return plural("{n} day", "{n} days", n)
