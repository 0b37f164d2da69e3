"""Tables of answering: drafts, templates, the outbox, and what was promised in an answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant


class Draft(SQLModel, table=True):
    """What somebody typed and has not sent. `mode`: reply, hand (answered by hand), note.

    `rev` grows with every save, so that an older save that arrives late is dropped. `base_version` is the
    conversation's version that the writer saw last.
    """

    __tablename__ = "draft"
    conversation_id: int = Field(primary_key=True, sa_type=BigInteger)
    user_id: int = Field(primary_key=True, sa_type=BigInteger)
    mode: str = Field(primary_key=True)
    text: str
    visibility: str | None = None
    template_id: int | None = Field(default=None, sa_type=BigInteger)
    base_version: int = 0
    rev: int = 0
    updated_at: datetime = Field(sa_type=Instant)


class Template(SQLModel, table=True):
    """A ready-made answer with variables such as `{first_name}`. `owner_id` None: of everybody (or of `team_id`)."""

    __tablename__ = "template"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    text: str
    lang: str | None = None
    team_id: str | None = None
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    created_by: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)
    n_used: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class Outbox(SQLModel, table=True):
    """One wish to do something on a platform, from the press of a button to what came of it.

    `kind`: reply, like, hide, delete_own, fetch_thread, recheck. `state`: approval, queued, sending, unknown, sent,
    held (a moderator of the platform has it), failed, rejected, cancelled. `follow_up` is what becomes of the
    conversation once it is sent: stay, waiting_customer, resolved. `not_before` leaves time to take it back.
    `idempotency_key` is unique and goes along with every try. `lease_until` says until when a worker is at it;
    `sending` with a lapsed lease means that a worker died while it was out: that is `unknown`, never sent again
    before the platform was asked. `tried_at` is when it was first tried: what we posted ourselves cannot be older.
    `checked_at` is when the platform was looked at and it was not there.
    """

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("idempotency_key", name="uq_outbox_idempotency"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    idempotency_key: str
    conversation_id: int = Field(sa_type=BigInteger)
    cycle: int = 1
    mention_id: int = Field(sa_type=BigInteger)
    source_id: str
    kind: str
    text: str | None = None
    visibility: str | None = None
    follow_up: str = "stay"
    state: str = "queued"
    state_at: datetime = Field(sa_type=Instant)
    created_by: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    base_version: int = 0
    template_id: int | None = Field(default=None, sa_type=BigInteger)
    approved_by: int | None = Field(default=None, sa_type=BigInteger)
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    tried_at: datetime | None = Field(default=None, sa_type=Instant)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    error_class: str | None = None
    error_text: str | None = None
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    external_id: str | None = None
    namespace: str | None = None
    url: str | None = None
    own_mention_id: int | None = Field(default=None, sa_type=BigInteger)


class Promise(SQLModel, table=True):
    """A promise such as "we come back to you by ...": what was promised, until when, and whether it was kept.

    `state`: suggested (recognised, nobody confirmed it), open, kept, broken, dropped. `text` is the stretch of the
    answer that promises. `closed_at` of a broken one is when it was made good after all; while it is empty, the
    customer still waits. `remind_at` is when the clock brings the conversation back to the desk.
    """

    __tablename__ = "promise"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger)
    cycle: int = 1
    outbox_id: int | None = Field(default=None, sa_type=BigInteger)
    said_by: int | None = Field(default=None, sa_type=BigInteger)
    text: str
    due_at: datetime = Field(sa_type=Instant)
    remind_at: datetime = Field(sa_type=Instant)
    state: str = "open"
    created_at: datetime = Field(sa_type=Instant)
    confirmed_by: int | None = Field(default=None, sa_type=BigInteger)
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    reminded_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: int | None = Field(default=None, sa_type=BigInteger)
