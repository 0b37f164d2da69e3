"""Tables of reports: what they told when they were made, whom they quote, and who gets one how often."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Report(SQLModel, table=True):
    """A report as it was made: the figures of then, so that it reads the same for ever.

    `first` and `last` are local days, both included. `document` holds figures and names of our own (teams, themes,
    sources), no words of customers; those stand in `report_quote`. `lang` is the language it was made for. One that a
    schedule made has `schedule_id`; with `first` that is unique, so that none is made twice.
    """

    __tablename__ = "report"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    schedule_id: int | None = Field(default=None, sa_type=BigInteger)
    first: date
    last: date
    lang: str = Field(max_length=10)
    made_at: datetime = Field(sa_type=Instant)
    made_by: int | None = Field(default=None, sa_type=BigInteger)
    document: Any = Field(sa_type=JsonDoc)


class ReportQuote(SQLModel, table=True):
    """What a customer said, without who said it, in a report under a theme. It goes with the mention it is from."""

    __tablename__ = "report_quote"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    report_id: int = Field(primary_key=True, sa_type=BigInteger)
    theme_id: int = Field(sa_type=BigInteger)
    text: str


class ReportSchedule(SQLModel, table=True):
    """Who gets a report, how often. `every` is week or month; `receivers` are mail addresses.

    `due_on` is the local day on which the next one is made, of the week or month before it. Rows are ended, never
    removed.
    """

    __tablename__ = "report_schedule"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    every: str = Field(max_length=10)
    lang: str = Field(max_length=10)
    receivers: Any = Field(sa_type=JsonDoc)
    due_on: date
    made_at: datetime = Field(sa_type=Instant)
    made_by: int = Field(sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: int | None = Field(default=None, sa_type=BigInteger)
