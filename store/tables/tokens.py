"""Table of the tokens with which other programs use the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class ApiToken(SQLModel, table=True):
    """A token of the API. Only the SHA-256 of it is kept; `prefix` is the part of it that is no secret, to find it by.

    `scopes` are words such as `read:mentions`. `brand_ids` and `source_ids` narrow what it reads, and `source_ids` name
    where it may write; empty lists narrow nothing. `created_by` is empty where it was made on the command line.
    """

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("prefix", name="uq_api_token_prefix"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    prefix: str = Field(max_length=20)
    token_sha256: bytes = Field(sa_type=LargeBinary)
    name: str
    scopes: Any = Field(default_factory=list, sa_type=JsonDoc)
    brand_ids: Any = Field(default_factory=list, sa_type=JsonDoc)
    source_ids: Any = Field(default_factory=list, sa_type=JsonDoc)
    created_by: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: int | None = Field(default=None, sa_type=BigInteger)
