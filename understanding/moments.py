"""Moments that people name in Dutch and English ("morgen vóór 17:00", "by Monday"), and when they are over. Pure.

A day without a time is over when business closes on it, or at 23:59 on a day without business; a morning at noon, an
afternoon when business closes but not after 18:00, an evening at 23:00. "Vrijdag" is the next Friday after today, "next
Tuesday" that of the next calendar week. "Vóór vrijdag" is over on the business day before. Working days are counted
from the day after. Of two moments the later one counts ("24 to 48 hours"). What only bounds from below (vanaf, after),
is past, or comes every week is no moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from understanding import moment_words as words
from understanding.moment_words import Lang


class Days(Protocol):
    """The calendar of whoever promises, in local days."""

    def closing(self, day: date) -> time | None:
        """When business closes on a day; None when there is none on it."""

    def is_working(self, day: date) -> bool:
        """Whether a day counts as a working day."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch [start, end) of the text, in code points, that names a moment, and when that is over (local, aware)."""

    start: int
    end: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class _Voice:
    """In whose words, at which moment and with whose calendar a text is read."""

    lang: Lang
    now: datetime
    days: Days


@dataclass(frozen=True, slots=True)
class _Token:
    """A part of a moment: a day (with a part of it), a time of day, or a span from now (an instant already)."""

    start: int
    end: int
    day: date | None = None
    part: str = ""
    clock: time | None = None
    ambiguous: bool = False
    instant: datetime | None = None


_LAST_MINUTE = time(23, 59)
_WINDOW = 60


def find_moments(text: str, lang: Lang, *, now: datetime, days: Days) -> list[Moment]:
    """The moments of a text in order, each still to come.

    Args:
        text: lower case, with straight apostrophes, as long as the original.
        lang: whose words to look for.
        now: aware, in the time zone of whoever speaks.
        days: their calendar.
    """
    found: list[Moment] = []
    voice = _Voice(lang, now, days)
    tokens = [one for one in _tokens(text, voice) if not _killed(text, one, lang)]
    at = 0
    while at < len(tokens):
        token, at = tokens[at], at + 1
        start, end, due = token.start, token.end, None
        if at < len(tokens) and _joins(text, token, tokens[at], lang):
            token = _merged(token, tokens[at])
            end, at = tokens[at].end, at + 1
        due = _due(text, token, start, voice)
        while at < len(tokens) and words.OR[lang].fullmatch(text[end : tokens[at].start]):
            other = tokens[at]
            if other.day is None and other.instant is None:
                other = replace(other, day=token.day, part=token.part)
            later = _due(text, other, other.start, voice)
            due = max((one for one in (due, later) if one is not None), default=None)
            end, at = other.end, at + 1
        lead = words.LEAD[lang].search(_left_of(text, start))
        begin = start - (len(lead[0]) if lead else 0)
        if due is not None and due > now:
            found.append(Moment(begin, end, due))
    return found


def _tokens(text: str, voice: _Voice) -> list[_Token]:
    found: list[_Token] = []
    taken = bytearray(len(text))

    for pattern, read in ((words.HOUR_ALONE, _span), (words.SPANS, _span), (words.DAYS, _day), (words.CLOCKS, _clock)):
        for match in pattern[voice.lang].finditer(text):
            edge = match.start() == 0 or not text[match.start() - 1].isalnum()
            if edge and not any(taken[match.start() : match.end()]):
                token = read(match, voice)
                if token is not None:
                    found.append(token)
                    taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    found.sort(key=lambda one: one.start)
    # Opening hours: from a day through another.
    through = {
        index
        for index in range(len(found) - 1)
        if words.THROUGH[voice.lang].fullmatch(text[found[index].end : found[index + 1].start])
    }
    return [one for index, one in enumerate(found) if index not in through and index - 1 not in through]


def _span(match: re.Match[str], voice: _Voice) -> _Token | None:
    groups = match.groupdict()
    unit = re.sub(r"\s+", " ", groups["unit"])
    last = groups.get("m") or groups.get("n")
    if last is None and unit not in {"uur", "hour", "half uur", "halfuur", "half an hour"}:
        return None
    n = _number(last, voice.lang)
    if n is None or n == 0:
        return None
    instant = _after(voice, n, unit)
    return None if instant is None else _Token(match.start(), match.end(), instant=instant)


