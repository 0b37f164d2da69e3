"""Times the steps of ingest from outside: each function below is wrapped while a bench runs, and unwrapped after it.

A step's time is its own: what it calls that is a step too counts there.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import pipeline.enrich
import store.commit.conversations
import store.commit.edits
import store.commit.progress
import store.commit.rollups
import store.commit.rows
import store.ingest
from pipeline.meaning import Meaning
from store.commit.rollups import Deltas
from store.dialects.postgresql import PostgresDialect
from store.dialects.sqlite import SqliteDialect
from store.raw import RawCodec
from understanding.language.by_langid import LangidDetector
from understanding.match import Document, Rules

_FULL_TEXT = "commit: insert mentions (full text, indexes)"
_STEPS: tuple[tuple[Any, str, str], ...] = (
    (pipeline.enrich, "texts_of", "enrich: clean text and HTML"),
    (Rules, "match", "enrich: match brands"),
    (Document, "__init__", "enrich: match brands"),
    (pipeline.enrich, "prepare", "enrich: take apart"),
    (LangidDetector, "detect_each", "enrich: language"),
    (Meaning, "sentiment", "enrich: sentiment"),
    (pipeline.enrich, "fingerprint", "enrich: duplicate keys"),
    (RawCodec, "compress_payload", "enrich: compress raw payload"),
    (store.ingest, "clean_mention", "commit: wall (clean)"),
    (store.ingest, "find_mentions", "commit: identity"),
    (store.ingest, "refused", "commit: identity"),
    (store.ingest, "find_duplicates", "commit: duplicates"),
    (store.ingest, "upsert_authors", "commit: authors"),
    (store.ingest._Chunk, "_link", "commit: conversations"),  # noqa: SLF001 - its wall stands inside the module
    (store.ingest._Chunk, "_show", "commit: conversations"),  # noqa: SLF001 - its wall stands inside the module
    (Deltas, "add", "commit: roll-ups"),
    (Deltas, "write", "commit: roll-ups"),
    (store.ingest, "insert_newcomers", "commit: other inserts (key, links, raw)"),
    (store.commit.progress, "write_progress", "commit: interval and state"),
    (store.commit.progress, "drop_unmatched", "commit: unmatched"),
)


class StepClock:
    """Adds up processor seconds of this thread by step."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = 0.0

    def reset(self) -> None:
        """Forget what was added up, between two pages."""
        self.spent.clear()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block as a step; steps inside it are taken out of its time."""
        self.enter(name)
        try:
            yield
        finally:
            self.leave()

    def enter(self, name: str) -> None:
        """Begin a step."""
        now = time.thread_time()
        if self._open:
            self.spent[self._open[-1]] += now - self._since
        self._open.append(name)
        self._since = now

    def leave(self) -> None:
        """End the step begun last."""
        now = time.thread_time()
        self.spent[self._open.pop()] += now - self._since
        self._since = now


@contextmanager
def whole_way(clock: StepClock) -> Iterator[None]:
    """Time every step of enriching and committing while the block runs."""
    with ExitStack() as stack:
        for owner, name, step in _STEPS:
            stack.enter_context(
                mock.patch.object(owner, name, _timed(clock, getattr(owner, name), lambda _: None, step))
            )
        for dialect in (SqliteDialect, PostgresDialect):
            inserts = dialect.insert_rows
            stack.enter_context(mock.patch.object(dialect, "insert_rows", _timed(clock, inserts, _table_step, "")))
        yield


def _table_step(args: tuple[Any, ...]) -> str | None:
    """Inserting mentions is a step of its own: the full-text triggers hang on it."""
    return _FULL_TEXT if args[2].name == "mention" else None


def _timed(
    clock: StepClock, work: Callable[..., Any], named: Callable[[tuple[Any, ...]], str | None], step: str
) -> Callable[..., Any]:
    def timed(*args: Any, **kwargs: Any) -> Any:
        name = named(args) or step
        if not name:
            return work(*args, **kwargs)
        clock.enter(name)
        try:
            return work(*args, **kwargs)
        finally:
            clock.leave()

    return timed
