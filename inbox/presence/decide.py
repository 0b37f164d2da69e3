"""What presence means: which word counts, how often it is written down. Pure: no store, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from inbox.presence.views import Someone
from inbox.views import PersonRef
from store.presence import PresenceRow

FRESH = timedelta(seconds=60)
"""What a tab said longer ago counts no more: the tab was closed or lost its connection."""

AGAIN = timedelta(seconds=15)
"""The same word is written down again after so long, so that a tab costs one small write per quarter of a minute."""

TYPING = timedelta(seconds=20)
"""Who typed so short a while ago is still writing, though the last word of the tab is only about looking."""

VIEWING, WRITING = "viewing", "writing"


def worth_writing(before: tuple[int, str, datetime] | None, *, conversation_id: int, state: str, now: datetime) -> bool:
    """Whether a tab's word is news: another conversation, typing began or ended, or the old word grows stale."""
    if before is None:
        return True
    where, was, at = before
    if where != conversation_id:
        return True
    if was == WRITING and state == VIEWING:
        return now - at >= TYPING
    return was != state or now - at >= AGAIN


def around(
    rows: Iterable[PresenceRow],
    conversation_ids: Iterable[int] | None,
    *,
    names: Mapping[int, str],
    without: int,
    now: datetime,
) -> dict[int, tuple[Someone, ...]]:
    """Colleagues per conversation, writers first, then by name; each person once per conversation.

    Args:
        rows: what tabs said last.
        conversation_ids: only these; None for all.
        names: of the people, by id.
        without: the person who asks, who is not told about oneself.
        now: rows older than `FRESH` are left out.
    """
    wanted = None if conversation_ids is None else set(conversation_ids)
    found: dict[int, dict[int, Someone]] = {}
    for row in rows:
        if (
            row.user_id == without
            or row.at <= now - FRESH
            or (wanted is not None and row.conversation_id not in wanted)
        ):
            continue
        here = found.setdefault(row.conversation_id, {})
        known = here.get(row.user_id)
        writing = row.state == WRITING or (known is not None and known.writing)
        here[row.user_id] = Someone(PersonRef(row.user_id, names.get(row.user_id, "?")), writing)
    return {
        number: tuple(sorted(people.values(), key=lambda one: (not one.writing, one.person.name.casefold())))
        for number, people in found.items()
    }
