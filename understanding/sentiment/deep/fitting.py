"""Fitting tier 2: multinomial logistic regression over the main directions of the vectors and tier 1's log-chances.

Few directions, because a thousand sentences cannot tell more of them from chance. The temperature is of languages that
were left out of the fit, so that it tells how sure an answer may be on texts unlike the seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from understanding.prepared import prepare
from understanding.sentiment.answer import Labelled
from understanding.sentiment.deep.head import DIGITS, Head
from understanding.sentiment.deep.tier_two import log_chances
from understanding.sentiment.regression import newton, temperature_of
from understanding.sentiment.seeding import seeds
from understanding.sentiment.tier_one import tier_one
from understanding.vectors import embed

DIRECTIONS = 32
_SCALE = 6.0
_RIDGE = 2.0
_WORDS = 0.5
_CORRECTION = 2.0
_AT_ONCE = 16


def fit_head(corrections: Sequence[Labelled] = ()) -> Head:
    """Fit on the seeds, and on what agents corrected, each counted as two seeds.

    The same examples give the same weights, on machines of one kind byte for byte.

    Raises:
        NoVectorsError: there are no vectors on this machine.
    """
    import numpy as np

    known = seeds()
    examples = [*known, *(replace(each, weight=each.weight * _CORRECTION) for each in corrections)]
    found = np.concatenate([_vectors(examples[at : at + _AT_ONCE]) for at in range(0, len(examples), _AT_ONCE)])
    middle = found[: len(known)].mean(axis=0)
    _, _, directions = np.linalg.svd(found[: len(known)] - middle, full_matrices=False)
    turn = directions[:DIRECTIONS].T * _SCALE
    first = tier_one()
    said = [first.score(prepare(each.text), each.lang, rating=each.rating) for each in examples]
    values = np.concatenate([(found - middle) @ turn, log_chances(said) * _WORDS, np.ones((len(examples), 1))], axis=1)
    labels = np.array([each.label + 1 for each in examples])
    counts = np.array([each.weight for each in examples], dtype=np.float64)
    penalty = np.full(values.shape[1], _RIDGE)
    penalty[-1] = 1e-3
    weights = newton(values, labels, counts, penalty)
    meaning = weights[:, :DIRECTIONS] @ turn.T
    bias = weights[:, -1] - meaning @ middle
    left_out = _logits_left_out([each.lang for each in examples], values, labels, counts, penalty)
    return Head(
        _rows(meaning),
        _rows(weights[:, DIRECTIONS:-1] * _WORDS),
        _rows(bias[None, :])[0],
        temperature_of(left_out, labels, counts, len(known)),
        len(known),
        len(corrections),
    )


def _vectors(examples: Sequence[Labelled]) -> Any:
    import numpy as np

    return embed([prepare(each.text).prose for each in examples]).astype(np.float64)


def _logits_left_out(langs: Sequence[str], values: Any, labels: Any, counts: Any, penalty: Any) -> Any:
    """What a fit on the other languages says of each."""
    import numpy as np

    logits = np.empty((len(langs), 3))
    spoken = np.array(langs)
    for lang in sorted(set(langs)):
        out = spoken == lang
        logits[out] = values[out] @ newton(values[~out], labels[~out], counts[~out], penalty).T
    return logits


def _rows(values: Any) -> Any:
    return tuple(tuple(round(float(each), DIGITS) + 0.0 for each in row) for row in values)
