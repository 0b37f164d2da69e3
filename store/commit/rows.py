"""Writes the rows of new mentions: one bulk insert per table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from store.commit.authors import StoredAuthor
from store.commit.deciding import ADDRESSED, Placed
from store.commit.facts import MentionFacts
from store.engine import Store
from store.keeping import Keeping
from store.records import CONTEXT, MentionRecord, PageCommit
from store.schema import mention, mention_brand, mention_html, mention_key, mention_raw, mention_source

_KEY_COLUMNS = ("external_id", "namespace", "mention_id", "content_hash")
_MENTION_COLUMNS = (
    "id",
    "platform",
    "source_id",
    "namespace",
    "external_id",
    "conversation_id",
    "author_id",
    "kind",
    "direction",
    "visibility",
    "title",
    "text",
    "lang",
    "lang_confidence",
    "sentiment",
    "sentiment_score",
    "sentiment_confidence",
    "sentiment_by",
    "enriched",
    "rating_raw",
    "rating_scale",
    "rating",
    "url",
    "parent_external_id",
    "thread_external_id",
    "likes",
    "replies",
    "shares",
    "views",
    "published_at",
    "sort_at",
    "edited_at",
    "first_seen_at",
    "last_seen_at",
    "capabilities",
    "extra",
    "dup_hash",
    "dup_of",
    "flags",
    "revision",
    "recheck_at",
    "erase_at",
)


@dataclass(slots=True)
class Newcomer:
    """A record on its way in. `conversation_id` and `dup_of` are filled in as they are found."""

    id: int
    record: MentionRecord
    placed: Placed
    author: StoredAuthor | None
    conversation_id: int = 0
    dup_of: int | None = None

    def facts(self, commit: PageCommit) -> MentionFacts:
        """What its conversation shows of it."""
        record = self.record
        return MentionFacts(
            id=self.id,
            direction=record.direction,
            sort_at=self.placed.sort_at,
            first_seen_at=commit.fetched_at,
            kind=record.kind,
            visibility=record.visibility,
            lang=record.lang,
            text=record.text,
            title=record.title,
            url=record.url,
            author_id=None if self.author is None else self.author.id,
            author_name="" if self.author is None else self.author.shown,
            sentiment=None if record.sentiment is None else record.sentiment.label,
            rating=record.rating,
            brand_ids=record.brand_ids,
            old=self.placed.old,
            context=CONTEXT in self.placed.flags,
            addressed=ADDRESSED in self.placed.flags,
        )


def insert_newcomers(
    conn: Connection, store: Store, commit: PageCommit, newcomers: Sequence[Newcomer], keeping: Keeping
) -> None:
    """Write new mentions with their keys, payloads, HTML and links."""
    insert = store.dialect.insert_rows
    insert(
        conn,
        mention_key,
        _KEY_COLUMNS,
        [(each.record.external_id, each.record.namespace, each.id, each.record.content_hash) for each in newcomers],
    )
    insert(conn, mention, _MENTION_COLUMNS, [_mention_row(commit, each, keeping) for each in newcomers])
    insert(
        conn,
        mention_source,
        ("mention_id", "source_id", "query_id"),
        [(each.id, commit.source_id, commit.query_id) for each in newcomers],
    )
    insert(
        conn,
        mention_brand,
        ("brand_id", "mention_id"),
        [(brand_id, each.id) for each in newcomers for brand_id in dict.fromkeys(each.record.brand_ids)],
    )
    insert(
        conn,
        mention_html,
        ("mention_id", "html"),
        [(each.id, each.record.html) for each in newcomers if each.record.html is not None],
    )
    insert(
        conn,
        mention_raw,
        ("mention_id", "fetched_at", "query_id", "zdict_id", "payload"),
        [
            (each.id, commit.fetched_at, commit.query_id, each.record.zdict_id, each.record.payload)
            for each in newcomers
            if each.record.payload is not None
        ],
    )


def _mention_row(commit: PageCommit, each: Newcomer, keeping: Keeping) -> tuple[Any, ...]:
    record = each.record
    sentiment = record.sentiment
    return (
        each.id,
        record.platform,
        commit.source_id,
        record.namespace,
        record.external_id,
        each.conversation_id,
        None if each.author is None else each.author.id,
        record.kind,
        record.direction,
        record.visibility,
        record.title,
        record.text,
        record.lang,
        record.lang_confidence,
        None if sentiment is None else sentiment.label,
        None if sentiment is None else sentiment.score,
        None if sentiment is None else sentiment.confidence,
        None if sentiment is None else sentiment.by,
        record.enriched,
        record.rating_raw,
        record.rating_scale,
        record.rating,
        record.url,
        record.parent_external_id,
        record.thread_external_id,
        record.likes,
        record.replies,
        record.shares,
        record.views,
        record.published_at,
        each.placed.sort_at,
        record.edited_at,
        commit.fetched_at,
        commit.fetched_at,
        dict(record.capabilities),
        dict(record.extra),
        record.dup_hash,
        each.dup_of,
        list(each.placed.flags),
        0,
        keeping.recheck_at(record.capabilities, commit.fetched_at),
        keeping.erase_at(each.placed.sort_at, commit.fetched_at),
    )
