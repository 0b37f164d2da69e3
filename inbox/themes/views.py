"""What screens show of themes: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from inbox.views import PersonRef
from understanding.themes.rising import Change


@dataclass(frozen=True, slots=True)
class ThemeRef:
    """A theme by id and name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A theme that is suggested for a conversation. `confidence` 0-1; `because`: words of the customer."""

    id: int
    name: str
    confidence: float
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThemesOf:
    """The themes of a conversation: what it raises, first linked first, and what it may raise."""

    linked: tuple[ThemeRef, ...] = ()
    suggested: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes of a theme; see `keeping` for the bounds."""

    name: str
    description: str = ""
    query: str = ""
    examples: tuple[str, ...] = ()
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Applying:
    """How far a query was held against older conversations: `done` 0-1 of the time since `since`, `n` linked."""

    since: datetime
    done: float
    n: int


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme in the list.

    Attributes:
        n_week, n_last_week: conversations of the last seven local days, and of the seven before.
        change: this week against up to four weeks before it; None while there is no whole week to compare with.
        n_mooded, n_negative: of the conversations of this week, those with a sentiment, and the negative ones.
    """

    id: int
    version: int
    name: str
    description: str
    owner: PersonRef | None
    query: str
    examples: tuple[str, ...]
    n_week: int = 0
    n_last_week: int = 0
    change: Change | None = None
    n_mooded: int = 0
    n_negative: int = 0
    archived_at: datetime | None = None
    merged_into: int | None = None
    applying: Applying | None = None


@dataclass(frozen=True, slots=True)
class ThemeTalk:
    """A conversation as an example. `sentiment` as the store keeps it; `snippet` verbatim."""

    conversation_id: int
    author_name: str
    snippet: str
    platform: str
    sentiment: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ThemeView:
    """A theme opened.

    Attributes:
        row: as in the list.
        trend: conversations per local day, days without any too, oldest first.
        talks: the latest conversations.
        n_links: conversations that raise it, ever.
        verdicts: how often a suggestion was accepted or declined, and links set or removed by hand.
    """

    row: ThemeRow
    trend: tuple[tuple[date, int], ...]
    talks: tuple[ThemeTalk, ...]
    n_links: int
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned last. `top_1`, `top_2` 0-1 over `n_held` links that were held back; None when too few."""

    at: datetime
    n_links: int
    n_held: int
    top_1: float | None
    top_2: float | None


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a query would have found: `n` conversations (`capped`: at least so many), and the newest of them."""

    n: int
    capped: bool
    examples: tuple[ThemeTalk, ...]


@dataclass(frozen=True, slots=True)
class Merging:
    """How far a theme was merged: `n` conversations so far, `left` to go; `ThemesDoor.go_on` until `done`."""

    old: int
    new: int
    n: int
    left: int
    done: bool = False


class Against(StrEnum):
    """What is compared in the discovery."""

    MOOD = "mood"
    """negative against positive"""
    TIME = "time"
    """the last seven days against the four weeks before"""
    BRAND = "brand"
    """a brand against another"""
    SOURCE = "source"
    """a source against another, or all others"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pile of texts against another.

    Attributes:
        against: what differs.
        days: how many local days back; not for TIME.
        brand_id, source_id: narrow both piles; for BRAND and SOURCE the first pile.
        other: the brand or source of the second pile; None for SOURCE: all others.
    """

    against: Against
    days: int = 28
    brand_id: str | None = None
    source_id: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """A phrase that stands out: texts that say it here and in the other pile, and who says it."""

    phrase: str
    n: int
    n_other: int
    z: float
    examples: tuple[ThemeTalk, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What was discovered: phrases, and how many texts were compared."""

    phrases: tuple[PhraseRow, ...]
    n_here: int
    n_other: int
