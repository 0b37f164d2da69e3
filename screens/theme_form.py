"""The fields of a theme: making one, with a try of its query before it is kept, and changing one."""

from __future__ import annotations

import streamlit as st

from inbox.errors import BadSearch, InboxError
from inbox.permissions import Permission
from inbox.themes.views import ThemeRow
from inbox.views import Choices, CurrentUser
from screens import theme_words, themes, threads, words
from screens.i18n import _, number
from screens.security import verbatim
from screens.state import inbox, token, utc_now

_FRESH = "klankbord_theme_form"
_DAYS = (0, 30, 90, 365)


def make(user: CurrentUser, offered: Choices) -> None:
    """The form for a new theme; opened by itself when one is made of a phrase."""
    phrase = themes.phrase()
    fresh = int(st.session_state.get(_FRESH, 0))
    prefix = f"theme_new_{fresh}_{phrase}"
    query = f'"{phrase}"' if " " in phrase else phrase
    with st.expander(_("Make a theme"), icon=":material/add:", expanded=bool(phrase), key=f"theme_make_{bool(phrase)}"):
        fields(prefix, offered, name=phrase, query=query)
        if user.may(Permission.MANAGE_WORK):
            st.selectbox(
                _("Link older conversations too"),
                _DAYS,
                format_func=_since,
                key=f"{prefix}_days",
                help=_("By the query, in the background and newest first."),
            )
        with st.container(horizontal=True, gap="small"):
            st.button(_("Make it"), key="theme_submit", type="primary", on_click=themes.on_make, args=(prefix, _FRESH))
            if phrase:
                st.button(_("Leave it"), key="theme_leave", on_click=themes.on_phrase, args=("",))


def change(one: ThemeRow, offered: Choices) -> None:
    """The form for changing a theme."""
    prefix = f"theme_{one.id}_{one.version}"
    fields(
        prefix,
        offered,
        name=one.name,
        text=one.description,
        query=one.query,
        examples="\n".join(one.examples),
        owner_id=one.owner.id if one.owner is not None else None,
    )
    st.button(
        _("Keep it"), key="theme_keep", type="primary", on_click=themes.on_change, args=(one.id, prefix, one.version)
    )


def fields(
    prefix: str,
    offered: Choices,
    *,
    name: str = "",
    text: str = "",
    query: str = "",
    examples: str = "",
    owner_id: int | None = None,
) -> None:
    """Name, meaning, query with what it would find, examples, owner."""
    st.text_input(_("Name"), value=name, key=f"{prefix}_name", max_chars=80)
    st.text_area(_("What it is about"), value=text, key=f"{prefix}_text", max_chars=2_000, height=80)
    wanted = st.text_input(
        _("Query"),
        value=query,
        key=f"{prefix}_query",
        placeholder='app AND (crasht OR "werkt niet")',
        help=_('Messages that match are linked by themselves. Words, AND, OR, NOT, "a phrase", begin*.'),
    )
    if wanted.strip():
        tried(wanted)
    st.text_area(
        _("Examples, one a line"),
        value=examples,
        key=f"{prefix}_examples",
        height=110,
        help=_("Two to five sentences as customers write them; suggestions learn from them."),
    )
    people = {one.id: one.name for one in offered.people}
    st.selectbox(
        _("Owner"),
        list(people),
        index=list(people).index(owner_id) if owner_id in people else None,
        format_func=lambda one: people.get(one, "?"),
        key=f"{prefix}_owner",
        placeholder=_("Nobody"),
    )


def tried(query: str) -> None:
    """What a query would have found in the last thirty days."""
    try:
        found = inbox().themes.back_test(token(), query)
    except BadSearch as problem:
        st.html(threads.notice("warning", words.error(problem)))
        return
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    n = f"{number(found.n)}+" if found.capped else number(found.n)
    told = _("In the last 30 days this finds {n} conversations.").format(n=n)
    st.html(f'<div class="kb-tried"><p>{verbatim(told)}</p>{theme_words.talks(found.examples[:5], utc_now())}</div>')


def _since(days: int) -> str:
    return _("No, only new ones") if not days else _("Of the last {n} days").format(n=number(days))
