"""Business time: the boundary rules of the product, summer time, holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.business_time import ALWAYS, Calendar, parse_day, parse_hours
from inbox.holidays import holidays_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE = Calendar(parse_hours("mon-fri 09:00-17:00"), AMSTERDAM)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-03-06T16:45", 30, "2026-03-09T09:15"),  # Friday to Monday
        ("2026-03-06T16:30", 60, "2026-03-09T09:30"),
        ("2026-03-06T16:45", 15, "2026-03-09T09:00"),  # 17:00:00 is outside
        ("2026-03-06T17:00", 30, "2026-03-09T09:30"),
        ("2026-03-07T12:00", 30, "2026-03-09T09:30"),
        ("2026-03-09T08:00", 30, "2026-03-09T09:30"),
        ("2026-03-09T10:00", 0, "2026-03-09T10:00"),
        ("2026-03-09T10:00", 24 * 60, "2026-03-12T10:00"),
        ("2026-03-27T16:30", 60, "2026-03-30T09:30"),  # summer time begins on the Sunday between
        ("2026-10-23T16:30", 60, "2026-10-26T09:30"),  # and ends
    ],
)
def test_a_promise_is_due_in_business_time(start: str, minutes: int, due: str) -> None:
    assert OFFICE.add(local(start), minutes * 60) == local(due)


def test_five_o_clock_is_outside_and_nine_is_inside() -> None:
    assert OFFICE.is_open(local("2026-03-09T09:00"))
    assert OFFICE.is_open(local("2026-03-09T16:59:59"))
    assert not OFFICE.is_open(local("2026-03-09T17:00"))


def test_a_holiday_is_closed() -> None:
    calendar = Calendar(parse_hours("mon-fri 09:00-17:00"), AMSTERDAM, holidays_of("NL", [2026]))
    assert calendar.add(local("2026-04-03T16:30"), 3600) == local("2026-04-07T09:30")  # over Easter Monday


def test_the_night_the_clock_repeats_an_hour_has_25_hours() -> None:
    calendar = Calendar(ALWAYS, AMSTERDAM, frozenset({date(2000, 1, 1)}))
    assert calendar.between(local("2026-10-25T00:00"), local("2026-10-26T00:00")) == 25 * 3600
    assert calendar.between(local("2026-03-29T00:00"), local("2026-03-30T00:00")) == 23 * 3600


def test_time_is_counted_between_closing_and_opening_as_nothing() -> None:
    assert OFFICE.between(local("2026-03-06T16:45"), local("2026-03-09T09:15")) == 30 * 60
    assert OFFICE.between(local("2026-03-06T18:00"), local("2026-03-08T18:00")) == 0
    assert OFFICE.between(local("2026-03-09T10:00"), local("2026-03-09T09:00")) == 0


@pytest.mark.parametrize("text", ["", "24/7", "mon-sun 00:00-24:00"])
def test_always_open_is_wall_clock(text: str) -> None:
    assert Calendar(parse_hours(text)).add(local("2026-03-06T16:45"), 3600) == local("2026-03-06T17:45")


@pytest.mark.parametrize(
    "text", ["monday 9-17", "mon-fri 17:00-09:00", "mon 09:00-25:00", "xyz 09:00-17:00", "mon 9:75-10:00"]
)
def test_hours_that_cannot_be_read_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="opening hours"):
        parse_hours(text)


def test_hours_of_several_days_are_read() -> None:
    hours = parse_hours("mon-fri 09:00-12:00, mon-fri 13:00-17:00; sat 10:00-14:00")
    assert hours.week[0] == ((540, 720), (780, 1020))
    assert hours.week[5] == ((600, 840),)
    assert hours.week[6] == ()
    assert parse_hours("fri-mon 10:00-11:00").week[6] == ((600, 660),)


def test_a_calendar_without_time_says_so_instead_of_looking_for_ever() -> None:
    closed = Calendar(
        parse_hours("mon 09:00-10:00"), AMSTERDAM, frozenset(date(2026, 1, 5) + timedelta(7 * n) for n in range(600))
    )
    with pytest.raises(ValueError, match="no time"):
        closed.add(local("2026-02-01T00:00"), 60)


# hypothesis wants naive bounds and puts the zone on itself
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
calendars = st.sampled_from(
    [
        OFFICE,
        Calendar(ALWAYS, AMSTERDAM, holidays_of("NL", [2026])),
        Calendar(
            parse_hours("mon-sat 22:00-24:00, mon-sun 00:00-06:00"), AMSTERDAM, holidays_of("NL", range(2024, 2030))
        ),
        Calendar(parse_hours("sun 01:30-03:30"), AMSTERDAM),
        Calendar(parse_hours("mon-fri 09:00-17:00"), ZoneInfo("Pacific/Auckland")),
    ]
)


@given(calendars, instants, st.integers(0, 200_000))
def test_exactly_the_promised_time_lies_between_start_and_due(
    calendar: Calendar, start: datetime, seconds: int
) -> None:
    due = calendar.add(start, seconds)
    assert due >= start
    assert calendar.is_open(due)
    assert calendar.between(start, due) == pytest.approx(seconds)
    assert calendar.between(start, due + timedelta(seconds=1)) > seconds


@given(calendars, instants, st.integers(0, 3_000_000), st.integers(0, 3_000_000))
def test_time_adds_up(calendar: Calendar, start: datetime, first: int, second: int) -> None:
    middle, end = start + timedelta(seconds=first), start + timedelta(seconds=first + second)
    whole = calendar.between(start, end)
    assert whole == pytest.approx(calendar.between(start, middle) + calendar.between(middle, end))
    assert 0 <= whole <= (end - start).total_seconds()


def test_dutch_holidays_know_their_exceptions() -> None:
    days = holidays_of("NL", [2025, 2026])
    assert date(2025, 4, 26) in days  # 27 April is a Sunday
    assert date(2025, 4, 27) not in days
    assert date(2025, 5, 5) in days
    assert date(2026, 5, 5) not in days  # Liberation Day only in years divisible by five
    assert date(2026, 4, 3) not in days  # firms work on Good Friday
    assert date(2026, 5, 14) in days  # Ascension Day
    assert date(2026, 5, 25) in days  # Whit Monday


@pytest.mark.parametrize(
    ("year", "day"),
    [(2000, date(2000, 4, 23)), (2024, date(2024, 3, 31)), (2026, date(2026, 4, 5)), (2038, date(2038, 4, 25))],
)
def test_easter_is_a_holiday_where_it_falls(year: int, day: date) -> None:
    assert day in holidays_of("nl", [year])


def test_other_countries_and_their_regions_are_known() -> None:
    assert date(2026, 7, 21) in holidays_of("BE", [2026])
    assert date(2026, 1, 6) in holidays_of("DE-BY", [2026])
    assert date(2026, 1, 6) not in holidays_of("DE", [2026])


def test_holidays_of_an_unknown_country_or_region_are_refused() -> None:
    assert holidays_of(None, range(2026, 2027)) == frozenset()
    with pytest.raises(ValueError, match="such as NL"):
        holidays_of("XX", [2026])
    with pytest.raises(ValueError, match="no region “ZZ”"):
        holidays_of("DE-ZZ", [2026])


def test_a_day_with_hours_of_its_own_counts_as_it_says() -> None:
    other = {
        date(2026, 3, 10): (),
        date(2026, 3, 11): parse_day("10:00-12:00, 13:00-14:00"),
        date(2026, 3, 14): parse_day("10:00-11:00"),
    }
    calendar = Calendar(parse_hours("mon-fri 09:00-17:00"), AMSTERDAM, frozenset({date(2026, 3, 11)}), other)
    assert calendar.add(local("2026-03-09T16:30"), 3600) == local("2026-03-11T10:30")  # Tuesday closed, Wednesday short
    assert calendar.is_open(local("2026-03-11T13:30"))  # also on a holiday
    assert not calendar.is_open(local("2026-03-11T12:30"))
    assert calendar.is_open(local("2026-03-14T10:30"))  # a Saturday that is worked
    assert calendar.between(local("2026-03-11T00:00"), local("2026-03-12T00:00")) == 3 * 3600
    assert not Calendar(ALWAYS, AMSTERDAM, frozenset(), {date(2026, 3, 10): ()}).is_open(local("2026-03-10T12:00"))


@pytest.mark.parametrize("text", ["maandag", "10:00", "16:00-10:00", "10:00-25:00"])
def test_hours_of_a_day_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="10:00-16:00"):
        parse_day(text)
