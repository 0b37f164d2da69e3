"""Words whose weight for the sentiment users adjusted, as they stand in the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store.schema import mention, tone_word
from store.search import search_mentions, unjudged
from store.search_nodes import Term


@dataclass(frozen=True, slots=True)
class ToneWordRow:
    """A word that somebody adjusted; `weight` is -1 to 1, None where it counts for nothing; `lang` "" for all."""

    id: int
    word: str
    lang: str
    weight: float | None
    made_at: datetime
    made_by: int
    ended_at: datetime | None
    ended_by: int | None


_COLUMNS = [tone_word.c[name] for name in ToneWordRow.__slots__]


def standing(conn: Connection) -> list[ToneWordRow]:
    """The words that count now, in their order. Served by ix_tone_word_now."""
    query = select(*_COLUMNS).where(tone_word.c.ended_at.is_(None))
    return [ToneWordRow(*row) for row in conn.execute(query.order_by(tone_word.c.word, tone_word.c.lang))]


def history(conn: Connection, *, limit: int) -> list[ToneWordRow]:
    """The words that were said last, newest first, ended ones too (primary key)."""
    query = select(*_COLUMNS).order_by(tone_word.c.id.desc()).limit(limit)
    return [ToneWordRow(*row) for row in conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Holding:
    """A message of a customer that holds a word, with the sentiment that stands and who gave it."""

    mention_id: int
    conversation_id: int
    title: str | None
    text: str
    lang: str
    rating: float | None
    sentiment: str | None
    sentiment_by: str | None


def holding(conn: Connection, word: str, *, limit: int) -> list[Holding]:
    """The newest messages of customers that hold a word, newest first; our own posts and removed ones left out.

    Looks at the newest `limit` messages that the full text finds.
    """
    ids = [hit.mention_id for hit in search_mentions(conn, unjudged(Term(word)), limit=limit)]
    c = mention.c
    columns = (c.id, c.conversation_id, c.title, c.text, c.lang, c.rating, c.sentiment, c.sentiment_by)
    theirs = (c.direction == "inbound", c.deleted_at.is_(None))
    query = select(*columns).where(c.id.in_(ids), *theirs).order_by(c.id.desc())
    return [Holding(*row) for row in conn.execute(query)]
