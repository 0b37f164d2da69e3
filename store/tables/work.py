"""Tables of the work: conversations, their append-only events, notes, tags and teams."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Conversation(SQLModel, table=True):
    """The unit of work. What the list shows stands here, denormalized, so that the list reads one table.

    `key` is unique: platform, namespace and thread root. `is_open` is derived from `status` by whoever writes
    it (new, open, waiting_customer, waiting_internal, snoozed), for the partial indexes. `priority` is 0
    (Risk) to 4 (Low). `version` grows with every change (optimistic lock). `routing_pending` asks the worker
    to run `inbox.route` once. `muted_at`: since when new messages no longer open it. `ruled_id` is the newest mention
    that automation rules have looked at. `reply_state` is the state of
    its newest unfinished outbox row (None when nothing is on its way), `promise_due_at` the nearest open promise:
    both only so that the list can show them. `theme_id` is the theme it was linked to first of those it raises
    (`conversation_theme` holds them all), for the same reason. `waits_since`: since when the customer waits for us in
    the states that count (empty before the first step: since the cycle began). `claimed_at`, `active_at`, `active_s`:
    of the running claim, since when, its last sign of activity, and the seconds of activity until that.
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
    muted_at: datetime | None = Field(default=None, sa_type=Instant)
    ruled_id: int | None = Field(default=None, sa_type=BigInteger)
    reply_state: str | None = None
    promise_due_at: datetime | None = Field(default=None, sa_type=Instant)
    theme_id: int | None = Field(default=None, sa_type=BigInteger)
    waits_since: datetime | None = Field(default=None, sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    active_at: datetime | None = Field(default=None, sa_type=Instant)
    active_s: float | None = None


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
    """An internal note at a conversation. A specialist without a seat has `author_id` 0 and their name beside it."""

    __tablename__ = "note"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger)
    author_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    text: str
    author_name: str | None = None
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)


class NoteMention(SQLModel, table=True):
    """A colleague who is named in a note (`@name`), and when they saw it."""

    __tablename__ = "note_mention"
    note_id: int = Field(primary_key=True, sa_type=BigInteger)
    user_id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


class ConversationTag(SQLModel, table=True):
    """Tags on conversations."""

    __tablename__ = "conversation_tag"
    tag: str = Field(primary_key=True)
    conversation_id: int = Field(primary_key=True, sa_type=BigInteger)


class Tag(SQLModel, table=True):
    """What a team agreed about a tag. A tag that is in use need not stand here; an archived one is offered no more."""

    __tablename__ = "tag"
    tag: str = Field(primary_key=True)
    description: str = ""
    colour: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class Team(SQLModel, table=True):
    """A team made on screen: opening hours as in the configuration, holiday calendar, SLA in seconds of business time.

    Teams that the configuration declares do not stand here; where both name one, the configuration wins.
    """

    __tablename__ = "team"
    id: str = Field(primary_key=True, max_length=100)
    name: str
    hours: str = ""
    holidays: str | None = None
    timezone: str = "UTC"
    first_response_s: int | None = None
    resolution_s: int | None = None
    created_at: datetime | None = Field(default=None, sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class CalendarDay(SQLModel, table=True):
    """A day on which a team's hours differ: `hours` is "" for closed, or such as `10:00-16:00`. Local days."""

    __tablename__ = "calendar_day"
    team_id: str = Field(primary_key=True, max_length=100)
    day: date = Field(primary_key=True)
    hours: str = ""
    name: str = ""


class Setting(SQLModel, table=True):
    """Small facts about this workspace: schema notes, whether the example was loaded."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True)
    value: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
