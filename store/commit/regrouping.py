"""What becomes of groups of copies when one of their texts changes: what no longer says the same leaves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from store.commit.duplicates import Candidate, forget_keys, register
from store.commit.known import KnownMention
from store.commit.rollups import Deltas
from store.engine import Store
from store.folding import Leaving, bring_back, conversations_of, leave, recount, unfold
from store.records import CONTEXT, MentionRecord
from store.schema import mention


@dataclass(frozen=True, slots=True)
class Reworded:
    """A stored mention that says something else now, or stands again; its row is written already."""

    record: MentionRecord
    known: KnownMention

    @property
    def repeats(self) -> bool:
        """Whether it was folded under another one."""
        return self.known.dup_of not in (None, self.known.mention_id)


def regroup(conn: Connection, store: Store, reworded: Sequence[Reworded], deltas: Deltas, *, at: datetime) -> None:
    """Take out of their groups what says something else now, and find them by what they say now."""
    changed = [each for each in reworded if each.record.dup_hash != each.known.dup_hash]
    others = _others(conn, store, changed)
    for each in changed:
        known, other = each.known, others.get(each.known.mention_id)
        near = each.record.near
        alike = near is not None and other is not None and near.likeness(other) > 0
        if each.repeats and alike:
            continue
        if each.repeats:
            unfold(conn, store, known.mention_id, near, deltas, alone=False)
            bring_back(conn, [known.conversation_id], at=at)
            continue
        if other is not None and not alike:
            leave(conn, store, [Leaving(known.mention_id, known.conversation_id, known.dup_hash, known.dup_of)], at=at)
        forget_keys(conn, store, [known.mention_id], [known.dup_hash])
        if known.direction == "inbound" and CONTEXT not in known.flags:
            register(conn, store, Candidate(known.mention_id, each.record.dup_hash, known.sort_at, near, each.record))
    back = {each.known.dup_of for each in changed if each.repeats and each.known.deleted_at is not None}
    recount(conn, store, conversations_of(conn, store, {each for each in back if each is not None}))


def _others(conn: Connection, store: Store, changed: Collection[Reworded]) -> dict[int, Any]:
    """What each is compared with: what it repeats, or its oldest copy."""
    if not changed:
        return {}
    c = mention.c
    columns = (c.id, c.dup_of, c.title, c.text, c.kind, c.url)
    firsts = {each.known.dup_of for each in changed if each.repeats and each.known.dup_of is not None}
    stored = select(*columns).where(store.dialect.among(c.id, firsts), c.deleted_at.is_(None))
    first: dict[int, Any] = {row.id: row for row in conn.execute(stored)} if firsts else {}
    found: dict[int, Any] = {}
    for each in changed:
        number = each.known.mention_id
        if each.repeats:
            standing = first.get(each.known.dup_of or 0)
        else:
            copies = select(*columns).where(c.dup_of == number, c.id != number, c.deleted_at.is_(None))
            standing = conn.execute(copies.order_by(c.sort_at, c.id).limit(1)).first()
        if standing is not None:
            found[number] = standing
    return found
