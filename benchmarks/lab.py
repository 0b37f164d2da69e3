"""The query lab: how quick a back-test is, how long a piece of it keeps others waiting, and how much memory it takes.

Measured against taking every text of the archive apart, which is what judging without the sieve would cost.
"""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.corpus import BRANDS, NOW, fill
from benchmarks.report import Figures
from inbox.desk import Desk
from inbox.lab import backtest
from inbox.settings import InboxSettings
from store import lab
from store.brands import save_query
from store.engine import Store, open_store
from understanding.match import Document

CONVERSATIONS = 800_000
"""With 1.25 mentions each: a million."""
PIECE_S = 0.25
_COUNTS = "word300 OR word301*"
_TRIED = {
    "words": f"({_COUNTS}) NOT word5",
    "ten words": "word310 OR word311 OR word312 OR word313 OR word314 OR word315 OR word316 OR word317 OR word318*",
    "words and facts": f"({_COUNTS}) lang:nl",
}


def run(rows: int = CONVERSATIONS) -> list[Figures]:
    """Fill a store and try changed queries on all of it."""
    with tempfile.TemporaryDirectory(prefix="klankbord-bench-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}", durable=False)
        try:
            store.migrate()
            fill(store, rows)
            return [measure(store)]
        finally:
            store.close()


def measure(store: Store) -> Figures:
    """Try changed queries on a filled store, each after a walk that only takes the texts apart."""
    with store.write() as conn:
        save_query(conn, store, BRANDS[0], _COUNTS, author="bench", now=NOW - timedelta(days=900))
    desk = Desk(store, InboxSettings(timezone="Europe/Amsterdam"), lambda: NOW)
    n, apart = _taken_apart(store)
    found = Figures(
        f"Back-tests over {n:,} mentions (SQLite); taking every text apart: {apart * 1e6 / max(1, n):.1f} CPU us each",
        ("changed query", "mentions/s", "CPU us each", "CPU ratio", "longest piece ms", "finds"),
    )
    for name, text in _TRIED.items():
        job = backtest.begin(desk, BRANDS[0], text, days=None)
        job.cap_s = float("inf")
        began, longest, told = time.process_time(), 0.0, backtest.tested(job)
        while told.state == "running":
            piece = time.perf_counter()
            told = backtest.go_on(desk, job, for_s=PIECE_S)
            longest = max(longest, time.perf_counter() - piece)
        spent = time.process_time() - began
        each = spent * 1e6 / max(1, told.tested)
        found.add(name, told.per_second, each, spent / max(apart, 1e-9), longest * 1e3, told.found)
    return found


def _taken_apart(store: Store) -> tuple[int, float]:
    """How many mentions a walk brings, and the processor seconds of reading and taking them apart."""
    n, before, began = 0, None, time.process_time()
    while True:
        with store.read() as conn:
            page, before = lab.walk_mentions(conn, since=None, before=before, limit=backtest.PAGE)
        for one in page:
            Document(one.title, one.text)
        n += len(page)
        if before is None:
            return n, time.process_time() - began
