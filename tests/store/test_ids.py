"""Ids: 53 bits, growing with time, unique over processes, whatever the clock does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.engine import Store
from store.errors import IdsExhaustedError
from store.ids import EPOCH, LEASE_S, NODES, SEQUENCE, IdLease, IdMaker, choose, id_floor, id_second, instant_of

Steps = st.lists(st.tuples(st.integers(-5000, 5000), st.integers(1, 3), st.integers(0, 2)), max_size=40)


class Reservations:
    """The store's side of reserving, in memory."""

    def __init__(self) -> None:
        self.until: dict[int, int] = {}

    def reserve(self, now_s: int, after_s: int) -> IdLease:
        lease = choose(self.until, now_s=now_s, after_s=after_s)
        self.until[lease.node] = lease.until_s
        return lease


@given(Steps)
@settings(max_examples=200, deadline=None)
def test_ids_grow_in_a_process_and_never_meet_those_of_another_whatever_the_clock_does(
    steps: list[tuple[int, int, int]],
) -> None:
    now = EPOCH + timedelta(days=900)
    shared = Reservations()
    clocks = [now, now, now]
    makers = [IdMaker(lambda which=which: clocks[which], shared.reserve) for which in range(3)]
    made: list[list[int]] = [[], [], []]
    for step, count, which in steps:
        clocks[which] += timedelta(seconds=step)
        made[which] += makers[which].take(count)
    for each in made:
        assert each == sorted(set(each))
        assert all(0 <= an_id < 2**53 for an_id in each)
    together = [an_id for each in made for an_id in each]
    assert len(together) == len(set(together))


def test_a_full_second_runs_ahead_and_stays_unique() -> None:
    now = EPOCH + timedelta(days=900)
    maker = IdMaker(lambda: now, Reservations().reserve)
    ids = maker.take(3 * SEQUENCE + 5)
    assert ids == sorted(set(ids))
    assert id_second(instant_of(ids[-1])) == id_second(now) + 3


def test_more_processes_than_nodes_still_get_ids() -> None:
    shared = Reservations()
    now = EPOCH + timedelta(days=900)
    ids = [IdMaker(lambda: now, shared.reserve).take(1)[0] for _ in range(3 * NODES)]
    assert len(set(ids)) == len(ids)


def test_ids_tell_when_they_were_made_and_last_until_2092() -> None:
    instant = datetime(2026, 3, 10, 10, 0, 7, tzinfo=UTC)
    an_id = IdMaker(lambda: instant, Reservations().reserve).take(1)[0]
    assert instant_of(an_id) == instant
    assert id_floor(instant) <= an_id < id_floor(instant + timedelta(seconds=1))
    assert id_floor(datetime(2092, 1, 1, tzinfo=UTC)) < 2**53


def test_eight_threads_share_one_maker() -> None:
    maker = IdMaker(lambda: EPOCH + timedelta(days=900), Reservations().reserve)
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.extend(maker.take(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000


def test_a_transaction_that_wants_too_many_ids_is_told() -> None:
    maker = IdMaker(lambda: EPOCH, Reservations().reserve)
    maker.ensure()
    with pytest.raises(IdsExhaustedError, match="split"):
        maker.take((LEASE_S + 1) * SEQUENCE, may_reserve=False)


def test_stores_on_one_database_never_make_the_same_id(store_url: str, open_stores: Callable[..., Store]) -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    stores = [open_stores(store_url, clock=lambda: now) for _ in range(4)]
    made = [an_id for _ in range(3) for each in stores for an_id in each.new_ids(10)]
    assert len(set(made)) == len(made)
    stores[0].close()
    made += open_stores(store_url, clock=lambda: now - timedelta(days=1)).new_ids(10)
    with stores[1].write():
        made += stores[1].new_ids(10)
    assert len(set(made)) == len(made)
