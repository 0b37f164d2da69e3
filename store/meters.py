"""Keeping account of what sources use of what platforms count or charge.

Amounts are whole millionths of the meter's unit, so that adding them up never drifts. What a call may cost is **held**
before it is made and becomes **used** when it is known, in the transaction of the page it bought. A process that dies
in between leaves it held: the account may say too much, by the calls that were under way, and never too little.

All processes of a store share one account: whoever holds looks and writes under one lock per source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, func, select

from store.engine import Store
from store.records import MeterCharge
from store.schema import meter, meter_use

MICRO = 1_000_000
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class MeterRecord:
    """A meter as it is declared; see `store.tables.Meter`."""

    name: str
    unit: str
    most: int | None
    kept: int
    period: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a call may cost of one meter.

    Attributes:
        day: the meter's local day, to which it is counted.
        first, after: local days [first, after) of the period.
        amount: millionths.
        most: millionths that may be used in the period by this call and all others; None without limit.
    """

    meter: str
    day: date
    first: date
    after: date
    amount: int
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """A claim that does not fit: `used` of its period, held included."""

    claim: Claim
    used: int


def to_micros(amount: float) -> int:
    """An amount in millionths, to the nearest one.

    Raises:
        ValueError: it is negative, not finite, or beyond all sense.
    """
    if not math.isfinite(amount) or not 0 <= amount < _LARGEST / MICRO:
        msg = f"{amount!r} is no amount"
        raise ValueError(msg)
    return int((Decimal(str(amount)) * MICRO).to_integral_value())


def in_units(micros: int) -> Decimal:
    """Millionths as an amount, exact."""
    return Decimal(micros) / MICRO


def declare(store: Store, source_id: str, meters: Sequence[MeterRecord]) -> None:
    """Make these the meters of a source. What was used of others stays. Costs a write only when something changed."""
    rows = [
        {
            "source_id": source_id,
            "name": each.name,
            "position": position,
            "unit": each.unit,
            "most": each.most,
            "kept": each.kept,
            "period": each.period,
            "timezone": each.timezone,
        }
        for position, each in enumerate(meters)
    ]
    query = select(meter).where(meter.c.source_id == source_id).order_by(meter.c.position)
    with store.read() as conn:
        if [dict(row) for row in conn.execute(query).mappings()] == rows:
            return
    with store.write() as conn:
        store.dialect.serialize(conn, _lock(source_id))
        conn.execute(meter.delete().where(meter.c.source_id == source_id))
        if rows:
            conn.execute(meter.insert(), rows)


def hold(store: Store, source_id: str, claims: Sequence[Claim]) -> Short | None:
    """Hold what a call may cost of all its meters, or nothing at all.

    Returns:
        The first claim that does not fit; None when all are held, and committed.
    """
    with store.write() as conn:
        store.dialect.serialize(conn, _lock(source_id))
        for claim in claims:
            if claim.most is None:
                continue
            used = used_between(conn, source_id, claim.meter, claim.first, claim.after)
            if used + claim.amount > claim.most:
                return Short(claim, used)
        held = [MeterCharge(claim.meter, claim.day, used=0, held=-claim.amount, calls=1) for claim in claims]
        charge(conn, store, source_id, held)
    return None


def settle(store: Store, source_id: str, charges: Sequence[MeterCharge]) -> None:
    """Write down what a call cost, in a transaction of its own."""
    with store.write() as conn:
        charge(conn, store, source_id, charges)


def charge(conn: Connection, store: Store, source_id: str, charges: Sequence[MeterCharge]) -> None:
    """Write down what calls cost inside the caller's transaction, and give back what was held for them."""
    rows = [
        {
            "source_id": source_id,
            "meter": each.meter,
            "day": each.day,
            "used": each.used,
            "held": -each.held,
            "calls": each.calls,
        }
        for each in sorted(charges, key=lambda each: (each.meter, each.day))
    ]
    if rows:
        store.dialect.upsert_rows(conn, meter_use, rows, add=("used", "held", "calls"))


def used_between(conn: Connection, source_id: str, name: str, first: date, after: date) -> int:
    """What was used on local days [first, after), held included, in millionths. Walks the key."""
    c = meter_use.c
    query = select(func.sum(c.used + c.held)).where(
        c.source_id == source_id, c.meter == name, c.day >= first, c.day < after
    )
    return int(conn.execute(query).scalar() or 0)


def cost(amounts: Mapping[str, float]) -> dict[str, int]:
    """Amounts by name of meter in millionths; those of nothing are left out.

    Raises:
        ValueError: one is no amount.
    """
    found = {name: to_micros(amount) for name, amount in amounts.items()}
    return {name: micros for name, micros in found.items() if micros}


def _lock(source_id: str) -> str:
    return f"klankbord meters {source_id}"
