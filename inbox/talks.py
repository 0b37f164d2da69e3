"""Conversations as examples on the page of themes: who said what, in a line."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from inbox.themes.views import ThemeTalk
from store.cards import ConversationRow, cards_by_id


def talks(conn: Connection, conversation_ids: Iterable[int]) -> tuple[ThemeTalk, ...]:
    """Examples by id, in the order given; what is gone is left out."""
    wanted = list(dict.fromkeys(conversation_ids))
    found = cards_by_id(conn, wanted)
    return tuple(talk_of(found[number]) for number in wanted if number in found)


def talk_of(row: ConversationRow) -> ThemeTalk:
    """One conversation as an example."""
    return ThemeTalk(
        conversation_id=row.id,
        author_name=row.author_name,
        snippet=row.snippet or row.title or "",
        platform=row.platform,
        sentiment=row.sentiment,
        at=row.last_inbound_at or row.sort_at,
    )
