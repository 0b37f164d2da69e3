"""From a card of the inbox to the row the list component draws. Pure: values in, JSON out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from inbox.views import PRIORITIES, Card, CurrentUser, Mark
from screens import words
from screens.i18n import N_, _, full_moment, moment, plural
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


TagWords = Mapping[str, tuple[str, str]]
"""Colour and meaning of tags, as `Choices.tag_words`."""
_LONGEST_THEME = 20
_NO_WORDS: TagWords = MappingProxyType({})
_ON_ITS_WAY: Mapping[str, tuple[str, str]] = {
    "approval": ("orange", N_("waits for approval")),
    "queued": ("", N_("answer goes out")),
    "sending": ("", N_("answer goes out")),
    "unknown": ("red", N_("sent? being checked")),
    "held": ("orange", N_("held by the platform")),
    "failed": ("red", N_("answer not sent")),
    "rejected": ("red", N_("answer rejected")),
}


def _chips(card: Card, user: CurrentUser, now: datetime, tag_words: TagWords) -> list[tuple[str, ...]]:
    """Each a tone and a text; of a tag what it means too."""
    chips: list[tuple[str, ...]] = []
    if card.reply_state is not None and card.reply_state in _ON_ITS_WAY:
        tone, text = _ON_ITS_WAY[card.reply_state]
        chips.append((tone, _(text)))
    if card.promise_due_at is not None:
        late = card.promise_due_at <= now
        text = _("promise overdue") if late else _("promised {time}").format(time=moment(card.promise_due_at, now))
        chips.append(("red" if late else "orange", text))
    if card.priority <= 1:
        chips.append(("risk" if card.priority == 0 else "orange", words.priority(PRIORITIES[card.priority])))
    if card.status not in {"new", "archived"}:
        chips.append(("status", words.status(card.status)))
    if card.why:
        chips.append(("", words.why(card.why)))
    if card.theme:
        name = clean(card.theme)
        chips.append(("theme", name if len(name) <= _LONGEST_THEME else f"{name[:_LONGEST_THEME]}…", name))
    chips.extend(_tag(tag, *tag_words.get(tag, ("", ""))) for tag in card.tags[:3])
    if card.lang not in {"und", "", user.language or "nl"}:
        chips.append(("", card.lang.upper()))
    if card.has_picture:
        chips.append(("plain", _("with picture")))
    if card.n_duplicates:
        chips.append(("", plural("+{n} like this", "+{n} like this", card.n_duplicates)))
    if card.muted_at is not None:
        chips.append(("plain", _("muted")))
    if card.n_notes:
        chips.append(("plain", plural("{n} note", "{n} notes", card.n_notes)))
    return chips


def _tag(name: str, colour: str, meaning: str) -> tuple[str, ...]:
    return (f"tag {colour}".strip(), f"#{clean(name)}", clean(meaning))


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


def row(
    card: Card, user: CurrentUser, now: datetime, *, gone: bool = False, tag_words: TagWords = _NO_WORDS
) -> dict[str, Any]:
    """The row of a card. `gone` draws it as taken out of this view by somebody else; tags have their colours."""
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
        "chips": _chips(card, user, now, tag_words),
        "face": _face(card, user, now),
        "taken": gone or (card.claimed_by is not None and card.claimed_by.id != user.id and _claimed(card, now)),
    }
    if card.rating is not None:
        stars = words.rating(card.rating)
        drawn["stars"] = {"text": stars, "label": _("{n} of 5 stars").format(n=stars.count("★"))}
    if card.visibility == "private":
        drawn["private"] = _("private")
    if card.badges:
        drawn["badges"] = [(one, words.badge(one)) for one in card.badges[:3]]
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
