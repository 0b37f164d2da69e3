"""Logins of connected accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from store.types import Instant


class Login(SQLModel, table=True):
    """The login of a source at its platform, encrypted: `sealed` is of no use without the key of the installation.

    `version` grows with each renewal, which is a compare-and-swap on it; 0 stands for a login that is still to be had
    from the options. `claimed_by` is the renewal under way, until `claimed_until` at most: a refresh token that works
    only once may not be sent twice. `account` is whose it is, for people.
    """

    __tablename__ = "login"
    source_id: str = Field(primary_key=True, max_length=100)
    connector: str
    account: str = ""
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    version: int = 0
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    connected_at: datetime | None = Field(default=None, sa_type=Instant)
    renewed_at: datetime | None = Field(default=None, sa_type=Instant)
    claimed_by: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)
