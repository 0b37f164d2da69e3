"""The language of what does not tell it: that in which its author usually writes here, else that of its channel.

"Top!" or a lone emoji says nothing of its language; who wrote it often has. What was inherited keeps the detector's
low confidence and the flag `lang_inherited`, and is never learnt from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Connection, func, select

from store.commit.authors import AuthorKey, StoredAuthor
from store.records import MentionRecord, PageCommit
from store.schema import mention, rollup_day

INHERITED = "lang_inherited"
UNDETERMINED = "und"
SURE = 0.5
"""Confidence from which a stored language was the detector's own."""
_RECENT = 20
_AUTHORS_SHARE = 2 / 3
_CHANNEL_DAYS = 90
_CHANNEL_SHARE = 0.8
_CHANNEL_LEAST = 20


def with_inherited_languages(
    conn: Connection, commit: PageCommit, records: Sequence[MentionRecord], authors: Mapping[AuthorKey, StoredAuthor]
) -> list[MentionRecord]:
    """The records, those whose detector was not sure with the language of their author or channel where it is known.

    A record that no detector has looked at stays as it is.
    """
    usual_here = Usual(conn, commit.fetched_at)

    def settled(record: MentionRecord) -> MentionRecord:
        if record.lang != UNDETERMINED or record.lang_confidence is None or record.direction != "inbound":
            return record
        writer = None if record.author is None else authors.get((record.author.platform, record.author.external_id))
        code = usual_here.of(None if writer is None else writer.id, commit.source_id)
        return replace(record, lang=code, flags=(*record.flags, INHERITED)) if code else record

    return [settled(record) for record in records]


class Usual:
    """The usual languages of authors and channels, each looked up once. Lives as long as the transaction.

    Args:
        conn: where.
        at: now, aware UTC; channels are judged by the 90 days before.
    """

    def __init__(self, conn: Connection, at: datetime) -> None:
        self._of_author = cache(lambda author_id: _of_author(conn, author_id))
        self._of_channel = cache(lambda source_id: _of_channel(conn, source_id, at))

    def of(self, author_id: int | None, source_id: str) -> str:
        """That of an author here, else that of the channel; "" when neither is known."""
        code: str = (self._of_author(author_id) if author_id is not None else "") or self._of_channel(source_id)
        return code


def usual(counts: Mapping[str, int], *, share: float, least: int) -> str:
    """The language that has this share of at least so many texts; "" when none has."""
    total = sum(counts.values())
    best = max(sorted(counts), key=lambda code: counts[code], default="")
    return best if total >= least and counts[best] >= share * total else ""


def _of_author(conn: Connection, author_id: int) -> str:
    """Of the last 20 texts of an author. Served by ix_mention_author."""
    query = (
        select(mention.c.lang, mention.c.lang_confidence)
        .where(mention.c.author_id == author_id)
        .order_by(mention.c.sort_at.desc(), mention.c.id.desc())
        .limit(_RECENT)
    )
    counts = Counter(row.lang for row in conn.execute(query) if (row.lang_confidence or 0.0) >= SURE)
    return usual(counts, share=_AUTHORS_SHARE, least=1)


def _of_channel(conn: Connection, source_id: str, at: datetime) -> str:
    """Of the last 90 days of a source. Served by the primary key of the roll-ups."""
    day = rollup_day.c
    query = (
        select(day.lang, func.sum(day.n))
        .where(day.brand_id == "", day.day >= (at - timedelta(days=_CHANNEL_DAYS)).date())
        .where(day.source_id == source_id, day.lang != UNDETERMINED)
        .group_by(day.lang)
    )
    return usual({row[0]: int(row[1]) for row in conn.execute(query)}, share=_CHANNEL_SHARE, least=_CHANNEL_LEAST)
