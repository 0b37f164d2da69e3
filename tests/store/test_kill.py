"""Kill -9 while pages are committed: nothing acknowledged is lost, nothing doubled, no interval without its rows."""

from __future__ import annotations

import multiprocessing
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import func, select

from store import schema
from store.coverage import covered, subtract
from store.engine import Store
from store.records import Span
from tests.store.committing import commit_until_killed, hour, size_of
from tests.store.copying import check_groups
from tests.store.test_ingest_properties import check_shown


@pytest.fixture(autouse=True)
def plain_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child imports its parent's main module, and a page that was drawn in this process may have put itself there."""
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))


def _acknowledged(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def _wait_for_more(path: Path, than: int) -> None:
    deadline = time.monotonic() + 60
    while len(_acknowledged(path)) <= than:
        assert time.monotonic() < deadline, "the committing process tells nothing"
        time.sleep(0.002)  # another process decides when; there is nothing to be told by


def _kill_and_check(url: str, store: Store, told: Path, *, kills: int) -> None:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["tests.store.committing"])
    rng = random.Random(7)
    for _ in range(kills):
        done = _acknowledged(told)
        # Two pages are asked again, as a collector with a look-back does.
        first = max(0, max(done, default=-1) - 1)
        process = forks.Process(target=commit_until_killed, args=(url, first, str(told)))
        process.start()
        _wait_for_more(told, than=len(done))
        time.sleep(rng.random() * 0.06)
        process.kill()
        process.join()
    pages = sorted(set(_acknowledged(told)))
    assert pages == list(range(len(pages)))
    with store.read() as conn:
        ids = [row.external_id for row in conn.execute(select(schema.mention.c.external_id))]
        keys = conn.execute(select(func.count()).select_from(schema.mention_key)).scalar_one()
        raw = conn.execute(select(func.count()).select_from(schema.mention_raw)).scalar_one()
    stored = set(ids)
    assert len(stored) == len(ids) == keys == raw
    for number in pages:
        assert {f"{number}-{row}" for row in range(size_of(number))} <= stored
    spans = covered(store, "forum", "latest")
    assert subtract(Span(hour(0), hour(len(pages))), spans) == []
    for number in range(len(pages), len(pages) + 5):
        claimed = subtract(Span(hour(number), hour(number + 1)), spans) == []
        assert not claimed or {f"{number}-{row}" for row in range(size_of(number))} <= stored
    if store.is_sqlite:
        with store.read() as conn:
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    check_shown(store)
    check_groups(store)


def test_three_kills_lose_and_double_nothing(store_url: str, open_stores: Callable[..., Store], tmp_path: Path) -> None:
    _kill_and_check(store_url, open_stores(store_url), tmp_path / "told", kills=3)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_fifty_kills_lose_and_double_nothing(store_url: str, open_stores: Callable[..., Store], tmp_path: Path) -> None:
    _kill_and_check(store_url, open_stores(store_url), tmp_path / "told", kills=50)
