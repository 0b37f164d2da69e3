"""Counting what is said per day, behind the work: whole days of sources whose texts changed. For the worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from store import phrase_days
from store.engine import Store
from store.phrase_days import CellKey, Pile, Said
from understanding.phrases import phrases
from understanding.prepared import prepare

DAYS = 70
"""Local days that are kept up to date: what is compared lies within ten weeks."""
KEPT = timedelta(days=400)
MOST = 100
"""Days of sources in one pass, the newest first."""


def count_phrases(store: Store, timezone: str, now: datetime, *, most: int = MOST) -> int:
    """Count the days of which something changed; how many days of sources were counted.

    Texts are read and counted outside of the transaction that keeps them. What changed meanwhile shows as a difference
    at the next pass, and is counted again.
    """
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    with store.read() as conn:
        waiting = phrase_days.stale(conn, since=today - timedelta(days=DAYS), until=today + timedelta(days=2))[:most]
    for day, source_id in waiting:
        with store.read() as conn:
            piles = piled(phrase_days.texts(conn, day, source_id, timezone=zone))
        with store.write() as conn:
            phrase_days.replace(conn, store, day, source_id, piles)
    with store.write() as conn:
        phrase_days.forget_before(conn, today - KEPT)
    return len(waiting)


def piled(texts: Iterable[Said]) -> dict[CellKey, Pile]:
    """Count texts by brand and sentiment. Pure."""
    piles: dict[CellKey, Pile] = {}
    for one in texts:
        said = phrases(prepare("\n".join(part for part in (one.title, one.text) if part)), one.lang)
        for cell in one.cells:
            pile = piles.setdefault(cell, Pile(0, Counter()))
            pile.n += 1
            pile.counts.update(said)
    return piles
