"""Tables of what people said: mentions, their authors, raw payloads, edits, links and roll-ups."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Person(SQLModel, table=True):
    """A person behind one or more authors (social CRM)."""

    __tablename__ = "person"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    notes: str = ""
    badges: Any = Field(default_factory=list, sa_type=JsonDoc)


class Author(SQLModel, table=True):
    """An account on a platform. Unique by (external_id, platform), in that order."""

    __tablename__ = "author"
    __table_args__ = (UniqueConstraint("external_id", "platform", name="uq_author_external"),)
    id: int = Field(primary_key=True, sa_type=BigInteger)
    external_id: str
    platform: str
    handle: str | None = None
    name: str | None = None
    url: str | None = None
    followers: int | None = Field(default=None, sa_type=BigInteger)
    is_staff: bool = False
    is_bot: bool = False
    person_id: int | None = Field(default=None, sa_type=BigInteger)


class MentionKey(SQLModel, table=True):
    """The one place where identity is enforced: (external_id, namespace) is unique.

    `namespace` is the platform, or platform and scope (`feeds:https://news.example/rss`). `content_hash`
    covers the fields whose change counts as an edit, so an unchanged item costs no write.
    """

    __tablename__ = "mention_key"
    external_id: str = Field(primary_key=True)
    namespace: str = Field(primary_key=True)
    mention_id: int = Field(sa_type=BigInteger)
    content_hash: bytes = Field(sa_type=LargeBinary)


class Mention(SQLModel, table=True):
    """One utterance, normalized. Listed rows stay small: raw payloads and HTML live apart.

    `rating` is 0-1. `published_at` is what the platform said (None when it did not); `sort_at` is what lists
    and roll-ups use: `published_at`, or `first_seen_at` when it is missing or lies in the future (flagged in
    `flags` as date_missing, date_future). Sentiment: -1..1 with confidence 0-1, None until scored.
    """

    __tablename__ = "mention"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    platform: str
    source_id: str
    namespace: str
    external_id: str
    conversation_id: int = Field(sa_type=BigInteger)
    author_id: int | None = Field(default=None, sa_type=BigInteger)
    kind: str
    direction: str = "inbound"
    visibility: str = "public"
    title: str | None = None
    text: str
    lang: str = "und"
    lang_confidence: float | None = None
    sentiment: str | None = None
    sentiment_score: float | None = None
    sentiment_confidence: float | None = None
    sentiment_corrected_by: int | None = Field(default=None, sa_type=BigInteger)
    rating_raw: float | None = None
    rating_scale: float | None = None
    rating: float | None = None
    url: str | None = None
    parent_external_id: str | None = None
    thread_external_id: str | None = None
    likes: int | None = Field(default=None, sa_type=BigInteger)
    replies: int | None = Field(default=None, sa_type=BigInteger)
    shares: int | None = Field(default=None, sa_type=BigInteger)
    views: int | None = Field(default=None, sa_type=BigInteger)
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    sort_at: datetime = Field(sa_type=Instant)
    edited_at: datetime | None = Field(default=None, sa_type=Instant)
    first_seen_at: datetime = Field(sa_type=Instant)
    last_seen_at: datetime = Field(sa_type=Instant)
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)
    capabilities: Any = Field(default_factory=dict, sa_type=JsonDoc)
    extra: Any = Field(default_factory=dict, sa_type=JsonDoc)
    dup_hash: int | None = Field(default=None, sa_type=BigInteger)
    dup_of: int | None = Field(default=None, sa_type=BigInteger)
    flags: Any = Field(default_factory=list, sa_type=JsonDoc)
    revision: int = 0


class MentionHtml(SQLModel, table=True):
    """Sanitised HTML of a mention, kept apart from the listed row. Only for mentions that came as HTML."""

    __tablename__ = "mention_html"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    html: str


class MentionRaw(SQLModel, table=True):
    """The raw payload, zstd-compressed JSON, so that a mapping mistake is repaired without collecting again.

    `zdict_id` 0 means compressed without a dictionary.
    """

    __tablename__ = "mention_raw"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    fetched_at: datetime = Field(sa_type=Instant)
    query_id: str
    zdict_id: int = Field(default=0, sa_type=BigInteger)
    payload: bytes = Field(sa_type=LargeBinary)


class MentionEdit(SQLModel, table=True):
    """What a mention said before an edit."""

    __tablename__ = "mention_edit"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    revision: int = Field(primary_key=True)
    title: str | None = None
    text: str
    rating: float | None = None
    replaced_at: datetime = Field(sa_type=Instant)


class MentionBrand(SQLModel, table=True):
    """Which brands' queries a mention matched."""

    __tablename__ = "mention_brand"
    brand_id: str = Field(primary_key=True)
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)


class MentionSource(SQLModel, table=True):
    """Which sources and queries found a mention; a mention found twice is one row in `mention`."""

    __tablename__ = "mention_source"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    source_id: str = Field(primary_key=True)
    query_id: str = Field(primary_key=True)


class Tombstone(SQLModel, table=True):
    """A hashed key of something erased or expired; ingest checks it so that it never comes back."""

    __tablename__ = "tombstone"
    key_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    reason: str
    at: datetime = Field(sa_type=Instant)


class RollupDay(SQLModel, table=True):
    """Counts of inbound mentions per local calendar day, kept in the ingest transaction.

    `brand_id` "" is the total row, in which a mention of two brands counts once. Empty strings stand for
    unknown, so that the key has no NULL. `n_rating` mentions carried a rating; `sum_rating` adds up 0-1.
    """

    __tablename__ = "rollup_day"
    brand_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    lang: str = Field(primary_key=True)
    sentiment: str = Field(primary_key=True, default="")
    n: int = 0
    n_rating: int = 0
    sum_rating: float = 0.0


class RollupHour(SQLModel, table=True):
    """Hourly totals of inbound mentions per brand ("" = all), start of the hour in UTC."""

    __tablename__ = "rollup_hour"
    brand_id: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Instant)
    n: int = 0
