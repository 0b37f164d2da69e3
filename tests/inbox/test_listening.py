"""Sources as an administrator handles them: asked now, paused, gone on, and what the last looks brought."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from store.ingest import commit_page
from store.records import PageCommit, Span
from store.runs import RunRecord, record_run
from store.schedule import lease_due, lease_source, release
from store.schema import event
from store.sources import SourceRecord, label_query, sync_sources
from tests.inbox.conftest import World
from tests.source_rows import next_due

HOUR = timedelta(hours=1)


@pytest.fixture
def listening(world: World) -> World:
    sync_sources(
        world.store, [SourceRecord("forum", "discourse", "discourse", "Own forum", 300, 172_800)], world.clock()
    )
    return world


def administrator(world: World) -> str:
    return world.token(world.person(Role.ADMINISTRATOR))


def due(world: World) -> list[str]:
    found = lease_due(world.store, owner="test", now=world.clock(), limit=5, lease=timedelta(seconds=1))
    return [lease.source_id for lease in found]


def test_a_paused_source_is_not_taken_and_goes_on_at_once(listening: World) -> None:
    token = administrator(listening)
    listening.inbox.listening.pause(token, "forum")
    listening.clock.step(HOUR)
    assert due(listening) == []
    assert next_due(listening.store) is None
    (source,) = listening.inbox.sources(token)
    assert (source.health, source.level) == ("paused", "ok")
    listening.inbox.listening.go_on(token, "forum")
    assert due(listening) == ["forum"]


def test_a_source_that_is_asked_now_is_due_now(listening: World) -> None:
    token = administrator(listening)
    assert due(listening) == ["forum"]
    listening.clock.step(timedelta(seconds=5))
    lease = lease_source(listening.store, "forum", owner="test", now=listening.clock(), lease=HOUR)
    assert lease is not None
    release(listening.store, lease, due_at=listening.clock() + HOUR, pace_s=300, failures=0)
    assert due(listening) == []
    listening.inbox.listening.look_now(token, "forum")
    assert due(listening) == ["forum"]


def test_what_is_paused_cannot_be_asked_now(listening: World) -> None:
    token = administrator(listening)
    listening.inbox.listening.pause(token, "forum")
    with pytest.raises(BadInput, match="go on first"):
        listening.inbox.listening.look_now(token, "forum")


def test_only_who_manages_settings_changes_sources(listening: World) -> None:
    token = listening.token(listening.person(Role.LEAD))
    for step in (listening.inbox.listening.pause, listening.inbox.listening.go_on, listening.inbox.listening.look_now):
        with pytest.raises(NotAllowed):
            step(token, "forum")
    with pytest.raises(NotFound):
        listening.inbox.listening.pause(administrator(listening), "nowhere")


def test_every_change_of_a_source_is_an_event_with_who_did_it(listening: World) -> None:
    user = listening.person(Role.ADMINISTRATOR)
    token = listening.token(user)
    listening.inbox.listening.pause(token, "forum")
    listening.inbox.listening.pause(token, "forum")
    listening.inbox.listening.go_on(token, "forum")
    listening.inbox.listening.look_now(token, "forum")
    with listening.store.read() as conn:
        rows = conn.execute(select(event).where(event.c.object_type == "source").order_by(event.c.id)).all()
    assert [row.action for row in rows] == ["source_paused", "source_resumed", "source_asked"]
    assert {row.actor_id for row in rows} == {user.id}


def test_the_last_looks_say_what_was_asked_and_what_it_cost(listening: World) -> None:
    token = administrator(listening)
    now = listening.clock()
    label_query(listening.store, "forum", "latest", "Newest posts")
    for minutes, calls in ((90, 4), (10, 3)):
        at = now - timedelta(minutes=minutes)
        record_run(
            listening.store,
            RunRecord("forum", "latest", at, at - HOUR, at, ended_at=at + timedelta(seconds=2), http_calls=calls),
        )
    newest, oldest = listening.inbox.listening.last_looks(token, "forum")
    assert (newest.query_label, newest.calls, newest.took_s, oldest.calls) == ("Newest posts", 3, 2.0, 4)
    (source,) = listening.inbox.sources(token)
    assert source.calls_day == 7


def test_the_ledger_names_its_queries(listening: World) -> None:
    now = listening.clock()
    label_query(listening.store, "forum", "latest", "Newest posts")
    commit_page(
        listening.store,
        PageCommit(source_id="forum", query_id="latest", fetched_at=now, covered=Span(now - HOUR, now)),
    )
    (source,) = listening.inbox.sources(administrator(listening))
    assert [query.label for query in source.queries] == ["Newest posts"]
