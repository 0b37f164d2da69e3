"""Reading the questions to people without a seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store.schema import specialist_link


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question as it is kept."""

    id: int
    conversation_id: int
    email: str
    name: str
    question: str
    created_by: int
    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    answered_at: datetime | None
    note_id: int | None
    revoked_at: datetime | None


def questions_of(conn: Connection, conversation_id: int) -> list[QuestionRow]:
    """All questions about a conversation, oldest first. Served by ix_specialist_link_conversation."""
    query = (
        select(*(specialist_link.c[name] for name in QuestionRow.__slots__))
        .where(specialist_link.c.conversation_id == conversation_id)
        .order_by(specialist_link.c.id)
    )
    return [QuestionRow(*row) for row in conn.execute(query)]


def question_by_token(conn: Connection, token_sha256: bytes, *, lock: bool = False) -> QuestionRow | None:
    """The question behind a link; `lock` keeps it until the transaction ends."""
    query = select(*(specialist_link.c[name] for name in QuestionRow.__slots__)).where(
        specialist_link.c.token_sha256 == token_sha256
    )
    found = conn.execute(query.with_for_update() if lock else query).first()
    return None if found is None else QuestionRow(*found)
