"""Tables of alerts: rules, hourly counts of rules with a query, what fired, who is told, and each telling."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class AlertRule(SQLModel, table=True):
    """When somebody wants to be told that more is said than usual.

    What is counted: messages of `brand_id` ("" for all), `source_ids` and `sentiments` (empty for all), or those that
    match `query`, or conversations that raise `theme_id`. `by_what`: count, percent, deviation, with its `value`.
    Windows and pauses are in hours. `during`: always, open, closed: the hours of `team_id`. `receivers` are ids.
    `fired_hour` is the hour that fired last, `checked_at` when it was looked at last, `trouble` why that failed.
    `counted_since`: since when `alert_hour` holds its counts; empty where no query is counted. `version` grows with
    every change.
    """

    __tablename__ = "alert_rule"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    brand_id: str = ""
    source_ids: Any = Field(default_factory=list, sa_type=JsonDoc)
    sentiments: Any = Field(default_factory=list, sa_type=JsonDoc)
    theme_id: int | None = Field(default=None, sa_type=BigInteger)
    query: str = ""
    by_what: str
    value: float
    window_h: int
    minimum: int
    cool_down_h: int
    during: str = "always"
    team_id: str | None = None
    receivers: Any = Field(default_factory=list, sa_type=JsonDoc)
    active: bool = True
    version: int = 1
    fired_hour: datetime | None = Field(default=None, sa_type=Instant)
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    trouble: str = ""
    counted_since: datetime | None = Field(default=None, sa_type=Instant)
    created_by: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class AlertHour(SQLModel, table=True):
    """Messages per hour that match the query of a rule; hours without any have no row."""

    __tablename__ = "alert_hour"
    rule_id: int = Field(primary_key=True, sa_type=BigInteger)
    hour: datetime = Field(primary_key=True, sa_type=Instant)
    n: int


class Alert(SQLModel, table=True):
    """A window that fired, with what was known then. `hour` is the start of its last hour.

    `expected`, `sd`, `n_earlier` and `basis` are what was usual, empty where too little was known. `explanation`: ids
    of the first message and of examples, what drives it, and the turn of sentiment. `verdict`: real, false; empty
    until somebody says. `seen_at`: somebody closed it in the inbox.
    """

    __tablename__ = "alert"
    __table_args__ = (UniqueConstraint("rule_id", "hour", name="uq_alert_hour"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    rule_id: int = Field(sa_type=BigInteger)
    hour: datetime = Field(sa_type=Instant)
    window_h: int
    n: int
    at_least: int
    expected: float | None = None
    sd: float | None = None
    n_earlier: int = 0
    basis: str | None = None
    fired_at: datetime = Field(sa_type=Instant)
    explanation: Any = Field(default_factory=dict, sa_type=JsonDoc)
    verdict: str | None = None
    verdict_by: int | None = Field(default=None, sa_type=BigInteger)
    verdict_at: datetime | None = Field(default=None, sa_type=Instant)
    seen_by: int | None = Field(default=None, sa_type=BigInteger)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


class AlertReceiver(SQLModel, table=True):
    """Who is told: an address of a kind (mail, webhook, chat).

    A mail address stands in `shown`. Addresses of webhooks and chats are secrets: they are in `sealed`, and `shown` is
    what may be read of them.
    """

    __tablename__ = "alert_receiver"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    kind: str
    shown: str
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_by: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class AlertDelivery(SQLModel, table=True):
    """One telling of one receiver; `alert_id` empty for a test. `dedupe_key` is unique, so nobody is told twice.

    `state`: queued, sending, sent, failed, unknown, as of `outgoing_mail`. For mail it is `mail`: what became of it
    stands there, under the same key.
    """

    __tablename__ = "alert_delivery"
    __table_args__ = (UniqueConstraint("dedupe_key", name="uq_alert_delivery"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    dedupe_key: str
    alert_id: int | None = Field(default=None, sa_type=BigInteger)
    receiver_id: int = Field(sa_type=BigInteger)
    kind: str
    state: str
    attempts: int = 0
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    error_text: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
