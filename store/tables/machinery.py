"""Tables of the store's own machinery."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary
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


class Walk(SQLModel, table=True):
    """Work that goes over the stored mentions, newest first: how far it is, so that it can be gone on with.

    `aim` is what it is to reach, such as a version; another aim begins anew. Mentions with an id above `top_id` came
    since it began, those below `before_id` are still to come. `total` is how many there were when it began, `done` how
    many of them were looked at, `changed` how many are another by it. `ended_at` is empty while some are to come.
    `lease_until`: one process goes on at a time.
    """

    __tablename__ = "walk"
    name: str = Field(primary_key=True, max_length=100)
    aim: str
    top_id: int = Field(sa_type=BigInteger)
    before_id: int = Field(sa_type=BigInteger)
    total: int = Field(default=0, sa_type=BigInteger)
    done: int = Field(default=0, sa_type=BigInteger)
    changed: int = Field(default=0, sa_type=BigInteger)
    started_at: datetime = Field(sa_type=Instant)
    moved_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)


class NearKey(SQLModel, table=True):
    """What the first one of a text is found by when a copy is not exact. Copies themselves have none.

    `shape` is a sketch of the text, by which most that share a key without being copies need not be read; empty where
    they must be.
    """

    __tablename__ = "near_key"
    key: int = Field(primary_key=True, sa_type=BigInteger)
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    shape: bytes | None = Field(default=None, sa_type=LargeBinary)
