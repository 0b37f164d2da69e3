"""What a conversation tells an answer: for whom it is, what was said last, what the platform allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from inbox.errors import NotFound
from inbox.views import CurrentUser
from inbox.writing.fill import first_name
from inbox.writing.guard import Limits
from store import thread
from store.cards import ConversationRow, conversation_by_id
from store.commit.merging import find_merged
from store.schema import brand, source, user_account

_LOOKED_AT = 50
_EVENTS = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """A conversation as an answer needs it.

    Attributes:
        addressee: the name of who wrote last.
        capabilities: what the platform allows with the customer's latest message.
        last_answer: our last answer to it, on the platform or by hand.
    """

    row: ConversationRow
    addressee: str
    visibility: str
    url: str | None
    capabilities: dict[str, Any]
    last_answer: str | None

    @property
    def limits(self) -> Limits:
        """How long an answer may be."""
        may = self.capabilities
        return Limits(may.get("max_length"), str(may.get("length_unit") or "code_points"), may.get("link_length"))


def find(conn: Connection, conversation_id: int) -> ConversationRow:
    """The conversation, or the one it was joined to.

    Raises:
        NotFound: there is no such conversation.
    """
    row = conversation_by_id(conn, conversation_id)
    if row is None:
        merged = find_merged(conn, conversation_id)
        row = None if merged is None else conversation_by_id(conn, merged)
    if row is None:
        raise NotFound(what="conversation", key=conversation_id)
    return row


def facts_of(conn: Connection, conversation_id: int) -> Facts:
    """Read what an answer to a conversation needs.

    Raises:
        NotFound: there is no such conversation.
    """
    row = find(conn, conversation_id)
    said = thread.mentions_of(conn, row.id, limit=_LOOKED_AT).rows
    inbound = [one for one in said if one.direction != "outbound" and one.deleted_at is None]
    newest = inbound[-1] if inbound else None
    return Facts(
        row=row,
        addressee=(newest.author_name if newest else None) or row.author_name,
        visibility=newest.visibility if newest else row.visibility,
        url=(newest.url if newest else None) or row.url,
        capabilities=dict(newest.capabilities or {}) if newest else {},
        last_answer=_last_answer(conn, row.id, said),
    )


def values_of(conn: Connection, facts: Facts, user: CurrentUser) -> dict[str, str | None]:
    """The variables of a template for one conversation and one writer."""
    row = facts.row
    initials = conn.execute(select(user_account.c.initials).where(user_account.c.id == user.id)).scalar()
    brands: dict[str, str] = {}
    if row.brand_ids:
        found = conn.execute(select(brand.c.id, brand.c.name).where(brand.c.id.in_(row.brand_ids)))
        brands = {one.id: one.name for one in found}
    named = next((brands[one] for one in row.brand_ids if one in brands), None)
    return {
        "first_name": first_name(facts.addressee),
        "name": facts.addressee or None,
        "agent_name": user.name,
        "initials": f"^{initials}" if initials else None,
        "brand": named,
        "ticket": str(row.id),
        "source": conn.execute(select(source.c.name).where(source.c.id == row.source_id)).scalar(),
        "link": facts.url,
    }


def _last_answer(conn: Connection, conversation_id: int, said: tuple[thread.MentionRow, ...]) -> str | None:
    ours = [one for one in said if one.direction == "outbound" and one.deleted_at is None]
    events = thread.events_of(conn, "conversation", str(conversation_id), limit=_EVENTS)
    undone = {one.undo_of for one in events if one.undo_of is not None}
    by_hand = next(
        (one for one in events if one.action == "answered_by_hand" and one.id not in undone and _text_of(one)), None
    )
    if by_hand is not None and (not ours or by_hand.at >= ours[-1].sort_at):
        return _text_of(by_hand)
    return ours[-1].text if ours else None


def _text_of(event: thread.EventRow) -> str:
    return str(((event.after or {}).get("facts") or {}).get("text") or "")
