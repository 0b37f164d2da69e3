"""Tables of working together: saved views, rules, who looks at what, hand-over notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class SavedView(SQLModel, table=True):
    """A list that somebody keeps: a standing view, narrowed. `owner_id` None: of everybody (or of `team_id`)."""

    __tablename__ = "saved_view"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    team_id: str | None = None
    base: str = "all"
    filters: Any = Field(default_factory=dict, sa_type=JsonDoc)
    position: int = 0
    created_by: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)


class Rule(SQLModel, table=True):
    """An automation rule: what fits `conditions` gets `actions`, in the order of `position`. `stop` ends the walk.

    `moment`: `first` looks at the first message of a conversation only, `every` at each new one. Events that a rule
    makes carry actor_type `rule` and the rule's id as actor; how often it hit is counted from them.
    """

    __tablename__ = "rule"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    position: int = 0
    active: bool = True
    conditions: Any = Field(default_factory=dict, sa_type=JsonDoc)
    actions: Any = Field(default_factory=dict, sa_type=JsonDoc)
    stop: bool = False
    moment: str = "first"
    created_by: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class Presence(SQLModel, table=True):
    """Where a browser tab of somebody is: which conversation is open there, and whether they type.

    `state`: viewing, writing. Rows older than a minute say nothing any more.
    """

    __tablename__ = "presence"
    user_id: int = Field(primary_key=True, sa_type=BigInteger)
    tab: str = Field(primary_key=True)
    conversation_id: int = Field(sa_type=BigInteger)
    state: str = "viewing"
    at: datetime = Field(sa_type=Instant)


class HandOver(SQLModel, table=True):
    """What one shift leaves for the next. `team_id` None: for everybody."""

    __tablename__ = "hand_over"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    team_id: str | None = None
    author_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    text: str
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    done_by: int | None = Field(default=None, sa_type=BigInteger)
