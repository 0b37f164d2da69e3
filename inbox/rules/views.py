"""What screens show of rules: frozen values. Texts of customers in them are verbatim and hostile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox.rules.evaluate import Reason
from inbox.rules.language import Draft
from inbox.rules.walk import Effect
from inbox.sentences import Sentence
from inbox.views import PersonRef


class Drift(StrEnum):
    """A rule that behaves otherwise than before."""

    STOPPED = "stopped"
    SURGE = "surge"


@dataclass(frozen=True, slots=True)
class Hits:
    """How often a rule hit: last day, last week, four weeks, ever; and whether that is out of the ordinary."""

    day: int = 0
    week: int = 0
    month: int = 0
    total: int = 0
    last_at: datetime | None = None
    drift: Drift | None = None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the list. `draft` is None when this version cannot read it; `problem` says why it does not work."""

    id: int
    name: str
    draft: Draft | None
    active: bool
    position: int
    updated_at: datetime
    hits: Hits
    problem: Sentence | None = None

    @property
    def works(self) -> bool:
        """Whether it takes part in routing."""
        return self.active and self.problem is None


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """One change of a rule, with its text before and after when that changed.

    `code`: rule_made, rule_changed, rule_on, rule_off, rule_moved, rule_archived, rule_applied, rule_run_taken_back.
    """

    id: int
    at: datetime
    code: str
    by: PersonRef | None
    before: Draft | None = None
    after: Draft | None = None


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule opened: hits per day (oldest first, the last one is today, workspace time), its versions newest first.

    `run`: how many hits of its last run over existing work still stand; None when it was never applied so.
    """

    row: RuleRow
    per_day: tuple[int, ...]
    versions: tuple[RuleVersion, ...]
    run: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation that a rule would hit."""

    conversation_id: int
    source_name: str
    author_name: str
    title: str | None
    snippet: str
    at: datetime
    status: str
    because: tuple[Reason, ...]
    changes: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have done over the last days, without doing it.

    Attributes:
        looked_at: conversations that were judged, newest first; `complete` when those were all of the period.
        matched, changed: conversations it fits; those of them of which it would change something.
        per_action: how often each action would change something (`tags`, `priority`, `spam`, ...).
        per_source: matches by the name of the source.
        overruled: per field and later rule's name, how often that rule decides instead.
        unreached: per earlier rule's name, how often that one stops the walk before this rule.
        examples: at most 50, newest first.
    """

    days: int
    looked_at: int
    complete: bool
    matched: int
    changed: int
    per_action: Mapping[str, int]
    per_source: Mapping[str, int]
    overruled: Mapping[tuple[str, str], int]
    unreached: Mapping[str, int]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run over existing work came: call again with it until `done`. `run` names the run."""

    run: int
    seen: int
    total: int
    changed: int
    after: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that hit a conversation, and what became of that."""

    event_id: int
    rule_id: int
    rule: str
    at: datetime
    because: tuple[Reason, ...]
    taken_back: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a conversation stands as it does: hits so far, and what the rules would do with its newest message now."""

    hits: tuple[RuleHit, ...]
    now: tuple[Effect, ...]
