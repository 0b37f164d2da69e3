"""What screens show of the sentiment: frozen values. Instants aware UTC; confidences and shares 0-1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from understanding.measuring import Share

TONES: tuple[str, ...] = ("negative", "neutral", "positive")
"""What a person can say of a text."""

WEIGHTS: tuple[float, ...] = (-1.0, -0.5, 0.5, 1.0)
"""What a word can be made to count: very negative to very positive."""


@dataclass(frozen=True, slots=True)
class WordMark:
    """A stretch [start, end) of a text, in code points, that pulled to negative (`weight` < 0) or to positive."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class MessageTone:
    """The sentiment of a message, and why.

    Attributes:
        label: negative, neutral, positive or unsure; None when it was not scored.
        corrected_by: who of the team said so; None when a model did.
        machine: what the quick model says now; differs from `label` where somebody corrected it, where the thorough
            one scored it, or before an older message is scored anew.
        thorough: the label is of the model that reads the text as a whole (tier 2); the words are the quick one's.
        because: the words that did it, in the order of the text.
        because_title: the same for the title.
    """

    label: str | None
    confidence: float | None = None
    corrected_by: str | None = None
    machine: str | None = None
    because: tuple[WordMark, ...] = ()
    because_title: tuple[WordMark, ...] = ()
    thorough: bool = False


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word that somebody adjusted; `weight` None: it counts for nothing. `lang` "": in every language."""

    id: int
    word: str
    lang: str
    weight: float | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A mention whose sentiment would become another: its text in short, and from what to what."""

    mention_id: int
    conversation_id: int
    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Recount:
    """What adjusting a word would do, tried on messages that hold it.

    Attributes:
        n_texts: messages that were scored twice: the newest that hold the word.
        whole: these are all there are, not only the newest.
        n_changed: how many would get another sentiment.
        moves: how many by (from, to), the most frequent first.
        examples: some of them, the newest first.
    """

    word: str
    lang: str
    weight: float | None
    n_texts: int
    whole: bool
    n_changed: int
    moves: tuple[tuple[str, str, int], ...] = ()
    examples: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Right:
    """How often the answers in a language were right (with the 95 % interval); `lang` "" is all together.

    `unsure`: answers that claimed nothing; they are not among those that the share is of.
    """

    lang: str
    share: Share
    unsure: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good the sentiment of a month is, by a random sample that people labelled.

    Attributes:
        month: such as 2026-11, local.
        n, n_labelled: mentions in the sample, and how many somebody looked at.
        n_unclear: those of which nobody can tell; n_gone: removed before anybody looked.
        strata: mentions of each language that the sample was drawn of; seed: with which.
    """

    month: str
    n: int
    n_labelled: int
    n_unclear: int
    n_gone: int
    overall: Right
    languages: tuple[Right, ...]
    strata: Mapping[str, int]
    seed: str
    drawn_at: datetime

    @property
    def n_left(self) -> int:
        """How many can still be labelled."""
        return self.n - self.n_labelled - self.n_gone


@dataclass(frozen=True, slots=True)
class Attempt:
    """One night's fit to the corrections.

    Attributes:
        n_learnt, n_held: corrections it learnt from, and those it was judged by.
        before, after: how often the old and the new model have the held-back ones right.
        better, worse: held-back corrections that only the new, and only the old model has right.
        sample_n, sample_better, sample_worse: the same on labelled random samples.
        outcome: see `guard.Outcome`.
        usable: its model can be used; in_use: it is.
    """

    night: date
    at: datetime
    n_learnt: int
    n_held: int
    before: Right
    after: Right
    better: int
    worse: int
    sample_n: int
    sample_better: int
    sample_worse: int
    outcome: str
    usable: bool
    in_use: bool


@dataclass(frozen=True, slots=True)
class Learning:
    """What was learnt. `shipped`: the model that came with the program counts; `n_corrections` can be learnt from."""

    attempts: tuple[Attempt, ...]
    shipped: bool
    n_corrections: int


@dataclass(frozen=True, slots=True)
class ToLabel:
    """A text to label; what the model says of it is not here. `n_done` of `n` are labelled, by everybody together."""

    month: str
    place: int
    conversation_id: int
    title: str | None
    text: str
    lang: str
    platform: str
    rating: float | None
    n: int
    n_done: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """What somebody said of a text, and what stood with it: shown only then. `again`: somebody else was first."""

    month: str
    place: int
    label: str
    answer: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """How far kept messages are with being read again: `done` of `total`; `changed` got another tone or language."""

    done: int
    total: int
    changed: int
