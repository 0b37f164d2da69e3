"""When a meter begins at zero again: midnight of its own zone, whatever the clocks there do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.periods import DAY, MONTH, stretch

ZONES = sorted(available_timezones())
instants = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(ZONES), instants, st.sampled_from([DAY, MONTH]))
def test_periods_follow_each_other_without_a_hole_or_an_overlap(zone: str, now: datetime, period: str) -> None:
    here = stretch(period, zone, now)
    assert here.start <= now < here.end
    assert here.first <= here.today < here.after
    following = stretch(period, zone, here.end)
    assert (following.first, following.start) == (here.after, here.end)
    last = stretch(period, zone, here.end - timedelta(microseconds=1))
    assert (last.first, last.start, last.end) == (here.first, here.start, here.end)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Los_Angeles", date(2026, 3, 8), 23),  # clocks go forward
        ("America/Los_Angeles", date(2026, 11, 1), 25),
        ("Europe/Amsterdam", date(2026, 10, 25), 25),
        ("UTC", date(2026, 3, 29), 24),
        ("Asia/Beirut", date(2021, 3, 28), 23),  # forward at midnight itself: that midnight does not exist
    ],
)
def test_the_day_of_a_clock_change_has_its_own_length(zone: str, day: date, hours: int) -> None:
    found = stretch(DAY, zone, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    assert found.first == day
    assert found.end - found.start == timedelta(hours=hours)


def test_a_youtube_day_ends_at_midnight_in_california() -> None:
    found = stretch(DAY, "America/Los_Angeles", datetime(2026, 3, 10, 6, 59, tzinfo=UTC))
    assert (found.today, found.end) == (date(2026, 3, 9), datetime(2026, 3, 10, 7, tzinfo=UTC))


def test_a_month_ends_with_its_last_day() -> None:
    found = stretch(MONTH, "Europe/Amsterdam", datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    assert (found.first, found.after) == (date(2026, 12, 1), date(2027, 1, 1))
    assert found.end == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_a_period_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="by day or by month"):
        stretch("week", "UTC", datetime(2026, 1, 1, tzinfo=UTC))
