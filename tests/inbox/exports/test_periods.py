"""Days, weeks and months by local time: whole, without gaps, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.export_jobs.naming import file_name, slug
from inbox.whole_periods import Every, after, due, first_to_come, period_at

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
everies = st.sampled_from(Every)
instants = st.integers(0, 15 * 366 * 86_400).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(everies, days)
def test_every_day_is_in_one_period_and_the_next_begins_where_it_ends(every: Every, day: date) -> None:
    period = period_at(every, day)
    assert period.first <= day < period.after
    assert after(period).first == period.after
    assert all(
        period_at(every, period.first + timedelta(n)) == period for n in range((period.after - period.first).days)
    )
    since, until = period.bounds(AMSTERDAM)
    assert after(period).bounds(AMSTERDAM)[0] == until
    assert since.astimezone(AMSTERDAM).date() == period.first


@given(everies, days)
def test_names_of_periods_sort_as_they_come(every: Every, day: date) -> None:
    assert period_at(every, day).name < after(period_at(every, day)).name


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 30), 24)])
def test_a_day_with_a_change_of_the_clocks_is_whole(day: date, hours: int) -> None:
    since, until = period_at(Every.DAY, day).bounds(AMSTERDAM)
    assert until - since == timedelta(hours=hours)


def test_what_periods_are_called() -> None:
    day = date(2026, 1, 1)
    assert [period_at(every, day).name for every in Every] == ["2026-01-01", "2026-W01", "2026-01"]
    assert period_at(Every.WEEK, date(2027, 1, 1)).name == "2026-W53"


def test_an_hour_that_the_clocks_skip_comes_once() -> None:
    period = period_at(Every.DAY, date(2026, 3, 28))
    assert period.due_at(2, AMSTERDAM) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert period.due_at(3, AMSTERDAM) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@given(everies, st.integers(0, 23), instants)
def test_the_first_is_the_one_that_is_due_next_and_it_is_due_once(every: Every, hour: int, now: datetime) -> None:
    period = first_to_come(every, hour, now, AMSTERDAM)
    at = period.due_at(hour, AMSTERDAM)
    assert at >= now
    assert due(period, hour, at - timedelta(seconds=1), AMSTERDAM, most=9) == []
    assert due(period, hour, at, AMSTERDAM, most=9) == [period]


def test_what_was_missed_is_made_up_for_in_order_and_within_bounds() -> None:
    first = period_at(Every.DAY, date(2026, 11, 1))
    found = due(first, 6, datetime(2026, 11, 5, 12, tzinfo=UTC), AMSTERDAM, most=3)
    assert [one.first.day for one in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Weekly for Zoë & co.", "weekly-for-zoe-co"),
        ("../../etc/passwd", "etc-passwd"),
        ("🙂", ""),
        ("a" * 100_000, "a" * 60),
        ("\u202eabc\x00", "abc"),
    ],
)
def test_a_name_becomes_a_harmless_part_of_a_file_name(name: str, made: str) -> None:
    assert slug(name) == made


def test_files_say_what_they_hold_and_of_when() -> None:
    day = date(2026, 11, 29)
    assert file_name(("mentions",), "csv", schedule="", period=None, day=day) == "klankbord-mentions-2026-11-29.csv"
    assert (
        file_name(("mentions", "events"), "zip", schedule="🙂", period=None, day=day)
        == "klankbord-export-2026-11-29.zip"
    )
    week = period_at(Every.WEEK, day)
    assert file_name(("mentions",), "xlsx", schedule="For Jo", period=week, day=day) == "for-jo-2026-W48.xlsx"
