"""Fitting tier 1: multinomial logistic regression by Newton's method, on all languages together.

Runs until the gradient is below 1e-9 and keeps six decimals, so that every machine writes the same bytes. A small
ridge keeps the answer unique. numpy is loaded only here: scoring does without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from understanding.prepared import prepare
from understanding.sentiment.answer import Labelled
from understanding.sentiment.features import OF_WORDS, features
from understanding.sentiment.lexicon import Lexicon
from understanding.sentiment.model import DIGITS, Model
from understanding.sentiment.regression import newton, softmax, temperature_of
from understanding.sentiment.seeding import seeds
from understanding.sentiment.wordlists import LANGUAGES

_RIDGE = 1.0
"""Penalty on the squared weights of the features of words, in examples; the intercepts have next to none."""
_RIDGE_BESIDE = 5.0
"""The same for the other features: how often people ask or count differs from one place to another."""
_CORRECTION = 2.0
"""How many seeds one correction of an agent weighs."""
_FOLDS = 10
ENOUGH_DRAWN = 100
"""Labelled texts drawn by chance from which confidences are fitted to them."""
_BELIEVED = 0.3


def fit(examples: Iterable[Labelled]) -> Model:
    """Fit weights and temperature; the same examples in the same order give the same model, byte for byte.

    Raises:
        ValueError: no example, or a label other than -1, 0 and 1.
    """
    kept = list(examples)
    return _fitted(kept, len(kept), 0)


def refit(model: Model, corrections: Iterable[Labelled]) -> Model:
    """Fit anew on the seeds with the agents' corrections added, each counted as two seeds.

    `model` is given back when there are no corrections.
    """
    said = [replace(each, weight=each.weight * _CORRECTION) for each in corrections]
    if not said:
        return model
    known = list(seeds())
    return _fitted([*known, *said], len(known), len(said))


def recalibrated(model: Model, drawn: Iterable[Labelled]) -> Model:
    """The model with confidences that fit texts drawn by chance from where it is used, as people labelled them.

    Only the temperature changes, so no answer becomes another one: what was the likeliest class stays it. With fewer
    than `ENOUGH_DRAWN` texts the model is given back. Looked for is the temperature of least loss; that of the model
    is believed (normal in its logarithm, deviation 0.3), so that a hundred texts cannot throw it about.
    """
    examples = list(drawn)
    if len(examples) < ENOUGH_DRAWN:
        return model
    import numpy as np

    labels = np.array([each.label + 1 for each in examples])
    logits = _values(examples) @ np.array(model.weights).T
    tried = np.arange(50, 301) / 100
    losses = [
        -np.log(softmax(logits / each)[np.arange(len(labels)), labels]).sum()
        + (np.log(each / model.temperature) / _BELIEVED) ** 2 / 2
        for each in tried
    ]
    return replace(model, temperature=float(tried[int(np.argmin(np.round(losses, 6)))]))


def _values(examples: Sequence[Labelled]) -> Any:
    """Features by example, the 1 of the intercept last."""
    import numpy as np

    lexicons = {lang: Lexicon(lang) for lang in (*LANGUAGES, "und")}
    return np.array(
        [
            (*features(prepare(each.text), lexicons.get(each.lang, lexicons["und"]), each.rating).values, 1.0)
            for each in examples
        ],
        dtype=np.float64,
    )


def _fitted(examples: Sequence[Labelled], n_seeds: int, n_corrections: int) -> Model:
    import numpy as np

    if not examples or any(each.label not in {-1, 0, 1} for each in examples):
        msg = "fitting sentiment needs examples labelled -1, 0 or 1"
        raise ValueError(msg)
    values = _values(examples)
    labels = np.array([each.label + 1 for each in examples])
    counts = np.array([each.weight for each in examples], dtype=np.float64)
    penalty = np.full(values.shape[1], _RIDGE_BESIDE)
    penalty[:OF_WORDS] = _RIDGE
    penalty[-1] = 1e-3
    weights = newton(values, labels, counts, penalty)
    logits = np.empty((len(examples), 3))
    folds = np.arange(len(examples)) % _FOLDS
    for fold in range(_FOLDS if len(examples) >= 10 * _FOLDS else 0):
        out = folds == fold
        logits[out] = values[out] @ newton(values[~out], labels[~out], counts[~out], penalty, weights).T
    temperature = temperature_of(logits, labels, counts, n_seeds) if len(examples) >= 10 * _FOLDS else 1.0
    rounded = tuple(tuple(round(float(each), DIGITS) + 0.0 for each in row) for row in weights)
    return Model((rounded[0], rounded[1], rounded[2]), round(temperature, 3), n_seeds, n_corrections)
