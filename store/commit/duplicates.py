"""Exact duplicates: the same normalized text within 30 days folds under the first one seen. Best match only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from store.engine import Store
from store.schema import conversation, dup_key, mention

WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new mention that may repeat another. `sort_at` aware UTC; `dup_hash` None when it never folds."""

    mention_id: int
    dup_hash: int | None
    sort_at: datetime


def find_duplicates(conn: Connection, store: Store, candidates: Sequence[Candidate]) -> dict[int, int]:
    """Which new mention repeats which; remembers the others as first ones. Returns mention id -> first one's id.

    There are no chains: what others fold under is never folded itself. After 30 days a text starts anew.
    """
    hashes = {each.dup_hash for each in candidates if each.dup_hash is not None}
    if not hashes:
        return {}
    rows = conn.execute(select(dup_key).where(store.dialect.among(dup_key.c.dup_hash, hashes)))
    firsts = {row.dup_hash: (row.mention_id, row.at) for row in rows}
    fresh: dict[int, Candidate] = {}
    folded: dict[int, int] = {}
    for each in candidates:
        if each.dup_hash is None:
            continue
        first = firsts.get(each.dup_hash)
        if first is not None and abs(each.sort_at - first[1]) <= WINDOW:
            folded[each.mention_id] = first[0]
        else:
            firsts[each.dup_hash] = (each.mention_id, each.sort_at)
            fresh[each.dup_hash] = each
    store.dialect.upsert_rows(
        conn,
        dup_key,
        [
            {"dup_hash": dup_hash, "mention_id": fresh[dup_hash].mention_id, "at": fresh[dup_hash].sort_at}
            for dup_hash in sorted(fresh)
        ],
        ("mention_id", "at"),
    )
    return folded


def count_duplicates(conn: Connection, store: Store, folded: dict[int, int]) -> None:
    """Count folded mentions at the conversations of what they fold under. No new `version`: nobody's work changed."""
    if not folded:
        return
    times = Counter(folded.values())
    rows = conn.execute(select(mention.c.id, mention.c.conversation_id).where(store.dialect.among(mention.c.id, times)))
    added: Counter[int] = Counter()
    for row in rows:
        added[row.conversation_id] += times[row.id]
    conn.execute(
        conversation.update()
        .where(conversation.c.id == bindparam("at_id"))
        .values(n_duplicates=conversation.c.n_duplicates + bindparam("more")),
        [{"at_id": conversation_id, "more": added[conversation_id]} for conversation_id in sorted(added)],
    )


def forget_hashes(conn: Connection, mention_ids: Sequence[int], hashes: Sequence[int | None]) -> None:
    """Let nothing fold any more under mentions whose text changed or went."""
    gone = [
        {"at_hash": dup_hash, "at_id": mention_id}
        for mention_id, dup_hash in zip(mention_ids, hashes, strict=True)
        if dup_hash is not None
    ]
    if gone:
        mine = (dup_key.c.dup_hash == bindparam("at_hash"), dup_key.c.mention_id == bindparam("at_id"))
        conn.execute(dup_key.delete().where(*mine), gone)
