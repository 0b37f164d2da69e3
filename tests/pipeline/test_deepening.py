"""The second tier in the background: whom it scores, in which order, and whose word it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.again import begin, step, waits
from pipeline.deepening import LATELY, Deepening
from store import schema
from store.engine import Store
from store.enriching import Enriched, rewrite
from store.ingest import commit_page
from store.records import MentionRecord
from store.sentiments import HAND, Sentiment, by_tier
from tests.store.making import NOW, mention, page
from tests.store.test_ingest_properties import check_shown
from understanding.sentiment import Scored
from understanding.sentiment.deep import Asked

QUICK = Sentiment("neutral", 0.0, 0.5, by_tier(1, "a"))


@dataclass
class Glad:
    """A second tier to which everything is positive."""

    version: str = "glad"
    heard: list[str] = field(default_factory=list)

    def score_many(self, texts: Sequence[Asked]) -> list[Scored]:
        self.heard += [each.prepared.text for each in texts]
        return [Scored("positive", 0.8, 0.9, leaning=1) for _ in texts]


def scored(number: int, **values: Any) -> MentionRecord:
    return mention(f"{number}", sentiment=QUICK, brand_ids=("acme",), **values)


def deepen(store: Store, scorer: Glad) -> None:
    work = Deepening(scorer, languages=("nl", "en"), now=NOW)  # type: ignore[arg-type]
    begin(store, work, now=NOW)
    while step(store, work, now=NOW, timezone="UTC").more:
        pass
    assert not waits(store, work, now=NOW)


def labels(store: Store) -> dict[str, tuple[str | None, str | None]]:
    with store.read() as conn:
        rows = conn.execute(select(schema.mention))
        return {row.external_id: (row.sentiment, row.sentiment_by) for row in rows}


def test_it_scores_newest_first_and_counts_where_it_belongs(store: Store) -> None:
    commit_page(store, page(*(scored(number) for number in range(40))))
    scorer = Glad()
    deepen(store, scorer)
    assert scorer.heard == [f"message {number}" for number in reversed(range(40))]
    assert set(labels(store).values()) == {("positive", "2:glad")}
    check_shown(store)
    deepen(store, scorer)
    assert len(scorer.heard) == 40, "nothing twice"
    commit_page(store, page(scored(99)))
    deepen(store, scorer)
    assert scorer.heard[-1] == "message 99", "what comes in later has its turn"
    deepen(store, Glad("gladder"))
    assert set(labels(store).values()) == {("positive", "2:gladder")}


@pytest.mark.parametrize(
    "left",
    [
        {"lang": "es"},
        {"direction": "outbound"},
        {"published_at": NOW - LATELY - timedelta(days=1)},
    ],
)
def test_what_is_not_its_to_score_is_left(store: Store, left: dict[str, Any]) -> None:
    record = mention("1", **{"sentiment": QUICK, **left})
    commit_page(store, page(record))
    scorer = Glad()
    deepen(store, scorer)
    assert scorer.heard == []


def test_what_nobody_scored_yet_is_scored_too(store: Store) -> None:
    commit_page(store, page(mention("1"), mention("2", text="")))
    deepen(store, Glad())
    assert set(labels(store).values()) == {("positive", "2:glad")}
    check_shown(store)


def test_an_agents_word_stands(store: Store) -> None:
    commit_page(store, page(scored(1)))
    with store.write() as conn:
        mention_id = conn.execute(select(schema.mention.c.id)).scalar_one()
        said = Enriched(mention_id, sentiment=Sentiment("negative", -1.0, 1.0, HAND), corrected_by=7)
        rewrite(conn, store, [said], timezone="UTC", by_hand=True)
    deepen(store, Glad())
    assert labels(store) == {"1": ("negative", HAND)}
