"""Steps behind the buttons of the Tone page and of labelling: thin, through the door of the tone."""

from __future__ import annotations

from datetime import date

import streamlit as st

from inbox.errors import InboxError
from inbox.service import Inbox
from inbox.tone.views import Labelled, Recount, ToLabel
from screens import page_step, words
from screens.i18n import _
from screens.state import Notice, enter, inbox, tab, token

FRAGMENT = "tone"
LABELLING = "labelling"
NOTHING = "nothing"
_TRIED = "klankbord_tone_tried"
_AGAIN = "klankbord_label_again"
_SAID = "klankbord_label_said"


def on_label() -> None:
    """To the page for labelling."""
    page_step.go("label")


def on_back() -> None:
    """Back to the page about the tone."""
    page_step.go("tone")


def on_draw() -> None:
    """Draw a sample of the month so far."""

    def step(box: Inbox, who: str) -> str:
        box.tones.draw(who)
        return _("The sample is drawn.")

    page_step.take(FRAGMENT, step)


def on_use(night: date | None) -> None:
    """Let another model count."""

    def step(box: Inbox, who: str) -> str:
        box.tones.use_model(who, night)
        return _("It counts from now on; older messages follow in the background.")

    page_step.take(FRAGMENT, step)


def weight_of(chosen: str) -> float | None:
    """The weight of a choice of the form; None for a word that counts for nothing."""
    return None if chosen == NOTHING else float(chosen)


def tried() -> Recount | None:
    """The change of a word that was tried and not applied yet."""
    found = st.session_state.get(_TRIED)
    return found if isinstance(found, Recount) else None


def on_try(word_key: str, lang_key: str, weight_key: str) -> None:
    """See what a change of a word would do."""
    state = st.session_state

    def step(box: Inbox, who: str) -> None:
        state[_TRIED] = box.tones.recount(
            who, str(state[word_key]), lang=str(state[lang_key] or ""), weight=weight_of(str(state[weight_key]))
        )

    state[_TRIED] = None
    page_step.take(FRAGMENT, step)


def on_again(word: str, lang: str, weight: float | None) -> None:
    """See what saying something of before again would do."""

    def step(box: Inbox, who: str) -> None:
        st.session_state[_TRIED] = box.tones.recount(who, word, lang=lang, weight=weight)

    page_step.take(FRAGMENT, step)


def on_apply() -> None:
    """Apply what was tried."""
    found = tried()

    def step(box: Inbox, who: str) -> str | None:
        if found is None:
            return None
        box.tones.put_word(who, found.word, lang=found.lang, weight=found.weight)
        st.session_state[_TRIED] = None
        return _("Applied to new messages; older ones follow in the background.")

    page_step.take(FRAGMENT, step)


def on_leave() -> None:
    """Leave the word as it is."""
    st.session_state[_TRIED] = None
    st.rerun(FRAGMENT)


def on_free(number: int) -> None:
    """Let a word count again as it did by itself."""

    def step(box: Inbox, who: str) -> str:
        box.tones.free_word(who, number)
        return _("The word counts again as it did; older messages follow in the background.")

    page_step.take(FRAGMENT, step)


def to_label() -> ToLabel | None:
    """The text to label now: one that was taken back, else the next of those that wait."""
    again = st.session_state.get(_AGAIN)
    return again if isinstance(again, ToLabel) else inbox().tones.next_text(token())


def said() -> Labelled | None:
    """What was said last in this tab."""
    found = st.session_state.get(_SAID)
    return found if isinstance(found, Labelled) else None


def on_say(month: str, place: int, label: str) -> None:
    """Say what a text is."""
    st.session_state[_AGAIN] = None
    try:
        enter()
        st.session_state[_SAID] = inbox().tones.label(token(), month, place, label)
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
    st.rerun(LABELLING)


def on_take_back(month: str) -> None:
    """Take back what one said last, and see that text again."""
    try:
        enter()
        st.session_state[_AGAIN] = inbox().tones.take_back(token(), month)
        st.session_state[_SAID] = None
    except InboxError as problem:
        tab().notice = Notice("error", words.error(problem))
    st.rerun(LABELLING)
