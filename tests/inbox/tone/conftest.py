"""Scored messages as ingest leaves them, each in a conversation of its own."""

from __future__ import annotations

import itertools
from typing import Any

from sqlalchemy import select

from inbox.tone.scoring import newest
from store.ingest import commit_page
from store.keys import conversation_key
from store.records import AuthorRecord, MentionRecord, PageCommit
from store.schema import mention
from store.sentiments import Sentiment, by_tier
from store.sources import SourceRecord, sync_sources
from tests.inbox.conftest import World
from understanding.prepared import prepare
from understanding.sentiment import scored_text

ZONE = "Europe/Amsterdam"
_numbers = itertools.count(1)


def bring(world: World, *texts: str, lang: str = "nl", thread: str | None = None, **values: Any) -> list[int]:
    """Customers say these texts; each is scored by the scorer of the moment and routed. Ids in the order given."""
    now = world.clock()
    sync_sources(
        world.store, [SourceRecord("forum", "discourse", "discourse", "Own forum", 300, 172_800, own=True)], now
    )
    scorer = newest(world.store)
    records, keys = [], []
    for text in texts:
        key = str(next(_numbers))
        keys.append(key)
        scored = scorer.score(prepare(scored_text(values.get("title"), text)), lang)
        said = Sentiment(scored.label, scored.score, scored.confidence, by_tier(1, scorer.version))
        fields: dict[str, Any] = {
            "external_id": key,
            "namespace": "forum",
            "platform": "discourse",
            "kind": "post",
            "text": text,
            "content_hash": text.encode(),
            "lang": lang,
            "author": AuthorRecord(f"a{key}", "discourse", handle=f"a{key}", name=f"Schrijver {key}"),
            "published_at": now,
            "thread_key": conversation_key("forum", thread or key),
            "sentiment": said,
            **values,
        }
        records.append(MentionRecord(**fields))
    commit_page(world.store, PageCommit("forum", "all", now, mentions=tuple(records), timezone=ZONE))
    world.route()
    with world.store.read() as conn:
        found = dict(
            conn.execute(select(mention.c.external_id, mention.c.id).where(mention.c.external_id.in_(keys))).all()
        )
    return [found[key] for key in keys]


def row(world: World, mention_id: int) -> Any:
    """A mention as it stands."""
    with world.store.read() as conn:
        return conn.execute(select(mention).where(mention.c.id == mention_id)).one()
