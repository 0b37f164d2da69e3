"""Language and sentiment of what comes in, and the versions by which they were read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.items import Item, Kind
from pipeline.enrich import Enricher
from pipeline.meaning import PARTS, Meaning, Versions, outdated, renewed
from pipeline.settings import BrandSettings, CollectSettings, SourceSettings
from store.records import MentionRecord
from tests.pipeline.bench import NoDetector
from tests.pipeline.enriched import record_of
from understanding.prepared import prepare
from understanding.sentiment import NO_WORDS, Words, tier_one

SETTINGS = CollectSettings(languages=("nl", "en"), brands=(BrandSettings(id="acme", name="Acme", query="acme"),))
SOURCE = SourceSettings(id="forum", connector="discourse", match="all")
NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)


def enter(text: str, **values: Any) -> MentionRecord:
    item = Item(external_id="1", kind=Kind.POST, text=text, published_at=NOW, **values)
    enricher = Enricher(SETTINGS, lambda _raw: (b"", 0))
    record = record_of(enricher, item, source=SOURCE, platform="forum", fetched_at=NOW)
    assert isinstance(record, MentionRecord)
    return record


def test_what_comes_in_has_its_sentiment_who_gave_it_and_by_which_version() -> None:
    record = enter("Wat een waardeloze service, ik ben boos en teleurgesteld in jullie")
    assert record.sentiment is not None
    assert record.sentiment.label == "negative"
    assert record.sentiment.score < 0 < record.sentiment.confidence
    assert record.sentiment.by == f"1:{tier_one().version}"
    assert record.enriched == Enricher(SETTINGS, lambda _raw: (b"", 0)).meaning.code


def test_our_own_words_have_no_sentiment() -> None:
    assert enter("Wat vervelend, wat een slechte ervaring", is_own=True).sentiment is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "🙂" * 5_000,
        "slecht " * 15_000,
        "s\u0335l\u0336e\u0337c\u0338h\u0335t " * 2_000,
        "\u202eslecht\u202c",
        "плохо slecht 悪い",
        "a" * 100_000,
    ],
)
def test_whatever_a_text_holds_it_has_one_of_the_four_labels(text: str) -> None:
    meaning = Meaning(NoDetector(), tier_one())
    found = meaning.sentiment(prepare(text), "nl", rating=0.5)
    assert found is not None
    assert found.label in {"negative", "neutral", "positive", "unsure"}
    assert -1 <= found.score <= 1
    assert 0 <= found.confidence <= 1


def test_a_text_without_anything_has_none() -> None:
    assert Meaning(NoDetector(), tier_one()).sentiment(prepare(""), "nl") is None


def test_changed_words_change_the_version_of_sentiment_alone() -> None:
    before = Meaning(NoDetector(), tier_one(NO_WORDS)).code
    after = Meaning(NoDetector(), tier_one(Words(excluded=frozenset({"acme"})))).code
    assert outdated(before, after) == {"sentiment"}
    assert outdated(before, after, ["language"]) == frozenset()


@pytest.mark.parametrize("code", [None, "", "strange", "a.b", "a.b.c.d"])
def test_what_no_version_or_an_unknown_one_read_is_outdated(code: str | None) -> None:
    now = Versions("a", "b").code
    assert outdated(code, now) == set(PARTS)
    assert outdated(renewed(code, now, ["language"]), now) == {"sentiment", "duplicates"}


@given(old=st.tuples(*[st.text(max_size=3)] * 3), new=st.tuples(*[st.text(max_size=3)] * 3))
def test_reading_the_outdated_parts_again_leaves_none(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    before, now = Versions(*old).code, Versions(*new).code
    stale = outdated(before, now)
    assert {part for part, one, other in zip(PARTS, old, new, strict=True) if one != other} == stale
    assert renewed(before, now, stale) == now
