"""A platform's number of items a person may take out in a day is kept, by whoever exports at the same time."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.duties import DutyRecord, sync_duties
from store.engine import Store
from store.export_rows import ExportFilter, export_mentions
from store.handing import IDS_ONLY, Recipient, take
from store.ingest import commit_page
from store.schema import handed
from tests.store.making import mention, page, person

DAY = date(2026, 3, 10)
ME = Recipient("7", DAY)


def _filled(store: Store, n: int) -> None:
    commit_page(store, page(*(mention(str(i), author=person("p", name="Piet"), url="https://a.example/x")
                              for i in range(n))))  # fmt: skip


def test_beyond_the_days_number_only_ids_leave_and_the_same_export_again_gives_the_same(store: Store) -> None:
    _filled(store, 5)
    sync_duties(store, [DutyRecord("forum", export_per_day=3, basis="terms")])
    rows = list(export_mentions(store, ExportFilter(), to=ME))
    assert [IDS_ONLY in row.flags for row in rows] == [False] * 3 + [True] * 2
    for number, row in enumerate(rows[3:], start=3):
        assert (row.text, row.author_id, row.author_name, row.url, row.published_at) == ("", None, None, None, None)
        assert (row.external_id, row.conversation_status, row.sort_at) == (str(number), "new", row.first_seen_at)
    assert list(export_mentions(store, ExportFilter(), to=ME)) == rows
    later = Recipient("7", DAY + timedelta(days=1))
    assert [row.text for row in export_mentions(store, ExportFilter(), to=later, after=rows[2].id)] == [
        "message 3",
        "message 4",
    ]


def test_somebody_else_and_another_platform_have_an_account_of_their_own(store: Store) -> None:
    ids = list(range(10))
    assert take(store, ME, "x", ids, most=4) == {0, 1, 2, 3}
    assert take(store, ME, "x", ids[2:], most=4) == {2, 3}
    assert take(store, Recipient("8", DAY), "x", ids, most=4) == {0, 1, 2, 3}
    assert take(store, ME, "y", ids, most=2) == {0, 1}
    assert take(store, Recipient("7", DAY + timedelta(days=5)), "x", ids[5:], most=4) == {5, 6, 7, 8}
    with store.read() as conn:
        assert set(conn.execute(select(handed.c.day)).scalars()) == {DAY + timedelta(days=5)}, "old days are forgotten"


def test_a_source_without_a_rule_is_not_counted(store: Store) -> None:
    _filled(store, 3)
    sync_duties(store, [DutyRecord("another", export_per_day=1)])
    assert all(row.text for row in export_mentions(store, ExportFilter(), to=ME))
    with store.read() as conn:
        assert conn.execute(select(handed)).all() == []


Wishes = st.lists(st.lists(st.integers(0, 30), max_size=12, unique=True), max_size=8)


_PERSONS = itertools.count()


@given(wishes=Wishes, most=st.integers(0, 12))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_never_more_than_the_number_and_never_less_than_it_allows(
    store: Store, wishes: list[list[int]], most: int
) -> None:
    me = Recipient(f"p{next(_PERSONS)}", DAY)
    out: set[int] = set()
    for wished in wishes:
        got = take(store, me, "x", wished, most=most)
        assert got <= set(wished)
        assert out & set(wished) <= got, "what left today may leave again"
        room = most - len(out)
        assert len(got - out) == min(room, len(set(wished) - out))
        out |= got
        assert len(out) <= most


def test_threads_that_export_at_once_share_one_account(store: Store) -> None:
    taken: Counter[int] = Counter()
    failures: list[BaseException] = []

    def work(start: int) -> None:
        try:
            for at in range(start, start + 60, 5):
                taken.update(take(store, ME, "x", range(at, at + 5), most=50))
        except BaseException as error:  # noqa: BLE001  handed to the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(1000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(taken) == 50


TAKER = """
import sys
from datetime import date
from store.engine import open_store
from store.handing import Recipient, take
store, start = open_store(sys.argv[1]), int(sys.argv[2])
sys.stdin.readline()
got = set()
for at in range(start, start + 400, 8):
    got |= take(store, Recipient("7", date(2026, 3, 10)), "x", range(at, at + 8), most=500)
print(len(got))
"""


@pytest.mark.slow
def test_two_processes_cannot_exceed_it_together(store_url: str, open_stores: Callable[..., Store]) -> None:
    store = open_stores(store_url)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, store_url, str(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for start in (0, 10_000)
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = []
    for process in started:
        said, trouble = process.communicate(timeout=120)
        assert process.returncode == 0, trouble
        counts.append(int(said))
    assert sum(counts) == 500
    with store.read() as conn:
        assert len(conn.execute(select(handed)).all()) == 500


@pytest.mark.parametrize("most", [0, 2])
def test_a_number_that_shrinks_lets_nothing_more_out(store: Store, most: int) -> None:
    assert len(take(store, ME, "x", range(5), most=5)) == 5
    assert take(store, ME, "x", range(5, 9), most=most) == set()
