"""The record of a single item."""

from __future__ import annotations

from datetime import datetime

from connectors.items import Item
from pipeline.enrich import Enricher, Record
from pipeline.settings import SourceSettings


def record_of(enricher: Enricher, item: Item, *, source: SourceSettings, platform: str, fetched_at: datetime) -> Record:
    """What the enricher makes of one item; raises what it gives in place of a record."""
    (made,) = enricher.records([item], source=source, platform=platform, fetched_at=fetched_at)
    if isinstance(made, Exception):
        raise made
    return made
