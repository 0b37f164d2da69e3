"""Public holidays on which a team is closed, from the `holidays` package; cached per country and year.

A country is its ISO code (`NL`), with a region where holidays differ (`DE-BY`). For the Netherlands one day is left
out: the package counts Good Friday as a holiday, but it is one only for terms of courts (Algemene termijnenwet,
article 3), and firms work on it. Liberation Day is a holiday in the years divisible by five, as most collective
agreements give it; the package says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache

from inbox.sentences import Sentence, UnfitValueError

_WORKED = {"NL": frozenset({"Good Friday"})}


@cache
def countries() -> Mapping[str, tuple[str, ...]]:
    """The countries that are known, each with its regions, by ISO code."""
    import holidays  # takes a tenth of a second, and most commands need no calendar

    return {code: tuple(regions) for code, regions in sorted(holidays.list_supported_countries().items())}


@lru_cache(maxsize=2048)
def _of_year(code: str, year: int, language: str | None = None) -> tuple[tuple[date, str], ...]:
    import holidays

    country, _, region = code.partition("-")
    known = holidays.list_localized_countries().get(country, [])
    spoken = next((one for one in known if language and one.split("_")[0] == language), None)

    def read(spelt: str | None) -> dict[date, str]:
        found = holidays.country_holidays(country, subdiv=region or None, years=year, language=spelt)
        return {day: str(name) for day, name in found.items() if day.year == year}

    worked = _WORKED.get(country, frozenset())
    left_out = {day for day, name in read("en_US").items() if name in worked} if worked else set()
    return tuple((day, name) for day, name in sorted(read(spoken).items()) if day not in left_out)


def names_of(country: str | None, year: int, language: str | None = None) -> dict[date, str]:
    """The holidays of one year with their names, in a language (`nl`, `en`) where it is known; none for None.

    Raises:
        ValueError: a country or region that is not known.
    """
    code = checked(country)
    return dict(_of_year(code, year, language)) if code else {}


def holidays_of(country: str | None, years: Iterable[int]) -> frozenset[date]:
    """The holidays of a country over these years; none for None.

    Raises:
        ValueError: a country or region that is not known.
    """
    code = checked(country)
    return frozenset(day for year in years for day, _name in _of_year(code, year)) if code else frozenset()


def checked(country: str | None) -> str:
    """The code as it is kept (`NL`, `DE-BY`); empty for none.

    Raises:
        ValueError: a country or region that is not known; says which are.
    """
    if not country or not country.strip():
        return ""
    code = country.strip().upper()
    name, _, region = code.partition("-")
    known = countries()
    if name not in known:
        raise UnfitValueError(
            Sentence(
                "The holidays of “{country}” are not known; write the code of a country, such as NL, BE, DE-BY or GB.",
                country=country,
            )
        )
    if region and region not in known[name]:
        raise UnfitValueError(
            Sentence(
                "There is no region “{region}” with holidays of its own in {country}; known are: {options}.",
                region=region,
                country=name,
                options=tuple(known[name]) or (Sentence("none"),),
            )
        )
    return code
