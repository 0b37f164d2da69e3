"""Committing pages: every item once, conversations right, roll-ups true, interval only with its rows."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from store import schema
from store.commit.parts import CHUNK
from store.coverage import covered, open_gaps
from store.engine import Store
from store.ingest import commit_page
from store.keys import conversation_key
from store.records import (
    DeletedRecord,
    GapRecord,
    QuarantineRecord,
    Span,
    StaleLeaseError,
    UnmatchedRecord,
    ValidatorRecord,
)
from store.rollups import check_rollups, rebuild_rollups
from store.schedule import lease_due
from store.sources import SourceRecord, query_states, sync_sources, validators
from store.tombstones import set_tombstones
from tests.store.making import NOW, mention, page, person

FORUM = "forum:a.example"


def rows(store: Store, table: Table, *conditions: Any) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(select(table).where(*conditions).order_by(*table.primary_key)))


def one(store: Store, table: Table, *conditions: Any) -> Any:
    found = rows(store, table, *conditions)
    assert len(found) == 1
    return found[0]


def true_rollups(store: Store) -> bool:
    return check_rollups(store, timezone="UTC") == []


def test_the_same_page_again_stores_nothing_new(store: Store) -> None:
    both = page(mention("1", author=person("p1", name="Piet")), mention("2"))
    first = commit_page(store, both)
    again = commit_page(store, both)
    assert (first.new, again.new, again.unchanged) == (2, 0, 2)
    assert list(first.new_ids) == sorted(first.new_ids)
    assert [row.external_id for row in rows(store, schema.mention)] == ["1", "2"]
    assert len(rows(store, schema.conversation)) == 2
    assert true_rollups(store)


def test_everything_of_a_mention_is_kept(store: Store) -> None:
    rich = mention(
        "1",
        kind="review",
        title="Titel",
        html="<p>x</p>",
        rating=0.8,
        rating_raw=4,
        rating_scale=5,
        likes=3,
        views=2**40,
        url="https://a.example/1",
        capabilities={"can_reply": True},
        extra={"topic": 7},
        flags=("addressed",),
        author=person("p1", name="Piet", followers=2**33),
        brand_ids=("acme", "rival", "acme"),
        payload=b"zstd",
        zdict_id=5,
    )
    commit_page(store, page(rich))
    stored = one(store, schema.mention)
    assert (stored.title, stored.rating, stored.likes, stored.views, stored.replies) == ("Titel", 0.8, 3, 2**40, None)
    assert (stored.capabilities, stored.extra, stored.flags) == ({"can_reply": True}, {"topic": 7}, ["addressed"])
    assert stored.published_at == stored.sort_at == NOW - timedelta(minutes=5)
    assert stored.first_seen_at == stored.last_seen_at == NOW
    assert one(store, schema.mention_html).html == "<p>x</p>"
    raw = one(store, schema.mention_raw)
    assert (bytes(raw.payload), raw.zdict_id, raw.query_id) == (b"zstd", 5, "latest")
    assert [row.brand_id for row in rows(store, schema.mention_brand)] == ["acme", "rival"]
    conversation = one(store, schema.conversation)
    assert (conversation.kind, conversation.title, conversation.rating) == ("review", "Titel", 0.8)
    assert (conversation.author_name, conversation.brand_ids) == ("Piet", ["acme", "rival"])
    assert (conversation.status, conversation.is_open, conversation.routing_pending) == ("new", True, True)
    assert conversation.unanswered_since == NOW
    assert {(row.brand_id, row.kind, row.n) for row in rows(store, schema.rollup_day)} == {
        ("", "review", 1),
        ("acme", "review", 1),
        ("rival", "review", 1),
    }


def test_an_edit_keeps_the_old_text_and_tells_the_inbox(store: Store) -> None:
    commit_page(store, page(mention("1", text="mooi")))
    result = commit_page(store, page(mention("1", text="toch niet"), fetched_at=NOW + timedelta(hours=1)))
    assert (result.changed, result.new) == (1, 0)
    stored = one(store, schema.mention)
    assert (stored.text, stored.revision) == ("toch niet", 1)
    assert one(store, schema.mention_edit).text == "mooi"
    assert one(store, schema.conversation).snippet == "toch niet"
    assert one(store, schema.event).action == "mention_edited"


def test_a_review_that_falls_asks_for_an_answer_again(store: Store) -> None:
    review = mention("1", kind="review", rating=1.0, brand_ids=("acme",))
    commit_page(store, page(review))
    with store.write() as conn:
        conn.execute(
            schema.conversation.update().values(
                status="resolved", is_open=False, routing_pending=False, unanswered_since=None
            )
        )
    later = NOW + timedelta(days=2)
    fallen = mention("1", kind="review", rating=0.2, brand_ids=("acme",))
    commit_page(store, page(fallen, fetched_at=later))
    conversation = one(store, schema.conversation)
    assert (conversation.routing_pending, conversation.unanswered_since) == (True, later)
    assert conversation.rating == 0.2
    told = one(store, schema.event)
    assert (told.action, told.before["rating"], told.after["rating"]) == ("rating_fell", 1.0, 0.2)
    assert true_rollups(store)


def test_an_older_version_that_arrives_late_changes_nothing(store: Store) -> None:
    commit_page(store, page(mention("1", text="second", edited_at=NOW)))
    assert commit_page(store, page(mention("1", text="first"))).unchanged == 1
    assert one(store, schema.mention).text == "second"


def test_endless_flapping_is_capped(store: Store) -> None:
    commit_page(store, page(mention("1", text="now")))
    with store.write() as conn:
        conn.execute(schema.mention.update().values(revision=48))
    for number in range(5):
        commit_page(store, page(mention("1", text=f"now {number}"), fetched_at=NOW + timedelta(minutes=number)))
    stored = one(store, schema.mention)
    assert (stored.text, stored.revision) == ("now 4", 50)
    assert "flapping" in stored.flags
    assert [row.revision for row in rows(store, schema.mention_edit)] == [48, 49]
    assert len(rows(store, schema.event)) == 2


def test_an_unchanged_item_costs_a_write_only_every_six_hours(store: Store) -> None:
    item = mention("1", likes=1)
    commit_page(store, page(item))
    for hours, seen in ((1, NOW), (5, NOW), (6, NOW + timedelta(hours=6))):
        commit_page(store, page(item, fetched_at=NOW + timedelta(hours=hours)))
        assert one(store, schema.mention).last_seen_at == seen
    commit_page(store, page(replace(item, likes=9), fetched_at=NOW + timedelta(hours=7)))
    stored = one(store, schema.mention)
    assert (stored.likes, stored.last_seen_at) == (9, NOW + timedelta(hours=7))
    commit_page(store, page(replace(item, likes=None), fetched_at=NOW + timedelta(hours=8)))
    assert one(store, schema.mention).likes == 9


def test_a_deletion_scrubs_text_author_and_payload_and_the_key_stays(store: Store) -> None:
    secret = mention("1", text="secret words", html="<b>secret</b>", author=person("p", name="Piet"), payload=b"x")
    commit_page(store, page(secret, mention("2", parent_external_id="1", text="reply")))
    commit_page(store, page(replace(secret, text="secret edit", content_hash=b"2")))
    later = NOW + timedelta(minutes=10)
    gone = page(deleted=(DeletedRecord("1", FORUM), DeletedRecord("unknown", FORUM)), fetched_at=later)
    assert commit_page(store, gone).deleted == 1
    assert commit_page(store, gone).deleted == 0
    scrubbed = one(store, schema.mention, schema.mention.c.external_id == "1")
    assert (scrubbed.text, scrubbed.author_id, scrubbed.deleted_at) == ("", None, later)
    for table in (schema.mention_html, schema.mention_raw, schema.mention_edit, schema.author):
        assert rows(store, table) == []
    with store.read() as conn:
        for name in ("mention", "conversation", "event"):
            assert "secret" not in repr(conn.execute(select(getattr(schema, name))).all())
    # An index that still lists it does not bring it back; a restored one an hour later does.
    assert commit_page(store, page(secret, fetched_at=later + timedelta(minutes=1))).unchanged == 1
    assert commit_page(store, page(secret, fetched_at=later + timedelta(hours=2))).changed == 1
    assert one(store, schema.mention, schema.mention.c.external_id == "1").text == "secret words"
    assert true_rollups(store)


def test_an_erased_item_never_comes_back(store: Store) -> None:
    with store.write() as conn:
        set_tombstones(conn, [(FORUM, "1")], reason="erased", at=NOW)
    unmatched = UnmatchedRecord(external_id="1", namespace=FORUM, text="x")
    result = commit_page(store, page(mention("1"), mention("2"), unmatched=(unmatched,)))
    assert (result.suppressed, result.new, result.unmatched) == (1, 1, 0)
    assert [row.external_id for row in rows(store, schema.mention)] == ["2"]


def test_an_author_is_one_row_and_nothing_known_is_forgotten(store: Store) -> None:
    commit_page(store, page(mention("1", author=person("p", name="Piet", handle="piet", is_staff=True))))
    commit_page(store, page(mention("2", author=person("p", followers=5)), mention("3", author=person("p", name="P."))))
    kept = one(store, schema.author)
    assert (kept.name, kept.handle, kept.followers, kept.is_staff) == ("P.", "piet", 5, True)


def test_two_queries_find_one_mention(store: Store) -> None:
    commit_page(store, page(mention("1", brand_ids=("acme",))))
    commit_page(store, page(mention("1", brand_ids=("rival",)), query_id="other"))
    assert len(rows(store, schema.mention)) == 1
    assert [row.query_id for row in rows(store, schema.mention_source)] == ["latest", "other"]
    assert one(store, schema.conversation).brand_ids == ["acme", "rival"]
    assert {(row.brand_id, row.n) for row in rows(store, schema.rollup_day)} == {("", 1), ("acme", 1), ("rival", 1)}
    assert true_rollups(store)


def test_an_item_twice_in_a_page_is_one(store: Store) -> None:
    twice = page(
        mention("1", brand_ids=("a",)), mention("1", text="edited", edited_at=NOW, brand_ids=("b",)), mention("1")
    )
    result = commit_page(store, twice)
    assert (result.new, result.unchanged) == (1, 2)
    assert one(store, schema.mention).text == "edited"
    assert len(rows(store, schema.mention_brand)) == 2


# Conversations


def test_a_reply_joins_its_parents_conversation_and_asks_for_routing(store: Store) -> None:
    commit_page(store, page(mention("1")))
    with store.write() as conn:
        conn.execute(schema.conversation.update().values(status="resolved", is_open=False, routing_pending=False))
    commit_page(store, page(mention("2", parent_external_id="1", author=person("q", name="Q"))))
    conversation = one(store, schema.conversation)
    assert (conversation.n_inbound, conversation.status, conversation.routing_pending) == (2, "resolved", True)
    assert (conversation.author_name, conversation.snippet, conversation.version) == ("Q", "message 2", 1)


def test_a_late_parent_takes_its_waiting_replies_over(store: Store) -> None:
    early = NOW - timedelta(hours=1)
    commit_page(store, page(mention("2", parent_external_id="1"), mention("3", parent_external_id="1")))
    commit_page(store, page(mention("4", thread_external_id="1")))
    commit_page(store, page(mention("1", title="Root", published_at=early)))
    conversation = one(store, schema.conversation)
    assert (conversation.n_inbound, conversation.title, conversation.first_inbound_at) == (4, "Root", early)
    assert rows(store, schema.thread_node) == []


def test_a_message_that_ties_two_conversations_merges_them_with_all_their_work(store: Store) -> None:
    commit_page(store, page(mention("1")))
    commit_page(store, page(mention("3", parent_external_id="2")))
    first, second = rows(store, schema.conversation)
    with store.write() as conn:
        conn.execute(
            schema.conversation.update()
            .where(schema.conversation.c.id == second.id)
            .values(status="open", assignee_id=7)
        )
        for number, owner in enumerate((first, second)):
            conn.execute(
                schema.note.insert().values(id=number, conversation_id=owner.id, author_id=7, at=NOW, text=str(number))
            )
            conn.execute(schema.conversation_tag.insert().values(tag="both", conversation_id=owner.id))
    commit_page(store, page(mention("2", parent_external_id="1")))
    kept = one(store, schema.conversation)
    assert (kept.id, kept.status, kept.assignee_id, kept.n_inbound, kept.n_notes) == (second.id, "open", 7, 3, 2)
    assert len(rows(store, schema.note, schema.note.c.conversation_id == kept.id)) == 2
    assert one(store, schema.conversation_tag).conversation_id == kept.id
    assert {row.conversation_id for row in rows(store, schema.mention)} == {kept.id}
    # The key of the conversation that went still leads to the one that stayed.
    commit_page(store, page(mention("9", thread_external_id="1")))
    assert one(store, schema.conversation).n_inbound == 4


def test_the_brands_own_words_make_no_work_and_answer(store: Store) -> None:
    own = mention("1", direction="outbound")
    commit_page(store, page(own))
    conversation = one(store, schema.conversation)
    assert (conversation.status, conversation.is_open, conversation.routing_pending) == ("archived", False, False)
    assert rows(store, schema.rollup_day) == []
    commit_page(store, page(mention("2", parent_external_id="1", published_at=NOW - timedelta(minutes=4))))
    conversation = one(store, schema.conversation)
    assert (conversation.status, conversation.routing_pending, conversation.unanswered_since) == ("new", True, NOW)
    answer = mention("3", parent_external_id="2", direction="outbound", published_at=NOW - timedelta(minutes=3))
    commit_page(store, page(answer))
    conversation = one(store, schema.conversation)
    assert (conversation.unanswered_since, conversation.n_outbound) == (None, 2)
    assert conversation.last_outbound_at == NOW - timedelta(minutes=3)


def test_an_answer_found_late_leaves_the_later_question_waiting(store: Store) -> None:
    def minutes(ago: int) -> datetime:
        return NOW - timedelta(minutes=ago)

    commit_page(store, page(mention("1", published_at=minutes(9)), fetched_at=minutes(8)))
    commit_page(store, page(mention("3", parent_external_id="1", published_at=minutes(5)), fetched_at=minutes(4)))
    assert one(store, schema.conversation).unanswered_since == minutes(8)
    late = mention("2", parent_external_id="1", direction="outbound", published_at=minutes(7))
    commit_page(store, page(late))
    assert one(store, schema.conversation).unanswered_since == minutes(4)


def test_what_is_found_long_after_it_was_said_does_not_flood_the_queue(store: Store) -> None:
    old = NOW - timedelta(days=3)
    commit_page(store, page(mention("1", published_at=old), mention("2")))
    archived, fresh = rows(store, schema.conversation)
    assert (archived.status, archived.is_open, archived.unanswered_since) == ("archived", False, None)
    assert fresh.status == "new"
    commit_page(store, page(mention("3", published_at=old), archive_after_s=None))
    assert rows(store, schema.conversation)[2].status == "new"
    assert true_rollups(store)


def test_a_missing_or_future_date_counts_as_now_and_is_flagged(store: Store) -> None:
    commit_page(
        store,
        page(
            mention("1", published_at=None),
            mention("2", published_at=datetime(2099, 1, 1, tzinfo=UTC)),
            mention("3", published_at=datetime(1, 1, 1, tzinfo=UTC)),
        ),
    )
    found = rows(store, schema.mention)
    assert {row.sort_at for row in found} == {NOW}
    assert [row.flags for row in found] == [["date_missing"], ["date_future"], ["date_implausible", "date_missing"]]
    assert found[1].published_at == datetime(2099, 1, 1, tzinfo=UTC)


def test_exact_duplicates_fold_under_the_first_one(store: Store) -> None:
    commit_page(store, page(mention("1", kind="article", dup_hash=-5), mention("2", kind="article", dup_hash=-5)))
    commit_page(store, page(mention("3", kind="review", dup_hash=-5, namespace="reviews")))
    commit_page(store, page(mention("4", dup_hash=-5, published_at=NOW - timedelta(days=40))))
    found = rows(store, schema.mention)
    first = found[0]
    assert [row.dup_of for row in found] == [None, first.id, first.id, None]
    by_id = {row.id: row for row in rows(store, schema.conversation)}
    assert [by_id[row.conversation_id].status for row in found] == ["new", "archived", "new", "archived"]
    assert [by_id[row.conversation_id].status_reason for row in found] == [None, "duplicate", None, "old"]
    assert by_id[first.conversation_id].n_duplicates == 2
    assert sum(row.n for row in rows(store, schema.rollup_day)) == 2
    assert true_rollups(store)


# What a page proves


def test_interval_state_and_validator_come_with_the_rows(store: Store) -> None:
    hour = timedelta(hours=1)
    commit_page(
        store,
        page(
            mention("1"),
            covered=Span(NOW - hour, NOW),
            gaps=(GapRecord(Span(NOW - 3 * hour, NOW - hour), "budget", cursor="c"),),
            state={"cursor": 5},
            validator=ValidatorRecord(url="https://a.example", etag='"x"', moved_to="https://b.example"),
        ),
    )
    assert covered(store, "forum", "latest") == [Span(NOW - hour, NOW)]
    gap = open_gaps(store, "forum", "latest")[0]
    assert (gap.span, gap.reason, gap.cursor) == (Span(NOW - 3 * hour, NOW - hour), "budget", "c")
    assert query_states(store, "forum")["latest"].state == {"cursor": 5}
    assert validators(store, "forum", "latest")["https://a.example"].etag == '"x"'
    commit_page(store, page(covered=Span(NOW - 2 * hour, NOW - hour)))
    assert covered(store, "forum", "latest") == [Span(NOW - 2 * hour, NOW)]
    assert open_gaps(store, "forum", "latest")[0].span == Span(NOW - 3 * hour, NOW - 2 * hour)
    commit_page(store, page(covered=Span(NOW - 4 * hour, NOW)))
    assert open_gaps(store, "forum", "latest") == []
    assert query_states(store, "forum")["latest"].state == {"cursor": 5}


def test_a_gap_cut_in_the_middle_becomes_two(store: Store) -> None:
    hour = timedelta(hours=1)
    commit_page(store, page(gaps=(GapRecord(Span(NOW - 5 * hour, NOW), "lost"),)))
    commit_page(store, page(covered=Span(NOW - 3 * hour, NOW - 2 * hour)))
    spans = [each.span for each in open_gaps(store, "forum", "latest")]
    assert spans == [Span(NOW - 5 * hour, NOW - 3 * hour), Span(NOW - 2 * hour, NOW)]


def test_unreadable_items_are_set_aside_once_with_their_tries(store: Store) -> None:
    bad = QuarantineRecord(error="no\x00 date", payload=b"{}", payload_sha256=b"1", external_id="9")
    assert commit_page(store, page(quarantined=(bad, bad))).quarantined == 2
    commit_page(store, page(quarantined=(bad,)))
    waiting = one(store, schema.quarantine)
    assert (waiting.tries, waiting.error) == (2, "no date")


def test_an_unmatched_item_that_matches_later_moves_over(store: Store) -> None:
    item = UnmatchedRecord(external_id="1", namespace=FORUM, text="x")
    assert commit_page(store, page(unmatched=(item,))).unmatched == 1
    commit_page(store, page(unmatched=(replace(item, text="y"),)))
    assert one(store, schema.unmatched).text == "y"
    commit_page(store, page(mention("1")))
    assert rows(store, schema.unmatched) == []
    assert commit_page(store, page(unmatched=(item,))).unmatched == 0


def test_a_worker_that_lost_its_lease_writes_nothing(store: Store) -> None:
    sync_sources(store, [SourceRecord("forum", "discourse", "forum", "Forum", every_s=60, archive_after_s=60)], NOW)
    old = lease_due(store, owner="a", now=NOW, limit=1, lease=timedelta(minutes=1))[0]
    new = lease_due(store, owner="b", now=NOW + timedelta(minutes=2), limit=1, lease=timedelta(minutes=1))[0]
    with pytest.raises(StaleLeaseError, match="forum"):
        commit_page(store, page(mention("1"), fence=old.fence, covered=Span(NOW - timedelta(hours=1), NOW)))
    assert rows(store, schema.mention) == rows(store, schema.coverage) == []
    assert commit_page(store, page(mention("1"), fence=new.fence)).new == 1


def test_a_large_page_claims_its_interval_only_with_the_last_chunk(store: Store) -> None:
    many = [mention(str(number)) for number in range(2 * CHUNK + 50)]
    span = Span(NOW - timedelta(hours=1), NOW)
    result = commit_page(store, page(*many, covered=span))
    assert result.new == len(result.new_ids) == len(many)
    assert covered(store, "forum", "latest") == [span]
    assert true_rollups(store)


def test_a_rollup_that_went_wrong_is_found_and_rebuilt(store: Store) -> None:
    commit_page(store, page(mention("1", rating=0.5, brand_ids=("acme",)), timezone="Europe/Amsterdam"))
    with store.write() as conn:
        conn.execute(schema.rollup_day.update().values(n=7))
    wrong = check_rollups(store, timezone="Europe/Amsterdam")
    assert [(one.table, one.key[0]) for one in wrong] == [
        ("rollup_day", ""),
        ("rollup_day", "acme"),
        ("rollup_day_all", ""),
        ("rollup_day_all", "acme"),
        ("rollup_day_brand", ""),
        ("rollup_day_brand", "acme"),
        ("rollup_day_source", ""),
        ("rollup_day_source", "acme"),
    ]
    rebuild_rollups(store, timezone="Europe/Amsterdam")
    assert check_rollups(store, timezone="Europe/Amsterdam") == []


# Bad input


def test_what_no_engine_can_keep_is_made_harmless(store: Store) -> None:
    bad = mention(
        "a\x00b\ud800",
        text="nul\x00 and \ud83d\ude00 and \udc00",
        title="t" * 1_000_000,
        rating=math.nan,
        rating_raw=math.inf,
        likes=2**80,
        dup_hash=2**70,
        url="https://a.example/" + "x" * 10_000,
        extra={"k\x00": ["\ud800", math.nan, 2**90, {"deep": "\x00"}]},
        lang="n\x00l",
        author=person("p\x00", name="\udfff", followers=10**30),
        brand_ids=("acme",),
    )
    commit_page(store, page(bad, mention("x" * 100_000), mention("x" * 100_000), mention("y" * 100_000)))
    first, *long = rows(store, schema.mention)
    assert first.text == "nul and \U0001f600 and �"
    assert (first.rating, first.rating_raw, first.likes, first.dup_hash, first.url) == (None, None, None, None, None)
    assert len(first.title) == 10_000
    assert "title_cut" in first.flags
    assert first.extra == {"k": ["�", None, str(2**90), {"deep": ""}]}
    assert one(store, schema.author).external_id == "p"
    assert len(long) == 2
    assert commit_page(store, page(bad, mention("x" * 100_000))).unchanged == 2


def test_a_thread_key_is_followed_wherever_it_points(store: Store) -> None:
    key = conversation_key(FORUM, "root")
    commit_page(store, page(mention("1", thread_key=key), mention("2", thread_key=key)))
    commit_page(store, page(mention("root")))
    assert one(store, schema.conversation).key == key
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(schema.mention)).scalar() == 3
