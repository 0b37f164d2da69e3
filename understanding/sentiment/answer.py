"""What a scorer of sentiment says of a text, and what it is asked with. Shared by both tiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from understanding.prepared import Prepared

Label = Literal["negative", "neutral", "positive", "unsure"]
"""As the store keeps it."""

UNSURE_BELOW = 0.45
"""A confidence under this is shown as "unsure", not as a colour."""

_LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")


class Because(NamedTuple):
    """One place in a text that moved the score.

    Attributes:
        start, end: code points [start, end) of `Prepared.text`.
        weight: what it added to the log-odds of positive against negative; below 0 it pulls to negative.
    """

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer.

    Attributes:
        label: what to show; "unsure" below `UNSURE_BELOW`.
        score: -1 (negative) to 1 (positive): chance of positive less chance of negative.
        confidence: 0-1, the chance that the likeliest of the three classes is right.
        because: what did it, in the order of the text.
        leaning: -1, 0 or 1: the likeliest class, also when the label is "unsure".
    """

    label: Label
    score: float
    confidence: float
    because: tuple[Because, ...] = ()
    leaning: int = 0


class Scorer(Protocol):
    """Anything that scores a text. `version` is kept beside what it says."""

    @property
    def version(self) -> str:
        """Changes whenever the same text may get another answer."""

    def score(self, prepared: Prepared, lang: str, *, rating: float | None = None, explain: bool = True) -> Scored:
        """Score a text in a language (ISO 639-1 or `und`); `rating` 0-1 where its author gave one.

        Without `explain` nothing is said of what did it, which costs half.
        """


@dataclass(frozen=True, slots=True)
class Words:
    """What the users of an installation changed about words.

    Attributes:
        boosts: valence -1 to 1 by folded word, for all languages or as `nl:word` for one.
        excluded: words that say nothing here, such as the name of a product; same forms.
    """

    boosts: Mapping[str, float] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()


NO_WORDS = Words()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with the label a person gave it.

    Attributes:
        label: -1 negative, 0 neutral, 1 positive.
        rating: 0-1 where its author gave one.
        weight: how many examples it counts for.
    """

    text: str
    lang: str
    label: int
    rating: float | None = None
    weight: float = 1.0


def judged(chances: tuple[float, float, float], because: tuple[Because, ...] = ()) -> Scored:
    """The answer that follows from the chances of negative, neutral and positive, which add up to 1."""
    best = max(range(3), key=chances.__getitem__)
    confidence = chances[best]
    label: Label = _LABELS[best] if confidence >= UNSURE_BELOW else "unsure"
    return Scored(label, chances[2] - chances[0], confidence, because, best - 1)


def scored_text(title: str | None, text: str | None) -> str:
    """What is scored of a mention: its title and its text, each on its own line. `Because` counts places in this."""
    return "\n".join(part for part in (title, text) if part)
