"""A team in words: opening hours, promised times, the example to judge it by. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_day_names

from inbox.business_time import Hours, parse_hours
from inbox.workspace.views import Preview, TeamView
from screens.i18n import _, current, plural

_SPAN = re.compile(r"(\d{1,6})\s*([a-z]*)\.?", re.IGNORECASE)
# What a Dutch or English reader writes after a figure, in seconds.
_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minuut", "minuten", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "u", "uur", "hour", "hours", "hr"), 3600),
    **dict.fromkeys(("d", "dag", "dagen", "day", "days"), 86_400),
}


def seconds_of(text: str) -> int | None:
    """Seconds of `30m`, `4 uur`, `2d`; None for nothing.

    Raises:
        ValueError: it is no length of time.
    """
    clean = text.strip()
    if not clean:
        return None
    match = _SPAN.fullmatch(clean)
    if match is None or match[2].lower() not in _UNITS:
        msg = f"{clean!r} is no length of time such as 30m, 4h or 2d"
        raise ValueError(msg)
    return int(match[1]) * _UNITS[match[2].lower()]


def span_text(seconds: int | None) -> str:
    """Seconds as they are filled in: `30m`, `4h`; empty for None."""
    if seconds is None:
        return ""
    return f"{seconds // 3600}h" if seconds % 3600 == 0 else f"{seconds // 60}m"


def span(seconds: int) -> str:
    """A promised time in words: whole hours where it is, minutes otherwise."""
    if seconds % 3600 == 0:
        return plural("{n} hour", "{n} hours", seconds // 3600)
    return plural("{n} minute", "{n} minutes", seconds // 60)


def hours(text: str) -> str:
    """Opening hours as people write them: days with equal hours together."""
    try:
        read = parse_hours(text)
    except ValueError:
        return text
    if read.always:
        return _("always open")
    return "; ".join(_stretch(first, last, read) for first, last in _together(read) if read.week[first])


def _together(read: Hours) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for day in range(7):
        if spans and read.week[spans[-1][0]] == read.week[day]:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def _stretch(first: int, last: int, read: Hours) -> str:
    names = get_day_names("abbreviated", locale=current().locale)
    days = names[first] if first == last else f"{names[first]}-{names[last]}"
    return f"{days} " + ", ".join(f"{_minute(start)}-{_minute(end)}" for start, end in read.week[first])


def _minute(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def promises(team: TeamView) -> str:
    """What a team promises, in one line."""
    told = []
    if team.first_response_s is not None:
        told.append(_("first answer within {time}").format(time=span(team.first_response_s)))
    if team.resolution_s is not None:
        told.append(_("solved within {time}").format(time=span(team.resolution_s)))
    return " · ".join(told) or _("promises no times")


def calendar(team: TeamView) -> list[str]:
    """By which calendar a team's time is counted: opening hours with their zone, and holidays."""
    opened = f"{hours(team.hours)} ({team.timezone})"
    if not team.next_holidays:
        return [opened, _("Works on public holidays")]
    coming = ", ".join(f"{day(at)} ({name})" for at, name in team.next_holidays[:3])
    closed = _("Closed on holidays of {country}; next: {days}").format(country=country(team.holidays), days=coming)
    return [opened, closed]


def country(code: str) -> str:
    """Name of a country or a region of it, by its code."""
    land, _sep, region = code.partition("-")
    name = str(current().locale.territories.get(land, land))
    return f"{name}, {region}" if region else name


def example(shown: Preview) -> str:
    """When a message of Friday 16:45 would be due, as a sentence."""
    zone = ZoneInfo(shown.zone)
    return _("A message of {said} with a target of {time} is due {due}.").format(
        said=_day_and_clock(shown.said_at.astimezone(zone)),
        time=span(shown.seconds),
        due=_day_and_clock(shown.due_at.astimezone(zone), shown.said_at.astimezone(zone)),
    )


def _day_and_clock(at: datetime, after: datetime | None = None) -> str:
    """Weekday and clock; with the date when the weekday alone would be read as the coming one and is not."""
    far = after is not None and (at.date() - after.date()).days > 6
    return format_datetime(at, "EEEE d MMMM HH:mm" if far else "EEEE HH:mm", locale=current().locale)


def day(at: date) -> str:
    """A local day with its weekday."""
    return format_date(at, "EEE d MMM y", locale=current().locale)
