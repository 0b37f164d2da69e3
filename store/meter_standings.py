"""How each meter stands: used of how much, today and this month, the last days, and when it will be used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from store.periods import MONTH, stretch
from store.schema import meter, meter_use

SETTLING = timedelta(minutes=30)
"""So long into a period nothing is foretold: the first calls of a day say nothing about the rest."""


@dataclass(frozen=True, slots=True)
class DayUse:
    """What was used on one local day, held included, in millionths."""

    day: date
    used: int
    calls: int


@dataclass(frozen=True, slots=True)
class MeterStanding:
    """One meter of one source at an instant. Amounts in millionths of `unit`, held included.

    Attributes:
        most: limit per period; None when it is only counted.
        kept: the part of it that reading leaves for answers.
        start, end: of the period, aware UTC.
        used: in the period; `held` of it is not known for sure yet.
        today, month: on this local day and in this local month.
        calls: in the period.
        days: the last local days that used something, oldest first, today included.
    """

    source_id: str
    name: str
    unit: str
    most: int | None
    kept: int
    period: str
    timezone: str
    start: datetime
    end: datetime
    used: int
    held: int
    today: int
    month: int
    calls: int
    days: tuple[DayUse, ...] = ()

    @property
    def left(self) -> int | None:
        """What reading may still use in the period; None without limit."""
        return None if self.most is None else max(0, self.most - self.kept - self.used)


def standings(
    conn: Connection, now: datetime, *, source_ids: Sequence[str] | None = None, days: int = 7
) -> list[MeterStanding]:
    """Every meter, or those of some sources, by source and in the order its connector gave. Walks the keys.

    Args:
        conn: a connection of `Store.read()`.
        now: aware UTC.
        source_ids: only these.
        days: how many days back `days` goes.
    """
    query = select(meter).order_by(meter.c.source_id, meter.c.position)
    if source_ids is not None:
        query = query.where(meter.c.source_id.in_(list(source_ids)))
    return [_standing(conn, row, now, days) for row in conn.execute(query).all()]


def _standing(conn: Connection, row: object, now: datetime, days: int) -> MeterStanding:
    told = {name: getattr(row, name) for name in ("source_id", "name", "unit", "most", "kept", "period", "timezone")}
    period = stretch(told["period"], told["timezone"], now)
    month = stretch(MONTH, told["timezone"], now).first
    since = min(month, period.today - timedelta(days=days - 1))
    c = meter_use.c
    uses = conn.execute(
        select(c.day, c.used, c.held, c.calls)
        .where(c.source_id == told["source_id"], c.meter == told["name"], c.day >= since)
        .order_by(c.day)
    ).all()
    within = [use for use in uses if period.first <= use.day < period.after]
    return MeterStanding(
        **told,
        start=period.start,
        end=period.end,
        used=sum(use.used + use.held for use in within),
        held=sum(use.held for use in within),
        today=sum(use.used + use.held for use in uses if use.day == period.today),
        month=sum(use.used + use.held for use in uses if use.day >= month),
        calls=sum(use.calls for use in within),
        days=tuple(
            DayUse(use.day, use.used + use.held, use.calls)
            for use in uses
            if use.day > period.today - timedelta(days=days)
        ),
    )


def used_up_at(standing: MeterStanding, now: datetime) -> datetime | None:
    """When reading will have used its part of the limit, at the rate of the period until now. Pure.

    Returns:
        Aware UTC, before the period's end; None when it lasts, has no limit, or nothing can be foretold yet.
    """
    left = standing.left
    gone = now - standing.start
    if left is None or standing.used <= 0 or gone < SETTLING:
        return None
    at = now + min(gone * (left / standing.used), timedelta(days=400))
    return at if at < standing.end else None
