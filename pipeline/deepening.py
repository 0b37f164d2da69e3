"""Scoring kept mentions with the second tier of sentiment, newest first: what customers said lately."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from pipeline.again import NewestFirst
from store.enriching import Enriched
from store.sentiments import Sentiment, by_tier
from understanding.prepared import prepare
from understanding.sentiment import scored_text
from understanding.sentiment.deep import BETTER_IN, Asked, TierTwo

LATELY = timedelta(days=90)
"""How old a mention may be; charts and queues look at what is younger, and one core scores two million texts a day."""


class Deepening(NewestFirst):
    """Work for `pipeline.again`: lets the second tier score what the first one did.

    Args:
        scorer: the second tier.
        languages: ISO 639-1 codes expected here; what is in another one, or in one that this tier reads worse, is left
            to the first tier.
        now: aware UTC.
    """

    name = "second tier"
    rows = 16
    """A slice takes about a second: texts wait for nothing, but a stopping worker does."""

    def __init__(self, scorer: TierTwo, *, languages: Collection[str], now: datetime) -> None:
        self._scorer = scorer
        self._by = by_tier(2, scorer.version)
        self._languages = BETTER_IN & frozenset(languages)
        self.since: datetime | None = now - LATELY
        self.aim = " ".join((scorer.version, *sorted(self._languages)))

    def wants(self, row: Row[Any]) -> bool:
        """Whether a customer said it lately in our languages, and neither this version nor an agent judged it."""
        return (
            row.direction == "inbound"
            and row.lang in self._languages
            and row.deleted_at is None
            and row.sentiment_corrected_by is None
            and row.sentiment_by != self._by
            and self.since is not None
            and row.sort_at >= self.since
        )

    def derive(self, told: Sequence[Row[Any]]) -> Sequence[Enriched]:
        """Score mentions."""
        texts = [Asked(prepare(scored_text(row.title, row.text)), row.lang, row.rating) for row in told]
        return [
            Enriched(
                row.id,
                revision=row.revision,
                sentiment=Sentiment(found.label, found.score, found.confidence, self._by),
            )
            for row, found in zip(told, self._scorer.score_many(texts), strict=True)
        ]
