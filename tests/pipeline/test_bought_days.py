"""Days on which a platform has far more to sell than the budget can buy: never over it, and honest about the rest."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlalchemy import select

from store.engine import Store, open_store
from store.records import Span
from store.schema import mention
from tests.conftest import Clock, SqliteDatabases
from tests.pipeline.bench import CrashError, CrashingLedger
from tests.pipeline.bought import Market, priced_source
from tests.pipeline.priced_platform import PricedPlatform, busy_day, written_at

DAWN = datetime(2026, 3, 10, tzinfo=UTC)
NEXT = DAWN + timedelta(days=1)
CENT = Decimal("0.01")
CLOSE = timedelta(milliseconds=2)
LATE, ZERO = timedelta(seconds=40), timedelta()


def stored(store: Store) -> set[int]:
    with store.read() as conn:
        return {int(each) for each in conn.execute(select(mention.c.external_id)).scalars()}


def inside(posts: list[int], spans: list[Span]) -> set[int]:
    return {post for post in posts if any(span.start <= written_at(post) < span.end for span in spans)}


def hold_honest(market: Market, posts: list[int]) -> None:
    """What the ledger claims is there, what it says was not bought is not, and together they are all there was."""
    now = market.clock()
    covered, unbought = market.covered(), market.unbought()
    have = stored(market.store)
    missing = inside(posts, covered) - have
    # the platform shows posts half a minute late: the look-back of whatever is read next above brings them
    above = [now, *(span.start for span in unbought)]
    assert {post for post in missing if all(not LATE > at - written_at(post) > ZERO for at in above)} == set()
    edges = {span.end for span in unbought}
    strays = {post for post in inside(posts, unbought) & have if all(at - written_at(post) > CLOSE for at in edges)}
    assert strays == set(), "the last post of a page stands at the edge of the gap; nothing deeper in it was bought"
    whole = sorted([*covered, *unbought], key=lambda span: span.start)
    for before, after in pairwise(whole):
        assert before.end >= after.start, "a stretch that is neither covered nor said to be missing"
    assert whole[-1].end >= now - timedelta(minutes=6)


def live_through(store: Store, *, posts: int, cap: float, calls: int = 300, tomorrow: int = 2_000) -> Market:
    """A day of so many matching posts, and a quieter one after it."""
    clock = Clock(DAWN)
    today, later = busy_day(DAWN, posts), busy_day(NEXT, tomorrow, seed=2)
    platform = PricedPlatform(clock, [*today, *later], calls=calls)
    market = Market(store, clock, platform, priced_source(options={"usd_a_day": cap}))
    market.run_until(NEXT - timedelta(seconds=1))
    limit = Decimal(str(cap))
    assert platform.bill[DAWN.date()] == market.used()
    assert limit * Decimal("0.9") - Decimal("0.50") < market.used() <= limit * Decimal("0.9")
    (gap,) = market.unbought()
    assert gap.start == market.covered()[0].start if gap.end == market.covered()[0].start else gap.start > DAWN
    bought = len(stored(store))

    market.run_until(NEXT + timedelta(seconds=2))
    hold_honest(market, platform.posts[:posts])

    market.run_until(NEXT + timedelta(days=1) - timedelta(seconds=1))
    assert platform.bill[NEXT.date()] == market.used() <= limit * Decimal("0.9")
    hold_honest(market, [*platform.posts])
    have = stored(store)
    assert len(set(later) - have) <= tomorrow // 50, "what is new comes first"
    assert len(have) > bought + tomorrow, "and what was not bought yesterday is read with what is left over"
    assert platform.announced == 0
    return market


@pytest.mark.slow
def test_a_smaller_day_is_never_over_budget_and_says_what_was_not_bought(store: Store) -> None:
    live_through(store, posts=4_000, cap=10, tomorrow=300)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_day_of_a_hundred_thousand_posts_is_never_over_budget_and_says_what_was_not_bought(store: Store) -> None:
    market = live_through(store, posts=100_000, cap=50)
    total = sum(market.platform.bill.values())
    assert total.quantize(CENT) <= 2 * 50


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_worker_that_slept_all_day_catches_up_without_running_into_the_limit_of_calls(
    sqlite_databases: SqliteDatabases,
) -> None:
    url = sqlite_databases.migrated()
    store = open_store(url)
    try:
        clock = Clock(DAWN)
        platform = PricedPlatform(clock, busy_day(DAWN, 10_000), calls=15)
        market = Market(store, clock, platform, priced_source(options={"usd_a_day": 1_000}))
        market.collect()
        clock.now = NEXT
        market.run_until(NEXT + timedelta(hours=3))
        assert platform.announced == 0
        assert stored(store) == set(platform.posts)
        assert (market.unbought(), len(market.covered())) == ([], 1)
    finally:
        store.close()
        sqlite_databases.drop(url)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
def test_with_trouble_and_crashes_the_account_says_at_least_what_was_charged(
    sqlite_databases: SqliteDatabases, seed: int
) -> None:
    url = sqlite_databases.migrated()
    store = open_store(url)
    try:
        clock = Clock(DAWN)
        platform = PricedPlatform(clock, busy_day(DAWN, 3_000, seed=seed), faults=deque(["", "503", "", "cut", "html"]))
        died = frozenset({3 + seed, 11 + seed, 12 + seed})
        ledgers = []

        def mortal(of: Store) -> CrashingLedger:
            ledgers.append(CrashingLedger(of, before=died) if len(ledgers) < 3 else CrashingLedger(of))
            return ledgers[-1]

        market = Market(store, clock, platform, priced_source(options={"usd_a_day": 6}), ledger=mortal)
        while clock() < NEXT - timedelta(minutes=1):
            try:
                market.run_until(NEXT - timedelta(minutes=1))
            except CrashError:
                clock.step(minutes=1)
        assert platform.bill[DAWN.date()] <= market.used() <= Decimal("5.4")
        assert platform.bill[DAWN.date()] + Decimal("0.5") * 6 >= market.used()
        assert platform.announced == 0
    finally:
        store.close()
        sqlite_databases.drop(url)
