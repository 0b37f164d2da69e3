"""Who says the same as a conversation, and what a conversation repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection

from inbox.copies.views import CopyView, RepeatsView
from inbox.replying.until import as_of
from store import thread

MOST = 200
"""Copies that are read at once."""


def copies_of(
    conn: Connection, conversation_id: int, *, sources: Mapping[str, str], now: datetime
) -> tuple[CopyView, ...]:
    """The copies of what a conversation holds, oldest first."""
    return tuple(_view(one, sources, now) for one in thread.copies_in(conn, conversation_id, limit=MOST))


def repeated_by(
    conn: Connection, rows: Sequence[thread.MentionRow], *, sources: Mapping[str, str]
) -> RepeatsView | None:
    """What the latest copy among these mentions repeats; None when there is none."""
    copy = next((row for row in reversed(rows) if row.dup_of not in (None, row.id)), None)
    first = None if copy is None or copy.dup_of is None else thread.mentions_by_id(conn, [copy.dup_of]).get(copy.dup_of)
    if copy is None or first is None:
        return None
    return RepeatsView(
        copy_id=copy.id,
        conversation_id=first.conversation_id,
        author_name=first.author_name or first.author_handle or "",
        source_name=sources.get(first.source_id, first.source_id),
        sort_at=first.sort_at,
    )


def _view(one: thread.CopyRow, sources: Mapping[str, str], now: datetime) -> CopyView:
    may = as_of(one.capabilities, now)
    host = urlsplit(one.url).hostname if one.url else None
    return CopyView(
        mention_id=one.mention_id,
        conversation_id=one.conversation_id,
        version=one.version,
        platform=one.platform,
        source_name=sources.get(one.source_id, one.source_id),
        author_name=one.author_name or one.author_handle or "",
        site=host.removeprefix("www.") if host else None,
        url=one.url,
        sort_at=one.sort_at,
        reach=one.views if one.views is not None else one.followers,
        status=one.status,
        is_open=one.is_open,
        alone=one.n_inbound == 1,
        can_reply=bool(may.get("can_reply")),
        why_not=may.get("why_not_reply"),
    )
