"""What stands under the thread: notes, timeline, and copies elsewhere.

Pure: values in, JSON for the `dossier` component out, which shows it through `textContent`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from inbox.views import Detail, EventView
from screens import words
from screens.cards import clean
from screens.i18n import N_, _, full_moment, moment

_ACTORS: Mapping[str, str] = {"rule": N_("A rule"), "source": N_("The source"), "clock": N_("The clock")}


def actor(event: EventView) -> str:
    """Who did it, a person or what works for them."""
    if event.actor is not None:
        return event.actor.name
    if event.code == "ruled":
        if event.params.get("noise"):
            return _("A noise rule")
        return _("Rule “{name}”").format(name=event.params.get("rule", "?"))
    return _(_ACTORS.get(event.actor_type, N_("The source")))


def build(
    detail: Detail, now: datetime, *, event_text: Callable[[EventView], str], works: bool = False
) -> dict[str, Any]:
    """Everything of the lower part. `event_text` puts a timeline entry in the reader's words.

    `works`: the reader may work on it, and so take back what a rule did.
    """
    notes = [
        {
            "who": clean(note.author.name),
            "letters": words.initials(note.author.name),
            "at": moment(note.at, now),
            "text": clean(note.text),
        }
        for note in detail.notes
    ]
    events = [
        {
            "who": clean(actor(event)),
            "text": clean(event_text(event)),
            "at": moment(event.at, now),
            "title": full_moment(event.at),
            "undone": event.undone,
            **(_of_rule(event, works=works) if event.code == "ruled" else {}),
        }
        for event in reversed(detail.events)
    ]
    return {
        "id": detail.card.id,
        "notes": notes,
        "events": events,
        "words": {
            "notes": _("Notes"),
            "events": _("Timeline"),
            "take_back": _("Take back"),
        },
    }


def _of_rule(event: EventView, *, works: bool) -> dict[str, Any]:
    """Where the rule is read, and the event to take back."""
    back = str(event.id) if works and not event.undone else ""
    page = "noise" if event.params.get("noise") else "rules"
    return {"href": f"/{page}?rule={event.params.get('rule_id', '')}", "back": back}
