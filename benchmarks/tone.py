"""What people wait for around the tone: the recount of a word, opening a long thread, and a night's fit."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import select

from benchmarks.inputs import Texts
from benchmarks.report import Figures
from inbox.desk import Desk
from inbox.settings import InboxSettings
from inbox.tone.explaining import tone_of
from inbox.tone.recount import recount
from inbox.tone.refitting import attempt
from inbox.tone.scoring import newest
from store.corrections import Correction
from store.engine import Store, open_store
from store.ingest import commit_page
from store.keys import conversation_key
from store.records import MentionRecord, PageCommit
from store.schema import conversation
from store.sources import SourceRecord, sync_sources
from store.thread import mentions_of
from understanding.sentiment import NO_WORDS, seeds
from understanding.sentiment.model import committed

TEXTS = 2_000
_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
_ROUNDS = 5
_BAR_MS = 1_000
"""What the recount of 2,000 texts may take."""


def run(texts: int = TEXTS) -> list[Figures]:
    """Measure over so many messages that hold the word, and so many corrections."""
    found = Figures(
        f"Around the tone: {texts:,} messages of 235 characters, {texts:,} corrections",
        ("what", "processor ms", "bar"),
    )
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'tone.db'}")
        store.migrate()
        _fill(store, texts)
        desk = Desk(store, InboxSettings(), lambda: _AT)
        taken = _ms(lambda: recount(desk, "windhoek", lang="", weight=-1.0))
        found.add("recount of a word that every message holds", taken, _BAR_MS)
        if texts == TEXTS and taken > _BAR_MS:
            found.missed.append(f"the recount of {texts:,} texts took {taken:.0f} ms")
        scorer = newest(store)
        with store.read() as conn:
            rows = mentions_of(conn, _thread(store), limit=200).rows
        found.add(f"why, of a thread of {len(rows)}", _ms(lambda: [tone_of(row, scorer, {}) for row in rows]), None)
        store.close()
    sentences = seeds()
    said = [
        Correction(n, None, each.text, each.lang, None, ("negative", "neutral", "positive")[each.label + 1])
        for n in range(texts)
        for each in (sentences[n % len(sentences)],)
    ]
    night = date(2026, 11, 1)
    fit = _ms(lambda: attempt(said, [], committed(), NO_WORDS, night=night, at=_AT, told=""), rounds=1)
    found.add("a night's fit, judged", fit, None)
    return [found]


def _ms(work: Callable[[], object], *, rounds: int = _ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1_000)
    return median(taken)


def _thread(store: Store) -> int:
    with store.read() as conn:
        return int(conn.execute(select(conversation.c.id).limit(1)).scalar_one())


def _fill(store: Store, count: int) -> None:
    """One thread in which everybody says the word."""
    made = Texts(7)
    sync_sources(store, [SourceRecord("forum", "discourse", "discourse", "Forum", 300, 172_800, own=True)], _AT)
    for start in range(0, count, 200):
        records = [
            MentionRecord(
                external_id=str(n),
                namespace="forum",
                platform="discourse",
                kind="post",
                text=f"{made.one(n)} windhoek",
                content_hash=str(n).encode(),
                lang="nl",
                published_at=_AT,
                thread_key=conversation_key("forum", "1"),
            )
            for n in range(start, min(count, start + 200))
        ]
        commit_page(store, PageCommit("forum", "all", _AT, mentions=tuple(records)))
