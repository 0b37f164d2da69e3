"""Scores texts by their vector and by what tier 1 says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from understanding.prepared import Prepared
from understanding.sentiment.answer import Scored, Scorer, judged
from understanding.sentiment.deep.head import Head, chances_of, committed
from understanding.vectors import embed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST = 1e-6


class Asked(NamedTuple):
    """A text to score: in which language (ISO 639-1 or `und`), and its rating 0-1 where its author gave one."""

    prepared: Prepared
    lang: str
    rating: float | None = None


class TierTwo:
    """A `Scorer` that is best asked for many texts at once. Safe to share between threads.

    Args:
        first: tier 1, with the words that people here adjusted.
        head: the weights.
    """

    def __init__(self, first: Scorer, head: Head) -> None:
        self._first = first
        self._head = head
        self.version = head.version

    def score(self, prepared: Prepared, lang: str, *, rating: float | None = None, explain: bool = True) -> Scored:
        """Score one text; see `Scorer`."""
        return self.score_many([Asked(prepared, lang, rating)], explain=explain)[0]

    def score_many(self, texts: Sequence[Asked], *, explain: bool = True) -> list[Scored]:
        """Score texts; `because` are the places of tier 1.

        Raises:
            NoVectorsError: there are no vectors on this machine.
        """
        import numpy as np

        if not texts:
            return []
        said = [self._first.score(each.prepared, each.lang, rating=each.rating, explain=explain) for each in texts]
        head = self._head
        logits = embed([each.prepared.prose for each in texts]) @ np.array(head.meaning).T
        logits = logits + log_chances(said) @ np.array(head.words).T + np.array(head.bias)
        powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / head.temperature)
        chances = powers / powers.sum(axis=1, keepdims=True)
        return [
            # What has no words (emoji, a rating alone) has no meaning beyond them.
            judged((float(row[0]), float(row[1]), float(row[2])), first.because) if text.prepared.prose else first
            for row, first, text in zip(chances, said, texts, strict=True)
        ]


def log_chances(said: Sequence[Scored]) -> NDArray[np.float64]:
    """Log-chances of tier 1, one row a text, with a mean of 0."""
    import numpy as np

    logs = np.log(np.maximum(np.array([chances_of(each) for each in said], dtype=np.float64), _LEAST))
    centred: NDArray[np.float64] = logs - logs.mean(axis=1, keepdims=True)
    return centred


def tier_two(first: Scorer, head: Head | None = None) -> TierTwo:
    """The second tier over a first one; with the weights that come with this version when none are given."""
    return TierTwo(first, head or committed())
