"""Help that is always near: the keys on one sheet, and a short tour that points at the real parts of the page."""

from __future__ import annotations

import streamlit as st

from inbox.errors import InboxError
from screens import actions, components
from screens.i18n import _
from screens.state import enter, inbox, tab, token


@st.fragment(key="guide")
def draw() -> None:
    """Draw the sheet and the tour, hidden until somebody wants them; the tour begins by itself the first time."""
    try:
        enter()
        first = inbox().tour.wanted(token())
    except InboxError:
        return
    components.mount(
        "guide",
        {
            "start": first,
            "groups": keys(),
            "steps": steps(),
            "words": {
                "title": _("Keyboard shortcuts"),
                "close": _("Close"),
                "tour": _("Show me around"),
                "next": _("Next"),
                "back": _("Back"),
                "skip": _("Skip"),
                "done": _("To work"),
                "of": _("{n} of {total}"),
            },
        },
        toured=_on_toured,
    )


def _on_toured() -> None:
    try:
        enter()
        inbox().tour.done(token())
    except InboxError as problem:
        actions.refused(tab(), problem)
    actions.redraw("guide")


def keys() -> list[tuple[str, list[tuple[tuple[str, ...], str]]]]:
    """The keys of the inbox and what they do; `docs/using-the-inbox.md` lists the same."""
    return [
        (
            _("Going through the list"),
            [
                (("j", "k"), _("next, previous")),
                (("↓", "↑"), _("the same")),
                (("Enter",), _("open it, on a phone")),
                (("g",), _("take the next of the queue")),
                (("f",), _("focus view: one at a time")),
                (("/",), _("search")),
                (("Ctrl+K",), _("search and commands")),
            ],
        ),
        (
            _("Deciding"),
            [
                (("e",), _("no answer needed, resolve")),
                (("a",), _("take it, give it back")),
                (("m",), _("assign to me")),
                (("z",), _("snooze until tomorrow")),
                (("h", "H"), _("link to the first suggested theme, the second")),
                (("i",), _("ignore: not about us")),
                (("s",), _("spam")),
                (("s", "1"), _("spam, and so is its author from now on (2: its site, 3: texts like it, 4: words)")),
                (("w",), _("write an answer")),
                (("n",), _("write a note")),
                (("t",), _("open the tone: why, and 1 2 3 to correct it")),
                (("u",), _("undo")),
            ],
        ),
        (
            _("Many at once"),
            [
                (("x",), _("select it")),
                (("Shift+x",), _("select up to here")),
                (("Shift+j", "Shift+k"), _("select the next, the previous too")),
                (("*",), _("select all")),
                (("Esc",), _("select none, leave focus view")),
                (("?",), _("these keys")),
            ],
        ),
    ]


def steps() -> list[tuple[str, str, str]]:
    """The stops of the tour: what it points at, a title, and what one does there."""
    return [
        (
            ".st-key-nav",
            _("Your queues"),
            _("Views with live counts. Next for me gives you the most urgent free conversation, and nobody else."),
        ),
        (
            ".st-key-listbody",
            _("The order of work"),
            _("Overdue first, then what is due soonest. The ring is the time left. j and k go through the list."),
        ),
        (
            ".st-key-actions",
            _("Decide with one key"),
            _("e closes what needs no answer, z brings it back tomorrow, a takes it. The next one opens by itself."),
        ),
        (
            ".st-key-composer",
            _("Answer and note"),
            _("Notes are for colleagues. What you type is kept, also through a reload or a restart."),
        ),
        (
            ".st-key-searchbox",
            _("Find anything"),
            _('Words, "a phrase", AND, OR and NOT. Ctrl+K searches too, and does everything else by a few letters.'),
        ),
        (
            "",
            _("Nothing is lost"),
            _("Every step can be undone for ten seconds with u. Press ? for all keys, and to see this again."),
        ),
    ]
