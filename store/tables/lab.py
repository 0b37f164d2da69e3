"""Tables of the query lab: what people said of what a brand query finds, and proposals they want to see no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant


class QueryLabel(SQLModel, table=True):
    """Whether one thing that a text of a brand's query finds is meant; the last one who said so counts.

    `text_key` is a hash of brand and text (`store.lab.text_key`), so that labels of a draft are those of the version it
    becomes. `item_id` is a mention, or an item that no query matched. `relevant` is empty where it was passed over.
    """

    __tablename__ = "query_label"
    text_key: str = Field(primary_key=True, max_length=64)
    item_id: int = Field(primary_key=True, sa_type=BigInteger)
    brand_id: str
    relevant: bool | None = None
    labelled_by: int = Field(sa_type=BigInteger)
    labelled_at: datetime = Field(sa_type=Instant)


class DismissedPhrase(SQLModel, table=True):
    """A proposed exclusion that nobody wants to see again; hashed, because the phrase is of what customers wrote."""

    __tablename__ = "dismissed_phrase"
    brand_id: str = Field(primary_key=True, max_length=100)
    phrase_key: str = Field(primary_key=True, max_length=64)
    dismissed_by: int = Field(sa_type=BigInteger)
    dismissed_at: datetime = Field(sa_type=Instant)
