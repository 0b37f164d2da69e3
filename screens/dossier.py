"""What stands under the thread: notes, timeline, copies elsewhere, and all other contact with this person.

Pure: values in, JSON for the `dossier` component out, which shows it through `textContent`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from inbox.views import Detail, EventView
from screens import words
from screens.cards import author_name, clean
from screens.i18n import N_, _, full_moment, moment
from screens.platforms import sign_of
from screens.security import safe_url

_ACTORS: Mapping[str, str] = {"rule": N_("A rule"), "source": N_("The source"), "clock": N_("The clock")}


def actor(event: EventView) -> str:
    """Who did it, a person or what works for them."""
    if event.actor is not None:
        return event.actor.name
    return _(_ACTORS.get(event.actor_type, N_("The source")))


def build(detail: Detail, now: datetime, *, event_text: Callable[[EventView], str]) -> dict[str, Any]:
    """Everything of the lower part. `event_text` puts a timeline entry in the reader's words."""
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
        }
        for event in reversed(detail.events)
    ]
    history = []
    for row in detail.history:
        sign = sign_of(row.platform)
        history.append(
            {
                "id": row.conversation_id,
                "letters": sign.letters,
                "colour": sign.colour,
                "source": clean(row.source_name),
                "at": moment(row.sort_at, now),
                "status": words.status(row.status),
                "text": clean(row.title or row.snippet)[:200],
            }
        )
    copies = [
        {
            "source": clean(row.source_name),
            "who": author_name(row.author_name),
            "at": moment(row.sort_at, now),
            "url": safe_url(row.url) or "",
        }
        for row in detail.duplicates
    ]
    return {
        "id": detail.card.id,
        "notes": notes,
        "events": events,
        "history": history,
        "copies": copies,
        "words": {
            "notes": _("Notes"),
            "history": _("Earlier contact"),
            "copies": _("The same text elsewhere"),
            "events": _("Timeline"),
            "first": _("First contact, as far as the sources show."),
            "original": _("original"),
        },
    }
