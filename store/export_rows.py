"""Mentions as they leave, one object each, for who looks at them one by one; files take `store.export_mentions`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from store.engine import Store
from store.export_filter import Asked, ExportFilter, conditions_of
from store.export_mentions import MENTION_COLUMNS, held_back, mention_batches, mentions_by_id
from store.export_shape import Batch, Kind, Snapshot
from store.handing import Recipient
from store.schema import mention
from store.types import from_micros

__all__ = [
    "ExportFilter",
    "ExportRow",
    "conditions_of",
    "export_mentions",
    "held_back",
    "rows_by_id",
    "snapshot",
]


# A tuple, because making frozen dataclasses of fifty fields took a third of the time of a page.
class ExportRow(NamedTuple):
    """One mention as it leaves. Instants aware UTC; `rating` 0-1; lists in order of name."""

    id: int
    conversation_id: int
    platform: str
    source_id: str
    external_id: str
    kind: str
    direction: str
    visibility: str
    published_at: datetime | None
    sort_at: datetime
    first_seen_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    revision: int
    author_id: int | None
    author_handle: str | None
    author_name: str | None
    author_url: str | None
    author_followers: int | None
    title: str | None
    text: str
    lang: str
    lang_confidence: float | None
    sentiment: str | None
    sentiment_score: float | None
    sentiment_confidence: float | None
    sentiment_by: str | None
    sentiment_corrected_by: int | None
    enriched: str | None
    rating_raw: float | None
    rating_scale: float | None
    rating: float | None
    likes: int | None
    replies: int | None
    shares: int | None
    views: int | None
    url: str | None
    parent_external_id: str | None
    thread_external_id: str | None
    dup_of: int | None
    flags: tuple[str, ...]
    conversation_status: str
    conversation_status_reason: str | None
    conversation_team_id: str | None
    conversation_assignee_id: int | None
    conversation_priority: int
    conversation_why: str | None
    brand_ids: tuple[str, ...]
    tags: tuple[str, ...]
    themes: tuple[str, ...]


_HIGHEST = select(func.max(mention.c.id))


def snapshot(conn: Connection) -> int:
    """The highest mention id now, 0 when there is none (primary key)."""
    return int(conn.execute(_HIGHEST).scalar_one() or 0)


def export_mentions(
    store: Store, wanted: ExportFilter, *, to: Recipient, up_to: int | None = None, after: int = 0
) -> Iterator[ExportRow]:
    """Stream the mentions of a filter in id order, within what their platforms let go out.

    Args:
        store: the store.
        wanted: the filter.
        to: who takes them out; platforms allow a person so many a day.
        up_to: highest id; None takes the highest there is now.
        after: start behind this id, to go on with an export that broke off.
    """
    if up_to is None:
        with store.read() as conn:
            up_to = snapshot(conn)
    for batch in mention_batches(store, Asked(wanted, to, Snapshot(up_to, 0)), after=after):
        yield from _rows(batch)


def rows_by_id(store: Store, mention_ids: Sequence[int], *, to: Recipient) -> list[ExportRow]:
    """These mentions as they may leave, in order of id (primary key); what may not leave at all is missing."""
    return _rows(mentions_by_id(store, mention_ids, to=to))


def _rows(batch: Batch) -> list[ExportRow]:
    columns = [
        [None if value is None else from_micros(value) for value in values] if column.kind is Kind.INSTANT else values
        for column, values in zip(MENTION_COLUMNS, batch.columns, strict=True)
    ]
    return list(map(ExportRow._make, zip(*columns, strict=True)))
