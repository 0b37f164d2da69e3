"""Tables of exports: jobs that the worker carries out, and what is exported again and again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class ExportJob(SQLModel, table=True):
    """An export that somebody asked for, or that a schedule asks for, and what came of it.

    A schedule asks once for each `period`, by its first day. `wanted` holds tables, filter and form;
    `snapshot` the highest ids at its first start, so that a job that was broken off gives the same bytes when it is
    started again. `started_at` is its first start.
    `state`: queued, running, sending (made, and on its way to a schedule's destination), done, failed, cancelled.
    `rows` is how many were written so far, of `total` as far as that is known. `lease_owner`, `lease_until` and `fence`
    are as in `source_schedule`; nobody takes it before `not_before`. `attempts` counts tries of the present state.
    `file` is the name of the kept file in the folder of exports, empty before it is whole and after it was removed;
    `name` is how it is called when it leaves. `manifest` tells what it holds, `withheld` what platforms held back.
    `trouble` is a code with its facts: why it failed, or why it waits. `delivered_to` says where a copy stands.
    `told_at` is when a failure of a schedule was told to its owner.
    """

    __tablename__ = "export_job"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    state: str = Field(max_length=20)
    asked_by: int = Field(sa_type=BigInteger)
    asked_at: datetime = Field(sa_type=Instant)
    schedule_id: int | None = Field(default=None, sa_type=BigInteger)
    period: date | None = None
    wanted: Any = Field(default_factory=dict, sa_type=JsonDoc)
    snapshot: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    rows: int = Field(default=0, sa_type=BigInteger)
    total: int | None = Field(default=None, sa_type=BigInteger)
    attempts: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = Field(default=0, sa_type=BigInteger)
    not_before: datetime = Field(sa_type=Instant)
    file: str | None = None
    name: str = ""
    size: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    manifest: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    withheld: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    trouble: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    delivered_to: str | None = None
    told_at: datetime | None = Field(default=None, sa_type=Instant)


class ExportSchedule(SQLModel, table=True):
    """What is exported again after every day, week or month of the workspace's calendar.

    `wanted` is as in `export_job`, without days: they are the period's. `every`: day, week, month. `hour` is the local
    hour, after the period has ended, from which on it is made. `destination`: `kept` for the list of finished exports
    alone, `folder` with `place` as the folder below the one that the configuration allows, or `store` with `place` as
    the id of a configured store. `period` is the first day of the period that comes next, due at `next_at`. Rows that
    were `ended_at` are kept for the history of their jobs.
    """

    __tablename__ = "export_schedule"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str = Field(max_length=100)
    wanted: Any = Field(default_factory=dict, sa_type=JsonDoc)
    every: str = Field(max_length=10)
    hour: int = 6
    destination: str = Field(max_length=10)
    place: str = ""
    period: date
    next_at: datetime = Field(sa_type=Instant)
    made_by: int = Field(sa_type=BigInteger)
    made_at: datetime = Field(sa_type=Instant)
    paused: bool = False
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
