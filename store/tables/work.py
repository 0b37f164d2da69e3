"""Tables of the work: conversations, their append-only events, notes, tags, teams, users and sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Conversation(SQLModel, table=True):
    """The unit of work. What the list shows stands here, denormalized, so that the list reads one table.

    `key` is unique: platform, namespace and thread root. `is_open` is derived from `status` by whoever writes
    it (new, open, waiting_customer, waiting_internal, snoozed), for the partial indexes. `priority` is 0
    (Risk) to 4 (Low). `version` grows with every change (optimistic lock). `routing_pending` asks the worker
    to run `inbox.route` once.
    """

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("key", name="uq_conversation_key"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    key: str
    source_id: str
    platform: str
    status: str = "new"
    is_open: bool = True
    status_reason: str | None = None
    cycle: int = 1
    cycle_started_at: datetime = Field(sa_type=Instant)
    priority: int = 2
    why: str | None = None
    team_id: str | None = None
    assignee_id: int | None = Field(default=None, sa_type=BigInteger)
    claimed_by: int | None = Field(default=None, sa_type=BigInteger)
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)
    snoozed_until: datetime | None = Field(default=None, sa_type=Instant)
    sla_due_at: datetime | None = Field(default=None, sa_type=Instant)
    routing_pending: bool = True
    visibility: str = "public"
    kind: str = "post"
    title: str | None = None
    snippet: str = ""
    author_id: int | None = Field(default=None, sa_type=BigInteger)
    author_name: str = ""
    lang: str = "und"
    sentiment: str | None = None
    rating: float | None = None
    url: str | None = None
    brand_ids: Any = Field(default_factory=list, sa_type=JsonDoc)
    n_inbound: int = 0
    n_outbound: int = 0
    n_duplicates: int = 0
    n_notes: int = 0
    first_mention_id: int | None = Field(default=None, sa_type=BigInteger)
    last_mention_id: int | None = Field(default=None, sa_type=BigInteger)
    first_inbound_at: datetime | None = Field(default=None, sa_type=Instant)
    last_inbound_at: datetime | None = Field(default=None, sa_type=Instant)
    last_outbound_at: datetime | None = Field(default=None, sa_type=Instant)
    unanswered_since: datetime | None = Field(default=None, sa_type=Instant)
    sort_at: datetime = Field(sa_type=Instant)
    resolved_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 0


class Event(SQLModel, table=True):
    """Append-only record of everything that happens to an object. Reports only add these up.

    `actor_type`: human, rule, source, clock. `object_type`: conversation, user, source, session.
    `undo_of` names the event this one takes back. Durations are in seconds.
    """

    __tablename__ = "event"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    actor_type: str
    actor_id: int | None = Field(default=None, sa_type=BigInteger)
    object_type: str
    object_id: str
    action: str
    before: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    after: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    reason: str | None = None
    cycle: int | None = None
    wall_s: float | None = None
    business_s: float | None = None
    undo_of: int | None = Field(default=None, sa_type=BigInteger)


class Note(SQLModel, table=True):
    """An internal note at a conversation."""

    __tablename__ = "note"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger)
    author_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    text: str
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)


class ConversationTag(SQLModel, table=True):
    """Tags on conversations."""

    __tablename__ = "conversation_tag"
    tag: str = Field(primary_key=True)
    conversation_id: int = Field(primary_key=True, sa_type=BigInteger)


class Team(SQLModel, table=True):
    """A team: opening hours as in the configuration, holiday calendar, SLA in seconds of business time."""

    __tablename__ = "team"
    id: str = Field(primary_key=True, max_length=100)
    name: str
    hours: str = ""
    holidays: str | None = None
    timezone: str = "UTC"
    first_response_s: int | None = None
    resolution_s: int | None = None


class User(SQLModel, table=True):
    """Somebody who signs in. `role`: agent, lead, analyst, specialist, administrator, read_only.

    `password_hash` is argon2id, None until the first sign-in by a one-time link.
    """

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("login", name="uq_user_login"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    login: str
    name: str
    role: str
    team_id: str | None = None
    password_hash: str | None = None
    active: bool = True
    is_example: bool = False
    language: str | None = None
    created_at: datetime = Field(sa_type=Instant)


class UserSession(SQLModel, table=True):
    """A signed-in browser. Only the SHA-256 of the cookie's token is kept."""

    __tablename__ = "user_session"
    token_sha256: bytes = Field(primary_key=True, sa_type=LargeBinary)
    user_id: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class SignInLink(SQLModel, table=True):
    """A one-time link to sign in and set a password. Only the SHA-256 of its token is kept."""

    __tablename__ = "sign_in_link"
    token_sha256: bytes = Field(primary_key=True, sa_type=LargeBinary)
    user_id: int = Field(sa_type=BigInteger)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class SignInAttempt(SQLModel, table=True):
    """Failed sign-ins, counted to slow down guessing. `subject` is a hashed login or address."""

    __tablename__ = "sign_in_attempt"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    subject: str
    at: datetime = Field(sa_type=Instant)


class Setting(SQLModel, table=True):
    """Small facts about this workspace: schema notes, whether the example was loaded."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
