"""The account of what platforms count or charge: exact, shared, never over its limit and never under-counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.engine import Store, open_store
from store.meter_standings import MeterStanding, standings, used_up_at
from store.meters import MICRO, Claim, MeterRecord, declare, hold, settle, to_micros
from store.records import MeterCharge
from tests.conftest import SqliteDatabases

DAY = date(2026, 3, 10)
USD = MeterRecord("usd", "USD", 50 * MICRO, 5 * MICRO, "day", "UTC")


def claim(amount: int, most: int | None = None, *, name: str = "usd", day: date = DAY) -> Claim:
    return Claim(name, day, day, day + timedelta(days=1), amount, most)


def standing(store: Store, now: datetime, days: int = 7) -> MeterStanding:
    with store.read() as conn:
        (found,) = standings(conn, now, days=days)
    return found


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_prices_with_decimals_add_up_exactly(cents: list[int]) -> None:
    total = sum(to_micros(cent / 100) for cent in cents)
    assert Decimal(total) / MICRO == sum((Decimal(cent) / 100 for cent in cents), Decimal(0))


@pytest.mark.parametrize("amount", [-0.01, float("nan"), float("inf"), 1e300])
def test_what_is_no_amount_is_refused(amount: float) -> None:
    with pytest.raises(ValueError, match="no amount"):
        to_micros(amount)


def test_what_is_held_counts_until_it_is_known(store: Store) -> None:
    declare(store, "x", [USD])
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert hold(store, "x", [claim(500_000, 1_000_000)]) is None
    assert hold(store, "x", [claim(500_000, 1_000_000)]) is None
    short = hold(store, "x", [claim(1, 1_000_000)])
    assert short is not None
    assert short.used == 1_000_000
    settle(store, "x", [MeterCharge("usd", DAY, used=120_000, held=500_000)])
    assert hold(store, "x", [claim(380_000, 1_000_000)]) is None
    found = standing(store, noon)
    assert (found.used, found.held, found.calls) == (1_000_000, 880_000, 3)


def test_a_call_that_does_not_fit_into_one_meter_holds_nothing_of_the_others(store: Store) -> None:
    declare(store, "yt", [USD, MeterRecord("searches", "searches", 1, 0, "day", "UTC")])
    assert hold(store, "yt", [claim(5), claim(1, 1, name="searches")]) is None
    short = hold(store, "yt", [claim(5), claim(1, 1, name="searches")])
    assert short is not None
    assert short.claim.meter == "searches"
    with store.read() as conn:
        assert [(each.name, each.used) for each in standings(conn, datetime(2026, 3, 10, tzinfo=UTC))] == [
            ("usd", 5),
            ("searches", 1),
        ]


def test_each_source_and_each_day_has_its_own_account(store: Store) -> None:
    assert hold(store, "a", [claim(10, 10)]) is None
    assert hold(store, "b", [claim(10, 10)]) is None
    assert hold(store, "a", [claim(10, 10, day=DAY + timedelta(days=1))]) is None
    assert hold(store, "a", [claim(1, 10)]) is not None


def test_a_month_counts_all_its_days_and_shows_the_last_ones(store: Store) -> None:
    declare(store, "x", [MeterRecord("usd", "USD", 100, 10, "month", "Europe/Amsterdam")])
    month = {"first": date(2026, 3, 1), "after": date(2026, 4, 1), "amount": 30, "most": 100}
    for day in (date(2026, 3, 1), date(2026, 3, 9), date(2026, 3, 10)):
        assert hold(store, "x", [Claim("usd", day, **month)]) is None
    assert hold(store, "x", [Claim("usd", date(2026, 3, 11), **month)]) is not None
    found = standing(store, datetime(2026, 3, 10, 12, tzinfo=UTC), days=2)
    assert (found.used, found.month, found.today, found.left) == (90, 90, 30, 0)
    assert [(each.day.day, each.used, each.calls) for each in found.days] == [(9, 30, 1), (10, 30, 1)]
    assert (found.start, found.end) == (datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))


def test_a_source_that_declares_other_meters_shows_only_those_and_forgets_no_use(store: Store) -> None:
    declare(store, "x", [USD])
    settle(store, "x", [MeterCharge("usd", DAY, used=7, calls=1)])
    declare(store, "x", [MeterRecord("calls", "calls", None, 0, "day", "UTC")])
    assert standing(store, datetime(2026, 3, 10, tzinfo=UTC)).name == "calls"
    declare(store, "x", [USD])
    assert standing(store, datetime(2026, 3, 10, tzinfo=UTC)).used == 7


LIMIT = 1_000
steps = st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1), st.sampled_from(["pays", "dies"])), max_size=25)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=steps)
def test_whatever_calls_cost_and_whoever_dies_the_limit_holds_and_nothing_is_forgotten(
    sqlite_databases: SqliteDatabases, steps: list[tuple[int, float, str]]
) -> None:
    url = sqlite_databases.migrated()
    store = open_store(url)
    try:
        declare(store, "x", [MeterRecord("usd", "USD", LIMIT, 0, "day", "UTC")])
        paid = lost = 0
        for price, share, fate in steps:
            if hold(store, "x", [claim(price, LIMIT)]) is not None:
                assert paid + lost + price > LIMIT
                continue
            cost = int(price * share)
            if fate == "dies":  # it may have cost anything up to its price
                lost += price
            else:
                settle(store, "x", [MeterCharge("usd", DAY, used=cost, held=price)])
                paid += cost
        found = standing(store, datetime(2026, 3, 10, 12, tzinfo=UTC))
        assert (found.used, found.held) == (paid + lost, lost)
        assert found.used <= LIMIT
    finally:
        store.close()
        sqlite_databases.drop(url)


SPENDER = """
import sys
from datetime import date
from store.engine import open_store
from store.meters import Claim, hold, settle
from store.records import MeterCharge
store = open_store(sys.argv[1])
day, bought = date(2026, 3, 10), 0
while hold(store, "x", [Claim("usd", day, day, date(2026, 3, 11), 3, 200)]) is None:
    settle(store, "x", [MeterCharge("usd", day, used=2, held=3)])
    bought += 2
