"""The facts a query can ask about: their names, their values, and where each is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, Flag, auto


class Place(Flag):
    """Where a query is used, which decides what can be known of a message."""

    BRAND = auto()
    """Routing to brands while a message comes in: what the platform said about it."""
    RULE = auto()
    """A rule of the inbox: also its brand and sentiment, never what people or rules did with it."""
    WORDS = auto()
    """Where nothing is known but title and text: no field at all."""
    SEARCH = auto()
    """Search, saved views, exports: everything, also how the conversation stands now."""


_ANYWHERE = Place.BRAND | Place.RULE | Place.SEARCH
_KEPT = Place.RULE | Place.SEARCH


class Sort(Enum):
    """How a field is written and compared."""

    NAMED = auto()
    """One of a fixed set of words."""
    OPEN = auto()
    """Names of ours or of others: any value, or the beginning of one."""
    NUMBER = auto()
    """Compared with a bound."""
    DAY = auto()
    """A day, as 2026-01-31."""


@dataclass(frozen=True, slots=True)
class FieldKind:
    """One field of the language.

    Attributes:
        name: as it is written.
        sort: how its values are read.
        places: where it may be used.
        values: all there are, of a field with named values.
        spelt: other ways to write such a value.
        pattern: what a value must look like.
        most: highest sensible bound of a number.
        whole: a number without a fraction, so that a point parts thousands.
    """

    name: str
    sort: Sort
    places: Place = _ANYWHERE
    values: tuple[str, ...] = ()
    spelt: Mapping[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    most: float = 1e12
    whole: bool = True


_LANGUAGE = re.compile(r"[a-z]{2,3}|unknown")
_LANGUAGES = {
    "und": "unknown", "dutch": "nl", "nederlands": "nl", "english": "en", "engels": "en", "german": "de", "duits": "de",
    "french": "fr", "frans": "fr", "spanish": "es", "spaans": "es", "italian": "it", "italiaans": "it",
}  # fmt: skip
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As a query names them, in the order of `date.weekday`."""
_WEEKDAYS = {
    "monday": "mon", "tuesday": "tue", "wednesday": "wed", "thursday": "thu", "friday": "fri", "saturday": "sat",
    "sunday": "sun", "maandag": "mon", "dinsdag": "tue", "woensdag": "wed", "donderdag": "thu", "vrijdag": "fri",
    "zaterdag": "sat", "zondag": "sun", "ma": "mon", "di": "tue", "wo": "wed", "do": "thu", "vr": "fri", "za": "sat",
    "zo": "sun",
}  # fmt: skip

_ALL = (
    FieldKind("source", Sort.OPEN),
    FieldKind("platform", Sort.OPEN),
    FieldKind("lang", Sort.OPEN, pattern=_LANGUAGE, spelt=_LANGUAGES),
    FieldKind("author", Sort.OPEN),
    FieldKind("site", Sort.OPEN),
    FieldKind(
        "kind",
        Sort.NAMED,
        values=("post", "comment", "review", "article", "topic", "answer", "message", "manual"),
    ),
    FieldKind("visibility", Sort.NAMED, values=("public", "unlisted", "private")),
    FieldKind("has", Sort.NAMED, values=("link", "picture", "rating", "title"), spelt={"image": "picture"}),
    FieldKind("is", Sort.NAMED, values=("reply", "own", "bot", "staff")),
    FieldKind("rating", Sort.NUMBER, most=5, whole=False),
    FieldKind("followers", Sort.NUMBER),
    FieldKind("brand", Sort.OPEN, _KEPT),
    FieldKind("sentiment", Sort.NAMED, _KEPT, values=("negative", "neutral", "positive", "unsure", "unknown")),
    FieldKind("likes", Sort.NUMBER, Place.SEARCH),
    FieldKind("replies", Sort.NUMBER, Place.SEARCH),
    FieldKind("shares", Sort.NUMBER, Place.SEARCH),
    FieldKind("views", Sort.NUMBER, Place.SEARCH),
    FieldKind("after", Sort.DAY, Place.SEARCH),
    FieldKind("before", Sort.DAY, Place.SEARCH),
    FieldKind("weekday", Sort.NAMED, Place.SEARCH, values=WEEKDAYS, spelt=_WEEKDAYS),
    FieldKind("hour", Sort.NUMBER, Place.SEARCH, most=23),
    FieldKind("arrived", Sort.NAMED, Place.SEARCH, values=("late", "soon")),
    FieldKind("tag", Sort.OPEN, Place.SEARCH),
    FieldKind("theme", Sort.OPEN, Place.SEARCH),
    FieldKind(
        "state",
        Sort.NAMED,
        Place.SEARCH,
        values=(
            "new", "open", "waiting_customer", "waiting_internal", "snoozed", "resolved", "ignored", "spam", "archived",
        ),
    ),
)  # fmt: skip

FIELDS: Mapping[str, FieldKind] = {kind.name: kind for kind in _ALL}
ALIASES: Mapping[str, str] = {
    "language": "lang",
    "from": "author",
    "network": "platform",
    "stars": "rating",
    "status": "state",
    "since": "after",
    "until": "before",
}
"""Other names a field answers to; a query is printed with the name itself."""
