"""The command palette: everything one can go to or do, by a few letters.

The browser sorts commands by what is typed; conversations are searched by the inbox. What a command does is looked up
here by its name, and every step is checked by the inbox, whatever the browser sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from inbox.errors import InboxError
from inbox.permissions import Permission
from inbox.views import PRIORITIES, Card, CurrentUser, Filters, View
from screens import actions, bulk, components, list_head, page_step, saved, words
from screens.cards import author_name, clean
from screens.detail import noise_scopes
from screens.i18n import _, moment
from screens.state import choices, enter, inbox, saved_views, tab, token, utc_now

_KEY = "klankbord_palette"
_MOST_FOUND = 8


@dataclass(slots=True)
class Asked:
    """What the palette of a tab was asked last."""

    opened: bool = False
    text: str = ""
    found: list[dict[str, Any]] = field(default_factory=list)


Command = tuple[str, str, str, str, str]
"""Name, heading, text, icon, key that does the same."""


@st.fragment(key="palette")
def draw() -> None:
    """Draw the palette; it is filled when somebody opens it."""
    asked = _asked()
    try:
        user = enter()
        commands = _commands(user) if asked.opened else []
    except InboxError:
        return
    components.mount(
        "palette",
        {
            "commands": commands,
            "found": asked.found,
            "text": asked.text,
            "words": {
                "title": _("Search and commands"),
                "type": _("Type a view, a colleague, a step, or words of a message"),
                "none": _("Nothing found. Try fewer letters."),
                "found": _("Conversations"),
                "hint": _("↑ ↓ to choose · Enter to do it · Esc to close"),
            },
        },
        open=_on_open,
        find=_on_find,
        run=_on_run,
    )


def _asked() -> Asked:
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Asked()
    asked = st.session_state[_KEY]
    return asked if isinstance(asked, Asked) else Asked()


def _commands(user: CurrentUser) -> list[Command]:
    card = tab().card(tab().selected)
    steps = _steps(user, card) if card is not None and user.may(Permission.WORK) else []
    return [*steps, *_places(), *_own()]


def _steps(user: CurrentUser, card: Card) -> list[Command]:
    """What may be done with the open conversation, in the order in which it is wanted most."""
    about = _("This conversation")
    mine = card.claimed_by is not None and card.claimed_by.id == user.id
    found: list[tuple[str, str, str, str]] = []
    if card.status in words.CLOSED:
        found.append(("do:reopen", _("Reopen"), "replay", ""))
        if card.status == "spam":
            found = [("do:not_spam", _("Not spam"), "undo", "")]
    else:
        found += [
            ("do:resolve", _("Resolve") if card.n_outbound else _("No answer needed"), "check", "e"),
            ("do:release", _("Give back"), "person_remove", "a")
            if mine
            else ("do:claim", _("Take it"), "person_add", "a"),
            ("do:assign_me", _("Assign to me"), "person", "m"),
            *((f"do:{step}", f"{_('Snooze')}: {text}", "snooze", "") for step, text in bulk.snoozes().items()),
            *(
                (f"do:ignore:{code}", _("Ignore: {reason}").format(reason=words.reason(code)), "block", "")
                for code in words.IGNORING
            ),
            ("do:spam", _("Spam"), "report", "s"),
            *((f"do:{name}", text, "report", "") for name, text in noise_scopes.steps()),
        ]
        found += [
            (f"do:assign:{one.id}", _("Assign to {name}").format(name=one.name), "person", "")
            for one in choices().people
            if one.id != user.id
        ]
        found += [
            (f"do:team:{one.value}", _("Team {name}").format(name=one.label), "groups", "") for one in choices().teams
        ]
    found += [
        ("do:unmute", _("Take the mute off"), "notifications", "")
        if card.muted_at is not None
        else ("do:mute", _("Mute"), "notifications_off", ""),
        *(
            (f"do:priority:{level}", _("Priority: {name}").format(name=words.priority(name)), "flag", "")
            for level, name in enumerate(PRIORITIES)
            if level != card.priority
        ),
        *(
            (f"do:tag:{one.value}", f"{_('Tag')}: {one.value}", "sell", "")
            for one in choices().tags[:40]
            if one.value not in card.tags
        ),
    ]
    return [(name, about, text, icon, key) for name, text, icon, key in found]


def _places() -> list[Command]:
    go = _("Go to")
    found = [(f"view:{view.value}", go, words.view(view), icon, "") for view, (_name, icon) in words.VIEWS.items()]
    found += [(f"saved:{one.id}", go, clean(one.name), "bookmark", "") for one in saved_views()]
    found += [(f"page:{path}", go, title, icon, "") for path, title, icon in tab().pages if path != "inbox"]
    return found


def _own() -> list[Command]:
    about = _("Inbox")
    return [
        ("next", about, _("Next for me"), "bolt", "g"),
        ("focus", about, _("Focus view"), "center_focus_strong", "f"),
        ("keys", about, _("Keyboard shortcuts"), "keyboard", "?"),
        ("tour", about, _("Show me around"), "tour", ""),
    ]


def _on_open() -> None:
    asked = _asked()
    asked.opened, asked.text, asked.found = True, "", []
    actions.redraw("palette")


def _on_find() -> None:
    asked = _asked()
    asked.text = str(components.sent("palette", "find").get("text", ""))[:200]
    try:
        enter()
        asked.found = find(asked.text)
    except InboxError as problem:
        actions.refused(tab(), problem)
    actions.redraw("palette")


def find(text: str) -> list[dict[str, Any]]:
    """Conversations by number or by words, the last of which may be unfinished."""
    wanted = text.strip()
    found: list[Card] = []
    if wanted.lstrip("#").isascii() and wanted.lstrip("#").isdecimal() and len(wanted) < 18:
        try:
            found.append(inbox().detail(token(), int(wanted.lstrip("#")), messages=1).card)
        except InboxError:
            found = []
    if wanted and not found:
        plain = all(part.isalnum() for part in wanted.split())
        listing = inbox().listing(
            token(), View.ALL, Filters(search=f"{wanted}*" if plain else wanted), limit=_MOST_FOUND
        )
        found = list(listing.cards)
    return [_row(card) for card in found]


def _row(card: Card) -> dict[str, Any]:
    return {
        "id": f"open:{card.id}",
        "who": author_name(card.author_name)[:80],
        "text": clean(card.title or card.snippet)[:140],
        "status": words.status(card.status),
        "at": moment(card.sort_at, utc_now()),
    }


def _on_run() -> None:
    name = str(components.sent("palette", "run").get("id", ""))
    _asked().opened = False
    run(name)


def run(name: str) -> None:
    """Do what a command means, and redraw what it changed."""
    kind, _colon, value = name.partition(":")
    here = tab()
    match kind:
        case "view" if value in set(View):
            actions.show(View(value))
        case "saved" if value.isdecimal():
            try:
                enter()
                saved.show(int(value))
            except InboxError as problem:
                actions.refused(here, problem)
        case "open" if value.isdecimal():
            here.notice = None
            here.select(int(value))
            here.open_detail = True
        case "page":
            page_step.go(value)
        case "next":
            actions.next_for_me()
        case "do" if here.selected is not None:
            card = here.card(here.selected)
            actions.decide(here.selected, card.version if card else None, value)
    actions.redraw("palette", *list_head.ALL)
