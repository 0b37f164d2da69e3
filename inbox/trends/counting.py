"""Counting who and what stood out on each day, behind the work. For the worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from inbox.settings import InboxSettings
from inbox.trends.asking import midnight
from store import top_days
from store.engine import Store
from store.said import said
from store.thread import brands_of
from store.top_days import FROM_MESSAGES, PileKey
from store.volumes import ALL_BRANDS, Wanted
from understanding.links import canonical, links
from understanding.sites import sites_in

MOST = 20
"""Days in one pass, the newest first."""
_LINKS_OF_ONE = 50
_LONGEST_READ = 20_000


def count(store: Store, settings: InboxSettings, now: datetime, *, most: int = MOST) -> int:
    """Count the days of which something changed; how many days were counted.

    Messages are read outside of the transaction that keeps the counts. What changed meanwhile shows as a difference at
    the next pass, and is counted again.
    """
    zone = ZoneInfo(settings.timezone)
    until = now.astimezone(zone).date() + timedelta(days=2)
    with store.read() as conn:
        waiting = top_days.stale(conn, until=until)[:most]
        spoken = top_days.stale_words(conn, until=until)[:most]
    for day in waiting:
        counted = _counted(store, day, zone)
        with store.write() as conn:
            top_days.replace(conn, store, day, counted)
    for day in spoken:
        with store.write() as conn:
            top_days.replace_words(conn, store, day)
    return len({*waiting, *spoken})


def _counted(store: Store, day: date, zone: ZoneInfo) -> dict[PileKey, tuple[int, Counter[str]]]:
    since, until = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    with store.read() as conn:
        rows = list(said(conn, Wanted(), since=since.astimezone(UTC), until=until.astimezone(UTC)))
        brands = brands_of(conn, [row.id for row in rows])
    return piled((row, (ALL_BRANDS, *brands.get(row.id, ()))) for row in rows)


def piled(rows: Iterable[tuple[Any, Iterable[str]]]) -> dict[PileKey, tuple[int, Counter[str]]]:
    """Messages with the brands they count under, added up: over how many, and how many hold each key. Pure."""
    n: Counter[str] = Counter()
    found: dict[PileKey, Counter[str]] = {}
    for row, brand_ids in rows:
        keys = {what: list(keys_of(what, row)) for what in FROM_MESSAGES}
        for brand_id in brand_ids:
            n[brand_id] += 1
            for what, told in keys.items():
                found.setdefault((brand_id, what), Counter()).update(told)
    return {(brand_id, what): (n[brand_id], counts) for (brand_id, what), counts in found.items()}


def keys_of(what: str, row: Any) -> Iterable[str]:
    """Under what a message counts, each once. Pure."""
    if what == "authors":
        return () if row.author_id is None else (str(row.author_id),)
    text = row.text[:_LONGEST_READ]
    if what == "sites":
        return sites_in(row.url, text)
    told = links(text)[:_LINKS_OF_ONE] if "://" in text else []
    return {url for one in told if (url := canonical(one)) is not None}
