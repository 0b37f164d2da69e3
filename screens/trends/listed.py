"""The messages behind a figure, on the page itself: as many as it says, each with the way to its conversation."""

from __future__ import annotations

import streamlit as st

from inbox.trends.views import ALL, Behind, Only, Said, Slice
from screens import page_step, tone, words
from screens.cards import author_name
from screens.i18n import _, moment, number, plural
from screens.security import verbatim
from screens.state import inbox, token, utc_now
from screens.trends import steps

_PAGE = 25
_SHOWN = "klankbord_trends_shown"


def draw(title: str, wanted: Slice, pick: str, *, n: int | None = None, only: Only = ALL) -> None:
    """Draw the list. May raise `InboxError`.

    Args:
        title: the figure in words.
        wanted: what is behind it.
        pick: the figure as it stands in the address.
        n: how many the figure says; None: all of `wanted`.
        only: what of it.
    """
    door = inbox().trends
    behind = door.rows(token(), wanted, only=only)
    page = door.messages(token(), wanted, only=only, limit=_wanted(pick))
    counted = behind.n if n is None else n
    told = _counted(counted, behind, themes=bool(wanted.theme_ids))
    if len(wanted.brand_ids) > 1:
        told += ". " + _("What names two of these brands counts at each, and is listed once.")
    with st.container(key="trends_listed", border=True):
        st.html(
            f'<h3 class="kb-part" id="kb-behind" data-n="{counted}">{verbatim(title)}</h3>'
            f'<p class="kb-soft">{verbatim(told)}</p>'
        )
        with st.container(horizontal=True, gap="small"):
            if st.button(_("Open in the inbox"), key="trends_inbox", icon=":material/inbox:"):
                steps.open_in_inbox(behind.view, behind.filters)
                page_step.go("inbox")
            st.button(
                _("Close the list"), key="trends_close", icon=":material/close:", on_click=steps.on_pick, args=("",)
            )
        st.html(f'<ol class="kb-talks">{"".join(_row(one) for one in page.rows)}</ol>')
        if page.next_cursor is not None:
            st.button(
                _("Show {n} more").format(n=number(min(max(1, counted - len(page.rows)), _PAGE))),
                key="trends_more",
                icon=":material/expand_more:",
                on_click=_on_more,
                args=(pick,),
            )


def _counted(n: int, behind: Behind, *, themes: bool) -> str:
    """How many messages, and in how many conversations where that is known."""
    talks = behind.n_conversations
    if themes:
        return plural("{n} conversation", "{n} conversations", n)
    told = plural("{n} message", "{n} messages", n)
    if talks is None:
        return told
    return f"{told} {plural('in {n} conversation', 'in {n} conversations', talks)}"


def _wanted(pick: str) -> int:
    """How many rows of a figure are shown; another figure begins anew."""
    kept = st.session_state.get(_SHOWN)
    return kept[1] if kept is not None and kept[0] == pick else _PAGE


def _on_more(pick: str) -> None:
    st.session_state[_SHOWN] = (pick, _wanted(pick) + _PAGE)


def _row(one: Said) -> str:
    mood = f'<span title="{verbatim(tone.named(one.sentiment))}">{tone.sign(one.sentiment)}</span> '
    late = [_("found late")] if one.late else []
    facts = [author_name(one.author_name), one.source_name, words.kind(one.kind), moment(one.at, utc_now()), *late]
    text = verbatim(_("removed where it was said; it still counts") if one.gone else one.snippet or _("no text"))
    return (
        f'<li><a href="/?c={one.conversation_id}" target="_blank" rel="noopener"><bdi>{text}</bdi></a>'
        f'<span class="kb-soft">{mood}{verbatim(" · ".join(facts))}</span></li>'
    )
