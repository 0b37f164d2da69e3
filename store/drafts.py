"""Drafts: what people typed and did not send. Read by conversation and by person; kept and emptied by revision.

A draft that was emptied or sent stays as a row without text for a while, so that an older save that arrives late does
not bring it back. Who may do what is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from store.engine import Store
from store.schema import conversation, draft, user_account


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft. `rev` grows with every save; `base_version` is the conversation's version its writer saw last."""

    conversation_id: int
    user_id: int
    mode: str
    text: str
    visibility: str | None
    template_id: int | None
    base_version: int
    rev: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class UnsentRow:
    """A draft of one person with what its conversation is about."""

    conversation_id: int
    mode: str
    text: str
    updated_at: datetime
    author_name: str
    source_id: str
    status: str


_COLUMNS = [draft.c[field.name] for field in fields(DraftRow)]


def of_conversation(conn: Connection, conversation_id: int) -> list[tuple[DraftRow, str]]:
    """All drafts on a conversation, emptied ones too, each with its writer's name. Walks along the primary key."""
    query = (
        select(*_COLUMNS, user_account.c.name)
        .join(user_account, user_account.c.id == draft.c.user_id)
        .where(draft.c.conversation_id == conversation_id)
        .order_by(draft.c.user_id, draft.c.mode)
    )
    return [(DraftRow(*row[:-1]), row[-1]) for row in conn.execute(query)]


def of_writer(conn: Connection, conversation_id: int, user_id: int, mode: str) -> DraftRow | None:
    """One person's draft of one mode (primary key), emptied or not; None when there never was one."""
    c = draft.c
    wanted = select(*_COLUMNS).where(c.conversation_id == conversation_id, c.user_id == user_id, c.mode == mode)
    row = conn.execute(wanted).first()
    return None if row is None else DraftRow(*row)


def of_person(conn: Connection, user_id: int, *, limit: int = 50) -> list[UnsentRow]:
    """What somebody has not sent, newest first. Served by ix_draft_user."""
    query = (
        select(
            draft.c.conversation_id,
            draft.c.mode,
            draft.c.text,
            draft.c.updated_at,
            conversation.c.author_name,
            conversation.c.source_id,
            conversation.c.status,
        )
        .join(conversation, conversation.c.id == draft.c.conversation_id)
        .where(draft.c.user_id == user_id, draft.c.text != "")
        .order_by(draft.c.updated_at.desc())
        .limit(limit)
    )
    return [UnsentRow(*row) for row in conn.execute(query)]


def keep(store: Store, conn: Connection, row: DraftRow) -> int:
    """Keep a draft unless a newer revision stands; returns the revision that stands now."""
    values: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(DraftRow)}
    store.dialect.insert_or_keep(conn, draft, [values], unique=("conversation_id", "user_id", "mode"))
    conn.execute(draft.update().where(_key(row), draft.c.rev < row.rev).values(**values))
    return int(conn.execute(select(draft.c.rev).where(_key(row))).scalar_one())


def forget_emptied(conn: Connection, user_id: int, *, before: datetime) -> None:
    """Remove the emptied drafts of a person that nothing late can come for any more. Served by ix_draft_user."""
    conn.execute(draft.delete().where(draft.c.user_id == user_id, draft.c.updated_at < before, draft.c.text == ""))


def move(conn: Connection, from_id: int, to_id: int) -> None:
    """Bring the drafts of a conversation to the one it was joined to; where both have one, both texts are kept."""
    for row in conn.execute(select(*_COLUMNS).where(draft.c.conversation_id == from_id)).all():
        moved = DraftRow(*row)
        there = of_writer(conn, to_id, moved.user_id, moved.mode)
        if there is None:
            conn.execute(draft.update().where(_key(moved)).values(conversation_id=to_id))
            continue
        text = "\n\n".join(part for part in (there.text, moved.text) if part)
        conn.execute(draft.update().where(_key(there)).values(text=text, rev=max(there.rev, moved.rev) + 1))
        conn.execute(draft.delete().where(_key(moved)))


def _key(row: DraftRow) -> ColumnElement[bool]:
    return and_(
        draft.c.conversation_id == row.conversation_id, draft.c.user_id == row.user_id, draft.c.mode == row.mode
    )
