"""Changing what was derived from stored mentions: rows, cards and roll-ups together, and whose word stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store import schema
from store.engine import Store
from store.enriching import Enriched, Rewritten, rewrite
from store.ingest import commit_page
from store.records import CONTEXT, DeletedRecord
from store.rollups import check_rollups
from store.sentiments import HAND, Sentiment, by_tier, may_replace, tier_of
from store.volumes import Wanted, totals
from tests.store.making import NOW, mention, page
from tests.store.test_ingest_properties import check_shown

QUICK = Sentiment("negative", -0.6, 0.8, by_tier(1, "seeds-1"))
QUICKER = Sentiment("neutral", 0.0, 0.5, by_tier(1, "seeds-2"))
THOROUGH = Sentiment("positive", 0.7, 0.9, by_tier(2, "head-1"))
SAID = Sentiment("neutral", 0.0, 1.0, HAND)
AGENT = 77


def change(store: Store, *rows: Enriched, by_hand: bool = False) -> Rewritten:
    return store.write_again(lambda conn: rewrite(conn, store, rows, timezone="UTC", by_hand=by_hand))


def row_of(store: Store, external_id: str = "1") -> Any:
    with store.read() as conn:
        return conn.execute(select(schema.mention).where(schema.mention.c.external_id == external_id)).one()


def card_of(store: Store, external_id: str = "1") -> Any:
    with store.read() as conn:
        case = row_of(store, external_id).conversation_id
        return conn.execute(select(schema.conversation).where(schema.conversation.c.id == case)).one()


def moods(store: Store) -> dict[str, int]:
    """Mentions per sentiment in the total row."""
    with store.read() as conn:
        found = totals(conn, Wanted(), first=date(2000, 1, 1), until=date(2100, 1, 1), by="sentiment")
    return {mood: n for mood, (n, _, _) in found.items()}


def test_a_mention_enters_with_its_sentiment_and_is_counted_under_it(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK, enriched="l1/s1/d1", brand_ids=("acme",))))
    stored = row_of(store)
    assert (stored.sentiment, stored.sentiment_score, stored.sentiment_confidence) == ("negative", -0.6, 0.8)
    assert (stored.sentiment_by, stored.enriched) == ("1:seeds-1", "l1/s1/d1")
    assert card_of(store).sentiment == "negative"
    assert moods(store) == {"negative": 1}
    check_shown(store)


def test_a_newer_sentiment_moves_row_card_and_counts_together(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK, brand_ids=("acme",)), mention("2")))
    version = card_of(store).version
    done = change(store, Enriched(row_of(store).id, sentiment=THOROUGH, lang="en", lang_confidence=0.9, enriched="2"))
    assert done.changed == (row_of(store).id,)
    assert (row_of(store).sentiment, row_of(store).lang, row_of(store).enriched) == ("positive", "en", "2")
    assert (card_of(store).sentiment, card_of(store).lang) == ("positive", "en")
    assert card_of(store).version == version, "somebody may be writing an answer to it"
    assert moods(store) == {"positive": 1, "": 1}
    check_shown(store)


def test_the_same_again_changes_nothing(store: Store) -> None:
    commit_page(store, page(mention("1", brand_ids=("acme",))))
    row = Enriched(row_of(store).id, sentiment=QUICK, lang="nl", lang_confidence=None, enriched="2")
    assert len(change(store, row).changed) == 1
    assert change(store, row) == Rewritten()
    assert moods(store) == {"negative": 1}


def test_an_earlier_message_of_a_conversation_leaves_its_card(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK)))
    commit_page(store, page(mention("2", parent_external_id="1", published_at=NOW, sentiment=QUICKER)))
    change(store, Enriched(row_of(store, "1").id, sentiment=THOROUGH))
    assert card_of(store).sentiment == "neutral"
    check_shown(store)


def test_an_agents_word_stands_above_every_machine(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK)))
    mention_id = row_of(store).id
    change(store, Enriched(mention_id, sentiment=SAID, corrected_by=AGENT), by_hand=True)
    assert change(store, Enriched(mention_id, sentiment=THOROUGH, enriched="9")).kept == (mention_id,)
    stored = row_of(store)
    assert (stored.sentiment, stored.sentiment_by, stored.sentiment_corrected_by) == ("neutral", HAND, AGENT)
    assert stored.enriched == "9", "it was looked at"
    change(store, Enriched(mention_id, sentiment=QUICK), by_hand=True)
    assert (row_of(store).sentiment, row_of(store).sentiment_corrected_by) == ("negative", None), "taken back"
    check_shown(store)


def test_a_quick_score_never_takes_the_place_of_a_thorough_one(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK)))
    mention_id = row_of(store).id
    change(store, Enriched(mention_id, sentiment=THOROUGH))
    assert change(store, Enriched(mention_id, sentiment=QUICKER)).kept == (mention_id,)
    assert row_of(store).sentiment_by == "2:head-1"


def test_an_edit_that_leaves_the_words_leaves_the_better_score(store: Store) -> None:
    first = mention("1", sentiment=QUICK)
    commit_page(store, page(first))
    change(store, Enriched(row_of(store).id, sentiment=THOROUGH))
    commit_page(store, page(replace(first, url="https://a.example/1", content_hash=b"other")))
    assert (row_of(store).url, row_of(store).sentiment) == ("https://a.example/1", "positive")
    commit_page(store, page(replace(first, text="quite other words", content_hash=b"third", sentiment=QUICKER)))
    assert row_of(store).sentiment == "neutral"
    check_shown(store)


def test_an_edit_leaves_what_an_agent_said(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK)))
    change(store, Enriched(row_of(store).id, sentiment=SAID, corrected_by=AGENT), by_hand=True)
    commit_page(store, page(mention("1", text="other words", sentiment=QUICK, lang="en")))
    assert (row_of(store).sentiment, row_of(store).sentiment_corrected_by, row_of(store).lang) == ("neutral", 77, "en")
    check_shown(store)


def test_what_was_edited_deleted_or_removed_meanwhile_is_left(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK), mention("2", sentiment=QUICK)))
    first, second = row_of(store, "1"), row_of(store, "2")
    commit_page(store, page(mention("1", text="other words", sentiment=QUICKER)))
    commit_page(store, page(deleted=(DeletedRecord("2", "forum:a.example"),)))
    rows = [Enriched(each.id, revision=each.revision, sentiment=THOROUGH) for each in (first, second)]
    done = change(store, *rows, Enriched(5, sentiment=THOROUGH))
    assert done == Rewritten(left=(first.id, second.id, 5))
    assert row_of(store, "1").sentiment == "neutral"
    check_shown(store)


def test_a_brand_found_later_counts_under_the_sentiment_of_now(store: Store) -> None:
    commit_page(store, page(mention("1", sentiment=QUICK)))
    change(store, Enriched(row_of(store).id, sentiment=THOROUGH, lang="de", lang_confidence=1.0))
    commit_page(store, page(mention("1", sentiment=QUICK, brand_ids=("acme",))))
    assert check_rollups(store, timezone="UTC") == []


def test_one_mention_twice_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="two rows"):
        change(store, Enriched(1), Enriched(1))


def test_who_may_replace_whom() -> None:
    assert may_replace(None, None, QUICK)
    assert may_replace(QUICK.by, None, QUICKER)
    assert may_replace(QUICK.by, None, THOROUGH)
    assert not may_replace(THOROUGH.by, None, QUICK)
    assert not may_replace(QUICK.by, AGENT, THOROUGH)
    assert not may_replace(QUICK.by, None, None)
    assert [tier_of(each) for each in (None, "", HAND, "1:a", "12:b:c", "x:1")] == [0, 0, 0, 1, 12, 0]


moods_of = st.sampled_from([None, QUICK, QUICKER, THOROUGH])
langs = st.sampled_from(["nl", "en", "und"])
said = st.lists(
    st.tuples(
        st.sampled_from(["inbound", "outbound"]),
        moods_of,
        langs,
        st.sampled_from([None, 0.2, 1.0]),
        st.sampled_from([(), ("acme",), ("acme", "rival")]),
        st.sampled_from([(), (CONTEXT,)]),
        st.sampled_from([None, 11, 12]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)
rewrites = st.lists(st.tuples(st.integers(0, 7), moods_of, st.none() | langs, st.booleans()), max_size=12)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arriving=said, changes=rewrites)
def test_cards_and_roll_ups_are_a_recount_of_the_mentions(
    store: Store, arriving: list[Any], changes: list[Any]
) -> None:
    namespace = f"forum:{store.new_id()}"
    commit_page(
        store,
        page(
            *(
                mention(
                    str(number),
                    namespace=namespace,
                    direction=direction,
                    sentiment=mood,
                    lang=lang,
                    rating=rating,
                    brand_ids=brands,
                    flags=flags,
                    dup_hash=dup_hash,
                    parent_external_id=str(number - 1) if tied and number else None,
                )
                for number, (direction, mood, lang, rating, brands, flags, dup_hash, tied) in enumerate(arriving)
            )
        ),
    )
    with store.read() as conn:
        mine = select(schema.mention.c.id).where(schema.mention.c.namespace == namespace)
        ids = list(conn.execute(mine.order_by(schema.mention.c.id)).scalars())
    for which, mood, new_lang, by_hand in changes:
        row = Enriched(
            ids[which % len(ids)],
            lang=new_lang,
            lang_confidence=None if new_lang is None else 0.8,
            sentiment=mood,
            corrected_by=AGENT if by_hand else None,
        )
        change(store, row, by_hand=by_hand)
    check_shown(store)


@pytest.mark.slow
def test_edits_and_enrichment_at_the_same_time_keep_the_counts_true(store: Store) -> None:
    texts = [mention(str(number), sentiment=QUICK) for number in range(8)]
    commit_page(store, page(*texts))
    ids = [row_of(store, each.external_id).id for each in texts]

    def edit() -> None:
        for turn in range(12):
            moods = (QUICK, QUICKER)[turn % 2]
            fresh = [mention(each.external_id, text=f"words {turn}", sentiment=moods, lang="en") for each in texts]
            brands = ("acme",) if turn > 5 else ()
            commit_page(store, page(*(replace(each, brand_ids=brands) for each in fresh)))

    def enrich() -> None:
        for turn in range(12):
            rows = [Enriched(each, sentiment=(THOROUGH, replace(THOROUGH, label="neutral"))[turn % 2]) for each in ids]
            change(store, *reversed(rows))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(edit), pool.submit(enrich)]:
            done.result()
    check_shown(store)
