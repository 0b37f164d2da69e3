"""Dates as platforms and people write them, read without guessing.

Feed libraries read `CET` as UTC, `22-11-2026` as 2022, `2020/1/10` as November and Dutch month names not at all, so
the raw text is read here. A text that fits no form below is None, never "now" and never a second guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: Nothing on the platforms we read is older; an earlier date is a broken one.
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)

#: English, Dutch, German, French, Spanish, Portuguese and Italian, in full and as newspapers shorten them.
_MONTH_NAMES = (
    "jan january januari januar janvier janv ene enero janeiro gen gennaio",
    "feb february februari februar février févr fév fevrier fevr fev febrero fevereiro febbraio",
    "mar march maart mrt märz mär maerz mrz mars marzo março marco",
    "apr april avril avr abr abril aprile",
    "may mei mai mayo maio mag maggio",
    "jun june juni juin junio junho giu giugno",
    "jul july juli juillet juil julio julho lug luglio",
    "aug august augustus août aout ago agosto",
    "sep sept september septembre septiembre set setembro settembre",
    "oct okt october oktober octobre octubre out outubro ott ottobre",
    "nov november novembre noviembre novembro",
    "dec december dez dezember décembre déc decembre dic diciembre dezembro dicembre",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}

#: Hours east of UTC. The North American names are those of RFC 822; IST is left out because three zones use it.
_ZONE_HOURS: dict[str, float] = {
    name: hours
    for hours, names in (
        (0, "Z UT UTC GMT WET"),
        (1, "CET MET MEZ BST WEST"),
        (2, "CEST MEST MESZ EET SAST"),
        (3, "EEST MSK"),
        (-10, "HST"),
        (-9, "AKST"),
        (-8, "PST AKDT"),
        (-7, "MST PDT"),
        (-6, "CST MDT"),
        (-5, "EST CDT"),
        (-4, "EDT AST"),
        (-3.5, "NST"),
        (-3, "ADT"),
        (-2.5, "NDT"),
        (8, "HKT SGT AWST"),
        (9, "JST KST"),
        (9.5, "ACST"),
        (10, "AEST"),
        (11, "AEDT"),
        (12, "NZST"),
        (13, "NZDT"),
    )
    for name in names.split()
}

_TIME = r"(?P<h>\d{1,2})[:.](?P<mi>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?(?:\s*(?P<ap>[AaPp])\.?[Mm]\.?)?"
_ZONE = r"(?:\s*(?P<z>[A-Za-z][A-Za-z_/]*(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{1,2}(?::?\d{2})?)(?:\s*\([^)]{0,40}\))?)?"
_TAIL = rf"(?:,?\s+(?:om\s+|at\s+)?{_TIME}(?:\s+uur)?{_ZONE})?\s*$"
_WORD = r"[^\W\d_]+"

_ISO = re.compile(
    rf"^(?P<y>\d{{4}})(?P<sep>-?)(?P<m>\d{{2}})(?P=sep)(?P<d>\d{{2}})"
    rf"(?:(?:[Tt]|\s+)(?:{_TIME}|(?P<h2>\d{{2}})(?P<mi2>\d{{2}})(?P<s2>\d{{2}})?){_ZONE})?\s*$"
)
_YEAR_FIRST = re.compile(rf"^(?P<y>\d{{4}})(?P<sep>[/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_TAIL}")
_NUMERIC = re.compile(rf"^(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}){_TAIL}")
_DAY_FIRST = re.compile(
    rf"^(?:{_WORD}\.?,?\s+)?(?P<d>\d{{1,2}})(?:e|st|nd|rd|th|\.)?[\s-]+(?P<mon>{_WORD})\.?,?[\s-]+(?P<y>\d{{4}}|\d{{2}}){_TAIL}"
)
_MONTH_FIRST = re.compile(
    rf"^(?:{_WORD}\.?,?\s+)?(?P<mon>{_WORD})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TAIL}"
)
_ASCTIME = re.compile(
    r"^[A-Za-z]{3}\s+(?P<mon>[A-Za-z]{3})\s+(?P<d>\d{1,2})\s+(?P<h>\d{2}):(?P<mi>\d{2}):(?P<s>\d{2})"
    r"(?:\s+(?P<z>[A-Z]{1,5}|[+-]\d{4}))?\s+(?P<y>\d{4})\s*$"
)
_EPOCH = re.compile(r"^(?P<whole>\d{9,10}|\d{12,13})(?:\.(?P<f>\d{1,9}))?$")
_OFFSET = re.compile(r"^(?P<name>[A-Za-z_/]*)(?P<sign>[+-])(?P<h>\d{1,2}):?(?P<m>\d{2})?$")


def read_date(text: str, default_zone: tzinfo = UTC, *, month_first: bool = False) -> datetime | None:
    """Read one date.

    Reads RFC 822 and RFC 3339, day and month names in seven languages, `dd-mm-yyyy`, `yyyy/m/d`, asctime,
    and epoch seconds or milliseconds. A time without a zone is taken in `default_zone`; an hour that
    occurs twice when summer time ends is the first of the two. A date without a time is midnight.

    Args:
        text: what the platform or file says.
        default_zone: zone of a time that names none.
        month_first: read `11/12/2026` as 12 November; by default it is 11 December.

    Returns:
        Aware UTC, or None when the text is no date this function knows.
    """
    text = " ".join(text.split())
    if not text or len(text) > 100:
        return None
    try:
        return _epoch(text) or _written(text, default_zone, month_first=month_first)
    except (ValueError, OverflowError):
        return None


def plausible(instant: datetime | None, received_at: datetime) -> datetime | None:
    """Keep an instant between 1995 and a day after `received_at` (clocks differ); anything else is None."""
    if instant is None or not EARLIEST <= instant <= received_at + timedelta(days=1):
        return None
    return instant


def local_to_utc(naive: datetime, zone: tzinfo) -> datetime:
    """Turn a wall-clock time into UTC; of an hour that occurs twice, the first."""
    return naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _epoch(text: str) -> datetime | None:
    match = _EPOCH.match(text)
    if match is None:
        return None
    whole = int(match["whole"])
    seconds = whole // 1000 if len(match["whole"]) > 10 else whole
    millis = whole % 1000 if len(match["whole"]) > 10 else 0
    micros = int((match["f"] or "0").ljust(6, "0")[:6])
    return datetime.fromtimestamp(seconds, tz=UTC) + timedelta(milliseconds=millis, microseconds=micros)


def _first_match(text: str) -> re.Match[str] | None:
    for shape in (_ISO, _YEAR_FIRST, _NUMERIC, _DAY_FIRST, _ASCTIME, _MONTH_FIRST):
        match = shape.match(text)
        if match is not None:
            return match
    return None


def _written(text: str, default_zone: tzinfo, *, month_first: bool) -> datetime | None:
    match = _first_match(text)
    if match is None:
        return None
    part = match.groupdict()
    day, month = _day_and_month(part, month_first=month_first)
    if month is None:
        return None
    hour = int(part.get("h") or part.get("h2") or 0)
    if part.get("ap"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if part["ap"] in "pP" else 0)
    naive = datetime(  # noqa: DTZ001 - the zone is put on below, as written or as set
        _year(part["y"]),
        month,
        day,
        hour,
        int(part.get("mi") or part.get("mi2") or 0),
        _second(part),
        int((part.get("f") or "0").ljust(6, "0")[:6]),
    )
    zone_text = part.get("z")
    if not zone_text:
        return local_to_utc(naive, default_zone)
    zone = _zone(zone_text)
    return None if zone is None else local_to_utc(naive, zone)


def _second(part: dict[str, str | None]) -> int:
    second = int(part.get("s") or part.get("s2") or 0)
    return 59 if second == 60 else second  # a leap second, which datetime cannot hold


def _day_and_month(part: dict[str, str | None], *, month_first: bool) -> tuple[int, int | None]:
    if part.get("mon"):
        return int(part["d"] or 0), MONTHS.get((part["mon"] or "").lower())
    if part.get("a"):
        first, second = int(part["a"] or 0), int(part["b"] or 0)
        return (second, first) if month_first else (first, second)
    return int(part["d"] or 0), int(part["m"] or 0)


def _year(text: str | None) -> int:
    year = int(text or 0)
    if len(text or "") == 2:  # RFC 2822 section 4.3
        return year + (2000 if year < 50 else 1900)
    return year


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    offset = _OFFSET.match(text)
    if offset is not None:
        if offset["name"].upper() not in {"", "GMT", "UTC", "UT"}:
            return None
        hours, minutes = int(offset["h"]), int(offset["m"] or 0)
        if hours > 14 or minutes > 59:
            return None
        delta = timedelta(hours=hours, minutes=minutes)
        return timezone(-delta if offset["sign"] == "-" else delta)
    if text.upper() in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[text.upper()]))
    return named_zone(text) if "/" in text else None


def named_zone(name: str) -> ZoneInfo | None:
    """Find a zone of the IANA database such as `Europe/Amsterdam`; None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
