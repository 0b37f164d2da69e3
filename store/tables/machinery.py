"""Tables of the store's own machinery."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant


class IdReservation(SQLModel, table=True):
    """Per id node: the id seconds (since 2024-01-01 UTC) up to which it is reserved, see `store.ids`."""

    __tablename__ = "id_lease"
    node: int = Field(primary_key=True)
    until_s: int = Field(sa_type=BigInteger)
    owner: str = ""


class ThreadNode(SQLModel, table=True):
    """Where a late arrival belongs: keys that stored mentions point at and that are no stored mention themselves.

    `key` is spelt by `store.keys.conversation_key`; a parent or thread root that arrives later looks itself up
    here. A merged-away conversation leaves `merged` and its id, so that a link to it still leads somewhere.
    """

    __tablename__ = "thread_node"
    key: str = Field(primary_key=True)
    conversation_id: int = Field(sa_type=BigInteger)


class DupKey(SQLModel, table=True):
    """Per text hash the mention that later exact duplicates fold under; `at` is when that one was said."""

    __tablename__ = "dup_key"
    dup_hash: int = Field(primary_key=True, sa_type=BigInteger)
    mention_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
