"""Migrations: from empty, from every released version, by several processes at once, never backwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from store import migrate
from store.engine import Store
from store.errors import SchemaTooNewError, SchemaTooOldError, StoreUnavailableError
from store.ingest import commit_page
from tests.store.making import mention, page

# Version of the schema each release shipped. A release adds its line; the test then also migrates up from there.
RELEASED = {"0.1.0": "0002"}
# Made by migrations in the engine's own words: full text and its triggers are no models.
OUTSIDE_MODELS = ("mention_fts", "mention_search")


def _same_type(_context: Any, _column: Any, _meta: Any, found: Any, wanted: Any) -> bool | None:
    """False: equal. SQLite spells a 53-bit key INTEGER so that it becomes the row id."""
    if isinstance(found, sa.Integer) and isinstance(wanted.dialect_impl(sa.dialects.sqlite.dialect()), sa.Integer):
        return False if _context.dialect.name == "sqlite" else None
    return None


def test_models_and_migrated_schema_agree(store: Store) -> None:
    def include(_thing: Any, name: str, kind: str, _reflected: bool, _compared: Any) -> bool:
        return kind != "index" and not (kind == "table" and name.startswith(OUTSIDE_MODELS))

    with store.read() as conn:
        options = {"compare_type": _same_type, "include_object": include}
        found = compare_metadata(MigrationContext.configure(conn, opts=options), SQLModel.metadata)
    assert found == []


def test_an_empty_database_is_brought_to_the_newest_version(
    empty_store_url: str, open_stores: Callable[..., Store]
) -> None:
    store = open_stores(empty_store_url)
    assert store.schema_version() == ""
    with pytest.raises(SchemaTooOldError, match="klankbord migrate"):
        store.require_schema()
    store.migrate()
    store.migrate()
    store.require_schema()
    assert store.schema_version() == migrate.head()


@pytest.mark.parametrize("release", RELEASED)
def test_every_released_version_migrates_up_with_its_rows(
    release: str, empty_store_url: str, open_stores: Callable[..., Store]
) -> None:
    store = open_stores(empty_store_url)
    with store.write() as conn:
        migrate.upgrade(conn, RELEASED[release])
    with store.write() as conn:
        conn.execute(sa.text("INSERT INTO brand (id, name, competitor) VALUES ('acme', 'Acme', false)"))
    store.migrate()
    with store.read() as conn:
        assert conn.execute(sa.text("SELECT name FROM brand")).scalar_one() == "Acme"
    assert commit_page(store, page(mention("1"))).new == 1


def test_a_newer_schema_is_refused(empty_store_url: str, open_stores: Callable[..., Store]) -> None:
    store = open_stores(empty_store_url)
    store.migrate()
    with store.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for refused in (store.migrate, store.require_schema, lambda: open_stores(empty_store_url)):
        with pytest.raises(SchemaTooNewError, match="9999"):
            refused()


@pytest.mark.slow
def test_processes_that_migrate_at_once_take_turns(empty_store_url: str, open_stores: Callable[..., Store]) -> None:
    program = "import sys; from store.engine import open_store; open_store(sys.argv[1]).migrate()"
    started = [
        subprocess.Popen([sys.executable, "-c", program, empty_store_url], stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in started:
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0, told.decode()
    open_stores(empty_store_url).require_schema()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://someone:hush@127.0.0.1:1/none", r"someone:\*\*\*@127.0.0.1:1/none"),
        ("mysql://localhost/x", "mysql"),
        ("no url", "malformed"),
        ("sqlite://", "needs a file"),
        ("sqlite:////dev/null/here.db", "/dev/null"),
    ],
)
def test_a_database_that_cannot_be_opened_is_named_without_its_password(
    url: str, told: str, open_stores: Callable[..., Store]
) -> None:
    with pytest.raises(StoreUnavailableError, match=told) as caught:
        open_stores(url)
    assert "hush" not in str(caught.value)
