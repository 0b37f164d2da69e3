"""Fixtures every suite shares: a real store on each engine, and a clock that only tests move."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from screens import i18n
from store.engine import Store, open_store
from tests.postgres_server import NoPostgresError, connection_string, fast_folder, postgres_server

ENGINES = ("sqlite", "postgresql")
_SLOW_ON_POSTGRESQL = frozenset(
    {
        "connecting",
        "connectors",
        "days",
        "duties",
        "inbox",
        "pictures",
        "pipeline",
        "replying",
        "social",
        "store/read/test_search.py",
        "store/test_folding.py",
        "store/test_ingest_properties.py",
        "store/test_lasting.py",
        "store/test_rollups.py",
        "web",
        "webhooks",
    }
)

# An example is judged by what comes out: on a busy machine any of them may take long.
hypothesis.settings.register_profile("klankbord", deadline=None)
hypothesis.settings.load_profile("klankbord")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is named above runs on SQLite in the quick suite and on PostgreSQL in the slow one; the rest on both."""
    for item in items:
        path = item.path.relative_to(Path(__file__).parent)
        if not _SLOW_ON_POSTGRESQL.isdisjoint((path.parts[0], path.as_posix())) and "[postgresql" in item.name:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _every_test_begins_in_english() -> None:
    """The language and the time zone of texts are kept per thread, so the test before may have chosen others."""
    i18n.choose("en")


class Clock:
    """A clock that stands still until a test moves it; call it for now (aware UTC)."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def step(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move by a timedelta, or by its parts: `clock.step(minutes=5)`."""
        self.now += delta if delta is not None else timedelta(**parts)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at Tuesday 2026-03-10 10:00 UTC."""
    return Clock(datetime(2026, 3, 10, 10, 0, tzinfo=UTC))


class PostgresDatabases:
    """Makes fresh databases on the session's server by copying a migrated one, which takes about 50 ms."""

    def __init__(self, server: URL) -> None:
        self.server = server
        self._numbers = itertools.count(1)
        self._prefix = f"klankbord_test_{os.getpid()}"
        self._template: str | None = None
        self._made: list[str] = []

    def empty(self) -> str:
        """URL of a new database without any table."""
        return self._create(None)

    def migrated(self) -> str:
        """URL of a new database at the newest version."""
        if self._template is None:
            url = self.empty()
            store = open_store(url)
            store.migrate()
            store.close()
            self._template = str(url.rsplit("/", 1)[1])
        return self._create(self._template)

    def drop(self, url: str) -> None:
        """Remove one database, whoever is still connected to it."""
        name = url.rsplit("/", 1)[1]
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.remove(name)

    def drop_all(self) -> None:
        """Remove every database made here."""
        for name in list(self._made):
            self.drop(f"/{name}")

    def _create(self, template: str | None) -> str:
        name = f"{self._prefix}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        self._run(statement)
        self._made.append(name)
        return self.server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: sql.Composable) -> None:
        with psycopg.connect(connection_string(self.server), autocommit=True) as conn:
            conn.execute(statement)


class SqliteDatabases:
    """Makes fresh SQLite files by copying a migrated one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._template: Path | None = None

    def empty(self) -> str:
        """URL of a file that is not there yet."""
        return f"sqlite:///{self._folder / f'empty{next(self._numbers)}.db'}"

    def migrated(self) -> str:
        """URL of a new file at the newest version."""
        if self._template is None:
            url = self.empty()
            store = open_store(url)
            store.migrate()
            store.close()  # the last connection moves the log into the file, so that it may be copied
            self._template = Path(url.removeprefix("sqlite:///"))
        path = self._folder / f"test{next(self._numbers)}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove one file and its log."""
        for end in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteDatabases]:
    """Fresh SQLite files."""
    with tempfile.TemporaryDirectory(prefix="klankbord-sqlite-", dir=fast_folder()) as folder:
        yield SqliteDatabases(Path(folder))


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    """Fresh PostgreSQL databases; skips, with the reason, where no server can be had."""
    server = postgres_server()
    try:
        url = server.__enter__()
    except NoPostgresError as error:
        pytest.skip(f"no PostgreSQL: {error}")
    databases = PostgresDatabases(url)
    try:
        yield databases
    finally:
        databases.drop_all()
        server.__exit__(None, None, None)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Each engine in turn: a test that uses it, or anything below, runs on both."""
    return str(request.param)


@pytest.fixture
def databases(request: pytest.FixtureRequest, engine_name: str) -> SqliteDatabases | PostgresDatabases:
    """The maker of databases of the engine in turn."""
    made: SqliteDatabases | PostgresDatabases = request.getfixturevalue(
        "sqlite_databases" if engine_name == "sqlite" else "postgres_databases"
    )
    return made


@pytest.fixture
def store_url(databases: SqliteDatabases | PostgresDatabases) -> Iterator[str]:
    """URL of a fresh, migrated database, for tests that open it themselves or in another process."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def empty_store_url(databases: SqliteDatabases | PostgresDatabases) -> Iterator[str]:
    """URL of a fresh database without any table."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def open_stores() -> Iterator[Callable[..., Store]]:
    """`open_store` whose stores are closed at the end of the test."""
    opened: list[Store] = []

    def opener(url: str, **options: object) -> Store:
        opened.append(open_store(url, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield opener
    for each in opened:
        each.close()


@pytest.fixture
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    """A fresh, migrated store on each engine in turn; its clock is the `clock` fixture."""
    opened = open_store(store_url, clock=clock)
    yield opened
    opened.close()
