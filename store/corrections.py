"""What agents corrected about the sentiment of mentions, for learning from it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from store.schema import label_item, mention

MOST = 20_000
"""Corrections that are learnt from, the newest."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A mention and what an agent said of it; `rating` 0-1 where its author gave one."""

    mention_id: int
    title: str | None
    text: str
    lang: str
    rating: float | None
    sentiment: str


_COLUMNS = [mention.c[name] for name in ("id", "title", "text", "lang", "rating", "sentiment")]


def to_learn_from(conn: Connection, *, limit: int = MOST) -> list[Correction]:
    """The newest corrections that may be learnt from, oldest first.

    What is part of a sample is held out: it tells how good a model is, so no model may have seen it. Served by
    ix_mention_corrected and ix_label_item_mention.
    """
    query = (
        select(*_COLUMNS)
        .where(
            mention.c.sentiment_corrected_by.is_not(None),
            mention.c.deleted_at.is_(None),
            mention.c.sentiment.in_(("negative", "neutral", "positive")),
            ~exists().where(label_item.c.mention_id == mention.c.id),
        )
        .order_by(mention.c.id.desc())
        .limit(limit)
    )
    return [Correction(*row) for row in reversed(conn.execute(query).all())]
