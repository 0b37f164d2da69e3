"""Dates as people write them; the feeds and files suites hold the forms themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.dates import MONTHS, named_zone, plausible, read_date

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_INSTANTS = st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_NAMES = st.sampled_from(sorted(MONTHS))


@given(_INSTANTS, st.integers(-12 * 60, 14 * 60))
@settings(deadline=None)
def test_rfc_822_and_3339_survive_the_round_trip_in_any_zone(instant: datetime, minutes: int) -> None:
    there = instant.replace(microsecond=0).astimezone(timezone(timedelta(minutes=minutes)))
    assert read_date(there.isoformat()) == there
    assert read_date(f"{there:%a, %d %b %Y %H:%M:%S %z}") == there


@given(st.text(max_size=60))
@settings(deadline=None)
def test_no_text_makes_it_raise(text: str) -> None:
    found = read_date(text, AMSTERDAM)
    assert found is None or found.tzinfo is UTC


@given(_NAMES, st.integers(1, 28), st.integers(1996, 2030))
@settings(deadline=None)
def test_every_month_name_is_read_in_both_orders_and_any_case(name: str, day: int, year: int) -> None:
    wanted = datetime(year, MONTHS[name], day, tzinfo=UTC)
    assert read_date(f"{day} {name.upper()} {year}") == wanted
    assert read_date(f"{name}. {day}, {year}") == wanted


@pytest.mark.parametrize(
    "text", ["", "morgen", "24:61", "31-02-2026", "2026-13-01", "1", "99999999999999", "10:00", "2026"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None


def test_the_hour_that_occurs_twice_is_the_first_and_the_one_that_never_occurs_is_read() -> None:
    assert read_date("25-10-2026 02:30", AMSTERDAM) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert read_date("29-03-2026 02:30", AMSTERDAM) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_unknown_zone_is_not_taken_for_utc() -> None:
    assert read_date("22 Nov 2026 10:00:00 IST") is None


def test_only_believable_instants_are_kept() -> None:
    assert plausible(NOW + timedelta(hours=23), NOW) is not None
    assert plausible(NOW + timedelta(hours=25), NOW) is None
    assert plausible(datetime(1994, 12, 31, tzinfo=UTC), NOW) is None
    assert plausible(None, NOW) is None


def test_only_real_zones_have_a_name() -> None:
    assert named_zone("Europe/Amsterdam") is not None
    assert named_zone("../../etc/passwd") is None
    assert named_zone("Nergens/Huizen") is None
