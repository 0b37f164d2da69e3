"""The inbox over what ingest really writes: from a page to a decision, and back into the queue."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from inbox.clockwork import tick
from inbox.views import View
from store.ingest import commit_page
from store.keys import conversation_key
from store.records import AuthorRecord, MentionRecord, PageCommit
from store.schema import conversation
from store.sources import SourceRecord, sync_sources
from tests.inbox.conftest import World

PIET = AuthorRecord("piet", "discourse", handle="piet", name="Piet")


def bring(world: World, external_id: str, text: str, *, root: str = "1", **values: object) -> None:
    """One item of the forum comes in through the one way in, and is routed."""
    now = world.clock()
    sync_sources(
        world.store, [SourceRecord("forum", "discourse", "discourse", "Own forum", 300, 172_800, own=True)], now
    )
    fields: dict[str, object] = {
        "external_id": external_id,
        "namespace": "forum",
        "platform": "discourse",
        "kind": "post",
        "text": text,
        "content_hash": f"{text}{values.get('rating')}".encode(),
        "lang": "nl",
        "author": PIET,
        "published_at": now,
        "thread_key": conversation_key("forum", root),
        **values,
    }
    commit_page(
        world.store,
        PageCommit(source_id="forum", query_id="all", fetched_at=now, mentions=(MentionRecord(**fields),)),  # type: ignore[arg-type]
    )
    world.route()


def only(world: World) -> int:
    with world.store.read() as conn:
        return int(conn.execute(select(conversation.c.id)).scalar_one())


def test_a_mention_travels_from_a_page_to_a_decision_and_back(world: World) -> None:
    token = world.token(world.person())
    bring(world, "1", "Mijn pakket is kwijt")
    done = world.inbox.next_for_me(token)
    assert done is not None
    detail = world.inbox.detail(token, done.conversation_id)
    assert (detail.messages[0].text, detail.messages[0].author_name) == ("Mijn pakket is kwijt", "Piet")
    world.clock.step(minutes=20)
    bring(world, "2", "Wij kijken ernaar", direction="outbound", author=None)
    assert world.row(done.conversation_id).unanswered_since is None
    assert world.events(done.conversation_id)[-1].wall_s == 1200
    world.inbox.resolve(token, done.conversation_id)
    world.clock.step(hours=1)
    bring(world, "3", "Bedankt!")
    assert world.row(done.conversation_id).status == "resolved"
    world.clock.step(hours=1)
    bring(world, "4", "Nog steeds kwijt")
    row = world.row(done.conversation_id)
    assert (row.status, row.cycle, row.unanswered_since) == ("open", 2, world.clock())
    assert [card.id for card in world.inbox.listing(token, View.MINE).cards] == [row.id]


def test_old_items_are_archived_without_a_clock(world: World) -> None:
    bring(world, "1", "Van vorig jaar", published_at=world.clock() - timedelta(days=200))
    row = world.row(only(world))
    assert (row.status, row.sla_due_at) == ("archived", None)
    world.clock.step(hours=1)
    bring(world, "2", "En weer mis")
    row = world.row(only(world))
    assert (row.status, row.cycle) == ("open", 2)


def test_a_review_that_loses_its_stars_comes_back(world: World) -> None:
    token = world.token(world.person())
    bring(world, "1", "Prima winkel", kind="review", rating=1.0, rating_raw=5.0, rating_scale=5.0)
    row_id = only(world)
    world.inbox.resolve(token, row_id)
    world.clock.step(days=1)
    bring(
        world,
        "1",
        "Toch niet, nooit meer",
        kind="review",
        rating=0.2,
        rating_raw=1.0,
        rating_scale=5.0,
        edited_at=world.clock(),
    )
    row = world.row(row_id)
    assert (row.status, row.cycle) == ("open", 2)
    assert row.sla_due_at is not None


def test_open_work_joined_to_a_resolved_thread_by_a_late_parent_is_not_lost(world: World) -> None:
    token = world.token(world.person())
    bring(world, "1", "Eerste vraag", root="1")
    first = only(world)
    world.inbox.resolve(token, first)
    world.clock.step(minutes=5)
    bring(world, "9", "Tweede vraag, niemand las die", root="7", parent_external_id="8")
    world.clock.step(minutes=5)
    bring(world, "8", "Ertussen", root="7", parent_external_id="1", direction="outbound", author=None)
    rows = [card for card in world.inbox.listing(token, View.ALL).cards if card.status in {"new", "open"}]
    assert rows


def test_what_was_promised_and_who_was_named_goes_along_when_conversations_become_one(world: World) -> None:
    mine, sara = world.token(world.person()), world.token(world.person(name="Sara"))
    bring(world, "1", "Eerste vraag", root="1")
    first = only(world)
    world.inbox.claim(mine, first)
    world.clock.step(minutes=5)
    bring(world, "9", "Tweede vraag", root="7", parent_external_id="8")
    with world.store.read() as conn:
        second = conn.execute(select(conversation.c.id).where(conversation.c.id != first)).scalar_one()
    due_at = world.clock() + timedelta(hours=3)
    world.inbox.promises.make(mine, second, text="We bellen terug", due_at=due_at)
    world.inbox.add_note(mine, second, "@sara kijk jij mee?")
    world.clock.step(minutes=5)
    bring(world, "8", "Ertussen", root="7", parent_external_id="1")
    stays = only(world)
    assert [card.id for card in world.inbox.listing(sara, View.MENTIONS).cards] == [stays]
    assert world.inbox.mentions.seen(sara, stays)
    assert [one.text for one in world.inbox.promises.of(mine, stays)] == ["We bellen terug"]
    assert world.row(stays).promise_due_at == due_at
    world.clock.step(hours=4)
    assert tick(world.store, world.desk.settings, world.clock()).ended == 1
