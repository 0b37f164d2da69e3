"""Tables of what is attached to mentions: what there is, and the pictures that were fetched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary
from sqlmodel import Field, SQLModel

from store.types import Instant


class Media(SQLModel, table=True):
    """Something attached to a mention, in the order of the platform.

    `state`: wanted (to be fetched at `due_at`), kept (in `media_picture`), left (not kept; `reason` says why, as a code
    of `store.pictures.Left`). `address` may hold a signature, so it stays only while it is wanted. `identity` is a hash
    of its lasting part: the same picture comes with another signature each time. `source_id` fetches it. `link` is what
    it is served by, drawn at random. `size` counts the bytes kept, `width` and `height` its pixels.
    """

    __tablename__ = "media"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    place: int = Field(primary_key=True)
    kind: str
    state: str
    reason: str = ""
    address: str = ""
    identity: bytes = Field(sa_type=LargeBinary)
    host: str = ""
    alt: str = ""
    source_id: str
    link: str
    found_at: datetime = Field(sa_type=Instant)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    tries: int = 0
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    fetched_at: datetime | None = Field(default=None, sa_type=Instant)
    size: int = Field(default=0, sa_type=BigInteger)
    width: int | None = None
    height: int | None = None


class MediaPicture(SQLModel, table=True):
    """A picture as it is shown: made anew by us as JPEG, without anything its camera or author wrote into the file.

    Apart from `media`, whose rows stay small. Nothing is kept of the bytes that were fetched.
    """

    __tablename__ = "media_picture"
    mention_id: int = Field(primary_key=True, sa_type=BigInteger)
    place: int = Field(primary_key=True)
    small: bytes = Field(sa_type=LargeBinary)
    large: bytes = Field(sa_type=LargeBinary)
