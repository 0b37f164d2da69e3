"""The hours of the week: how much is said in each, on average over how often it occurred."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inbox.desk import Desk
from inbox.errors import BadInput
from inbox.sentences import Sentence
from inbox.trends import asking
from inbox.trends.views import HeatCell, HeatMap, Slice
from store import volumes

MOST_DAYS_SAID = 92
"""Days of which hours are counted by language or kind: about a row per message."""
_AN_HOUR = timedelta(hours=1)
_A_DAY = timedelta(days=1)
HourOfWeek = tuple[int, int]
"""Weekday (0 is Monday) and hour, local time."""


def heat_map(desk: Desk, asked: Slice) -> HeatMap:
    """Volume by weekday and hour of the workspace's time zone. Raises: BadInput, NotFound."""
    zone = ZoneInfo(desk.settings.timezone)
    since, until = asking.since_of(asked, zone), asking.until_of(asked, zone)
    with desk.store.read() as conn:
        asking.check(asked, asking.names_in(conn))
        if asked.theme_ids:
            raise BadInput(Sentence("Themes are counted by day, so there are no hours of the week of them."))
        if (asked.langs or asked.kinds) and asked.days > MOST_DAYS_SAID:
            raise BadInput(
                Sentence(
                    "Of a language or kind, hours of the week are counted over at most {most} days.",
                    most=MOST_DAYS_SAID,
                )
            )
        rows = volumes.volumes(conn, asking.wanted_of(asked), grain="hour", first=since, until=until)
    hours = hours_of(asked, zone)
    came: Counter[HourOfWeek] = Counter()
    for row in rows:
        came[hours.get(row.at) or asking.hour_of_week(row.at, zone)] += row.n
    occurred = Counter(hours.values())
    cells = [
        HeatCell(weekday, hour, came[weekday, hour], occurred[weekday, hour])
        for weekday in range(7)
        for hour in range(24)
    ]
    return HeatMap(tuple(cells), came.total())


def hours_of(asked: Slice, zone: ZoneInfo) -> dict[datetime, HourOfWeek]:
    """Every hour of a slice, when it begins (UTC), and which hour of the week it is. Pure.

    An hour that the clock skips is not there, one that it repeats is there twice.
    """
    found: dict[datetime, HourOfWeek] = {}
    begin = asking.since_of(asked, zone)
    for place in range(asked.days):
        day = asked.first + timedelta(days=place)
        end = asking.midnight(day + timedelta(days=1), zone)
        if end - begin == _A_DAY:
            found |= {begin + one * _AN_HOUR: (day.weekday(), one) for one in range(24)}
        else:
            moments = [begin + one * _AN_HOUR for one in range(-((begin - end) // _AN_HOUR))]
            found |= {moment: asking.hour_of_week(moment, zone) for moment in moments}
        begin = end
    return found