store.close()
print(bought)
"""


@pytest.mark.slow
def test_processes_that_spend_at_once_never_pass_the_limit_together(
    store_url: str, open_stores: Callable[..., Store]
) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", SPENDER, store_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    bought = []
    for process in started:
        out, told = process.communicate(timeout=180)
        assert process.returncode == 0, told.decode()
        bought.append(int(out))
    store = open_stores(store_url)
    declare(store, "x", [MeterRecord("usd", "USD", 200, 0, "day", "UTC")])
    found = standing(store, datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert (found.used, found.held) == (sum(bought), 0)
    assert 197 < found.used <= 200


def standing_of(used: int, most: int | None = 100) -> MeterStanding:
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    return MeterStanding(
        "x", "usd", "USD", most, 10, "day", "UTC", midnight, midnight + timedelta(days=1), used, 0, used, used, 1
    )


@pytest.mark.parametrize(
    ("hour", "used", "reached"),
    [(6, 45, 12), (12, 89, 12 * 90 / 89), (12, 45, None), (0.25, 45, None), (6, 0, None), (6, 90, 6), (6, 95, 6)],
)
def test_it_is_foretold_when_reading_will_have_used_its_part(hour: float, used: int, reached: float | None) -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(hours=hour)
    found = used_up_at(standing_of(used), now)
    if reached is None:
        assert found is None
    else:
        assert found is not None
        assert abs(found - datetime(2026, 3, 10, tzinfo=UTC) - timedelta(hours=reached)) < timedelta(seconds=1)
    assert used_up_at(standing_of(used, most=None), now) is None
