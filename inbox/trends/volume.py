"""Volume over time: every step of every key, zeros too, from the roll-ups."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import cycle
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from inbox.desk import Desk
from inbox.trends import asking
from inbox.trends.asking import Names
from inbox.trends.views import THE_REST, By, Point, Series, Slice, Step
from store import volumes
from store.volumes import Dimension, ThemeDimension, Volume

SHOWN = 12
"""Keys that are told apart in one chart; all others together are the rest."""

_AN_HOUR = timedelta(hours=1)
_DIMENSIONS: dict[By, Dimension] = {
    "source": "source_id",
    "brand": "brand_id",
    "lang": "lang",
    "kind": "kind",
    "sentiment": "sentiment",
}
_OF_THEMES: dict[By, ThemeDimension] = {"theme": "theme_id", "source": "source_id", "brand": "brand_id"}


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a chart: when each begins, local time, and on which one a day or an hour of the roll-ups falls."""

    moments: tuple[datetime, ...]
    place: Mapping[date | datetime, int]


def volume(desk: Desk, asked: Slice, *, step: Step, by: By | None, most: int = SHOWN) -> Series:
    """How much was said per hour, day or week of the workspace's time zone.

    Args:
        desk: where.
        asked: what.
        step: hour, day, or week (from Monday).
        by: split by this.
        most: keys that are told apart, the largest; the others together are `THE_REST`.

    Raises:
        BadInput, NotFound: see `asking.check`.
    """
    zone = ZoneInfo(desk.settings.timezone)
    with desk.store.read() as conn:
        names = asking.names_in(conn)
        asking.check(asked, names, step=step, by=by)
        if by == "theme" or asked.theme_ids:
            return _of_themes(conn, asked, names, zone, step=step, by=by, most=most)
        return _of_messages(conn, asked, names, zone, step=step, by=by, most=most)


def _of_messages(
    conn: Connection, asked: Slice, names: Names, zone: ZoneInfo, *, step: Step, by: By | None, most: int
) -> Series:
    wanted, until = asking.wanted_of(asked), asked.last + timedelta(days=1)
    whole = volumes.totals(conn, wanted, first=asked.first, until=until).get("", (0, 0, 0))
    dimension = None if by is None else _DIMENSIONS[by]
    hourly = step == "hour"
    read = partial(
        volumes.volumes,
        conn,
        grain="hour" if hourly else "day",
        first=asking.since_of(asked, zone) if hourly else asked.first,
        until=asking.until_of(asked, zone) if hourly else until,
        by=dimension,
    )
    if by == "source":
        sizes = {key: n for key, (n, _, _) in _sizes(conn, asked).items() if n > 0}
        keys = largest(sizes, most)
        rows = read(replace(wanted, source_ids=keys)) if keys else []
        if len(sizes) > len(keys):
            rows += without(read(wanted, by=None), rows)
    else:
        rows = read(wanted)
        sizes = Counter()
        for row in rows:
            sizes[row.key] += row.n
        keys = largest(sizes, most) if by is not None else ("",)
    shown = (*keys, THE_REST) if len(sizes) > len(keys) else keys
    return Series(
        points=filled(rows, steps(asked, zone, step), shown),
        total=whole[0],
        late=whole[1],
        left_out=None if asked.sentiments else whole[2],
        keys=shown,
        names=_named(shown, by, names),
    )


def without(whole: Iterable[Volume], shown: Iterable[Volume]) -> list[Volume]:
    """What is left of the whole of each day or hour when some keys are taken out, as `THE_REST`. Pure."""
    n: Counter[date | datetime] = Counter()
    late: Counter[date | datetime] = Counter()
    for row in shown:
        n[row.at] += row.n
        late[row.at] += row.late
    return [Volume(row.at, THE_REST, row.n - n[row.at], row.late - late[row.at]) for row in whole]


