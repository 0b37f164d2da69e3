"""What the store knows already of the items of a chunk: identities, tombstones, conversations. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from store.dialects import StoreDialect
from store.keys import conversation_key
from store.records import CONTEXT, MentionRecord
from store.schema import conversation, mention, mention_key, thread_node

_COLUMNS = (
    "conversation_id",
    "source_id",
    "author_id",
    "direction",
    "rating",
    "likes",
    "replies",
    "shares",
    "views",
    "published_at",
    "sort_at",
    "edited_at",
    "first_seen_at",
    "last_seen_at",
    "deleted_at",
    "dup_of",
    "dup_hash",
    "flags",
    "revision",
)
_QUERY = select(
    mention_key.c.external_id,
    mention_key.c.namespace,
    mention_key.c.mention_id,
    mention_key.c.content_hash,
    *(mention.c[name] for name in _COLUMNS),
).join(mention, mention.c.id == mention_key.c.mention_id)

Identity = tuple[str, str]
"""(namespace, external id)."""


@dataclass(frozen=True, slots=True)
class KnownMention:
    """A stored mention as far as deciding about a new sight of it needs."""

    mention_id: int
    content_hash: bytes
    conversation_id: int
    source_id: str
    author_id: int | None
    direction: str
    rating: float | None
    counts: tuple[int | None, ...]
    published_at: datetime | None
    sort_at: datetime
    edited_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    deleted_at: datetime | None
    dup_of: int | None
    dup_hash: int | None
    flags: tuple[str, ...]
    revision: int

    @property
    def counted(self) -> bool:
        """Whether volume counts it, itself or as a copy: what others said, not merely because a message answers it."""
        return self.direction == "inbound" and CONTEXT not in self.flags


def identity(record: MentionRecord) -> Identity:
    """Identity of a record."""
    return record.namespace, record.external_id


def split_key(key: str) -> Identity | None:
    """The identity inside a conversation key; None when it is spelt otherwise."""
    namespace, line_feed, external_id = key.partition("\n")
    return (namespace, external_id) if line_feed else None


def nodes_of(record: MentionRecord) -> list[str]:
    """Keys of what a mention is tied to: itself, its thread's root, its parent."""
    nodes = [conversation_key(record.namespace, record.external_id)]
    if record.thread_key is not None:
        nodes.append(record.thread_key)
    elif record.thread_external_id is not None:
        nodes.append(conversation_key(record.namespace, record.thread_external_id))
    if record.parent_external_id is not None:
        nodes.append(conversation_key(record.namespace, record.parent_external_id))
    return nodes


def find_mentions(
    conn: Connection, dialect: StoreDialect, identities: Iterable[Identity]
) -> dict[Identity, KnownMention]:
    """Stored mentions among these identities: one statement per namespace, and a page has one."""
    by_namespace: dict[str, set[str]] = {}
    for namespace, external_id in identities:
        by_namespace.setdefault(namespace, set()).add(external_id)
    found: dict[Identity, KnownMention] = {}
    for namespace, external_ids in sorted(by_namespace.items()):
        query = _QUERY.where(
            mention_key.c.namespace == namespace, dialect.among(mention_key.c.external_id, external_ids)
        )
        for row in conn.execute(query):
            found[row.namespace, row.external_id] = _known(row)
    return found


def find_conversations(conn: Connection, dialect: StoreDialect, nodes: Collection[str]) -> dict[str, set[int]]:
    """Conversations that wait for these keys or are named by them."""
    if not nodes:
        return {}
    found: dict[str, set[int]] = {}
    waiting = select(thread_node.c.key, thread_node.c.conversation_id.label("id"))
    named = select(conversation.c.key, conversation.c.id)
    queries: Sequence[Any] = (
        waiting.where(dialect.among(thread_node.c.key, nodes)),
        named.where(dialect.among(conversation.c.key, nodes)),
    )
    for query in queries:
        for row in conn.execute(query):
            found.setdefault(row.key, set()).add(row.id)
    return found


def _known(row: Any) -> KnownMention:
    return KnownMention(
        mention_id=row.mention_id,
        content_hash=bytes(row.content_hash),
        conversation_id=row.conversation_id,
        source_id=row.source_id,
        author_id=row.author_id,
        direction=row.direction,
        rating=row.rating,
        counts=(row.likes, row.replies, row.shares, row.views),
        published_at=row.published_at,
        sort_at=row.sort_at,
        edited_at=row.edited_at,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        deleted_at=row.deleted_at,
        dup_of=row.dup_of,
        dup_hash=row.dup_hash,
        flags=tuple(row.flags or ()),
        revision=row.revision,
    )
