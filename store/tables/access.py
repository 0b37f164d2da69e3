"""Tables of people who sign in: accounts, sessions, links, second factors, and mail that goes out to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class User(SQLModel, table=True):
    """Somebody who signs in. `role`: agent, lead, analyst, specialist, administrator, read_only.

    `password_hash` is argon2id, None until the first sign-in by a one-time link. `totp_secret` is encrypted;
    `totp_step` is the last time step used, so that a code works once. `availability`: available, away; `hours` are
    planned hours in the grammar of a team's, None for the team's own. `skills` are words such as `lang:de`,
    `platform:mastodon`, `tag:billing`. `needs_approval`: what this person writes is read by somebody else first.
    `mails`: kinds of mail about the work they want; None for who never chose.
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
    email: str | None = None
    initials: str | None = None
    needs_approval: bool = False
    skills: Any = Field(default_factory=list, sa_type=JsonDoc)
    hours: str | None = None
    most_open: int | None = None
    availability: str = "available"
    away_until: datetime | None = Field(default=None, sa_type=Instant)
    totp_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    totp_confirmed_at: datetime | None = Field(default=None, sa_type=Instant)
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    oidc_issuer: str | None = None
    oidc_subject: str | None = None
    toured_at: datetime | None = Field(default=None, sa_type=Instant)
    mails: Any = Field(default=None, sa_type=JsonDoc, nullable=True)


class UserSession(SQLModel, table=True):
    """A signed-in browser. Only the SHA-256 of the cookie's token is kept.

    `method`: password, link, oidc, command. `agent` and `address` are what the browser said of itself, for the list
    of one's own sessions.
    """

    __tablename__ = "user_session"
    token_sha256: bytes = Field(primary_key=True, sa_type=LargeBinary)
    user_id: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    method: str = "password"
    agent: str = ""
    address: str = ""


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


class RecoveryCode(SQLModel, table=True):
    """A code that stands in once for the second factor. Only its SHA-256 is kept."""

    __tablename__ = "recovery_code"
    code_sha256: bytes = Field(primary_key=True, sa_type=LargeBinary)
    user_id: int = Field(sa_type=BigInteger)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class SpecialistLink(SQLModel, table=True):
    """A question to somebody without a seat: a link to one conversation, for reading it and answering once.

    Only the SHA-256 of the link's token is kept.
    """

    __tablename__ = "specialist_link"
    __table_args__ = (UniqueConstraint("token_sha256", name="uq_specialist_link_token"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    token_sha256: bytes = Field(sa_type=LargeBinary)
    conversation_id: int = Field(sa_type=BigInteger)
    email: str
    name: str = ""
    question: str
    created_by: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    opened_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    note_id: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class OutgoingMail(SQLModel, table=True):
    """A mail of ours on its way. `dedupe_key` is unique, so that nothing is written twice.

    `state`: queued, sending, sent, failed, unknown (the connection broke after the text was handed over: nobody sends
    it again by itself). A mail with a `report_id` carries that report.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (UniqueConstraint("dedupe_key", name="uq_outgoing_mail_dedupe"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    dedupe_key: str
    kind: str
    to_address: str
    subject: str
    text: str
    html: str | None = None
    conversation_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    not_before: datetime = Field(sa_type=Instant)
    state: str = "queued"
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    error_text: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    report_id: int | None = Field(default=None, sa_type=BigInteger)
