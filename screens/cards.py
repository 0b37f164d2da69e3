"""From a card of the inbox to the row the list component draws. Pure: values in, JSON out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from inbox.views import PRIORITIES, Card, CurrentUser, Mark
from screens import words
from screens.i18n import _, full_moment, plural
from screens.platforms import sign_of

# What a card says by itself; longer texts are read in the detail.
_SNIPPET = 400


def millis(instant: datetime) -> int:
    """Milliseconds since 1970, as JavaScript counts."""
    return int(instant.timestamp() * 1000)


def clean(text: str) -> str:
    """Text of others fit for JSON and a browser: NUL and lone surrogates become the replacement character."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def marks(found: Sequence[Mark], limit: int = 1_000_000) -> list[tuple[int, int]]:
    """Marked stretches in code points, in order, none beyond `limit`."""
    return sorted((mark.start, min(mark.end, limit)) for mark in found if mark.start < limit)


def author_name(name: str) -> str:
    """The author, or words for somebody without a name."""
    return clean(name).strip() or _("No name")


def _chips(card: Card, user: CurrentUser) -> list[tuple[str, str]]:
    chips: list[tuple[str, str]] = []
    if card.priority <= 1:
        chips.append(("risk" if card.priority == 0 else "orange", words.priority(PRIORITIES[card.priority])))
    if card.status not in {"new", "archived"}:
        chips.append(("status", words.status(card.status)))
    if card.why:
        chips.append(("", words.why(card.why)))
    chips.extend(("", f"#{clean(tag)}") for tag in card.tags[:3])
    if card.lang not in {"und", "", user.language or "nl"}:
        chips.append(("", card.lang.upper()))
    if card.n_duplicates:
        chips.append(("", plural("+{n} copy", "+{n} copies", card.n_duplicates)))
    if card.n_notes:
        chips.append(("plain", plural("{n} note", "{n} notes", card.n_notes)))
    return chips


def _face(card: Card, user: CurrentUser, now: datetime) -> dict[str, Any] | None:
    busy = card.claimed_by is not None and (card.claimed_until is None or card.claimed_until > now)
    if card.claimed_by is not None and busy:
        mine = card.claimed_by.id == user.id
        label = (
            _("You are working on this") if mine else _("{name} is working on this").format(name=card.claimed_by.name)
        )
        return {"letters": words.initials(card.claimed_by.name), "label": label, "busy": True}
    if card.assignee is not None:
        label = _("Assigned to {name}").format(name=card.assignee.name)
        return {"letters": words.initials(card.assignee.name), "label": label, "busy": False}
    return None


def row(card: Card, user: CurrentUser, now: datetime, *, gone: bool = False) -> dict[str, Any]:
    """The row of a card. `gone` draws it as taken out of this view by somebody else."""
    sign = sign_of(card.platform, card.kind)
    at = card.unanswered_since or card.last_inbound_at or card.sort_at
    drawn: dict[str, Any] = {
        "id": card.id,
        "version": card.version,
        "name": author_name(card.author_name),
        "src": {
            "letter": sign.letters,
            "colour": sign.colour,
            "label": f"{clean(card.source_name)} · {words.kind(card.kind)}",
        },
        "at": millis(at),
        "at_text": full_moment(at),
        "title": clean(card.title) if card.title else "",
        "marks_title": marks(card.marks_title),
        "text": clean(card.snippet)[:_SNIPPET],
        "marks": marks(card.marks_snippet, _SNIPPET),
        "chips": _chips(card, user),
        "face": _face(card, user, now),
        "taken": gone or (card.claimed_by is not None and card.claimed_by.id != user.id and _claimed(card, now)),
    }
    if card.rating is not None:
        stars = words.rating(card.rating)
        drawn["stars"] = {"text": stars, "label": _("{n} of 5 stars").format(n=stars.count("★"))}
    if card.visibility == "private":
        drawn["private"] = _("private")
    if card.sla.due_at is not None:
        drawn["due"] = millis(card.sla.due_at)
        drawn["orange"] = millis(card.sla.orange_at or card.sla.due_at - timedelta(minutes=5))
    if card.sentiment:
        drawn["sentiment"] = {"tone": card.sentiment, "label": words.sentiment(card.sentiment)}
    if card.n_inbound + card.n_outbound > 1:
        drawn["replies"] = plural("{n} message", "{n} messages", card.n_inbound + card.n_outbound)
    return drawn


def _claimed(card: Card, now: datetime) -> bool:
    return card.claimed_until is None or card.claimed_until > now
