"""Leases: a source is held by one worker at a time, a dead worker leaves nothing locked."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from store.engine import Store
from store.records import StaleLeaseError
from store.schedule import lease_due, lease_source, release, renew
from store.sources import SourceRecord, record_success, record_trouble, sync_sources
from store.sources import query_states as states
from tests.source_rows import next_due, source_rows
from tests.store.making import NOW

MINUTE = timedelta(minutes=1)


def declared(*names: str, every_s: int = 60, enabled: bool = True) -> list[SourceRecord]:
    return [
        SourceRecord(name, "feeds", "feeds", name.title(), every_s=every_s, archive_after_s=60, enabled=enabled)
        for name in names
    ]


def test_first_polls_are_spread_and_the_longest_due_goes_first(store: Store) -> None:
    sync_sources(store, declared("a", "b", "c"), NOW)
    assert [row.due_at for row in source_rows(store)] == [NOW, NOW + timedelta(seconds=20), NOW + timedelta(seconds=40)]
    got = lease_due(store, owner="w", now=NOW + timedelta(seconds=30), limit=9, lease=MINUTE)
    assert [each.source_id for each in got] == ["a", "b"]
    assert lease_due(store, owner="w", now=NOW + timedelta(seconds=30), limit=9, lease=MINUTE) == []


def test_a_lease_that_ran_out_goes_to_another_and_its_holder_is_refused(store: Store) -> None:
    sync_sources(store, declared("a"), NOW)
    dead = lease_due(store, owner="dead", now=NOW, limit=1, lease=MINUTE)[0]
    assert lease_source(store, "a", owner="x", now=NOW, lease=MINUTE) is None
    heir = lease_due(store, owner="heir", now=NOW + MINUTE, limit=1, lease=MINUTE)[0]
    assert heir.fence > dead.fence
    with pytest.raises(StaleLeaseError):
        renew(store, dead, until=NOW + 5 * MINUTE)
    assert release(store, dead, due_at=NOW, pace_s=1, failures=9) is False
    renewed = renew(store, heir, until=NOW + 5 * MINUTE)
    assert release(store, renewed, due_at=NOW + 9 * MINUTE, pace_s=540, failures=2) is True
    row = source_rows(store)[0]
    assert (row.due_at, row.pace_s, row.failures, row.lease_owner) == (NOW + 9 * MINUTE, 540, 2, None)
    assert next_due(store) == NOW + 9 * MINUTE


def test_eight_workers_never_hold_the_same_source(store: Store) -> None:
    sync_sources(store, declared(*[f"s{number:02}" for number in range(40)]), NOW - timedelta(hours=1))
    held: list[str] = []

    def work(owner: str) -> None:
        while got := lease_due(store, owner=owner, now=NOW, limit=3, lease=MINUTE):
            held.extend(each.source_id for each in got)

    threads = [threading.Thread(target=work, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == len(set(held))
    held += [each.source_id for each in lease_due(store, owner="last", now=NOW, limit=99, lease=MINUTE)]
    assert len(set(held)) == 40


def test_a_source_that_was_given_back_is_not_held_again_by_a_late_renewal(store: Store) -> None:
    sync_sources(store, declared("a"), NOW)
    (lease,) = lease_due(store, owner="w", now=NOW, limit=9, lease=MINUTE)
    assert release(store, lease, due_at=NOW, pace_s=60, failures=0)
    with pytest.raises(StaleLeaseError):
        renew(store, lease, until=NOW + 9 * MINUTE)
    assert [each.source_id for each in lease_due(store, owner="x", now=NOW, limit=9, lease=MINUTE)] == ["a"]


def test_a_source_that_is_no_longer_declared_is_switched_off_and_comes_back(store: Store) -> None:
    sync_sources(store, declared("a", "b"), NOW)
    sync_sources(store, declared("a", every_s=10), NOW)
    a, b = source_rows(store)
    assert (a.enabled, a.pace_s, b.enabled, b.health) == (True, 10, False, "off")
    assert [each.source_id for each in lease_due(store, owner="w", now=NOW + 9 * MINUTE, limit=9, lease=MINUTE)] == [
        "a"
    ]
    sync_sources(store, declared("a", "b"), NOW)
    assert source_rows(store)[1].health == "ok"


def test_trouble_of_one_query_stays_until_that_query_answers(store: Store) -> None:
    sync_sources(store, declared("a"), NOW)
    told = {"health": "trouble", "health_text": "server trouble", "error_class": "Transient"}
    record_trouble(store, "a", now=NOW, query_id="q", not_before=NOW + MINUTE, **told)
    record_trouble(store, "a", now=NOW + MINUTE, query_id="q", **told)
    row = source_rows(store)[0]
    assert (row.health, row.health_text, row.error_since) == ("trouble", "server trouble", NOW)
    assert states(store, "a")["q"].failures == 2
    record_success(store, "a", now=NOW + 2 * MINUTE, query_id="other", last_item_at=NOW)
    assert source_rows(store)[0].health == "trouble"
    record_success(store, "a", now=NOW + 3 * MINUTE, query_id="q", last_item_at=NOW - MINUTE)
    row = source_rows(store)[0]
    assert (row.health, row.error_since, row.last_ok_at, row.last_item_at) == ("ok", None, NOW + 3 * MINUTE, NOW)
    assert states(store, "a")["q"].failures == 0
