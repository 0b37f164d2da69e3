"""Steps behind what is pressed about themes, at a conversation and on their page: thin, through the door of themes."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from inbox.service import Inbox
from inbox.themes.door import ThemesDoor
from inbox.themes.linking import Suggested
from inbox.themes.views import Chip, Draft, Merging
from inbox.views import Done, Filters, View
from screens import actions, page_step
from screens.i18n import _, plural
from screens.state import Notice, tab

FRAGMENT = "themes"
_OPEN, _PHRASE = "klankbord_theme", "klankbord_theme_phrase"


# At a conversation


def on_accept(number: int, chip: Chip, place: int) -> None:
    """A suggestion is right."""
    pressed = Suggested(chip.confidence, place)
    _step(number, lambda box, who: box.themes.link(who, number, chip.id, suggested=pressed))


def on_decline(number: int, chip: Chip, place: int) -> None:
    """A suggestion is wrong."""
    pressed = Suggested(chip.confidence, place)
    _step(number, lambda box, who: box.themes.decline(who, number, chip.id, suggested=pressed))


def on_unlink(number: int, theme_id: int) -> None:
    """A theme is taken off."""
    _step(number, lambda box, who: box.themes.unlink(who, number, theme_id))


def on_choose(number: int, key: str) -> None:
    """A theme was chosen by its name; one that is not there yet is made."""
    name = " ".join(str(st.session_state.get(key) or "").split())
    if name:
        _step(number, lambda box, who: box.themes.link(who, number, _named(box, who, name)))
    actions.redraw(*actions.ALL)


def _named(box: Inbox, who: str, name: str) -> int:
    known = {one.name.casefold(): one.id for one in box.themes.names(who)}
    found = known.get(name.casefold())
    return box.themes.make(who, Draft(name)) if found is None else found


def _step(number: int, step: Callable[[Inbox, str], Done]) -> None:
    card = tab().card(number)
    actions.take(step, conversation_id=number, name=card.author_name if card else "")
    actions.redraw(*actions.ALL)


# On the page of themes


def opened() -> int | None:
    """The theme that is shown."""
    found = st.session_state.get(_OPEN)
    return found if isinstance(found, int) else None


def on_open(theme_id: int | None) -> None:
    """Show a theme, or the list."""
    st.session_state[_OPEN] = theme_id
    st.rerun(FRAGMENT)


def phrase() -> str:
    """The phrase of which a theme is being made; empty for none."""
    return str(st.session_state.get(_PHRASE) or "")


def on_phrase(text: str) -> None:
    """Begin a theme with a phrase, or stop it with none."""
    st.session_state[_PHRASE] = text
    st.rerun(FRAGMENT)


def draft(prefix: str) -> Draft:
    """What stands in the fields of a form."""
    state = st.session_state
    examples = tuple(line for line in str(state.get(f"{prefix}_examples", "")).splitlines() if line.strip())
    return Draft(
        name=str(state.get(f"{prefix}_name", "")),
        description=str(state.get(f"{prefix}_text", "")),
        query=str(state.get(f"{prefix}_query", "")),
        examples=examples,
        owner_id=state.get(f"{prefix}_owner"),
    )


def on_make(prefix: str, key: str) -> None:
    """Make a theme, and hold its query against older conversations when that is wished."""
    made = draft(prefix)
    days = st.session_state.get(f"{prefix}_days")

    def step(box: ThemesDoor, who: str) -> str:
        theme_id = box.make(who, made)
        if made.query and days:
            box.apply(who, theme_id, days=int(days))
        st.session_state[_OPEN] = theme_id
        return _("The theme is made.")

    if _do(step):
        st.session_state[_PHRASE] = ""
        st.session_state[key] = int(st.session_state.get(key, 0)) + 1
    st.rerun(FRAGMENT)


def on_change(theme_id: int, prefix: str, version: int) -> None:
    """Keep what was changed of a theme."""
    changed = draft(prefix)

    def step(box: ThemesDoor, who: str) -> str:
        box.change(who, theme_id, changed, version=version)
        return _("The theme is kept.")

    _do(step)
    st.rerun(FRAGMENT)


def on_archive(theme_id: int, archived: bool) -> None:
    """Take a theme out of use, or use it again."""

    def step(box: ThemesDoor, who: str) -> str:
        box.archive(who, theme_id, archived=archived)
        return _("The theme is out of use; what was linked stays.") if archived else _("The theme is in use again.")

    _do(step)
    st.rerun(FRAGMENT)


def on_apply(theme_id: int, key: str) -> None:
    """Hold the query against older conversations."""
    days = int(st.session_state[key])

    def step(box: ThemesDoor, who: str) -> str:
        box.apply(who, theme_id, days=days)
        return _("Older conversations are gone through in the background, newest first.")

    _do(step)
    st.rerun(FRAGMENT)


def on_merge(theme_id: int, key: str) -> None:
    """Merge a theme into another."""
    into = st.session_state[key]
    if into is None:
        tab().notice = Notice("error", _("Choose the theme it is to be merged into."))
        st.rerun(FRAGMENT)

    def step(box: ThemesDoor, who: str) -> str:
        so_far: Merging = box.merge(who, theme_id, int(into))
        while not so_far.done:
            so_far = box.go_on(who, so_far)
        st.session_state[_OPEN] = int(into)
        return plural("{n} conversation moved along.", "{n} conversations moved along.", so_far.n)

    _do(step)
    st.rerun(FRAGMENT)


def show_in_inbox(theme_id: int, conversation_id: int | None = None) -> None:
    """Everything of a theme, or one conversation of it, in the inbox."""
    tab().view = View.ALL
    actions.narrow(Filters(theme_ids=(theme_id,)) if theme_id else Filters())
    if conversation_id is not None:
        tab().select(conversation_id)


def _do(step: Callable[[ThemesDoor, str], str]) -> bool:
    return page_step.do(lambda box, who: step(box.themes, who))
