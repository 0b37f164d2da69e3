"""Tables of what sources use of what platforms count or charge."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Meter(SQLModel, table=True):
    """Something a platform counts or charges, as the source's connector declared it last.

    `most` is the limit per period and `kept` the part of it that reading leaves for answers, both in millionths of
    `unit`; without `most` it is only counted. `period`: day or month, ending at midnight in `timezone`.
    """

    __tablename__ = "meter"
    source_id: str = Field(primary_key=True)
    name: str = Field(primary_key=True, max_length=100)
    position: int = 0
    unit: str
    most: int | None = Field(default=None, sa_type=BigInteger)
    kept: int = Field(default=0, sa_type=BigInteger)
    period: str
    timezone: str


class MeterUse(SQLModel, table=True):
    """What one source used of one meter on one day of the meter's time zone, in millionths of its unit.

    `held` is what calls may still cost that are under way, or that died before anybody knew: it counts like `used`.
    """

    __tablename__ = "meter_use"
    source_id: str = Field(primary_key=True)
    meter: str = Field(primary_key=True, max_length=100)
    day: date = Field(primary_key=True)
    used: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    calls: int = 0
