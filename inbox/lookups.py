"""From a query to what the store can look up: a tree that holds for every match, and maybe for more. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from store.clock_columns import HOURS_OF_WEEK
from store.search_nodes import (
    AllOf,
    Among,
    AnyOf,
    Anything,
    Between,
    Branded,
    FoundLate,
    Phrase,
    Prefix,
    SaidIn,
    SearchNode,
    Term,
)
from understanding import query

_COLUMNS: Mapping[str, str] = {
    "source": "source_id",
    "platform": "platform",
    "lang": "lang",
    "kind": "kind",
    "visibility": "visibility",
    "sentiment": "sentiment",
    "state": "status",
}
"""Fields whose folded values are what the columns hold: our own names and codes, in small letters."""
LOOKED_UP = frozenset({*_COLUMNS, "brand", "rating", "likes", "replies", "shares", "views", "after", "before"})
"""Fields that narrow what the database gives; the others are known to the matcher alone."""
_EMPTY: Mapping[tuple[str, str], tuple[str | None, ...]] = {
    ("lang", "unknown"): ("und", ""),
    ("sentiment", "unknown"): (None, "unknown"),
}
_COUNTED = frozenset({"likes", "replies", "shares", "views"})
_STARS = 5
_ROUNDED = 1e-6
_LONGEST_DAY = timedelta(days=1, hours=2)
"""A calendar day begins at most so far from that day in UTC."""
_DEEPEST = 20
_HOURS, _WEEKS, _MONDAY = HOURS_OF_WEEK, 300 * 52, 4
"""Monday stands four days behind the Thursday on which the weeks of UTC begin."""
_AN_HOUR, _A_MOMENT = timedelta(hours=1), timedelta(microseconds=1)


def lookup_of(node: query.Node, zone: ZoneInfo, depth: int = _DEEPEST) -> SearchNode:  # noqa: PLR0911 - one per kind
    """The store's tree for a query. What stands deeper than the store looks is left to the matcher.

    Args:
        node: the query.
        zone: whose clock tells the hours of the week.
        depth: how deep is looked.
    """
    match node:
        case query.Term(word):
            return Term(word)
        case query.Prefix(start):
            return Prefix(start)
        case query.Phrase(words):
            return Phrase(words)
        case query.Near(left, right):
            return AllOf((lookup_of(left, zone), lookup_of(right, zone)))
        case query.And(parts) if depth:
            return AllOf(tuple([lookup_of(part, zone, depth - 1) for part in parts]))
        case query.Or(parts) if depth:
            return AnyOf(tuple([lookup_of(part, zone, depth - 1) for part in parts]))
        case query.Field():
            return _field(node, zone)
        case query.Compare():
            return _compared(node, zone)
        case query.Day(name, day):
            midnight = datetime.combine(day, time(), UTC)
            if name == "after":
                return Between("sort_at", low=midnight - _LONGEST_DAY)
            return Between("sort_at", high=midnight + _LONGEST_DAY)
        case _:
            return Anything()


def hours_of_week(zone: ZoneInfo, wanted: Callable[[int, int], bool]) -> tuple[int, ...]:
    """The hours of the UTC week (0 is Thursday 0:00) in which the clock of a zone may show a wanted weekday and hour.

    Args:
        zone: the time zone; every difference from UTC that it ever had counts, as a search has no bounds.
        wanted: whether a weekday (0 is Monday) and an hour are.
    """
    found: set[int] = set()
    for offset in _offsets(zone):
        for place in range(_HOURS):
            if wanted(place // 24, place % 24):
                since = timedelta(days=_MONDAY, hours=place) - offset
                found |= {since // _AN_HOUR % _HOURS, (since + _AN_HOUR - _A_MOMENT) // _AN_HOUR % _HOURS}
    return tuple(sorted(found))


@lru_cache(maxsize=8)
def _offsets(zone: ZoneInfo) -> frozenset[timedelta]:
    """Every difference from UTC that the clock of a zone had at the beginning of some week of three centuries."""
    weeks = (datetime(1800, 1, 1, tzinfo=UTC) + timedelta(weeks=place) for place in range(_WEEKS))
    return frozenset(offset for one in weeks if (offset := one.astimezone(zone).utcoffset()) is not None)


def _field(node: query.Field, zone: ZoneInfo) -> SearchNode:  # noqa: PLR0911 - one line per kind of field
    column, whole = _COLUMNS.get(node.name), not any(value.endswith("*") for value in node.values)
    if column is not None and whole:
        return Among(
            column, tuple([kept for value in node.values for kept in _EMPTY.get((node.name, value), (value,))])
        )
    if node.name == "brand" and whole:
        return Branded(node.values)
    if node.name == "weekday":
        days = {query.WEEKDAYS.index(value) for value in node.values}
        return SaidIn(hours_of_week(zone, lambda weekday, _hour: weekday in days))
    if node.name == "arrived":
        both = len(set(node.values)) > 1
        return Anything() if both else FoundLate(late=node.values[0] == "late")
    if node.name == "has" and node.values == ("rating",):
        return Between("rating", low=0)
    if node.name == "is" and node.values == ("own",):
        return Among("direction", ("outbound",))
    return Anything()


def _compared(node: query.Compare, zone: ZoneInfo) -> SearchNode:
    name, sign, bound = node.name, node.sign, node.bound
    if name == "hour":
        return SaidIn(hours_of_week(zone, lambda _weekday, hour: node.holds(hour)))
    if name == "rating":
        low, high, column = bound / _STARS - _ROUNDED, bound / _STARS + _ROUNDED, "rating"
    elif name in _COUNTED:
        low, high, column = bound, bound, name
    else:
        return Anything()
    return Between(column, low if sign in {"=", ">=", ">"} else None, high if sign in {"=", "<=", "<"} else None)
