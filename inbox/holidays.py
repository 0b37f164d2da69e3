"""Public holidays on which a team is closed, computed. Pure.

Dutch: New Year's Day, Easter Sunday and Monday, King's Day (27 April, 26 April when that is a Sunday), Liberation
Day (5 May, in the years divisible by five, when most collective agreements give it), Ascension Day, Whit Sunday
and Monday, both days of Christmas. Source: Algemene termijnenwet, article 3, and rijksoverheid.nl; Good Friday is
in that law only for terms of courts, and firms work on it, so it is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache


def easter_sunday(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous computus, as in Meeus, Astronomical Algorithms, ch. 8)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, rest_of_centuries = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap_centuries - correction + 15) % 30
    leaps, rest = divmod(in_century, 4)
    weekday = (32 + 2 * rest_of_centuries + 2 * leaps - moon - rest) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def dutch_holidays(year: int) -> frozenset[date]:
    """The Dutch public holidays of a year (from 2014 on, since King's Day)."""
    easter = easter_sunday(year)
    kings_day = date(year, 4, 27)
    days = {
        date(year, 1, 1),
        easter,
        easter + timedelta(days=1),
        kings_day - timedelta(days=1) if kings_day.weekday() == 6 else kings_day,
        easter + timedelta(days=39),
        easter + timedelta(days=49),
        easter + timedelta(days=50),
        date(year, 12, 25),
        date(year, 12, 26),
    }
    if year % 5 == 0:
        days.add(date(year, 5, 5))
    return frozenset(days)


COUNTRIES = {"NL": dutch_holidays}


@lru_cache(maxsize=64)
def _of_year(country: str, year: int) -> frozenset[date]:
    return COUNTRIES[country](year)


def holidays_of(country: str | None, years: Iterable[int]) -> frozenset[date]:
    """The holidays of a country over these years; none for None.

    Raises:
        ValueError: a country this version does not know.
    """
    if not country:
        return frozenset()
    code = country.upper()
    if code not in COUNTRIES:
        msg = f"the holidays of {country!r} are not known; known are: {', '.join(sorted(COUNTRIES))}"
        raise ValueError(msg)
    return frozenset().union(*(_of_year(code, year) for year in years))
