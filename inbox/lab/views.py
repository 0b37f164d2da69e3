"""What screens and commands show of the query lab: frozen values. Texts of customers in them are hostile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from inbox.lab.diff import Change
from inbox.sentences import Sentence
from inbox.views import Mark
from understanding.measuring import Share

Outcome = Literal["added", "dropped", "kept"]
"""What becomes of something under a changed query: found from now on, no more, or as before."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a query's text and what it is: operator, minus, phrase, bracket, field or prefix."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a text is a query, and else what is wrong, at [start, end) in code points.

    `mended` is the whole text with the mistake repaired; `suggestion` what else to write, "" without a good guess.
    `hint`: it can be read, but may not mean what was intended; `mended` is then what was probably meant.
    """

    problem: Sentence | None = None
    start: int = 0
    end: int = 0
    mended: str | None = None
    suggestion: str = ""
    parts: tuple[Part, ...] = ()
    hint: Sentence | None = None

    @property
    def fits(self) -> bool:
        """Whether it is a query."""
        return self.problem is None


@dataclass(frozen=True, slots=True)
class Example:
    """Something that came in, and what becomes of it. `against` are the words by which it is left out."""

    id: int
    conversation_id: int | None
    source_name: str
    at: datetime
    outcome: Outcome
    text: str
    marks: tuple[Mark, ...]
    against: tuple[Mark, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What a changed query adds, drops and keeps of one source."""

    source_id: str
    name: str
    added: int
    dropped: int
    kept: int


@dataclass(frozen=True, slots=True)
class WeekCount:
    """A week (its Monday) and how much the query found in it before the change and finds after."""

    monday: date
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What a back-test found so far.

    Attributes:
        state: running, capped (its time was over; it can go on) or done.
        tested: how many things were judged, each once however often it was copied.
        expected: about how many there are.
        per_second: things judged a second, while it worked.
        added, dropped, kept: what becomes of them.
        whole: things of our own channels that count for the brand whatever the query says; in none of the three.
        horizon: since when things that no query matched are kept; None when there are none. What a query would add
            from outside the archive is known from then on only.
        overlap: how much of what it finds another brand's query finds too, by the brand's name.
        from_outside: how many of the added came from outside the archive.
    """

    state: Literal["running", "capped", "done"]
    tested: int
    expected: int
    per_second: float
    added: int
    dropped: int
    kept: int
    whole: int
    from_outside: int
    horizon: datetime | None
    per_source: tuple[SourceCount, ...]
    per_week: tuple[WeekCount, ...]
    overlap: Mapping[str, int]
    examples: tuple[Example, ...]

    @property
    def found(self) -> int:
        """How many things the new text finds."""
        return self.added + self.kept


@dataclass(frozen=True, slots=True)
class Precision:
    """How much of what a text finds is meant, by hand: `share.n` of `wanted` are labelled."""

    share: Share
    skipped: int
    wanted: int
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToLabel:
    """One thing to say yes or no to."""

    id: int
    conversation_id: int | None
    source_name: str
    at: datetime
    title: str | None
    text: str
    marks_title: tuple[Mark, ...]
    marks_text: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class SetState:
    """An exclusion set, whether a text holds it, and how much it takes away of the newest things the brand has.

    `changed`: the text holds it otherwise than it stands today. It drops `drops` of `of`; `answered` of the dropped
    were worked on by people.
    """

    id: str
    name: str
    lang: str
    on: bool
    changed: bool
    drops: int
    answered: int
    of: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A phrase to leave out: how much noise it would drop, and how much good it would cost, with examples of both."""

    phrase: str
    clause: str
    drops: int
    costs: int
    z: float
    noise: tuple[Example, ...]
    good: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Proposals:
    """Proposed exclusions, and from how much noise and how much good they were learned."""

    found: tuple[Proposal, ...]
    n_noise: int
    n_good: int


@dataclass(frozen=True, slots=True)
class QueryChange:
    """A moment at which a brand's query began to say something else; a mark in charts."""

    version_id: int
    at: datetime
    author: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a query. `author` is a name, `config` or `cli`; `changes` are against the one before."""

    id: int
    text: str
    short: str
    author: str
    valid_from: datetime
    current: bool
    changes: tuple[Change, ...]
    precision: Share


@dataclass(frozen=True, slots=True)
class BrandRef:
    """A brand whose query can be worked on."""

    id: str
    name: str
    competitor: bool


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many mentions of a brand were said on a local day."""

    day: date
    n: int


@dataclass(frozen=True, slots=True)
class BrandLab:
    """A brand's query as it stands: versions newest first, mentions per day, and when the query changed meanwhile."""

    brand: BrandRef
    text: str
    version_id: int | None
    versions: tuple[Version, ...]
    per_day: tuple[DayCount, ...]
    changed: tuple[QueryChange, ...]
