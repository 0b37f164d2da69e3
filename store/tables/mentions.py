"""Tables of what people said: mentions, their authors, raw payloads, edits and links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Person(SQLModel, table=True):
    """A person behind one or more authors (social CRM). `badges`: vip, journalist, employee.

    Every account that anything is known of has a person of its own. A person that was merged into another keeps its
    row and its accounts; `merged_into` names the one it was joined to, which is itself never joined to another. So
    a merge moves nothing, and can be taken back at any time.
    """

    __tablename__ = "person"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    notes: str = ""
    badges: Any = Field(default_factory=list, sa_type=JsonDoc)
    name: str | None = None
    consent: str | None = None
    created_at: datetime | None = Field(default=None, sa_type=Instant)
    updated_at: datetime | None = Field(default=None, sa_type=Instant)
    merged_into: int | None = Field(default=None, sa_type=BigInteger)


class PersonClue(SQLModel, table=True):
    """A trait by which an account may be recognised elsewhere: `handle:`, `email:`, `order:` ... and a hash of it.

    Hashed, because it is only ever compared: an address somebody wrote to us in private stands here for nobody to
    read.
    """

    __tablename__ = "person_clue"
    clue: str = Field(primary_key=True, max_length=60)
    author_id: int = Field(primary_key=True, sa_type=BigInteger)


class PersonSuggestion(SQLModel, table=True):
    """Two accounts that may be one person; nobody is merged without somebody saying yes.

    `author_id` is the smaller id. `reasons` are codes such as same_handle, same_link. `score` 0-1. `state`: open,
    accepted, refused.
    """

    __tablename__ = "person_suggestion"
    author_id: int = Field(primary_key=True, sa_type=BigInteger)
    other_id: int = Field(primary_key=True, sa_type=BigInteger)
    score: float = 0.0
    reasons: Any = Field(default_factory=list, sa_type=JsonDoc)
    state: str = "open"
    found_at: datetime = Field(sa_type=Instant)
    decided_by: int | None = Field(default=None, sa_type=BigInteger)
    decided_at: datetime | None = Field(default=None, sa_type=Instant)


class Author(SQLModel, table=True):
    """An account on a platform. Unique by (external_id, platform), in that order.

    `profile_ends_at`: what is told of the account is erased then, unless it was seen again; empty where no duty asks.
    """

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
    profile_ends_at: datetime | None = Field(default=None, sa_type=Instant)


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
    `flags` as date_missing, date_future). Sentiment: -1..1 with confidence 0-1, None until scored; `sentiment_by` is
    who said so ("hand", or tier and version, see `store.sentiments`). `enriched` is the version of the enrichment
    that derived language, sentiment and duplicate key.
    `recheck_at` is when the platform is asked about it again, `erase_at` when it is erased unless it was seen again;
    empty where no duty asks for it.
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
    sentiment_by: str | None = None
    enriched: str | None = None
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
    recheck_at: datetime | None = Field(default=None, sa_type=Instant)
    erase_at: datetime | None = Field(default=None, sa_type=Instant)


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