def _after(voice: _Voice, n: int, unit: str) -> datetime | None:
    now, days = voice.now, voice.days
    if unit.startswith(("min", "kwartier", "half")):
        minutes = n * 15 if unit == "kwartier" else 30 if unit.startswith("half") else n
        return (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
    if unit.startswith(("uur", "uren", "hour", "hr")):
        # Through UTC: 24 hours are 24 hours also in the night the clock changes.
        return (now.astimezone(UTC) + timedelta(hours=n)).astimezone(now.tzinfo)
    day = now.date()
    if unit.startswith(("werkdag", "business", "work")):
        if n > 60:
            return None
        left = n
        for _offset in range(400):
            day += timedelta(days=1)
            left -= days.is_working(day)
            if left == 0:
                return _close(day, now, days)
        return None
    return _close(day + timedelta(days=n * (7 if unit.startswith("we") else 1)), now, days)


def _number(text: str | None, lang: Lang) -> int | None:
    if text is None or text in words.ONE:
        return 1
    if "couple" in text:
        return 2
    if text.isdecimal():
        return int(text)
    return words.NUMBERS[lang].index(text) + 1 if text in words.NUMBERS[lang] else None


def _day(match: re.Match[str], voice: _Voice) -> _Token | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    today = voice.now.date()
    token = _Token(match.start(), match.end())
    part = next((words.PARTS[groups[name]] for name in ("tpart", "wpart", "nwpart") if name in groups), "")
    if "today" in groups:
        said = "morning" if groups["today"] == "vanmorgen" else groups["today"]
        return replace(token, day=today, part=next((words.PARTS[end] for end in words.PARTS if said.endswith(end)), ""))
    if "after" in groups:
        return replace(token, day=today + timedelta(days=2))
    if "tomorrow" in groups:
        return replace(token, day=today + timedelta(days=1), part=part)
    if any(name in groups for name in ("dom", "dom2", "num")):
        return _dated(token, groups, voice.lang, today)
    what = groups.get("what") or groups.get("lwhat") or ("day" if "end" in groups else "")
    if what and what != "week":
        return replace(token, day=today, part=words.PARTS.get(what, ""))
    return replace(token, day=_in_a_week(match[0], groups, voice.lang, today), part=part)


def _in_a_week(said: str, groups: dict[str, str], lang: Lang, today: date) -> date:
    """The day of a weekday, of a part of a week, or of a week as a whole (its Friday)."""
    monday = today - timedelta(days=today.weekday())
    name = groups.get("nday") or groups.get("nwday") or groups.get("wday")
    if name is not None and "wday" in groups and "wnext" not in groups:
        return today + timedelta(days=(words.WEEKDAYS[lang].index(name) - today.weekday() - 1) % 7 + 1)
    if name is not None:
        return monday + timedelta(days=7 + words.WEEKDAYS[lang].index(name))
    if groups.get("wside") in {"na", "after"}:
        return monday + timedelta(days=7)
    start = monday + timedelta(days=7 if "volgende" in said or "next" in said else 0)
    when = groups.get("when", "")
    offset = 1 if when in {"begin", "early"} else 2 if when in {"halverwege", "mid", "middle of"} else 4
    return max(start + timedelta(days=offset), today)


def _dated(token: _Token, groups: dict[str, str], lang: Lang, today: date) -> _Token | None:
    if "num" in groups:
        day, month, *year = (int(part) for part in re.split(r"[-/]", groups["num"]))
        wanted = (year[0] + 2000 if year[0] < 100 else year[0]) if year else None
    else:
        day = int(groups.get("dom") or groups["dom2"])
        month = words.MONTHS[lang].index(groups.get("month") or groups["month2"]) + 1
        wanted = int(groups["year"]) if "year" in groups else None
    try:
        found = date(wanted or today.year, month, day)
        if wanted is None and found < today - timedelta(days=30):
            found = found.replace(year=today.year + 1)
    except ValueError:
        return None
    return replace(token, day=found)


def _clock(match: re.Match[str], voice: _Voice) -> _Token | None:
    groups = {name: value for name, value in match.groupdict().items() if value}
    token = _Token(match.start(), match.end())
    if "word" in groups:
        return replace(token, clock=_LAST_MINUTE if groups["word"] == "midnight" else time(12))
    ambiguous = "hour" in groups or "half" in groups
    minute = int(groups.get("m") or groups.get("m2") or (30 if "half" in groups else 0))
    hour = _number(groups.get("h") or groups.get("h2") or groups.get("hour") or groups.get("half"), voice.lang)
    if hour is None or hour > 24 or minute > 59:
        return None
    if "half" in groups:
        hour -= 1
    if "ap" in groups:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if groups["ap"].startswith("p") else 0)
    if groups.get("half_of") in {"middags", "avonds"} and hour < 12:
        hour, ambiguous = hour + 12, False
    if hour == 24:
        return replace(token, clock=_LAST_MINUTE)
    return replace(token, clock=time(hour, minute), ambiguous=ambiguous and hour < 12)


