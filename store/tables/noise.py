"""Tables of noise: what a team does not want to see, what was set aside for it, and what it said no to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class NoiseRule(SQLModel, table=True):
    """One thing that is noise: an author, a site, a word, a pattern or a text.

    `kind`: author, site, word, pattern, like. `value` is what is looked up (a folded handle, or `id:` and the id on
    the platform; a registered domain; folded words; a query; the mention whose text it is), `shown` what people read.
    An author that was erased leaves both empty. `brand_id` and `source_id` narrow it; empty means all. `direct`: also
    for who writes to us directly, authors only. `proposes`: hits are shown and nothing is set aside. `keys`: of a
    text, those of `understanding.duplicates`; such a rule ends at `ends_at`. `origin`: conversation, page, list,
    suggestion; `conversation_id` is where it was made.
    """

    __tablename__ = "noise_rule"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str
    value: str
    shown: str
    platform: str | None = None
    brand_id: str | None = None
    source_id: str | None = None
    direct: bool = False
    proposes: bool = False
    keys: Any = Field(default=None, sa_type=JsonDoc, nullable=True)
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    why: str = ""
    origin: str = "page"
    conversation_id: int | None = Field(default=None, sa_type=BigInteger)
    active: bool = True
    created_by: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class NoiseHit(SQLModel, table=True):
    """A mention that a noise rule hit. `event_id`: the step that set its conversation aside, where one did."""

    __tablename__ = "noise_hit"
    rule_id: int = Field(primary_key=True, sa_type=BigInteger)
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    event_id: int | None = Field(default=None, sa_type=BigInteger)


class NoiseDeclined(SQLModel, table=True):
    """A suggestion that somebody declined, with how many noise marks spoke for it then. Authors stand by our own id."""

    __tablename__ = "noise_declined"
    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    n_noise: int
    declined_by: int | None = Field(default=None, sa_type=BigInteger)
    declined_at: datetime = Field(sa_type=Instant)
