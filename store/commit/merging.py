"""Two conversations turn out to be one (a late parent ties them): everything moves, nothing is lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from store import drafts, promises, theming
from store.commit.conversations import Stored
from store.engine import Store
from store.schema import (
    conversation,
    conversation_tag,
    event,
    kpi_fact,
    mention,
    note,
    note_mention,
    outbox,
    promise,
    specialist_link,
    thread_node,
)

MERGED = "merged"
_UNTOUCHED = frozenset({"new", "archived"})


def keeper(candidates: Collection[Stored]) -> Stored:
    """The conversation that stays: one that somebody worked on, else the oldest. Pure."""
    return min(candidates, key=lambda each: (each.status in _UNTOUCHED, each.id))


def merge(conn: Connection, store: Store, winner: Stored, losers: Sequence[Stored], *, now: datetime) -> None:
    """Move mentions, notes and whom they name, drafts, answers, promises, questions, tags, themes and events.

    All of `losers` goes to `winner`; then they are removed.

    Events keep their content and get the new object; one event says what was merged. A link to a removed
    conversation still leads here (`find_merged`).
    """
    states = select(conversation.c.reply_state).where(
        conversation.c.id.in_([loser.id for loser in losers]), conversation.c.reply_state.is_not(None)
    )
    reply_state = conn.execute(states.limit(1)).scalar()
    for loser in losers:
        notes_of = select(note.c.id).where(note.c.conversation_id == loser.id)
        conn.execute(
            note_mention.update().where(note_mention.c.note_id.in_(notes_of)).values(conversation_id=winner.id)
        )
        for table in (kpi_fact, mention, note, outbox, promise, specialist_link, thread_node):
            conn.execute(table.update().where(table.c.conversation_id == loser.id).values(conversation_id=winner.id))
        drafts.move(conn, loser.id, winner.id)
        have = select(conversation_tag.c.tag).where(conversation_tag.c.conversation_id == winner.id)
        mine = conversation_tag.c.conversation_id == loser.id
        conn.execute(conversation_tag.delete().where(mine, conversation_tag.c.tag.in_(have)))
        conn.execute(conversation_tag.update().where(mine).values(conversation_id=winner.id))
        theming.move_links(conn, store, loser.id, winner.id)
        conn.execute(
            event.update()
            .where(event.c.object_type == "conversation", event.c.object_id == str(loser.id))
            .values(object_id=str(winner.id))
        )
        conn.execute(
            event.insert().values(
                id=store.new_id(),
                at=now,
                actor_type="source",
                object_type="conversation",
                object_id=str(winner.id),
                action=MERGED,
                before={"conversation_id": loser.id, "status": loser.status},
                reason="a message that ties both together arrived late",
            )
        )
        store.dialect.upsert_rows(
            conn,
            thread_node,
            [{"key": key, "conversation_id": winner.id} for key in sorted({_merged_key(loser.id), loser.key})],
            ("conversation_id",),
        )
        conn.execute(conversation.delete().where(conversation.c.id == loser.id))
    notes = (
        select(func.count()).select_from(note).where(note.c.conversation_id == winner.id, note.c.deleted_at.is_(None))
    )
    conn.execute(
        conversation.update()
        .where(conversation.c.id == winner.id)
        .values(
            n_notes=notes.scalar_subquery(),
            routing_pending=True,
            reply_state=func.coalesce(conversation.c.reply_state, reply_state),
            promise_due_at=promises.nearest_outstanding(promises.of_conversation(conn, winner.id)),
            n_duplicates=winner.n_duplicates + sum(loser.n_duplicates for loser in losers),
        )
    )


def find_merged(conn: Connection, conversation_id: int) -> int | None:
    """Where a removed conversation went; None when it was not merged."""
    query = select(thread_node.c.conversation_id).where(thread_node.c.key == _merged_key(conversation_id))
    return conn.execute(query).scalar()


def _merged_key(conversation_id: int) -> str:
    # No namespace is empty, so this cannot be the key of an item.
    return f"\n{MERGED}\n{conversation_id}"
