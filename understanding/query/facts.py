"""What is known of a message beside its words, for the fields of queries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from understanding.links import links
from understanding.query.conditions import folded_value
from understanding.query.fields import WEEKDAYS

_STARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Facts of one message, as they are kept; what is left out is not known, and no condition on it holds.

    Attributes:
        lang: code; `und` when it could not be told.
        author: handle and name.
        url: address of the message itself.
        sentiment: None when it was not scored.
        rating: 0-1; queries speak of stars of five.
        day: on which it was said, in the calendar of the installation; `hour` 0-23 of that day.
        late: whether it was found long after it was said.
        tags, themes, state: of its conversation; themes by name.
        text: in which links are looked for.
    """

    source: str = ""
    platform: str = ""
    lang: str = "und"
    author: tuple[str | None, ...] = ()
    url: str | None = None
    kind: str = ""
    visibility: str = ""
    brands: Collection[str] = ()
    sentiment: str | None = None
    tags: Collection[str] = ()
    themes: Collection[str] = ()
    state: str = ""
    rating: float | None = None
    followers: int | None = None
    likes: int | None = None
    replies: int | None = None
    shares: int | None = None
    views: int | None = None
    day: date | None = None
    hour: int | None = None
    late: bool | None = None
    text: str = ""
    titled: bool = False
    pictured: bool = False
    reply: bool = False
    own: bool = False
    bot: bool = False
    staff: bool = False

    def values(self, name: str) -> Collection[str]:
        """Folded values of a field that names values."""
        return _VALUES[name](self)

    def number(self, name: str) -> float | None:
        """Value of a field that is a number."""
        if name != "rating":
            found: int | None = getattr(self, name)
            return found
        return None if self.rating is None else round(self.rating * _STARS, 6)


@lru_cache(maxsize=4096)
def _folded(name: str, value: str) -> str:
    return folded_value(name, value)


def _one(name: str, value: str | None) -> tuple[str, ...]:
    return (_folded(name, value),) if value else ()


def _sites(facts: Facts) -> tuple[str, ...]:
    """The host of the address, and each domain it lies in."""
    try:
        host = urlsplit(facts.url or "").hostname or ""
    except ValueError:
        return ()
    parts = _folded("site", host).split(".")
    return tuple([".".join(parts[start:]) for start in range(max(1, len(parts) - 1))]) if host else ()


def _has(facts: Facts) -> tuple[str, ...]:
    held = {
        "link": "://" in facts.text and bool(links(facts.text)),
        "picture": facts.pictured,
        "rating": facts.rating is not None,
        "title": facts.titled,
    }
    return tuple([name for name, so in held.items() if so])


def _is(facts: Facts) -> tuple[str, ...]:
    return tuple([name for name in ("reply", "own", "bot", "staff") if getattr(facts, name)])


def _weekday(facts: Facts) -> tuple[str, ...]:
    return () if facts.day is None else (WEEKDAYS[facts.day.weekday()],)


def _arrived(facts: Facts) -> tuple[str, ...]:
    return () if facts.late is None else ("late" if facts.late else "soon",)


_VALUES: Mapping[str, Callable[[Facts], Collection[str]]] = {
    "source": lambda facts: _one("source", facts.source),
    "platform": lambda facts: _one("platform", facts.platform),
    "lang": lambda facts: ("unknown",) if facts.lang in {"", "und"} else _one("lang", facts.lang),
    "author": lambda facts: [_folded("author", name) for name in facts.author if name],
    "site": _sites,
    "kind": lambda facts: (facts.kind,),
    "visibility": lambda facts: (facts.visibility,),
    "brand": lambda facts: [_folded("brand", brand) for brand in facts.brands],
    "sentiment": lambda facts: (facts.sentiment or "unknown",),
    "tag": lambda facts: [_folded("tag", tag) for tag in facts.tags],
    "theme": lambda facts: [_folded("theme", theme) for theme in facts.themes],
    "state": lambda facts: (facts.state,),
    "weekday": _weekday,
    "arrived": _arrived,
    "has": _has,
    "is": _is,
}
