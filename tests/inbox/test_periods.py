"""Periods: which days and instants, what they are compared with, and impossible ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox import periods
from inbox.errors import BadInput
from inbox.periods import Period

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TODAY = date(2026, 11, 12)
NOW = datetime(2026, 11, 12, 14, 30, tzinfo=AMSTERDAM)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("name", "first", "before_from", "before_to"),
    [
        ("today", "2026-11-12", "2026-11-11T00:00", "2026-11-11T14:30"),
        ("7d", "2026-11-06", "2026-10-30T00:00", "2026-11-05T14:30"),
        ("30d", "2026-10-14", "2026-09-14T00:00", "2026-10-13T14:30"),
        ("month", "2026-11-01", "2026-10-01T00:00", "2026-10-12T14:30"),
        ("year", "2026-01-01", "2025-01-01T00:00", "2025-11-12T14:30"),
    ],
)
def test_a_period_that_runs_is_compared_with_as_much_of_the_one_before(
    name: str, first: str, before_from: str, before_to: str
) -> None:
    period = periods.named(name, TODAY)
    assert period.bounds(AMSTERDAM, NOW) == (local(f"{first}T00:00"), NOW)
    assert period.before(AMSTERDAM, NOW) == (local(before_from), local(before_to))


def test_a_period_that_is_over_is_compared_with_the_whole_one_before() -> None:
    period = periods.own(date(2026, 10, 1), date(2026, 10, 31), TODAY)
    assert period.bounds(AMSTERDAM, NOW) == (local("2026-10-01T00:00"), local("2026-11-01T00:00"))
    assert period.before(AMSTERDAM, NOW) == (local("2026-08-31T00:00"), local("2026-10-01T00:00"))


def test_the_last_month_is_compared_with_the_month_before_it() -> None:
    period = periods.named("last_month", TODAY)
    assert period.bounds(AMSTERDAM, NOW) == (local("2026-10-01T00:00"), local("2026-11-01T00:00"))
    assert period.before(AMSTERDAM, NOW) == (local("2026-09-01T00:00"), local("2026-10-01T00:00"))


def test_the_month_before_a_longer_part_of_a_month_ends_with_that_month() -> None:
    period = periods.named("month", date(2026, 3, 31))
    now = local("2026-03-31T09:00")
    assert period.before(AMSTERDAM, now) == (local("2026-02-01T00:00"), local("2026-03-01T00:00"))


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (None, TODAY, "Choose a first and a last day"),
        (TODAY, None, "Choose a first and a last day"),
        (TODAY, TODAY - timedelta(days=1), "ends before it begins"),
        (TODAY + timedelta(days=1), TODAY + timedelta(days=2), "has not begun yet"),
        (date(2000, 1, 1), TODAY, "at most 1,096 days"),
        (date(1, 1, 1), date(1, 1, 2), "from the year 2000 on"),
        (date(2026, 1, 1), date(9999, 12, 31), "at most 1,096 days"),
    ],
)
def test_an_impossible_period_is_refused_with_what_to_choose(first: date | None, last: date | None, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        periods.own(first, last, TODAY)


def test_a_name_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput):
        periods.named("fortnight\x00", TODAY)


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    first=DAYS, n=st.integers(0, 400), by_month=st.booleans(), passed=st.timedeltas(timedelta(0), timedelta(days=500))
)
def test_the_period_before_ends_where_this_one_begins_at_the_latest(
    first: date, n: int, by_month: bool, passed: timedelta
) -> None:
    period = Period(first.replace(day=1) if by_month else first, first + timedelta(days=n), by_month=by_month)
    now = datetime.combine(period.first, datetime.min.time(), AMSTERDAM).astimezone(UTC) + passed
    since, until = period.bounds(AMSTERDAM, now)
    earlier, end = period.before(AMSTERDAM, now)
    assert earlier < end <= since < until <= max(now, since + timedelta(seconds=1))
    assert all(one.tzinfo == UTC for one in (since, until, earlier, end))
