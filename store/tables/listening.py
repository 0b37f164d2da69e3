"""Tables of listening: sources, what they cover, what they could not read, and what brands ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Source(SQLModel, table=True):
    """A configured source. Health is what people read; the collector writes it after every run.

    `health`: ok, waiting, trouble, login, refused, gone, off. `health_text` is a plain sentence. `enabled` is what the
    configuration says, `paused_at` what somebody said on screen.
    """

    __tablename__ = "source"
    id: str = Field(primary_key=True, max_length=100)
    connector: str
    platform: str
    name: str
    own: bool = False
    enabled: bool = True
    every_s: int
    archive_after_s: int
    health: str = "ok"
    health_text: str = ""
    error_class: str | None = None
    error_since: datetime | None = Field(default=None, sa_type=Instant)
    last_ok_at: datetime | None = Field(default=None, sa_type=Instant)
    last_item_at: datetime | None = Field(default=None, sa_type=Instant)
    paused_at: datetime | None = Field(default=None, sa_type=Instant)


class SourceSchedule(SQLModel, table=True):
    """When a source is due and who holds it. The truth of scheduling; APScheduler only ticks.

    `fence` grows with each lease; a commit with an old fence is refused, so a worker that was thought dead
    cannot write over its successor.
    """

    __tablename__ = "source_schedule"
    source_id: str = Field(primary_key=True)
    due_at: datetime = Field(sa_type=Instant)
    pace_s: int
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = Field(default=0, sa_type=BigInteger)
    failures: int = 0


class QueryState(SQLModel, table=True):
    """Per source and query: the connector's own state and the back-off of that query alone."""

    __tablename__ = "query_state"
    source_id: str = Field(primary_key=True)
    query_id: str = Field(primary_key=True, max_length=200)
    label: str = ""
    state: Any = Field(default_factory=dict, sa_type=JsonDoc)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    error_class: str | None = None
    error_text: str | None = None
    failures: int = 0


class Validator(SQLModel, table=True):
    """Validators of the last answer that was parsed and committed, per source, query and URL."""

    __tablename__ = "validator"
    source_id: str = Field(primary_key=True)
    query_id: str = Field(primary_key=True)
    url: str = Field(primary_key=True)
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: bytes | None = None
    moved_to: str | None = None
    moved_since: datetime | None = Field(default=None, sa_type=Instant)
    moved_seen: int = 0


class Coverage(SQLModel, table=True):
    """Intervals [start_at, end_at) proven complete; merged when they touch, so they never overlap."""

    __tablename__ = "coverage"
    source_id: str = Field(primary_key=True)
    query_id: str = Field(primary_key=True)
    start_at: datetime = Field(primary_key=True, sa_type=Instant)
    end_at: datetime = Field(sa_type=Instant)


class Gap(SQLModel, table=True):
    """A stretch not covered: why, since when known, the cursor to resume at, and when it was filled.

    `reason`: budget (page budget ended), quota (not bought, because of a meter's limit), lost (out of the platform's
    reach), error.
    """

    __tablename__ = "gap"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    source_id: str = Field(index=False)
    query_id: str
    start_at: datetime = Field(sa_type=Instant)
    end_at: datetime = Field(sa_type=Instant)
    reason: str
    text: str = ""
    cursor: str | None = None
    found_at: datetime = Field(sa_type=Instant)
    filled_at: datetime | None = Field(default=None, sa_type=Instant)


class Run(SQLModel, table=True):
    """One run of one query: what was asked, received and stored. Delays are in seconds."""

    __tablename__ = "run"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    source_id: str
    query_id: str
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    asked_from: datetime = Field(sa_type=Instant)
    asked_to: datetime = Field(sa_type=Instant)
    pages: int = 0
    http_calls: int = 0
    received: int = 0
    stored: int = 0
    changed: int = 0
    duplicate: int = 0
    unmatched: int = 0
    quarantined: int = 0
    unchanged: bool = False
    delay_p50_s: float | None = None
    delay_p95_s: float | None = None
    error_class: str | None = None
    error_text: str | None = None


class Quarantine(SQLModel, table=True):
    """An item or answer that could not be read, with its payload, so that it can be replayed.

    `payload` is zstd-compressed JSON (or raw bytes when `whole_answer`). One row per source and payload.
    """

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("payload_sha256", "source_id", name="uq_quarantine_payload"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    source_id: str
    query_id: str
    external_id: str | None = None
    error: str
    payload: bytes = Field(sa_type=LargeBinary)
    payload_sha256: bytes = Field(sa_type=LargeBinary)
    whole_answer: bool = False
    found_at: datetime = Field(sa_type=Instant)
    tries: int = 1
    released_at: datetime | None = Field(default=None, sa_type=Instant)


class Unmatched(SQLModel, table=True):
    """Items of sources read whole that no brand query matched; kept 30 days for the query lab."""

    __tablename__ = "unmatched"
    __table_args__ = (UniqueConstraint("external_id", "namespace", name="uq_unmatched_external"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    source_id: str
    query_id: str
    external_id: str
    namespace: str
    title: str | None = None
    text: str
    lang: str | None = None
    url: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    found_at: datetime = Field(sa_type=Instant)


class Brand(SQLModel, table=True):
    """A brand or competitor that is listened for."""

    __tablename__ = "brand"
    id: str = Field(primary_key=True, max_length=100)
    name: str
    competitor: bool = False


class QueryVersion(SQLModel, table=True):
    """One version of a brand query; rows are never updated. The newest `valid_from` counts."""

    __tablename__ = "query_version"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    brand_id: str
    text: str
    author: str
    valid_from: datetime = Field(sa_type=Instant)


class Zdict(SQLModel, table=True):
    """Trained zstd dictionaries; `mention_raw` names the one it needs, so a row is never deleted."""

    __tablename__ = "zdict"
    id: int = Field(sa_column=Column(BigInteger, primary_key=True))
    body: bytes = Field(sa_type=LargeBinary)
