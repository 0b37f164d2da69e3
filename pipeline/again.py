"""Going over stored mentions again, newest first, in slices that leave agents undisturbed.

`step` is one slice: look at what stands, read anew outside any transaction, and write it together with how far the work
is. A process that ends anywhere goes on there. What a piece of work wants and derives is its own (`Again`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row

from store import walks
from store.engine import Store
from store.enriching import Enriched, rewrite
from store.ids import id_floor
from store.walks import SETTLED, WINDOW, Walk

Clock = Callable[[], datetime]
Ahead = tuple[Walk, Sequence[int], bool]


class Again(Protocol):
    """A piece of work over stored mentions.

    Attributes:
        name: of the work; one of a name is done at a time.
        aim: what it is to reach; with another aim it begins anew.
        since: only mentions said since; None all.
        rows: mentions per slice.
        ahead: how far the work is after the next slice, which mentions that is about, and whether more are left.
    """

    name: str
    aim: str
    since: datetime | None
    rows: int

    def ahead(self, conn: Connection, before: Walk, now: datetime) -> Ahead:
        """What comes next. Only reads; see `newest_first`."""

    def wants(self, row: Row[Any]) -> bool:
        """Whether it has something to do for a mention of `walks.window`. Pure."""

    def derive(self, told: Sequence[Row[Any]]) -> Sequence[Enriched]:
        """What it reads in mentions of `walks.texts_of`. Holds no transaction, so it may take its time."""

    def beside(self, conn: Connection, store: Store, rows: Sequence[Enriched]) -> int:
        """Write what else it knows of these, in their transaction; how many more changed by it."""


class NewestFirst:
    """Base of work that goes from the newest mention to the oldest, and writes only what it reads in them."""

    def ahead(self: Again, conn: Connection, before: Walk, now: datetime) -> Ahead:
        """See `newest_first`."""
        return newest_first(conn, before, self, now)

    def beside(self, _conn: Connection, _store: Store, _rows: Sequence[Enriched]) -> int:
        """Nothing else is written."""
        return 0


@dataclass(frozen=True, slots=True)
class Step:
    """What one slice did.

    Attributes:
        walk: how far the work is after it.
        read, changed: mentions that were read anew, and that are another by it.
        more: whether there is something left to do now.
    """

    walk: Walk
    read: int
    changed: int
    more: bool


def begin(store: Store, work: Again, *, now: datetime, again: bool = False) -> Walk:
    """Begin the work, or go on with what was begun with the same aim; `again` begins also what has ended."""
    with store.read() as conn:
        known = walks.find_walk(conn, work.name)
    if known is not None and known.aim == work.aim and not (again and known.ended_at is not None):
        return known
    return walks.begin(store, work.name, work.aim, now=now, since=work.since)


def waits(store: Store, work: Again, *, now: datetime) -> bool:
    """Whether there is anything to do. Only reads."""
    with store.read() as conn:
        known = walks.find_walk(conn, work.name)
        if known is None or known.aim != work.aim:
            return True
        after, ids, _ = work.ahead(conn, known, now)
        return bool(ids) or after != known


def step(store: Store, work: Again, *, now: datetime, timezone: str) -> Step:
    """Do the next slice of the work; begins it where it was not.

    Args:
        store: where.
        work: which.
        now: aware UTC.
        timezone: IANA name deciding the calendar day of the roll-ups.
    """
    before = begin(store, work, now=now)
    with store.read() as conn:
        after, ids, more = work.ahead(conn, before, now)
        told = walks.texts_of(conn, store, ids) if ids else ()
    rows = work.derive(told) if told else ()
    if not rows and after == before:
        return Step(before, 0, 0, more=False)

    def write(conn: Connection) -> int:
        if not walks.hold(conn, before):
            return 0  # another process did this slice
        done = rewrite(conn, store, rows, timezone=timezone)
        changed = len(done.changed) + work.beside(conn, store, rows)
        walks.move(conn, replace(after, changed=after.changed + changed))
        return changed

    changed = store.write_again(write)
    return Step(replace(after, changed=after.changed + changed), len(rows), changed, more=more)


def newest_first(conn: Connection, before: Walk, work: Again, now: datetime) -> Ahead:
    """The next slice of work that goes from the newest mention to the oldest, and to what came in meanwhile first."""
    after = before
    fresh = walks.window(conn, above=before.top_id)
    wanted = [row.id for row in fresh if work.wants(row)]
    if not wanted and len(fresh) == WINDOW:  # all of the newest are done, but what came before them may not be
        fresh = walks.window(conn, above=before.top_id, oldest=True)
        wanted = [row.id for row in fresh if work.wants(row)]
    if wanted:
        return before, sorted(wanted, reverse=True)[: work.rows], True
    if len(fresh) > WINDOW // 4:
        # What is being committed right now may stand below the newest.
        top = min(max(row.id for row in fresh), id_floor(now - SETTLED))
        after = replace(before, top_id=max(before.top_id, top))
    if before.ended_at is not None:
        return after, (), after != before
    floor = -1 if work.since is None else id_floor(work.since) - 1
    older = walks.window(conn, above=floor, below=before.before_id)
    return _older(after, older, work, now)


def sliced(work: Again, rows: Sequence[Row[Any]]) -> tuple[list[int], int]:
    """Mentions of which as many are wanted as fit into a slice, and how many rows were looked at for that. Pure."""
    ids: list[int] = []
    looked = 0
    for row in rows:
        if work.wants(row):
            if len(ids) == work.rows:
                break
            ids.append(row.id)
        looked += 1
    return ids, looked


def _older(after: Walk, rows: Sequence[Row[Any]], work: Again, now: datetime) -> Ahead:
    """The same for mentions in the order of the walk: as many as fit into a slice, with those that want nothing."""
    ids, looked = sliced(work, rows)
    ended = looked == len(rows) < WINDOW
    moved = replace(
        after,
        before_id=rows[looked - 1].id if looked else after.before_id,
        done=after.done + looked,
        moved_at=now,
        ended_at=now if ended else None,
    )
    return moved, ids, not ended