def _sizes(conn: Connection, asked: Slice) -> dict[str, tuple[int, int, int]]:
    until = asked.last + timedelta(days=1)
    return volumes.totals(conn, asking.wanted_of(asked), first=asked.first, until=until, by="source_id")


def _of_themes(
    conn: Connection, asked: Slice, names: Names, zone: ZoneInfo, *, step: Step, by: By | None, most: int
) -> Series:
    column = None if by is None else _OF_THEMES[by]
    wanted, until = asking.wanted_of(asked), asked.last + timedelta(days=1)
    sizes = volumes.theme_totals(conn, wanted, first=asked.first, until=until, theme_ids=asked.theme_ids, by=column)
    keys = largest(sizes, most) if by is not None else ("",)
    read = partial(volumes.theme_volumes, conn, wanted, first=asked.first, until=until)
    more = by is not None and len(sizes) > len(keys)
    if by == "theme" and more:
        rows = read(theme_ids=[int(key) for key in keys], by=column)
        rows += without(read(theme_ids=asked.theme_ids), rows)
    else:
        rows = read(theme_ids=asked.theme_ids, by=column)
    shown = (*keys, THE_REST) if more else keys
    return Series(
        points=filled(rows, steps(asked, zone, step), shown),
        total=sum(sizes.values()),
        keys=shown,
        names=_named(shown, by, names),
        unit="conversations",
    )


def largest(sizes: Mapping[str, int], most: int) -> tuple[str, ...]:
    """Keys by size, the largest first, at most so many; equal ones by name. Pure."""
    ordered = sorted(sizes, key=lambda key: (-sizes[key], key))
    return tuple(ordered[: max(1, most)])


def steps(asked: Slice, zone: ZoneInfo, step: Step) -> Steps:
    """The steps of a slice; a day of a clock change has 23 or 25 hours. Pure."""
    if step == "hour":
        begin, end = asking.since_of(asked, zone), asking.until_of(asked, zone)
        hours = [begin + place * _AN_HOUR for place in range(-((begin - end) // _AN_HOUR))]
        return Steps(tuple(one.astimezone(zone) for one in hours), {one: place for place, one in enumerate(hours)})
    days = [asked.first + timedelta(days=place) for place in range(asked.days)]
    if step == "day":
        return Steps(tuple(_begin(one, zone) for one in days), {one: place for place, one in enumerate(days)})
    weeks = {one: place for place, one in enumerate(dict.fromkeys(monday(day) for day in days))}
    return Steps(tuple(_begin(one, zone) for one in weeks), {day: weeks[monday(day)] for day in days})


def monday(day: date) -> date:
    """The first day of a week. Pure."""
    return day - timedelta(days=day.weekday())


def filled(counted: Iterable[Volume], shown: Steps, keys: Sequence[str]) -> tuple[Point, ...]:
    """Every step of every key, zeros too; what is not among the keys is added to `THE_REST`. Pure."""
    wide = len(keys)
    column = {key: place for place, key in enumerate(keys)}
    rest = column.get(THE_REST, 0)
    n = [0] * (wide * len(shown.moments))
    late = n.copy()
    for at, key, many, of_it in counted:
        place = shown.place.get(at)
        if place is None:  # an hour of which a clock that shifts by less than one leaves a part
            place = max(0, bisect_right(shown.moments, at) - 1)
        cell = place * wide + column.get(key, rest)
        n[cell] += many
        late[cell] += of_it
    moments = (moment for moment in shown.moments for _ in keys)
    return tuple(map(Point, moments, cycle(keys), n, late))


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return asking.midnight(day, zone).astimezone(zone)


def _named(keys: Sequence[str], by: By | None, names: Names) -> tuple[tuple[str, str], ...]:
    known: dict[str, str] = {}
    if by == "source":
        known = names.sources
    elif by == "brand":
        known = names.brands
    elif by == "theme":
        known = {str(number): name for number, name in names.themes.items()}
    return tuple((key, known[key]) for key in keys if key in known)
