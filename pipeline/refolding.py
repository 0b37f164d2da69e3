"""Folding kept mentions anew, after the rule of what says the same changed, or after their keys were lost.

Goes over a month at a time, the newest month first, and within a month from the oldest to the newest: what was seen
first is what others fold under. A walk's `before_id` is where the months that are done begin, `top_id` how far the
present one is; so that a process that ends anywhere goes on there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from pipeline.again import Ahead, sliced
from pipeline.meaning import Part, outdated, renewed
from store import walks
from store.commit.duplicates import WINDOW as REACH
from store.engine import Store
from store.enriching import ROWS, Enriched
from store.ids import EPOCH, id_floor, instant_of
from store.refolding import Keyed, refold
from store.walks import WINDOW, Walk
from understanding.duplicates import VERSION, fingerprint, likeness

MONTH = REACH + timedelta(days=1)
"""Longer than what copies may be apart, so that a group lies in two months at most."""
NAME = "refold"
_PART: tuple[Part, ...] = ("duplicates",)


class Refolding:
    """Work for `pipeline.again`: keys mentions anew and folds what says the same.

    Args:
        code: `Versions.code` as mentions are read now.
        timezone: IANA name deciding the calendar day of the roll-ups.
        everything: also what the present version folded, for a store whose keys were lost.
        name: of the work.
        source_id: only mentions of this source.
        since: only mentions said since, aware UTC.
    """

    rows = ROWS

    def __init__(
        self,
        code: str,
        *,
        timezone: str,
        everything: bool = False,
        name: str = NAME,
        source_id: str | None = None,
        since: datetime | None = None,
    ) -> None:
        self._code = code
        self._timezone = timezone
        self._everything = everything
        self._source_id = source_id
        self._keyed: dict[int, Keyed] = {}
        self.name = name
        self.since = since
        asked = ("all" if everything else "", source_id or "", "" if since is None else since.isoformat())
        self.aim = " ".join((VERSION, *asked)).rstrip()

    def ahead(self, conn: Connection, before: Walk, now: datetime) -> Ahead:
        """The next slice of the month in hand, or the newest month before it."""
        if before.ended_at is not None:
            return before, (), False
        floor = -1 if self.since is None else id_floor(self.since) - 1
        above, month = before.top_id, _month(before.top_id)
        if above >= before.before_id - 1:
            newest = walks.newest_below(conn, before.before_id)
            if newest is None or newest <= floor:
                return replace(before, moved_at=now, ended_at=now), (), False
            month = _month(newest)
            above = max(floor, month - 1)
        found = walks.window(conn, above=above, below=before.before_id, oldest=True)
        ids, looked = sliced(self, found)
        after = replace(before, done=before.done + looked, moved_at=now)
        reached = found[looked - 1].id if looked else above
        if looked == len(found) < WINDOW or reached == before.before_id - 1:
            return replace(after, before_id=month, top_id=month - 1), ids, True
        return replace(after, top_id=reached), ids, True

    def wants(self, row: Row[Any]) -> bool:
        """Whether a customer said it, and another version keyed it."""
        return (
            row.direction == "inbound"
            and row.deleted_at is None
            and self._source_id in (None, row.source_id)
            and (self.since is None or row.sort_at >= self.since)
            and (self._everything or bool(outdated(row.enriched, self._code, _PART)))
        )

    def derive(self, told: Sequence[Row[Any]]) -> Sequence[Enriched]:
        """Key mentions anew."""
        self._keyed = {}
        for row in told:
            found = fingerprint(row)
            self._keyed[row.id] = Keyed(row.id, row.revision, found.exact, found.near, found.shape)
        return [
            Enriched(row.id, revision=row.revision, enriched=renewed(row.enriched, self._code, _PART)) for row in told
        ]

    def beside(self, conn: Connection, store: Store, rows: Sequence[Enriched]) -> int:
        """Fold them."""
        keyed = [self._keyed[row.mention_id] for row in rows]
        return refold(conn, store, keyed, likeness, timezone=self._timezone)


def _month(mention_id: int) -> int:
    """The lowest id of the month in which one was made."""
    whole = (instant_of(mention_id) - EPOCH) // MONTH
    return id_floor(EPOCH + whole * MONTH)
