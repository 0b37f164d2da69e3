"""What helps somebody who writes: colleagues to name in a note, and promises that an answer would make.

Promises are looked for where a draft was kept anyway, so a hint costs no word to the server of its own.
"""

from __future__ import annotations

from typing import Any

from inbox.errors import InboxError
from inbox.writing.views import Mode
from screens.cards import clean
from screens.i18n import _, moment
from screens.state import inbox, token, utc_now

_LONGEST = 5_000


def colleagues() -> list[dict[str, Any]]:
    """Whom a note can name; who is away is told."""
    return [
        {"insert": one.insert, "name": clean(one.name), "away": "" if one.available else _("away")}
        for one in inbox().mentions.people(token())
    ]


def promised(conversation_id: int, mode: Mode, text: str) -> str:
    """What an answer would promise, in one line; empty when it promises nothing."""
    if mode is Mode.NOTE or not text.strip():
        return ""
    try:
        found = inbox().promises.preview(token(), conversation_id, text[:_LONGEST])
    except InboxError:
        return ""  # a hint is not worth a refusal
    now = utc_now()
    times = ", ".join(dict.fromkeys(moment(one.due_at, now) for one in found))
    return _("Promise: {time}").format(time=times) if times else ""
