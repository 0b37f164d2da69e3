"""A workspace in which things were said at known moments, by known people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from inbox.permissions import Role
from store.brands import BrandRecord, sync_brands
from store.ingest import commit_page
from store.records import AuthorRecord, MentionRecord, PageCommit
from store.sentiments import Sentiment
from store.sources import SourceRecord, sync_sources
from tests.inbox.conftest import World

ZONE = "Europe/Amsterdam"


@pytest.fixture
def analyst(world: World) -> str:
    """A token of somebody who may see figures, where two sources and three brands are known."""
    sync_sources(
        world.store,
        [SourceRecord(one, "discourse", "discourse", one.title(), 300, 10**7) for one in ("forum", "reviews")],
        world.clock(),
    )
    sync_brands(
        world.store,
        [
            BrandRecord("acme", "Acme", "acme"),
            BrandRecord("dochter", "Dochter", "dochter"),
            BrandRecord("rival", "Rival", "rival", competitor=True),
        ],
        world.clock(),
    )
    return world.token(world.person(Role.ANALYST))


def say(
    world: World,
    *moments: datetime,
    source: str = "forum",
    seen_at: datetime | None = None,
    sentiment: str | None = None,
    **values: Any,
) -> None:
    """One message at each moment (aware), each a conversation of its own."""
    for at in moments:
        number = world.store.new_id()
        fields: dict[str, Any] = {
            "external_id": str(number),
            "namespace": source,
            "platform": "discourse",
            "kind": "post",
            "text": f"tekst {number}",
            "content_hash": str(number).encode(),
            "lang": "nl",
            "author": AuthorRecord("piet", "discourse", handle="piet"),
            "published_at": at,
            "sentiment": None if sentiment is None else Sentiment(sentiment, 0.5, 0.9, "test"),
            **values,
        }
        page = PageCommit(
            source_id=source,
            query_id="q",
            fetched_at=seen_at or at,
            mentions=(MentionRecord(**fields),),
            timezone=ZONE,
        )
        commit_page(world.store, page)
