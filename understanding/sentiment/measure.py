"""How often a scorer is right, and how well it knows."""

from __future__ import annotations

from collections.abc import Iterable

from understanding.measuring import Figures, Judged, measured
from understanding.prepared import prepare
from understanding.sentiment.answer import Labelled, Scorer

CLASSES = {-1: "negative", 0: "neutral", 1: "positive"}
"""Names of the labels people give, in the order to show them."""


def evaluate(scorer: Scorer, examples: Iterable[Labelled]) -> Figures:
    """Score labelled texts and compare; the likeliest class counts, also where the label was "unsure"."""
    return measured((_judged(scorer, each) for each in examples), tuple(CLASSES.values()))


def _judged(scorer: Scorer, each: Labelled) -> Judged:
    prepared = prepare(each.text)
    scored = scorer.score(prepared, each.lang, rating=each.rating)
    return Judged(
        truth=CLASSES[each.label],
        said=CLASSES[scored.leaning],
        confidence=scored.confidence,
        sure=scored.label != "unsure",
        length=len(prepared.text),
    )
