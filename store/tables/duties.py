"""Tables of keeping no longer than may be and giving out no more: duties of sources, files with copies of rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class SourceDuty(SQLModel, table=True):
    """What is asked of whoever keeps a source's items, and how far that is done. Durations are in seconds.

    `recheck_s`, `keep_s`, `profiles_s`, `erase_s`, `may_export` and `export_per_day` (items in full for one person on
    one UTC day) are the platform's (`connectors.contract.Duties`), `retention_s` is the owner's own. A source that is
    no longer configured keeps its row: its items still stand here.
    `walk_at` and `walk_id` are how far a change of these has been told to the mentions; empty when to all.
    `fence` grows with each lease for asking again, as in `source_schedule`. Nothing is asked before `not_before`.
    """

    __tablename__ = "source_duty"
    source_id: str = Field(primary_key=True, max_length=100)
    recheck_s: int | None = Field(default=None, sa_type=BigInteger)
    keep_s: int | None = Field(default=None, sa_type=BigInteger)
    profiles_s: int | None = Field(default=None, sa_type=BigInteger)
    erase_s: int | None = Field(default=None, sa_type=BigInteger)
    retention_s: int | None = Field(default=None, sa_type=BigInteger)
    may_export: bool = True
    export_per_day: int | None = None
    basis: str = ""
    walk_at: datetime | None = Field(default=None, sa_type=Instant)
    walk_id: int | None = Field(default=None, sa_type=BigInteger)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = Field(default=0, sa_type=BigInteger)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    trouble: str = ""


class MadeFile(SQLModel, table=True):
    """A file with copies of rows that Klankbord wrote on this machine, so that erasing somebody can reach it.

    `kind`: export, backup. `form` says how an export was written (kind, delimiter).
    """

    __tablename__ = "made_file"
    path: str = Field(primary_key=True)
    kind: str
    form: Any = Field(default_factory=dict, sa_type=JsonDoc)
    made_at: datetime = Field(sa_type=Instant)


class Handed(SQLModel, table=True):
    """A mention that left in full in an export on a UTC day, where its platform allows one person so many a day.

    `person` is who took it out: the id of a user, or `command`. Rows of past days are removed with the next export.
    """

    __tablename__ = "handed"
    platform: str = Field(primary_key=True)
    person: str = Field(primary_key=True, max_length=100)
    day: date = Field(primary_key=True)
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
