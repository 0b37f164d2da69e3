"""Roll-ups, kept true by deltas in the transaction that changes the mentions.

What counts: every inbound mention that is not a folded duplicate, on the local day of its `sort_at`; once in the
row of each of its brands and once in the total row (brand ""). An upstream deletion stays counted: that it was
said is a fact, and the counts hold nothing of the person. `store.rollups` recomputes and compares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from store.dialects import StoreDialect
from store.schema import rollup_day, rollup_hour

DayKey = tuple[str, date, str, str, str]
"""brand, day, source, language, sentiment."""
HourKey = tuple[str, datetime]
"""brand, start of the hour in UTC."""


@dataclass(slots=True)
class Deltas:
    """What a chunk adds to and takes from the roll-ups."""

    timezone: ZoneInfo
    days: dict[DayKey, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0.0]))
    hours: dict[HourKey, int] = field(default_factory=lambda: defaultdict(int))

    def add(
        self,
        *,
        sort_at: datetime,
        source_id: str,
        lang: str,
        rating: float | None,
        brand_ids: Iterable[str],
        sentiment: str | None = None,
        times: int = 1,
        total: bool = True,
    ) -> None:
        """Count a mention `times` (negative takes it out) in its brands' rows and, with `total`, in the total."""
        day = sort_at.astimezone(self.timezone).date()
        hour = sort_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        for brand_id in (*brand_ids, "") if total else brand_ids:
            figures = self.days[brand_id, day, source_id, lang, sentiment or ""]
            figures[0] += times
            if rating is not None:
                figures[1] += times
                figures[2] += times * rating
            self.hours[brand_id, hour] += times

    def write(self, conn: Connection, dialect: StoreDialect) -> None:
        """Add the deltas to the stored figures, in one order everywhere so that writers cannot wait in a circle."""
        dialect.upsert_rows(
            conn,
            rollup_day,
            [
                {
                    "brand_id": key[0],
                    "day": key[1],
                    "source_id": key[2],
                    "lang": key[3],
                    "sentiment": key[4],
                    "n": int(self.days[key][0]),
                    "n_rating": int(self.days[key][1]),
                    "sum_rating": self.days[key][2],
                }
                for key in sorted(self.days)
                if any(self.days[key])
            ],
            add=("n", "n_rating", "sum_rating"),
        )
        dialect.upsert_rows(
            conn,
            rollup_hour,
            [
                {"brand_id": key[0], "hour": key[1], "n": self.hours[key]}
                for key in sorted(self.hours)
                if self.hours[key]
            ],
            add=("n",),
        )
