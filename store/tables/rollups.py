"""Roll-ups: counts of inbound mentions, kept in the transaction that changes what they count.

Days and hours, each with a large table in which anything can be filtered on, and small ones of which it is the parts,
so that no chart reads much more than it draws.

In all of them `brand_id` "" is the total row, in which a mention of two brands counts once; every other row counts it
at each of its brands. `late` rows count what was first seen more than a day after it was said, so that a chart can mark
them; add both up. `n` is the sum of the five columns of sentiment, of which `n_unscored` is never kept: it is the rest.
`n_copies` counts copies that are folded, and so not in `n`. Empty strings stand for unknown: a key has no NULL.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from store.types import Instant


class Counts(SQLModel):
    """What every roll-up counts."""

    n: int = 0
    n_negative: int = 0
    n_neutral: int = 0
    n_positive: int = 0
    n_unsure: int = 0
    n_copies: int = 0


class RollupDay(Counts, table=True):
    """Inbound mentions per local calendar day, source, language and kind."""

    __tablename__ = "rollup_day"
    brand_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    lang: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    late: bool = Field(primary_key=True, default=False)


class RollupDaySource(Counts, table=True):
    """Inbound mentions per local calendar day and source, languages and kinds together."""

    __tablename__ = "rollup_day_source"
    brand_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    late: bool = Field(primary_key=True, default=False)


class RollupDayAll(Counts, table=True):
    """Inbound mentions per local calendar day, language and kind, all sources together."""

    __tablename__ = "rollup_day_all"
    brand_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    lang: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    late: bool = Field(primary_key=True, default=False)


class RollupDayBrand(Counts, table=True):
    """Inbound mentions per local calendar day, all together: what a chart of all brands reads."""

    __tablename__ = "rollup_day_brand"
    brand_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    late: bool = Field(primary_key=True, default=False)


class RollupHour(Counts, table=True):
    """Inbound mentions per hour, source, language and kind; `hour` is when the local hour began."""

    __tablename__ = "rollup_hour"
    brand_id: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Instant)
    source_id: str = Field(primary_key=True)
    lang: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    late: bool = Field(primary_key=True, default=False)


class RollupHourAll(Counts, table=True):
    """Inbound mentions per hour, all together; see `RollupHour`."""

    __tablename__ = "rollup_hour_all"
    brand_id: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Instant)
    late: bool = Field(primary_key=True, default=False)
