"""Sentiment of a text: what it is, how sure that is, and which words did it.

`tier_one()` scores inline: lexicons, some thirty features, a logistic regression fitted on the seed sentences beside
it. Another tier answers through the same `Scorer`. Does not store, and does not know who said it.
"""

from understanding.sentiment.answer import (
    NO_WORDS,
    UNSURE_BELOW,
    Because,
    Label,
    Labelled,
    Scored,
    Scorer,
    Words,
    judged,
    scored_text,
)
from understanding.sentiment.fitting import fit, recalibrated, refit
from understanding.sentiment.measure import evaluate
from understanding.sentiment.model import Model
from understanding.sentiment.seeding import seeds
from understanding.sentiment.tier_one import tier_one

__all__ = [
    "NO_WORDS",
    "UNSURE_BELOW",
    "Because",
    "Label",
    "Labelled",
    "Model",
    "Scored",
    "Scorer",
    "Words",
    "evaluate",
    "fit",
    "judged",
    "recalibrated",
    "refit",
    "scored_text",
    "seeds",
    "tier_one",
]
