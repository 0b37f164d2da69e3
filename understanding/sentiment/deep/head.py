"""The fitted weights of tier 2 over vectors and tier 1, as JSON that reads the same everywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from understanding import vectors
from understanding.sentiment.answer import Scored

COMMITTED = Path(__file__).parent / "head.json"
DIGITS = 4

Three = tuple[float, float, float]
"""Of negative, neutral, positive."""


@dataclass(frozen=True, slots=True)
class Head:
    """Weights by class (negative, neutral, positive).

    Attributes:
        meaning: per number of the vector.
        words: per log-chance of tier 1.
        bias: what each class has beforehand.
        temperature: divides the log-odds, so that confidences are as often right as they say.
        n_seeds, n_corrections: how many examples it was fitted on.
    """

    meaning: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    words: tuple[Three, Three, Three]
    bias: Three
    temperature: float
    n_seeds: int = 0
    n_corrections: int = 0

    @property
    def version(self) -> str:
        """Short name that changes with the weights and the vectors."""
        said = f"{vectors.VERSION} {self.to_json()}"
        return "t2-" + blake2b(said.encode(), digest_size=4).hexdigest()

    def to_json(self) -> str:
        """The weights, for keeping and for reading."""
        fields = ("temperature", "n_seeds", "n_corrections", "bias", "words", "meaning")
        return json.dumps({name: getattr(self, name) for name in fields})

    @classmethod
    def from_json(cls, text: str) -> Head:
        """Read what `to_json` wrote.

        Raises:
            ValueError: not such a text, or made for other vectors.
        """
        try:
            read = json.loads(text)
            meaning = tuple(tuple(map(float, row)) for row in read["meaning"])
            words = tuple(tuple(map(float, row)) for row in read["words"])
            bias = tuple(map(float, read["bias"]))
            shape = [len(bias), *map(len, words), *map(len, meaning)]
            if shape != [3, 3, 3, 3, vectors.SIZE, vectors.SIZE, vectors.SIZE]:
                msg = "made for other vectors"
                raise ValueError(msg)
            return cls(
                meaning,  # type: ignore[arg-type]
                words,  # type: ignore[arg-type]
                bias,  # type: ignore[arg-type]
                float(read["temperature"]),
                read["n_seeds"],
                read["n_corrections"],
            )
        except (TypeError, KeyError, ValueError) as error:
            msg = f"the stored weights of the second tier cannot be read ({error}); fit them anew"
            raise ValueError(msg) from error


def chances_of(scored: Scored) -> Three:
    """Chances of negative, neutral and positive behind an answer of tier 1."""
    if scored.leaning == 0:
        rest = 1 - scored.confidence
        return (rest - scored.score) / 2, scored.confidence, (rest + scored.score) / 2
    negative = scored.confidence if scored.leaning < 0 else scored.confidence - scored.score
    return negative, 1 - 2 * negative - scored.score, negative + scored.score


@lru_cache(1)
def committed() -> Head:
    """The weights that come with this version, fitted on its seeds."""
    return Head.from_json(COMMITTED.read_text("utf-8"))
