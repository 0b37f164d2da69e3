"""What the trends show: frozen values. Moments are aware, in the time zone of the workspace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from inbox.sentences import Sentence
from inbox.views import Filters, View

Step = Literal["hour", "day", "week"]
By = Literal["source", "brand", "lang", "kind", "sentiment", "theme"]
What = Literal["authors", "sites", "words", "links"]

STEPS: tuple[Step, ...] = ("hour", "day", "week")
BYS: tuple[By, ...] = ("source", "brand", "lang", "kind", "sentiment", "theme")
WHATS: tuple[What, ...] = ("authors", "sites", "words", "links")

THE_REST = "(rest)"
"""Key of a series that adds up all keys but the largest."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What is looked at. Days are local calendar days, both included; empty tuples mean "any".

    Attributes:
        langs: ISO 639-1 codes, `und` where the language is not known.
        sentiments: negative, neutral, positive, unsure; "" for what nobody scored.
        theme_ids: conversations that raise one of these are counted then, not messages.
    """

    first: date
    last: date
    brand_ids: tuple[str, ...] = ()
    source_ids: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    theme_ids: tuple[int, ...] = ()

    @property
    def days(self) -> int:
        """How many days it spans."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Only:
    """What of a slice a single figure counts; nothing said means all of it.

    Attributes:
        hour: the hour that begins then, aware.
        weekday, weekhour: this hour of the week in the time zone of the workspace, 0 is Monday; both or neither.
        late: what was found more than a day after it was said.
    """

    hour: datetime | None = None
    weekday: int | None = None
    weekhour: int | None = None
    late: bool = False

    @property
    def whole(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Only()


ALL = Only()


class Point(NamedTuple):
    """How much was said from `at` until the next step.

    Attributes:
        at: local midnight, the Monday of a week, or the begin of an hour. A week is cut by the slice.
        key: of what (an id, a code), "" where nothing is split, `THE_REST` for all keys but the largest.
        late: how many of `n` were found more than a day after they were said.
    """

    at: datetime
    key: str
    n: int
    late: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """Volume over time, every step of every key, zeros too.

    Attributes:
        points: by moment, then by key as in `keys`.
        keys: the largest first.
        names: what people call each key; a key that stands for itself (a code) is left out.
        total: all that was counted, each once; in a split by brand or theme less than the sum of its points, where
            something belongs to two. With several brands in the slice it counts once at each of them.
        late: how many of them were found more than a day after they were said.
        left_out: copies of the same text that are folded, and so not counted; None where that is not known.
        unit: what is counted: `messages`, or `conversations` where themes take part.
    """

    points: tuple[Point, ...]
    total: int
    late: int = 0
    left_out: int | None = None
    keys: tuple[str, ...] = ("",)
    names: tuple[tuple[str, str], ...] = ()
    unit: Literal["messages", "conversations"] = "messages"


@dataclass(frozen=True, slots=True)
class BrandShare:
    """One brand among all that are compared. `share` is 0-1 of all their mentions; None where there is none.

    `n_before` and `share_before` are of the period of equal length before.
    """

    brand_id: str
    name: str
    competitor: bool
    n: int
    share: float | None
    n_before: int
    share_before: float | None


@dataclass(frozen=True, slots=True)
class ShareOfVoice:
    """Brands by volume, the largest first. A mention of two brands counts at each: `mentions` adds that up."""

    brands: tuple[BrandShare, ...]
    mentions: int
    mentions_before: int


@dataclass(frozen=True, slots=True)
class HeatCell:
    """An hour of the week, local time. `hours`: how often it occurred in the slice; `n` was said in all of them.

    `weekday` 0 is Monday. `per_hour` is None where the hour did not occur.
    """

    weekday: int
    hour: int
    n: int
    hours: int

    @property
    def per_hour(self) -> float | None:
        """Volume in one such hour, on average."""
        return self.n / self.hours if self.hours else None


@dataclass(frozen=True, slots=True)
class HeatMap:
    """All 168 hours of the week, Monday first."""

    cells: tuple[HeatCell, ...]
    total: int


@dataclass(frozen=True, slots=True)
class TopRow:
    """An author, site, word or link. `n_before`: in the period of equal length before; None where it is not known.

    Attributes:
        key: the author's id, the host, the word, or the address.
        name: what to show; verbatim text of others.
        url: where it can be seen; None for words.
    """

    key: str
    name: str
    n: int
    n_before: int | None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Top:
    """The largest, first. `counted` of `total` messages were looked at: the newest, where that is not all of them.

    `at_least`: on some days there was more than is kept of a day, so that a figure may be somewhat higher.
    """

    rows: tuple[TopRow, ...]
    counted: int
    total: int
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that explains a turn in a chart.

    Attributes:
        kind: query (the query of a brand changed), gap (something was not read).
        at, until: `until` is None for a moment.
        about: the brand, or the source.
        text: a sentence.
    """

    kind: Literal["query", "gap"]
    at: datetime
    until: datetime | None
    about: str
    text: Sentence


@dataclass(frozen=True, slots=True)
class Behind:
    """What stands behind a figure, as the inbox lists it: open `view` with `filters`.

    Attributes:
        n: messages behind the figure; with themes, conversations.
        n_conversations: conversations that hold them; None of a large figure.
    """

    view: View
    filters: Filters
    n: int
    n_conversations: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message behind a figure, or the newest of a conversation behind a figure of themes.

    `snippet` is verbatim and hostile, empty of what is `gone`: it still counts. `late`: found more than a day later.
    """

    mention_id: int
    conversation_id: int
    at: datetime
    late: bool
    source_id: str
    source_name: str
    author_name: str
    lang: str
    kind: str
    sentiment: str | None
    snippet: str
    gone: bool


@dataclass(frozen=True, slots=True)
class SaidPage:
    """A page of messages, newest first; `next_cursor` is opaque, None at the end."""

    rows: tuple[Said, ...]
    next_cursor: str | None = None


def before(asked: Slice) -> Slice:
    """The period of equal length that ends the day before. Pure."""
    length = timedelta(days=asked.days)
    return replace(asked, first=asked.first - length, last=asked.last - length)
