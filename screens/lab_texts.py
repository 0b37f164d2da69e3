"""Texts of customers in the query lab, with the words that decided marked, and the way to them."""

from __future__ import annotations

from collections.abc import Sequence

from inbox.views import Mark
from screens.i18n import _
from screens.security import verbatim


def marked(text: str, marks: Sequence[Mark], against: Sequence[Mark] = ()) -> str:
    """A text as HTML with the words a query looks for marked, and those by which it leaves something out struck."""
    pieces: list[str] = []
    at = 0
    for mark in sorted((*marks, *against), key=lambda one: one.start):
        if mark.start < at or mark.end > len(text):
            continue
        pieces.append(verbatim(text[at : mark.start]))
        look = ' class="against"' if mark in against else ""
        pieces.append(f"<mark{look}>{verbatim(text[mark.start : mark.end])}</mark>")
        at = mark.end
    pieces.append(verbatim(text[at:]))
    return "".join(pieces)


def in_the_inbox(conversation_id: int | None) -> str:
    """The way to the conversation, behind other facts; nothing for what is in none."""
    if conversation_id is None:
        return ""
    told = verbatim(_("Open in the inbox"))
    return f' · <a href="/?c={conversation_id}" target="_blank" rel="noopener">{told}</a>'