def _killed(text: str, token: _Token, lang: Lang) -> bool:
    return words.NOT_BEFORE[lang].search(_left_of(text, token.start)) is not None


def _left_of(text: str, at: int) -> str:
    """As much of what stands before as any lead-in is long."""
    return text[max(0, at - _WINDOW) : at]


def _joins(text: str, one: _Token, other: _Token, lang: Lang) -> bool:
    """Whether a day and a time stand together."""
    both = {bool(one.day), bool(other.day)} == {True, False} and {bool(one.clock), bool(other.clock)} == {True, False}
    return both and words.BETWEEN[lang].fullmatch(text[one.end : other.start]) is not None


def _merged(one: _Token, other: _Token) -> _Token:
    day, clock = (one, other) if one.day else (other, one)
    return replace(day, start=one.start, end=other.end, clock=clock.clock, ambiguous=clock.ambiguous)


def _due(text: str, token: _Token, start: int, voice: _Voice) -> datetime | None:
    now, days = voice.now, voice.days
    if token.instant is not None:
        return token.instant
    if token.clock is not None:
        return _at(token, now)
    if token.day is None:
        return None
    if token.part:
        return _part_over(token.day, token.part, now, days)
    is_day = text[token.start : token.end] in {*words.WEEKDAYS[voice.lang]} or re.match(
        r"\d", text[token.start : token.end]
    )
    if is_day and words.BEFORE[voice.lang].search(_left_of(text, start)):
        for day in _back_from(token.day, now.date()):
            if days.closing(day) is not None:
                return _close(day, now, days)
    return _close(token.day, now, days)


def _back_from(day: date, today: date) -> Iterator[date]:
    while day > today:
        day -= timedelta(days=1)
        yield day


def _at(token: _Token, now: datetime) -> datetime | None:
    """A time of day: today when no day is said. Small hours without minutes are those of the afternoon."""
    clock = token.clock
    if clock is None:
        return None
    later = token.part in {"afternoon", "evening"} and clock.hour < 12
    if later or (token.ambiguous and clock.hour <= 6):
        clock = clock.replace(hour=clock.hour + 12)
    return datetime.combine(token.day or now.date(), clock, tzinfo=now.tzinfo)


def _close(day: date, now: datetime, days: Days) -> datetime:
    """When business closes on a day; its last minute when there is none, or it has closed already."""
    closes = datetime.combine(day, days.closing(day) or _LAST_MINUTE, tzinfo=now.tzinfo)
    return closes if closes > now else datetime.combine(day, _LAST_MINUTE, tzinfo=now.tzinfo)


def _part_over(day: date, part: str, now: datetime, days: Days) -> datetime:
    if part == "morning":
        return datetime.combine(day, time(12), tzinfo=now.tzinfo)
    if part == "evening":
        return datetime.combine(day, time(23), tzinfo=now.tzinfo)
    closing = days.closing(day)
    over = closing if closing is not None and time(12) < closing <= time(18) else time(18)
    return datetime.combine(day, over, tzinfo=now.tzinfo)
