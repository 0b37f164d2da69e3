"""Dutch and English: English msgids in the code, `locale/nl.po` read once with Babel, dates and numbers localised.

A screen calls `_("...")` and `plural(...)`. Which language that gives is decided per session (Streamlit) or per
request (the sign-in pages). This module does *not* negotiate with the operating system's locale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALE_DIR = Path(__file__).parent / "locale"
LANGUAGES: Mapping[str, str] = {"nl": "Nederlands", "en": "English"}


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the screens: its code, texts and Babel locale."""

    code: str
    texts: Mapping[str, str]
    plurals: Mapping[str, tuple[str, str]]
    locale: Locale

    def text(self, msgid: str) -> str:
        """The text in this language; the msgid itself where no translation stands."""
        return self.texts.get(msgid) or msgid

    def plural(self, one: str, many: str, n: int) -> str:
        """The form of `one`/`many` that fits `n`, with `{n}` filled in as a localised number."""
        form_one, form_many = self.plurals.get(one, (one, many))
        return (form_one if n == 1 else form_many).format(n=format_decimal(n, locale=self.locale))


@cache
def load(code: str) -> Language:
    """Read a language; English needs no file, because the msgids are English.

    Raises:
        KeyError: a language that is not offered.
    """
    if code not in LANGUAGES:
        raise KeyError(code)
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, str]] = {}
    path = LOCALE_DIR / f"{code}.po"
    if path.exists():
        with path.open("rb") as file:
            for message in read_po(file, locale=code):
                if isinstance(message.id, tuple) and isinstance(message.string, tuple):
                    plurals[message.id[0]] = (message.string[0], message.string[1])
                elif isinstance(message.id, str) and message.id:
                    texts[message.id] = str(message.string)
    # British dates (day before month) read well for the international English of a Dutch team.
    return Language(code, texts, plurals, Locale.parse("en_GB" if code == "en" else code))


_chosen: ContextVar[str] = ContextVar("klankbord_language", default="en")
_zone: ContextVar[tzinfo | None] = ContextVar("klankbord_zone", default=None)


def choose(code: str, timezone: str | None = None) -> Language:
    """Use this language (and IANA time zone for instants shown) in the current script run or request.

    An unknown code gives English; an unknown time zone gives UTC.
    """
    known = code if code in LANGUAGES else "en"
    _chosen.set(known)
    _zone.set(_zone_of(timezone))
    return load(known)


@cache
def _zone_of(timezone: str | None) -> tzinfo | None:
    if timezone is None:
        return None
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        return None


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Use a language inside a `with` block, such as one request."""
    token = _chosen.set(code if code in LANGUAGES else "en")
    try:
        yield current()
    finally:
        _chosen.reset(token)


def current() -> Language:
    """The language of this script run or request."""
    return load(_chosen.get())


def _(msgid: str) -> str:
    """The text in the current language."""
    return current().text(msgid)


def N_(msgid: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for the catalog where it is written down, to be translated where it is shown."""
    return msgid


def plural(one: str, many: str, n: int) -> str:
    """The form that fits `n` in the current language, `{n}` filled in."""
    return current().plural(one, many, n)


def from_accept_language(header: str) -> str:
    """The offered language that a browser's Accept-Language header likes best; English when none fits."""
    wishes: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _sep, weight = part.strip().partition(";q=")
        try:
            wishes.append((float(weight or 1), tag.replace("-", "_")))
        except ValueError:
            continue
    ordered = [tag for _weight, tag in sorted(wishes, key=lambda wish: -wish[0]) if tag]
    return (negotiate_locale(ordered, list(LANGUAGES)) or "en")[:2]


def number(value: float) -> str:
    """A number as people here write it: 12.345 in Dutch, 12,345 in English."""
    return format_decimal(value, locale=current().locale)


def _local(instant: datetime) -> datetime:
    return instant.astimezone(_zone.get() or UTC)


def local_now(now: datetime) -> datetime:
    """The instant in the reader's time zone."""
    return _local(now)


def clock(instant: datetime) -> str:
    """Hour and minute in the reader's time zone."""
    return format_time(_local(instant), "HH:mm", locale=current().locale)


def short_date(instant: datetime) -> str:
    """Day, month and year, short."""
    return format_date(_local(instant), "d MMM y", locale=current().locale)


def moment(instant: datetime, now: datetime) -> str:
    """When something was, as short as stays clear: `14:05` today, `12 Nov 14:05` this year, else with the year."""
    here, today = _local(instant), _local(now)
    if here.date() == today.date():
        return clock(instant)
    pattern = "d MMM HH:mm" if here.year == today.year else "d MMM y HH:mm"
    return format_datetime(here, pattern, locale=current().locale)


def full_moment(instant: datetime) -> str:
    """Weekday, date, time and zone, for tooltips."""
    return format_datetime(_local(instant), "EEEE d MMMM y HH:mm z", locale=current().locale)


def span(seconds: float) -> str:
    """A length of time in its largest unit: `13 hours`, `2 days`."""
    return format_timedelta(
        timedelta(seconds=abs(seconds)), granularity="minute", threshold=1.5, locale=current().locale
    )
