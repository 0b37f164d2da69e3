"""Makes records and pages for tests of the store."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from store.keys import conversation_key
from store.records import AuthorRecord, MentionRecord, PageCommit

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)


def mention(external_id: str = "1", **values: Any) -> MentionRecord:
    """An inbound post of five minutes ago; the content hash follows text, title and rating."""
    made: dict[str, Any] = {
        "external_id": external_id,
        "namespace": "forum:a.example",
        "platform": "forum",
        "kind": "post",
        "text": f"message {external_id}",
        "published_at": NOW - timedelta(minutes=5),
        "lang": "nl",
        **values,
    }
    if "thread_key" not in made:
        root = made.get("thread_external_id") or (None if made.get("parent_external_id") else external_id)
        made["thread_key"] = None if root is None else conversation_key(made["namespace"], root)
    content = repr((made["text"], made.get("title"), made.get("rating")))
    made.setdefault("content_hash", hashlib.blake2b(content.encode(errors="replace"), digest_size=8).digest())
    return MentionRecord(**made)


def person(external_id: str, **values: Any) -> AuthorRecord:
    """An author on the forum."""
    return AuthorRecord(external_id=external_id, platform="forum", **values)


def page(*mentions: MentionRecord, **values: Any) -> PageCommit:
    """A page of the source `forum`, query `latest`."""
    made: dict[str, Any] = {"source_id": "forum", "query_id": "latest", "fetched_at": NOW, **values}
    return PageCommit(mentions=mentions, **made)
