"""Saved views in the sidebar: showing one, keeping what is shown, renaming, moving, deleting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inbox.errors import InboxError
from inbox.saved_views.views import Audience, SavedView
from inbox.views import EVERYTHING
from screens import actions, components, list_head, reading
from screens.i18n import _
from screens.state import Notice, enter, inbox, saved_views, tab, token


def on_saved() -> None:
    """A saved view was chosen."""
    chosen = components.sent("nav", "saved").get("id")
    try:
        enter()
        if isinstance(chosen, int):
            show(chosen)
    except InboxError as problem:
        actions.refused(tab(), problem)
    actions.redraw(*list_head.ALL)


def show(view_id: int) -> None:
    """Show a saved view from its top; nothing when it is gone."""
    found = next((one for one in saved_views() if one.id == view_id), None)
    if found is None:
        return
    here = tab()
    actions.show(found.base)
    here.saved, here.filters = found.id, found.filters
    here.filled += 1


def on_manage() -> None:
    """Something is to be done with a saved view: `{what, id, name, audience}`."""
    manage(components.sent("nav", "manage"))
    actions.redraw(*list_head.ALL)


def manage(sent: Mapping[str, Any]) -> None:
    """Keep, rename, change, move or delete a saved view."""
    here = tab()
    here.notice = None
    door, who = inbox().saved_views, token()
    number, name = sent.get("id"), str(sent.get("name", ""))
    try:
        enter()
        match sent.get("what"):
            case "create":
                here.saved = door.create(
                    who, name=name, base=here.view, filters=here.filters, audience=_audience(sent.get("audience"))
                ).id
                here.notice = Notice("info", _("The view is kept; it stands under Saved."))
            case "rename" if isinstance(number, int):
                door.rename(who, number, name)
            case "change" if isinstance(number, int):
                door.change(who, number, base=here.view, filters=here.filters)
                here.saved = number
            case "up" | "down" if isinstance(number, int):
                door.move(who, number, by=-1 if sent.get("what") == "up" else 1)
            case "delete" if isinstance(number, int):
                door.delete(who, number)
                if here.saved == number:
                    leave()
    except InboxError as problem:
        actions.refused(here, problem)
    reading.forget()


def leave() -> None:
    """Show the standing view without what the saved one narrowed."""
    here = tab()
    here.saved, here.filters = None, EVERYTHING
    here.filled += 1
    actions.show(here.view)


def differs(kept: SavedView) -> bool:
    """Whether the reader narrowed the shown saved view further."""
    here = tab()
    return (here.view, here.filters) != (kept.base, kept.filters)


def _audience(value: Any) -> Audience:
    return Audience(value) if value in set(Audience) else Audience.ME
