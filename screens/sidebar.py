"""The sidebar: what is next, views with live counts, who is around, who is signed in, language, signing out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from inbox.permissions import Permission
from inbox.saved_views.views import Audience, SavedCount, SavedView
from inbox.views import CurrentUser, PersonRef, View, ViewCount
from screens import actions, availability, components, drafts, hand_over, saved, words
from screens.i18n import LANGUAGES, _, current, number, plural

_ICONS = {Audience.ME: "bookmark", Audience.TEAM: "groups", Audience.EVERYBODY: "public"}
_FACES = 6
_LESS = frozenset({View.WAITING, View.SNOOZED, View.RESOLVED, View.ARCHIVED})
"""Views that are looked at less; they stand under one button."""


@dataclass(frozen=True, slots=True)
class Own:
    """What only the sidebar of the inbox shows: saved views, colleagues who are around, drafts not sent."""

    saved: tuple[SavedView, ...] = ()
    counts: tuple[SavedCount, ...] = ()
    shown: int | None = None
    around: tuple[PersonRef, ...] = ()
    n_drafts: int = 0


def draw(user: CurrentUser, view: View | None, counts: Sequence[ViewCount] = (), *, own: Own | None = None) -> None:
    """Draw the sidebar; without counts only its lower part (the other pages)."""
    by_view = {count.view: count for count in counts}
    views: list[dict[str, Any]] = []
    for key, (_name, icon) in words.VIEWS.items():
        count = by_view.get(key)
        if not counts:
            break
        views.append(
            {
                "id": key.value,
                "label": words.view(key),
                "icon": icon,
                "n": _badge(count),
                "bad": key in {View.OVERDUE, View.URGENT} and count is not None and count.n > 0,
                "less": key in _LESS,
                "current": key == view and (own is None or own.shown is None),
            }
        )
    _new_entry(user)
    components.mount(
        "nav",
        {
            "views": views,
            **(_own(user, own) if own is not None else {}),
            "user": {"name": user.name, "role": words.role(user.role), "letters": words.initials(user.name)},
            "langs": list(LANGUAGES.items()),
            "lang": current().code,
            "words": _words(own),
        },
        view=actions.on_view,
        saved=saved.on_saved,
        manage=saved.on_manage,
        next=actions.next_for_me,
        draft=drafts.on_draft,
        language=actions.on_language,
        account=actions.on_account,
    )
    availability.draw(user)
    if views:
        hand_over.menu(user)


def _own(user: CurrentUser, own: Own) -> dict[str, Any]:
    counted = {count.id: count for count in own.counts}
    audiences = [(Audience.ME.value, _("for me"))]
    if user.may(Permission.MANAGE_WORK):
        audiences += [(Audience.TEAM.value, _("for my team"))] if user.team_id else []
        audiences.append((Audience.EVERYBODY.value, _("for everybody")))
    return {
        "saved": [
            {
                "id": one.id,
                "label": one.name,
                "icon": _ICONS[one.audience],
                "n": _badge(counted.get(one.id)),
                "mine": one.mine,
                "current": one.id == own.shown,
                "differs": one.id == own.shown and one.mine and saved.differs(one),
            }
            for one in own.saved
        ],
        "audiences": audiences,
        "work": user.may(Permission.WORK),
        "around": [(words.initials(one.name), one.name) for one in own.around[:_FACES]],
        "drafts": plural("{n} draft not sent", "{n} drafts not sent", own.n_drafts) if own.n_drafts else "",
    }


def _words(own: Own | None) -> dict[str, str]:
    told = {
        "views": _("Views"),
        "more": _("More views"),
        "account": _("My account"),
        "language": _("Language"),
        "sign_out": _("Sign out"),
    }
    if own is None:
        return told
    return told | {
        "next": _("Next for me"),
        "saved": _("Saved"),
        "keep": _("Keep what is shown"),
        "name": _("Name of the view"),
        "whose": _("For whom"),
        "save": _("Save"),
        "cancel": _("Cancel"),
        "manage": _("Manage {name}"),
        "rename": _("Rename"),
        "change": _("Update to what is shown"),
        "up": _("Move up"),
        "down": _("Move down"),
        "delete": _("Delete"),
        "sure": _("Delete this view?"),
        "around": _("Around now"),
        "keys": _("Keyboard shortcuts"),
        "palette": _("Search and commands"),
    }


def _new_entry(user: CurrentUser) -> None:
    """The way to writing down a call or a visit, for who may."""
    place = st.session_state.get("klankbord_entry_page")
    if place is not None and user.may(Permission.WORK):
        st.page_link(place, label=_("New entry"), icon=":material/add_call:")


def _badge(count: ViewCount | SavedCount | None) -> str:
    if count is None or not count.n:
        return ""
    return number(count.n) + ("+" if count.capped else "")
