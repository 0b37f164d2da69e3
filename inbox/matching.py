"""From rows of the store to what queries are matched against. Rules, searches and trials of queries read it alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from store.clock_columns import LATE_AFTER
from store.matching import pictured, rows_to_match
from store.theming import theme_names_of
from store.thread import brands_of, tags_of
from understanding.match import Document
from understanding.query import Facts

_WORDS = ("title", "text")
_READ: Mapping[str, tuple[str, ...]] = {
    "source": ("source_id",),
    "author": ("handle", "author_name"),
    "site": ("url",),
    "has": (*_WORDS, "rating"),
    "is": ("parent_external_id", "direction", "is_bot", "is_staff"),
    "after": ("sort_at",),
    "before": ("sort_at",),
    "weekday": ("sort_at",),
    "hour": ("sort_at",),
    "arrived": ("sort_at", "first_seen_at"),
    "state": ("status",),
    "brand": (),
    "tag": (),
    "theme": (),
}
"""Columns that tell the fact of a field; for the others the one of that name. Brands, tags and themes stand apart."""


def documents(
    conn: Connection, mention_ids: Collection[int], asked: frozenset[str], zone: ZoneInfo, *, worded: bool = True
) -> dict[int, Document]:
    """Mentions as documents, by id; those that are gone are left out.

    Args:
        conn: a connection.
        mention_ids: which.
        asked: the fields that queries ask for; only what tells these is read, and without any a document has no facts.
        zone: whose calendar decides on which day and in which hour something was said.
        worded: whether queries ask for words at all; without them texts are not taken apart.
    """
    names = frozenset(name for field in asked for name in _READ.get(field, (field,))) | frozenset(
        _WORDS if worded else ()
    )
    rows = rows_to_match(conn, mention_ids, names)
    if not asked:
        return {row.id: Document(row.title, row.text) for row in rows}
    ids = [row.id for row in rows]
    brands = brands_of(conn, ids) if "brand" in asked else {}
    tags = tags_of(conn, {row.conversation_id for row in rows}) if "tag" in asked else {}
    themes = theme_names_of(conn, {row.conversation_id for row in rows}) if "theme" in asked else {}
    seen = pictured(conn, ids) if "has" in asked else frozenset()
    timed, arrived = "sort_at" in names, "first_seen_at" in names
    return {
        row.id: Document(
            *((row.title, row.text) if worded else ()),
            facts=facts_of(
                row,
                brands=brands.get(row.id, ()),
                tags=tags.get(row.conversation_id, ()),
                themes=themes.get(row.conversation_id, ()),
                state=row.status,
                said_at=row.sort_at.astimezone(zone) if timed else None,
                late=row.first_seen_at - row.sort_at > LATE_AFTER if arrived else None,
                pictured=row.id in seen,
            ),
        )
        for row in rows
    }


def facts_of(
    row: Row[Any],
    *,
    brands: Collection[str],
    pictured: bool,
    tags: Collection[str] = (),
    themes: Collection[str] = (),
    state: str = "",
    said_at: datetime | None = None,
    late: bool | None = None,
) -> Facts:
    """The facts of a row of `store.matching` or `store.ruling`, with what was looked up beside it.

    A column that was not read is None; its fact says nothing then and may not be asked for.

    `said_at` in the time zone of the installation, None where the moment does not count.
    """
    return Facts(
        source=row.source_id,
        platform=row.platform,
        lang=row.lang,
        author=(row.handle, row.author_name),
        url=row.url,
        kind=row.kind,
        visibility=row.visibility,
        brands=brands,
        sentiment=row.sentiment,
        tags=tags,
        themes=themes,
        state=state,
        rating=row.rating,
        followers=row.followers,
        likes=row.likes,
        replies=row.replies,
        shares=row.shares,
        views=row.views,
        day=None if said_at is None else said_at.date(),
        hour=None if said_at is None else said_at.hour,
        late=late,
        text=row.text,
        titled=bool(row.title),
        pictured=pictured,
        reply=row.parent_external_id is not None,
        own=row.direction == "outbound",
        bot=bool(row.is_bot),
        staff=bool(row.is_staff),
    )
