"""A made-up archive of a few thousand conversations on each engine, shared by tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, event

from benchmarks.corpus import fill
from benchmarks.kpis import add_facts
from store.engine import Store, open_store

CONVERSATIONS = 3_000
LONG_THREAD = 700
FACTS = 1_000


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def archive(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A filled store with statistics. Read only: it is shared by the whole session."""
    databases = request.getfixturevalue("sqlite_databases" if request.param == "sqlite" else "postgres_databases")
    url = databases.migrated()
    store = open_store(url)
    fill(store, CONVERSATIONS, long_thread=LONG_THREAD)
    if not store.is_sqlite:  # whose planner takes any index of an empty table for as good as another
        add_facts(store, FACTS)
    yield store
    store.close()
    databases.drop(url)


@pytest.fixture
def conn(archive: Store) -> Iterator[Connection]:
    """A reading transaction on the archive."""
    with archive.read() as connection:
        yield connection


@dataclass
class Statements:
    """Statements a store was asked to run, with their parameters."""

    seen: list[tuple[str, Any]] = field(default_factory=list)
    quiet: bool = False

    def take(self) -> list[tuple[str, Any]]:
        """What was seen since the last time."""
        seen, self.seen = self.seen, []
        return seen


@pytest.fixture
def statements(archive: Store) -> Iterator[Statements]:
    """Listens to what the archive is asked."""
    heard = Statements()

    def hear(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if not heard.quiet and not statement.startswith(("BEGIN", "EXPLAIN", "PRAGMA", "SET ")):
            heard.seen.append((statement, parameters))

    event.listen(archive.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(archive.engine, "before_cursor_execute", hear)
