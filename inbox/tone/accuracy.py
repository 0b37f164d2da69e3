"""How often the sentiment is right, of a labelled sample: overall and per language, with the interval. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox.tone.views import Accuracy, Right
from store.label_samples import ItemRow, SampleRow
from understanding.measuring import Share

UNCLEAR = "unclear"
"""What somebody says of a text whose tone cannot be told."""

UNSURE = "unsure"
"""The answer of a model that does not want to say."""


def of_sample(sample: SampleRow, items: Sequence[ItemRow]) -> Accuracy:
    """The accuracy of a month, as far as it was labelled.

    A text that nobody can tell counts for nothing; an answer of "unsure" claims nothing, and is counted apart.
    """
    said = [one for one in items if one.label not in (None, UNCLEAR)]
    return Accuracy(
        month=sample.month,
        n=len(items),
        n_labelled=sum(one.label is not None for one in items),
        n_unclear=sum(one.label == UNCLEAR for one in items),
        n_gone=sum(one.gone and one.label is None for one in items),
        overall=_right("", said),
        languages=tuple(
            _right(lang, [one for one in said if one.lang == lang]) for lang in sorted({one.lang for one in said})
        ),
        strata=dict(sample.strata),
        seed=sample.seed,
        drawn_at=sample.drawn_at,
    )


def _right(lang: str, said: Iterable[ItemRow]) -> Right:
    answered = unsure = right = 0
    for one in said:
        if one.answer == UNSURE:
            unsure += 1
        else:
            answered += 1
            right += one.answer == one.label
    return Right(lang, Share(right, answered), unsure)
