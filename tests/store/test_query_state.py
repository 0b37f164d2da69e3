"""The memory of a query is made once, whoever writes to it first and at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from store.engine import Store
from store.ingest import commit_page
from store.schema import query_state
from store.sources import label_query
from tests.store.making import mention, page

WRITER = """
import sys
from store.engine import open_store
from store.sources import label_query
store = open_store(sys.argv[1])
sys.stdin.readline()
for number in range(60):
    label_query(store, "forum", f"query {number}", f"by {sys.argv[2]}")
"""


def _rows(store: Store) -> list[tuple[str, str]]:
    with store.read() as conn:
        return [(row.query_id, row.label) for row in conn.execute(select(query_state).order_by(query_state.c.query_id))]


@pytest.mark.slow
def test_two_processes_that_name_the_same_queries_make_each_once(
    store_url: str, open_stores: Callable[..., Store]
) -> None:
    store = open_stores(store_url)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store_url, str(who)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in range(2)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        _, trouble = process.communicate(timeout=120)
        assert process.returncode == 0, trouble
    rows = _rows(store)
    assert len(rows) == 60
    assert {label for _, label in rows} <= {"by 0", "by 1"}


def test_threads_that_meet_at_the_very_same_query_never_fail(store: Store) -> None:
    failures: list[BaseException] = []
    together = threading.Barrier(6)

    def work(who: int) -> None:
        try:
            for number in range(15):
                together.wait(timeout=60)
                label_query(store, "forum", f"query {number}", f"by {who}")
        except BaseException as error:  # noqa: BLE001  handed to the test
            failures.append(error)
            together.abort()

    threads = [threading.Thread(target=work, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(_rows(store)) == 15


def test_a_name_leaves_what_a_page_remembered_and_the_other_way_round(store: Store) -> None:
    commit_page(store, page(mention(), state={"cursor": 7}))
    label_query(store, "forum", "latest", "Newest posts")
    commit_page(store, page(mention("2"), state={"cursor": 8}))
    with store.read() as conn:
        (row,) = conn.execute(select(query_state)).all()
    assert (row.label, row.state) == ("Newest posts", {"cursor": 8})
