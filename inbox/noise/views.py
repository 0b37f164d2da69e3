"""What screens show of noise: frozen values. Names and texts of others in them are verbatim and hostile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox.noise.index import Kind
from inbox.rules.views import Hits
from inbox.views import PersonRef


class Stand(StrEnum):
    """How a conversation stands, as far as noise is concerned."""

    NOISE = "noise"
    """It is spam, or ignored as not about us."""
    GOOD = "good"
    """Somebody answered, resolved or holds it."""
    OPEN = "open"
    """Nobody decided yet."""


@dataclass(frozen=True, slots=True)
class NoiseDraft:
    """A noise rule as it is written.

    Attributes:
        text: the handle, address, words or query; of a text, the number of a message.
        platform: of an author; None is every platform.
        brand_id, source_id: narrow it; None is all.
        direct: an author also when they write to us directly.
        proposes: show what it would set aside, and leave it where it is.
        why: in a person's words.
    """

    kind: Kind
    text: str
    platform: str | None = None
    brand_id: str | None = None
    source_id: str | None = None
    direct: bool = False
    proposes: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """A noise rule in the list.

    Attributes:
        shown: what it is about, as people read it; empty for an author who was erased.
        set_aside, brought_back: conversations it ever set aside, and those of them that are work after all.
    """

    id: int
    kind: Kind
    shown: str
    platform: str | None
    brand_id: str | None
    source_id: str | None
    direct: bool
    proposes: bool
    why: str
    origin: str
    conversation_id: int | None
    active: bool
    by: PersonRef | None
    created_at: datetime
    ends_at: datetime | None
    hits: Hits
    set_aside: int = 0
    brought_back: int = 0


@dataclass(frozen=True, slots=True)
class NoiseView:
    """A noise rule opened: hits per day, oldest first (the last one is today, workspace time), and its history."""

    row: NoiseRow
    per_day: tuple[int, ...]
    history: tuple[tuple[datetime, str, PersonRef | None], ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """A conversation that a noise rule set aside, or proposes to. `event_id`: what to take back."""

    conversation_id: int
    rule_id: int
    kind: Kind
    shown: str
    at: datetime
    event_id: int | None
    source_name: str
    author_name: str
    title: str | None
    snippet: str
    status: str


@dataclass(frozen=True, slots=True)
class AsidePage:
    """A page of what was set aside, newest first. `before`: give it to have the next page; None at the end."""

    rows: tuple[Aside, ...]
    before: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class NoiseTotals:
    """Conversations that noise rules set aside: in the last day, in the last week, ever; and brought back since."""

    day: int
    week: int
    ever: int
    brought_back: int


@dataclass(frozen=True, slots=True)
class Tried:
    """A conversation that a rule would have met."""

    conversation_id: int
    source_name: str
    author_name: str
    title: str | None
    snippet: str
    at: datetime
    stand: Stand


@dataclass(frozen=True, slots=True)
class Reach:
    """What else is open now of an author, a site, or like a text.

    Attributes:
        scope: value of `inbox.noise.marking.Scope`.
        shown: whom or what it is about; empty for a text.
        n: open conversations besides the example that would be set aside with it.
        more: there are more of them than one act takes.
    """

    scope: str
    shown: str
    n: int
    more: bool


@dataclass(frozen=True, slots=True)
class NoiseTrial:
    """What a rule would have done over the last days, without doing it.

    Attributes:
        looked_at: conversations that were looked at, newest first; `complete` when those were all of the period.
        stands: of those it meets, how many are noise already, good (its price), or undecided.
        per_source: by the name of the source.
        examples: good ones first, then newest first; at most 30.
    """

    days: int
    looked_at: int
    complete: bool
    stands: Mapping[Stand, int]
    per_source: Mapping[str, int]
    examples: tuple[Tried, ...]

    @property
    def met(self) -> int:
        """How many it would have set aside."""
        return sum(self.stands.values())

    @property
    def good(self) -> int:
        """How many of them somebody treated as work."""
        return self.stands.get(Stand.GOOD, 0)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A noise rule that what agents did speaks for. `key` names it; nothing happens before somebody says yes.

    Attributes:
        n_noise, n_good: conversations that it meets, marked as noise by hand, and kept.
        share: the lower bound of the share of noise (Wilson, one-sided 80 %), 0-1; None for words, which stand by `z`.
        z: of a word, how surely it tells noise from the rest, in standard deviations.
        trial: what the rule would have done in the last 30 days.
    """

    key: tuple[Kind, str]
    draft: NoiseDraft
    n_noise: int
    n_good: int
    share: float | None
    z: float | None
    trial: NoiseTrial


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a list: rules made, those that stood already, and lines that could not be used, with why."""

    made: int
    known: int
    refused: tuple[tuple[int, str], ...]
