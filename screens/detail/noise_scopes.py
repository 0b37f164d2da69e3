"""In the inbox: marking as spam, and what else is noise from now on: its author, site, words, or what reads like it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from inbox.errors import InboxError
from inbox.noise.marking import Scope
from inbox.noise.views import Reach
from screens import actions, components, threads, words
from screens.i18n import N_, _, number
from screens.security import md_escape, verbatim
from screens.state import inbox, tab, token

WORD = f"noise:{Scope.WORD}"
EVERYTHING = "noise_everything"
ASKING = frozenset({WORD, EVERYTHING})
"""Entries that ask something else first."""
_ASKED = "klankbord_noise_word"
_EVERYTHING_ASKED = "klankbord_noise_everything"
_REACH = "klankbord_noise_reach"
_OF: Mapping[str, str] = {
    Scope.AUTHOR: N_("This author, {shown}: {n} more"),
    Scope.SITE: N_("This site, {shown}: {n} more"),
    Scope.LIKE: N_("Texts like this: {n} more"),
}
_SCOPES: Mapping[Scope, tuple[str, str]] = {
    Scope.AUTHOR: (N_("this author"), N_("Spam: this author")),
    Scope.SITE: (N_("this site"), N_("Spam: this site")),
    Scope.LIKE: (N_("texts like this"), N_("Spam: texts like this")),
    Scope.WORD: (N_("words…"), N_("Spam: words in it…")),
}


def keyed() -> list[tuple[str, str, str]]:
    """What one more key does after something was marked as spam: key, name, text."""
    scopes = [(str(place), scope.value, _(short)) for place, (scope, (short, _long)) in enumerate(_SCOPES.items(), 1)]
    return [*scopes, (str(len(scopes) + 1), EVERYTHING, _("everything open…"))]


def options() -> dict[str, str]:
    """The same as entries of the menu, by the name of the decision."""
    scopes = {f"noise:{scope.value}": _(long) for scope, (_short, long) in _SCOPES.items()}
    return scopes | {EVERYTHING: _("Spam: everything that is open of…")}


def steps() -> list[tuple[str, str]]:
    """The entries that need nothing else said, for the command palette."""
    return [(name, text) for name, text in options().items() if name not in ASKING]


def on_more() -> None:
    """One more key, after something was marked as spam."""
    step, what = tab().step, str(components.sent("step_bar", "more").get("what", ""))
    if step is None or what not in {*Scope, EVERYTHING}:
        return
    marked = step.done.conversation_id
    if what not in {Scope.WORD, EVERYTHING}:
        actions.decide(marked, None, f"noise:{what}")
        return
    ask(marked, EVERYTHING if what == EVERYTHING else WORD)
    tab().select(marked)
    tab().open_detail = True
    actions.redraw(*actions.ALL)


def ask(conversation_id: int | None, what: str = WORD) -> None:
    """Ask which words of a conversation are noise, or of what everything is; None: no more."""
    st.session_state.pop(_REACH, None)
    st.session_state[_ASKED] = conversation_id if what == WORD else None
    st.session_state[_EVERYTHING_ASKED] = conversation_id if what == EVERYTHING else None


def draw(conversation_id: int) -> None:
    """Draw the field for the words, or the choice of what everything is noise of, where one was asked for."""
    if st.session_state.get(_EVERYTHING_ASKED) == conversation_id:
        _everything(conversation_id)
    if st.session_state.get(_ASKED) != conversation_id:
        return
    key = f"noise_word_{conversation_id}"
    with st.container(key="noise_word", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(_("A word, or words next to each other, that are noise from now on"), key=key, max_chars=200)
        st.button(
            _("Mark as spam"), key="noise_word_do", type="primary", on_click=_on_word, args=(conversation_id, key)
        )
        st.button(_("Cancel"), key="noise_word_cancel", on_click=_on_cancel)


def _everything(conversation_id: int) -> None:
    try:
        found = _reach(conversation_id)
    except InboxError as problem:
        st.html(threads.notice("error", words.error(problem)))
        return
    lead = _("Open now, and in nobody's hands; what comes in is spam from now on too. Undo brings all of it back.")
    with st.container(key="noise_everything"):
        st.html(f'<p class="kb-soft">{verbatim(lead)}</p>')
        with st.container(key="noise_everything_of", horizontal=True, gap="small"):
            for one in found:
                n = _("{n} or more").format(n=number(one.n)) if one.more else number(one.n)
                st.button(
                    _(_OF[one.scope]).format(shown=md_escape(one.shown), n=n),
                    key=f"noise_everything_{one.scope}_{conversation_id}",
                    on_click=_on_everything,
                    args=(conversation_id, one.scope),
                )
            st.button(_("Cancel"), key="noise_everything_cancel", on_click=_on_cancel)


def _reach(conversation_id: int) -> tuple[Reach, ...]:
    """How much there is of it, counted when it was asked and not at every redraw. May raise `InboxError`."""
    kept: tuple[int, tuple[Reach, ...]] | None = st.session_state.get(_REACH)
    if kept is None or kept[0] != conversation_id:
        kept = st.session_state[_REACH] = conversation_id, inbox().noise.reach(token(), conversation_id)
    return kept[1]


def _on_everything(conversation_id: int, scope: str) -> None:
    done = actions.take(
        lambda box, who: box.noise.mark(who, conversation_id, Scope(scope), everything=True),
        conversation_id=conversation_id,
    )
    if done is not None:
        ask(None)
    actions.redraw(*actions.ALL)


def _on_word(conversation_id: int, key: str) -> None:
    text = str(st.session_state.get(key) or "")
    done = actions.take(
        lambda box, who: box.noise.mark(who, conversation_id, Scope.WORD, text=text), conversation_id=conversation_id
    )
    if done is not None:
        ask(None)
    actions.redraw(*actions.ALL)


def _on_cancel() -> None:
    ask(None)
    actions.redraw("detail")
