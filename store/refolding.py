"""Folding what is kept anew: by other keys, or by another measure of what says the same.

Only who is folded under whom, and what is counted of it, changes. No conversation changes its state, its clock or its
version: what somebody answered, closed or has in hand stays as it is, and nothing old becomes work. What a person took
out of a group stays out; what is folded and no longer alike stays folded where anybody did something with it.

Safe to repeat. What goes on to say the same stays under the one it is folded under, also where another would suit
better, so that going over what the present version folded changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, func, select, update

from store.commit.deciding import ALONE, OLD
from store.commit.duplicates import UNDER_A_KEY, WINDOW, Candidate, alike_firsts
from store.commit.rollups import Deltas
from store.engine import Store
from store.folding import FOLDED_AWAY, fold_under, unfold
from store.records import CONTEXT, Near
from store.schema import conversation, dup_key, mention, near_key

MOST_COPIES = 50
"""Copies in other words that are read to see whether a group can go under another one."""
Likeness = Callable[[Any, Any], float]


@dataclass(frozen=True, slots=True)
class Keyed:
    """What a mention is found by now.

    Attributes:
        mention_id: which.
        revision: of the text it was read in; a mention that was edited meanwhile is left.
        dup_hash: None when it never folds.
        keys, shape: see `store.records.Near`.
    """

    mention_id: int
    revision: int
    dup_hash: int | None
    keys: tuple[int, ...]
    shape: bytes = b""


def refold(conn: Connection, store: Store, keyed: Sequence[Keyed], likeness: Likeness, *, timezone: str) -> int:
    """Key some mentions anew and fold what says the same; of two the one seen first is the first.

    Args:
        conn: a writing transaction, best of `Store.write_again`.
        store: which.
        keyed: the mentions.
        likeness: how much two mentions say the same, 0-1; 0 where they do not.
        timezone: IANA name deciding the calendar day of the roll-ups.

    Returns:
        How many mentions are folded otherwise than before.
    """
    by_id = {each.mention_id: each for each in keyed}
    query = select(mention).where(store.dialect.among(mention.c.id, by_id), mention.c.deleted_at.is_(None))
    rows = conn.execute(query.order_by(mention.c.id).with_for_update()).all()
    deltas = Deltas(ZoneInfo(timezone))
    work = _Work(conn, store, likeness, deltas)
    for row in sorted(rows, key=_seen_first):
        each = by_id[row.id]
        if row.direction == "inbound" and row.revision == each.revision and CONTEXT not in (row.flags or ()):
            work.place(row, each)
    deltas.write(conn, store.dialect)
    return work.changed


def _seen_first(row: Row[Any]) -> tuple[Any, ...]:
    """The order in which copies fold: as they came in, within a page as they were said."""
    return row.first_seen_at, row.sort_at, row.id


class _Work:
    """Places one mention after the other."""

    def __init__(self, conn: Connection, store: Store, likeness: Likeness, deltas: Deltas) -> None:
        self._conn = conn
        self._store = store
        self._likeness = likeness
        self._deltas = deltas
        self.changed = 0

    def place(self, row: Row[Any], keyed: Keyed) -> None:
        """Find out what a mention is folded under, or that it is a first one, and what folds under it."""
        old_hash = row.dup_hash
        if old_hash != keyed.dup_hash:
            self._conn.execute(update(mention).where(mention.c.id == row.id).values(dup_hash=keyed.dup_hash))
        row = self._row(row.id) or row  # one before it in the slice may have folded it
        near = Near(keyed.keys, partial(self._likeness, row), keyed.shape) if keyed.keys else None
        each = Candidate(row.id, keyed.dup_hash, row.sort_at, near, row)
        if row.dup_of not in (None, row.id):
            if self._stays(row, near):
                return
            unfold(self._conn, self._store, row.id, near, self._deltas, alone=False)
            self._leave_the_archive_of_copies(row)
            self.changed += 1
            row = self._row(row.id) or row
        firsts: list[Row[Any]] = []
        if keyed.dup_hash is not None and ALONE not in (row.flags or ()):
            met = alike_firsts(self._conn, self._store, each)
            firsts = [first for first in map(self._row, met) if first is not None]
        for first in firsts:
            if _seen_first(first) < _seen_first(row) and self._fold(row, first):
                self._rekey(replace(each, dup_hash=None), old_hash)
                return
        self._rekey(each, old_hash)
        for later in firsts:
            if _seen_first(later) > _seen_first(row) and ALONE not in (later.flags or ()):
                self._fold(later, row)

    def _row(self, mention_id: int) -> Row[Any] | None:
        return self._conn.execute(select(mention).where(mention.c.id == mention_id).with_for_update()).first()

    def _stays(self, row: Row[Any], near: Near | None) -> bool:
        """Whether a copy still says the same as its first one, or somebody did something with it."""
        first = self._row(row.dup_of)
        if near is not None and first is not None and near.likeness(first) > 0:
            return True
        c = conversation.c
        talk = self._conn.execute(
            select(c.status, c.status_reason, c.n_outbound, c.assignee_id).where(c.id == row.conversation_id)
        ).one()
        untouched = talk.status == "new" or (talk.status, talk.status_reason) in _ARCHIVED
        return not untouched or bool(talk.n_outbound) or talk.assignee_id is not None

    def _leave_the_archive_of_copies(self, row: Row[Any]) -> None:
        """What no longer repeats anything is in the archive because it is old, and stays there."""
        c = conversation.c
        folded_away = (c.id == row.conversation_id, c.status == "archived", c.status_reason == FOLDED_AWAY)
        self._conn.execute(update(conversation).where(*folded_away).values(status_reason=OLD))

    def _fold(self, row: Row[Any], under: Row[Any]) -> bool:
        """Fold a first one under another, with all that is folded under it; False when that would tear a group."""
        c = mention.c
        others = select(c.id, c.title, func.substr(c.text, 1, _READ_OF).label("text"), c.kind, c.url, c.sort_at).where(
            c.dup_of == row.id, c.id != row.id, c.deleted_at.is_(None)
        )
        far = self._conn.execute(
            others.where((c.sort_at < under.sort_at - WINDOW) | (c.sort_at > under.sort_at + WINDOW)).limit(1)
        ).first()
        reworded = self._conn.execute(
            others.where((c.dup_hash.is_(None)) | (c.dup_hash != (under.dup_hash or 0))).limit(MOST_COPIES + 1)
        ).all()
        torn = len(reworded) > MOST_COPIES or any(self._likeness(under, one) <= 0 for one in reworded)
        if far is not None or torn:
            return False
        self.changed += 1 + fold_under(self._conn, self._store, row, under.id, self._deltas)
        return True

    def _rekey(self, each: Candidate, old_hash: int | None) -> None:
        """Let a first one be found by what it says now, and by nothing else."""
        conn, c = self._conn, near_key.c
        wanted = set() if each.near is None or each.dup_hash is None else set(each.near.keys)
        held = set(conn.execute(select(c.key).where(c.mention_id == each.mention_id)).scalars())
        shape = None if each.near is None else each.near.shape or None
        if held - wanted:
            conn.execute(delete(near_key).where(c.mention_id == each.mention_id, c.key.in_(sorted(held - wanted))))
        if wanted - held:
            full = select(c.key).where(c.key.in_(sorted(wanted - held))).group_by(c.key)
            taken = set(conn.execute(full.having(func.count() >= UNDER_A_KEY)).scalars())
            rows = [(key, each.mention_id, shape) for key in sorted(wanted - held - taken)]
            self._store.dialect.insert_rows(conn, near_key, ("key", "mention_id", "shape"), rows)
        if wanted & held:
            conn.execute(update(near_key).where(c.mention_id == each.mention_id).values(shape=shape))
        d = dup_key.c
        if old_hash is not None and old_hash != each.dup_hash:
            conn.execute(delete(dup_key).where(d.dup_hash == old_hash, d.mention_id == each.mention_id))
        if each.dup_hash is None:
            return
        stands = conn.execute(select(d.mention_id, d.at).where(d.dup_hash == each.dup_hash)).first()
        if stands is None or (stands.mention_id != each.mention_id and stands.at < each.sort_at - WINDOW):
            mine = {"dup_hash": each.dup_hash, "mention_id": each.mention_id, "at": each.sort_at}
            self._store.dialect.upsert_rows(conn, dup_key, [mine], ("mention_id", "at"))


_ARCHIVED = frozenset({("archived", FOLDED_AWAY), ("archived", OLD)})
_READ_OF = 10_000
