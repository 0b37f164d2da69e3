"""What is kept of the sentiment of a mention, who said so, and who may say otherwise. Pure.

An agent's word stands above every machine's. Of machines the better tier stands: a quick score never takes the place
of a thorough one of the same text, and each of a newer version replaces its own tier's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HAND = "hand"
"""In `mention.sentiment_by`: an agent said so, and `sentiment_corrected_by` names who."""


@dataclass(frozen=True, slots=True)
class Sentiment:
    """The sentiment of one mention.

    Attributes:
        label: negative, neutral, positive or unsure.
        score: -1 to 1.
        confidence: 0 to 1.
        by: who said so: `HAND`, or the tier and the version of its scorer, see `by_tier`.
    """

    label: str
    score: float
    confidence: float
    by: str


def by_tier(tier: int, version: str) -> str:
    """How `mention.sentiment_by` names a machine: its tier (1 inline, 2 in the background) and its version."""
    return f"{tier}:{version}"


def tier_of(by: str | None) -> int:
    """The tier behind a `mention.sentiment_by`; 0 where nobody scored, or somebody is meant."""
    tier, colon, _ = (by or "").partition(":")
    return int(tier) if colon and tier.isdigit() else 0


def may_replace(by: str | None, corrected_by: int | None, newer: Sentiment | None) -> bool:
    """Whether a machine's newer sentiment of the same text may take the place of what stands.

    Args:
        by: who said what stands.
        corrected_by: the agent who said so; None where none did.
        newer: None never replaces: not having looked is no answer.
    """
    return newer is not None and corrected_by is None and tier_of(newer.by) >= tier_of(by)


def columns_of(sentiment: Sentiment | None) -> dict[str, Any]:
    """The columns of a mention that hold a sentiment."""
    return {
        "sentiment": None if sentiment is None else sentiment.label,
        "sentiment_score": None if sentiment is None else sentiment.score,
        "sentiment_confidence": None if sentiment is None else sentiment.confidence,
        "sentiment_by": None if sentiment is None else sentiment.by,
    }
