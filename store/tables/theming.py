"""Tables of themes: what they are, which conversations raise them, what people said of suggestions, and counters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from store.types import Instant, JsonDoc


class Theme(SQLModel, table=True):
    """A structural cause or an idea that many conversations raise.

    `query` is in the query language, empty without one; `examples` are sentences. `merged_into`: the theme that took
    over its links; it is archived then. While its query is held against older conversations `applying_since` says how
    far back, `applying_cursor` how far it is (a cursor of `store.lists`), `applied_n` how many were linked by it.
    `version` grows with every change.
    """

    __tablename__ = "theme"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str
    description: str = ""
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    query: str = ""
    examples: Any = Field(default_factory=list, sa_type=JsonDoc)
    created_by: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)
    updated_at: datetime = Field(sa_type=Instant)
    archived_at: datetime | None = Field(default=None, sa_type=Instant)
    merged_into: int | None = Field(default=None, sa_type=BigInteger)
    applying_since: datetime | None = Field(default=None, sa_type=Instant)
    applying_cursor: str | None = None
    applied_n: int = 0
    version: int = 1


class ConversationTheme(SQLModel, table=True):
    """A conversation raises a theme. What it counts under stands here, so that counters can be recounted exactly.

    `how`: hand, suggestion, query. `day` is the local day of the message that raised it, `source_id` and `brand_ids`
    are the conversation's when it was linked.
    """

    __tablename__ = "conversation_theme"
    theme_id: int = Field(primary_key=True, sa_type=BigInteger)
    conversation_id: int = Field(primary_key=True, sa_type=BigInteger)
    day: date
    source_id: str
    brand_ids: Any = Field(default_factory=list, sa_type=JsonDoc)
    how: str
    linked_by: int | None = Field(default=None, sa_type=BigInteger)
    linked_at: datetime = Field(sa_type=Instant)


class ThemeDay(SQLModel, table=True):
    """Conversations that raise a theme, per local day; kept in the transaction that links.

    `brand_id` "" is the total row, in which a conversation of two brands counts once.
    """

    __tablename__ = "theme_day"
    theme_id: int = Field(primary_key=True, sa_type=BigInteger)
    day: date = Field(primary_key=True)
    brand_id: str = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    n: int = 0


class ThemeDayAll(SQLModel, table=True):
    """The same per brand and day, all sources together: what a chart of all themes reads."""

    __tablename__ = "theme_day_all"
    brand_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    theme_id: int = Field(primary_key=True, sa_type=BigInteger)
    n: int = 0


class TopDay(SQLModel, table=True):
    """The commonest authors, sites, links and words of a local day, by brand ("" for all); derived from the mentions.

    `what`: authors, sites, links, words. `counts` is a JSON object of how many messages each is in; of more than are
    kept the commonest. It holds what was counted when the roll-ups said `n_texts`: where they say another number the
    day is counted anew.
    """

    __tablename__ = "top_day"
    brand_id: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    n_texts: int
    counts: str


class ThemeVerdict(SQLModel, table=True):
    """What somebody said last of one theme for one conversation; suggestions are learned from it.

    `verdict`: accepted (a suggestion), declined (a suggestion), set (by hand), removed (by hand). A query does not link
    again what was declined or removed. `confidence` (0-1) and `place` (1, 2) are of the suggestion, if there was one.
    """

    __tablename__ = "theme_verdict"
    conversation_id: int = Field(primary_key=True, sa_type=BigInteger)
    theme_id: int = Field(primary_key=True, sa_type=BigInteger)
    verdict: str
    user_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Instant)
    confidence: float | None = None
    place: int | None = None


class ThemeModel(SQLModel, table=True):
    """What was learned of links to themes, newest by `id`; only the newest keeps its `document`.

    `top_1`, `top_2`: share of `n_held` links that were held back for which the right theme came first, or among the
    first two.
    """

    __tablename__ = "theme_model"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    made_at: datetime = Field(sa_type=Instant)
    n_links: int
    n_held: int
    top_1: float | None = None
    top_2: float | None = None
    document: Any = Field(default=None, sa_type=JsonDoc, nullable=True)


class PhraseDay(SQLModel, table=True):
    """How many texts of a day say each phrase, by brand, source and sentiment; derived from the mentions.

    Counts what `rollup_day` counts of the same day, source, brand and sentiment, and `n_texts` is that number: where
    the two differ, texts came or changed, and the row is counted anew. `counts` is a JSON object with the
    commonest phrases. Empty strings stand for all brands and for no sentiment.
    """

    __tablename__ = "phrase_day"
    day: date = Field(primary_key=True)
    source_id: str = Field(primary_key=True)
    brand_id: str = Field(primary_key=True)
    sentiment: str = Field(primary_key=True)
    n_texts: int
    counts: str
