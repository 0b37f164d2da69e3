"""Roll-ups, kept true by deltas in the transaction that changes the mentions.

What counts: every inbound mention that is not a folded duplicate, on the local day and in the hour of its `sort_at`;
once in the row of each of its brands and once in the total row (brand ""). A folded one counts as a copy there. An
upstream deletion stays counted: that it was said is a fact, and the counts hold nothing of the person. What turns out
to be noise stays counted too: how much that was stands in the relevance rate. `store.rollups` recomputes and compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table

from store.clock_columns import LATE_AFTER
from store.dialects import StoreDialect
from store.schema import (
    rollup_day,
    rollup_day_all,
    rollup_day_brand,
    rollup_day_source,
    rollup_hour,
    rollup_hour_all,
)

COUNTED = ("n", "n_negative", "n_neutral", "n_positive", "n_unsure", "n_copies")
KEYS: dict[Table, tuple[str, ...]] = {
    rollup_day: ("brand_id", "day", "source_id", "lang", "kind", "late"),
    rollup_day_all: ("brand_id", "day", "lang", "kind", "late"),
    rollup_day_brand: ("brand_id", "day", "late"),
    rollup_day_source: ("brand_id", "day", "source_id", "late"),
    rollup_hour: ("brand_id", "hour", "source_id", "lang", "kind", "late"),
    rollup_hour_all: ("brand_id", "hour", "late"),
}
"""Every roll-up with its key."""

READ = ("sort_at", "first_seen_at", "source_id", "lang", "kind", "sentiment", "dup_of")
"""Columns of a mention that decide where it counts."""

_PLACE = {"negative": 1, "neutral": 2, "positive": 3, "unsure": 4}
_COPIES = 5
_QUARTER = 900
_CELL = ("brand_id", "day", "hour", "source_id", "lang", "kind", "late")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Cell = tuple[str, date, datetime, str, str, str, bool]
Key = tuple[Any, ...]
"""Values of the columns of `KEYS`, in their order."""


@dataclass(slots=True)
class Deltas:
    """What a chunk adds to and takes from the roll-ups."""

    timezone: ZoneInfo
    cells: dict[Cell, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0, 0, 0]))
    """By brand, day, hour, source, language, kind and lateness: what `COUNTED` names."""
    _times: dict[int, tuple[date, datetime]] = field(default_factory=dict)

    def add(
        self,
        *,
        sort_at: datetime,
        first_seen_at: datetime,
        source_id: str,
        lang: str,
        kind: str,
        brand_ids: Iterable[str],
        sentiment: str | None = None,
        times: int = 1,
        total: bool = True,
        copy: bool = False,
    ) -> None:
        """Count a mention `times` (negative takes it out) in its brands' rows and, with `total`, in the total.

        `copy`: it is folded under another one.
        """
        quarter = (sort_at - _EPOCH) // _A_QUARTER
        placed = self._times.get(quarter)
        if placed is None:
            placed = self._times[quarter] = self._placed(sort_at)
        day, hour = placed
        late = first_seen_at - sort_at > LATE_AFTER
        place = _PLACE.get(sentiment or "", 0)
        for brand_id in (*brand_ids, "") if total else brand_ids:
            figures = self.cells[brand_id, day, hour, source_id, lang, kind, late]
            if copy:
                figures[_COPIES] += times
                continue
            figures[0] += times
            if place:
                figures[place] += times

    def add_row(
        self,
        row: Any,
        brand_ids: Collection[str],
        *,
        times: int = 1,
        total: bool = True,
        copy: bool | None = None,
        instead: Mapping[str, Any] | None = None,
    ) -> None:
        """`add` of a stored mention; `copy` None: as it stands; `instead`: columns with another value."""
        values = {name: getattr(row, name) for name in READ if name != "dup_of"} | dict(instead or {})
        folded = row.dup_of is not None if copy is None else copy
        self.add(**values, brand_ids=brand_ids, times=times, total=total, copy=folded)

    def move_row(self, row: Any, brand_ids: Collection[str], becomes: Mapping[str, Any]) -> None:
        """Count a stored mention as what it becomes, no longer as what it is."""
        if any(getattr(row, name) != value for name, value in becomes.items()):
            self.add_row(row, brand_ids, times=-1)
            self.add_row(row, brand_ids, instead=becomes)

    def _placed(self, sort_at: datetime) -> tuple[date, datetime]:
        """The local day, and when the local hour began; neither parts a quarter of an hour, in any time zone."""
        local = sort_at.astimezone(self.timezone)
        return local.date(), local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)

    def summed(self, table: Table) -> dict[Key, list[int]]:
        """What a roll-up gets, by key."""
        columns = itemgetter(*(_CELL.index(name) for name in KEYS[table]))
        found: dict[Key, list[int]] = {}
        for cell, figures in self.cells.items():
            key = columns(cell)
            have = found.get(key)
            if have is None:
                found[key] = figures.copy()
            else:
                for place, n in enumerate(figures):
                    have[place] += n
        return found

    def write(self, conn: Connection, dialect: StoreDialect, *, tables: Sequence[Table] = tuple(KEYS)) -> None:
        """Add the deltas to the stored figures, in one order everywhere so that writers cannot wait in a circle."""
        for table in tables:
            columns = (*KEYS[table], *COUNTED)
            found = self.summed(table)
            rows = [(*key, *found[key]) for key in sorted(found) if any(found[key])]
            dialect.add_rows(conn, table, columns, rows, COUNTED)


_A_QUARTER = timedelta(seconds=_QUARTER)
