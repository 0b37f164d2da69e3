"""The fitted weights of tier 1: a multinomial logistic regression, as JSON that reads the same everywhere."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import mul
from pathlib import Path

from understanding.sentiment.features import FEATURES

COMMITTED = Path(__file__).parent / "model.json"
DIGITS = 6
"""Decimals of a weight: the fit is exact to ten, so every machine writes the same bytes."""


class UnreadableModelError(ValueError):
    """Stored weights that do not fit the features of this version; fit them anew."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights by class (negative, neutral, positive): one per feature, the intercept last.

    Attributes:
        weights: log-odds per unit of a feature, before the temperature.
        temperature: divides the log-odds, so that confidences are as often right as they say.
        n_seeds, n_corrections: how many examples it was fitted on.
    """

    weights: tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
    temperature: float = 1.0
    n_seeds: int = 0
    n_corrections: int = 0

    @property
    def version(self) -> str:
        """Short name that changes with the weights."""
        return "t1-" + blake2b(self.to_json().encode(), digest_size=4).hexdigest()

    def chances(self, values: Sequence[float]) -> tuple[float, float, float]:
        """Chance of negative, neutral and positive for the values of the features, the 1 of the intercept last."""
        negative, neutral, positive = (sum(map(mul, row, values)) / self.temperature for row in self.weights)
        top = max(negative, neutral, positive)
        a, b, c = math.exp(negative - top), math.exp(neutral - top), math.exp(positive - top)
        total = a + b + c
        return a / total, b / total, c / total

    def to_json(self) -> str:
        """The weights by name of feature, for keeping and for reading."""
        return json.dumps(
            {
                "temperature": self.temperature,
                "n_seeds": self.n_seeds,
                "n_corrections": self.n_corrections,
                "weights": {
                    name: [row[at] for row in self.weights] for at, name in enumerate((*FEATURES, "intercept"))
                },
            },
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> Model:
        """Read what `to_json` wrote.

        Raises:
            UnreadableModelError: not such a text, or made for other features.
        """
        try:
            read = json.loads(text)
            named = read["weights"]
            if list(named) != [*FEATURES, "intercept"]:
                msg = "the stored sentiment weights are for other features than this version has; fit them anew"
                raise UnreadableModelError(msg)
            first, second, third = (tuple(float(each[at]) for each in named.values()) for at in range(3))
            return cls((first, second, third), float(read["temperature"]), read["n_seeds"], read["n_corrections"])
        except (TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
            if isinstance(error, UnreadableModelError):
                raise
            msg = f"the stored sentiment weights cannot be read: {error}"
            raise UnreadableModelError(msg) from error


@lru_cache(1)
def committed() -> Model:
    """The weights that come with this version, fitted on its seeds."""
    return Model.from_json(COMMITTED.read_text("utf-8"))
