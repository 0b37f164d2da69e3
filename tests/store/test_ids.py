"""Ids: 53 bits, growing with time, unique over processes, whatever the clock does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from store.engine import Store
from store.ids import EPOCH, LEASE_S, NODES, SEQUENCE, IdLease, IdMaker, choose, id_floor, id_second, instant_of
from tests.conftest import Clock

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


def test_what_is_at_hand_ends_with_the_stretch() -> None:
    clock = Clock(EPOCH)
    maker = IdMaker(clock, Reservations().reserve)
    assert maker.at_hand(3) == []
    maker.ensure()
    clock.step(seconds=LEASE_S - 1)
    assert len(maker.at_hand(SEQUENCE + 1)) == SEQUENCE
    assert maker.at_hand(1) == []


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


def test_a_transaction_of_hours_gets_all_the_ids_it_wants(
    store_url: str, open_stores: Callable[..., Store], clock: Clock
) -> None:
    ours, theirs = (open_stores(store_url, clock=clock) for _ in range(2))
    others, made = theirs.new_ids(5), ours.new_ids(5)
    with ours.write():
        for _ in range(90):
            made += ours.new_ids(1000)
            assert instant_of(made[-1]) == clock()
            clock.step(seconds=100)
    made += ours.new_ids(5)
    with ours.write():
        made += ours.new_ids(5)
    assert made == sorted(set(made))
    others += theirs.new_ids(5) + open_stores(store_url, clock=lambda: clock() - timedelta(hours=3)).new_ids(5)
    assert len(set(made + others)) == len(made + others)


def test_a_transaction_gets_more_ids_than_its_stretch_has_left(store: Store, clock: Clock) -> None:
    with store.write():
        clock.step(seconds=LEASE_S - 1)
        many = store.new_ids(3 * SEQUENCE)
    many.append(store.new_id())
    assert many == sorted(set(many))


def test_a_long_transaction_that_fails_takes_nothing_from_anybody(
    store_url: str, open_stores: Callable[..., Store], clock: Clock
) -> None:
    ours, theirs = (open_stores(store_url, clock=clock) for _ in range(2))
    made = []
    for _ in range(3):
        with suppress(LookupError), ours.write():
            clock.step(minutes=2)
            ours.new_ids(10)
            raise LookupError
        made += theirs.new_ids(10) + ours.new_ids(10)
        with ours.write():
            made += ours.new_ids(10)
    assert len(set(made)) == len(made)


def test_who_waits_for_a_long_transaction_to_reserve_ids_does_not_keep_it_from_its_own(
    store: Store, clock: Clock
) -> None:
    made: list[int] = []
    with store.write():
        made += store.new_ids(1)
        clock.step(minutes=5)
        beside = threading.Thread(target=lambda: made.extend(store.new_ids(1)))
        beside.start()
        made += store.new_ids(1)
    beside.join()
    assert len(set(made)) == 3


def test_a_store_that_closes_late_gives_back_nothing_that_is_reserved_anew(
    store_url: str, open_stores: Callable[..., Store], clock: Clock
) -> None:
    idle, busy = (open_stores(store_url, clock=clock) for _ in range(2))
    idle.new_id()
    made = []
    for _ in range(NODES):
        clock.step(minutes=2)
        made += busy.new_ids(1)
    idle.close()  # all nodes were used once, so its own is reserved by the other store of this process
    made += open_stores(store_url, clock=clock).new_ids(1)
    assert len(set(made)) == len(made)
