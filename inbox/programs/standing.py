"""Brands, themes and how sources do, for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from inbox import health
from inbox.desk import Desk
from inbox.source_views import CoverState, SourceHealth
from inbox.tokens.views import Bearer
from store import brands, theming

_SPAN = timedelta(days=7)


def brand_list(desk: Desk, bearer: Bearer) -> list[dict[str, Any]]:
    """The brands that a token may see."""
    with desk.store.read() as conn:
        found = brands.all_brands(conn)
    return [
        {"id": one.id, "name": one.name, "competitor": one.competitor}
        for one in found
        if not bearer.brand_ids or one.id in bearer.brand_ids
    ]


def theme_list(desk: Desk) -> list[dict[str, Any]]:
    """All themes, by name. They are the company's own words."""
    with desk.store.read() as conn:
        found = theming.all_themes(conn)
    return [
        {"id": row.id, "name": row.name, "description": row.description, "archived": row.archived_at is not None}
        for row in sorted(found, key=lambda row: (row.name.casefold(), row.id))
    ]


def source_list(desk: Desk, bearer: Bearer) -> list[dict[str, Any]]:
    """The sources that a token may see, with the gaps of the last week, by id."""
    found = health.sources(desk, span=_SPAN)
    mine = [one for one in found if not bearer.source_ids or one.id in bearer.source_ids]
    return [_source(one) for one in sorted(mine, key=lambda one: one.id)]


def _source(one: SourceHealth) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "connector": one.connector,
        "platform": one.platform,
        "own": one.own,
        "health": one.health,
        "said": one.text,
        "last_ok_at": _instant(one.last_ok_at),
        "last_item_at": _instant(one.last_item_at),
        "stored": one.stored,
        "duplicates": one.duplicates,
        "quarantined": one.quarantined,
        "delay_p50_s": one.delay_p50_s,
        "delay_p95_s": one.delay_p95_s,
        "gaps": [
            {"query": query.label, "start": _instant(bar.start), "end": _instant(bar.end), "why": bar.text}
            for query in one.queries
            for bar in query.bars
            if bar.state is CoverState.GAP
        ],
    }


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
