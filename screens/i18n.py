"""Dutch and English: English msgids in the code, one catalog per part of the screens in `locale/nl/`.

Catalogs are read once with Babel; dates and numbers are localised. A screen calls `_("...")` and `plural(...)`. Which
language that gives is decided per session (Streamlit) or per request (the sign-in pages). This module does *not*
negotiate with the operating system's locale.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

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
    for path in sorted((LOCALE_DIR / code).glob("*.po")):
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


NONE = "\N{EN DASH}"
"""What stands where there is no number."""


def stretch(first: date, last: date) -> str:
    """Days from one to another, both included: `1 Nov 2026` and `29 Nov 2026` with a dash between them."""
    return f"{full_date(first)} {NONE} {full_date(last)}"


def number(value: float) -> str:
    """A number as people here write it: 12.345 in Dutch, 12,345 in English."""
    return _number(value, current().code)


# A table of figures writes thousands of them, most of them small and alike.
@lru_cache(maxsize=20_000)
def _number(value: float, code: str) -> str:
    return format_decimal(value, locale=load(code).locale)


def percent(share: float) -> str:
    """A share 0-1 in whole per cents as people here write it: 81% in Dutch and English."""
    return format_percent(share, format="#,##0%", locale=current().locale)


def cents(amount: Decimal) -> str:
    """An amount with two decimals as people here write it: 1.234,50 in Dutch, 1,234.50 in English."""
    return format_decimal(amount, format="#,##0.00", locale=current().locale)


def _local(instant: datetime) -> datetime:
    return instant.astimezone(_zone.get() or UTC)


def local_now(now: datetime) -> datetime:
    """The instant in the reader's time zone."""
    return _local(now)


def clock(instant: datetime) -> str:
    """Hour and minute in the reader's time zone."""
    return _written(_local(instant).replace(second=0, microsecond=0), "HH:mm", current().code)


def short_date(instant: datetime) -> str:
    """Day, month and year, short."""
    return format_date(_local(instant), "d MMM y", locale=current().locale)


def day(one: date) -> str:
    """A day with its name: `Sunday 29 November`."""
    return format_date(one, "EEEE d MMMM", locale=current().locale)


def short_day(one: date) -> str:
    """A day, short: `29 Nov`."""
    return format_date(one, "d MMM", locale=current().locale)


def full_date(one: date) -> str:
    """A day with its year: `29 Nov 2026`."""
    return format_date(one, "d MMM y", locale=current().locale)


def month(one: str) -> str:
    """A month, given as 2026-11: `November 2026`."""
    return format_date(date.fromisoformat(f"{one}-01"), "LLLL y", locale=current().locale)


def moment(instant: datetime, now: datetime) -> str:
    """When something was, as short as stays clear: `14:05` today, `12 Nov 14:05` this year, else with the year."""
    here, today = _local(instant), _local(now)
    if here.date() == today.date():
        return clock(instant)
    pattern = "d MMM HH:mm" if here.year == today.year else "d MMM y HH:mm"
    return _written(here.replace(second=0, microsecond=0), pattern, current().code)


def full_moment(instant: datetime) -> str:
    """Weekday, date, time and zone, for tooltips."""
    return _written(_local(instant).replace(second=0, microsecond=0), "EEEE d MMMM y HH:mm z", current().code)


# A redraw writes some seventy moments, most of them as the one before did; Babel takes 0.3 ms for each.
@lru_cache(maxsize=20_000)
def _written(here: datetime, pattern: str, code: str) -> str:
    return format_datetime(here, pattern, locale=load(code).locale)


def span(seconds: float) -> str:
    """A length of time in its largest unit: `13 hours`, `2 days`."""
    return format_timedelta(
        timedelta(seconds=abs(seconds)), granularity="minute", threshold=1.5, locale=current().locale
    )
