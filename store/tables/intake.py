"""Table of what platforms push to us."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant


class Intake(SQLModel, table=True):
    """One delivery that a platform pushed to one of our webhooks, kept before it was answered.

    `body` is what came in, and goes once it was read; `digest` (SHA-256 of it) stays, so that the same delivery is not
    taken twice. `outcome`: waiting, read, nobody (about no source of that webhook), unread (set aside in quarantine).
    It is not read before `not_before`, which is also the lease of the process that reads it, `held_by`; `tries` counts
    failures.
    """

    __tablename__ = "intake"
    __table_args__ = (UniqueConstraint("digest", "hook", name="uq_intake_delivery"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    hook: str = Field(max_length=100)
    digest: bytes = Field(sa_type=LargeBinary)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    held_by: str | None = Field(default=None, max_length=200)
    read_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str = "waiting"
    tries: int = 0
