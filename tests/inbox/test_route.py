"""Routing: teams and due times, reopening, answers that come back, and the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from inbox import due
from inbox.clockwork import tick
from inbox.permissions import Role
from inbox.route import route_pending
from store.schema import conversation, event, user_account
from tests.inbox.conftest import SETTINGS, World


def test_a_new_conversation_gets_the_default_team_and_a_due_time(world: World) -> None:
    row_id = world.conversation()
    row = world.row(row_id)
    assert (row.status, row.team_id, row.routing_pending) == ("new", "webcare", False)
    assert row.sla_due_at == world.clock() + timedelta(hours=1)
    assert world.actions(row_id) == ["routed"]


def test_what_was_opened_before_it_had_its_team_can_be_decided_afterwards(world: World) -> None:
    token = world.token(world.person())
    row_id = world.conversation(routed=False)
    seen = world.row(row_id).version
    world.route()
    assert world.row(row_id).version > seen
    world.inbox.resolve(token, row_id, version=seen)
    assert world.row(row_id).status == "resolved"


def test_what_is_said_after_somebody_closed_it_unrouted_opens_it(world: World) -> None:
    token = world.token(world.person())
    row_id = world.conversation(routed=False)
    world.inbox.ignore(token, row_id, reason="noise")
    world.message(row_id, "Het is nog steeds stuk")
    world.route()
    assert (world.row(row_id).status, world.row(row_id).cycle) == ("open", 2)


def test_what_came_in_after_hours_is_due_the_next_working_day(world: World) -> None:
    world.clock.step(hours=6, minutes=30)  # Tuesday 17:30 local
    row = world.row(world.conversation())
    assert row.sla_due_at == world.clock() + timedelta(hours=16, minutes=30)


def test_an_archived_one_has_no_due_time_and_stays_archived(world: World) -> None:
    said = world.clock() - timedelta(days=30)
    row_id = world.conversation(status="archived", said_at=said, routed=False, old=True)
    world.message(row_id, "ook oud", said_at=said, old=True)
    world.route()
    row = world.row(row_id)
    assert (row.status, row.sla_due_at, row.routing_pending) == ("archived", None, False)
    world.message(row_id, "En nu weer!")
    world.route()
    row = world.row(row_id)
    assert (row.status, row.cycle, row.is_open) == ("open", 2, True)
    assert row.sla_due_at == world.clock() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "hours", "reopens"),
    [
        ("Bedankt!", 1, False),
        ("Bedankt!", 49, True),
        ("Het werkt nog niet", 1, True),
        ("dank je wel Sanne!", 47, False),
    ],
)
def test_a_resolved_one_reopens_when_the_customer_writes_but_for_a_thank_you(
    world: World, text: str, hours: int, reopens: bool
) -> None:
    row_id, agent = world.conversation(), world.person()
    token = world.token(agent)
    world.inbox.claim(token, row_id)
    world.inbox.resolve(token, row_id)
    world.clock.step(hours=hours)
    world.message(row_id, text)
    world.route()
    row = world.row(row_id)
    if reopens:
        assert (row.status, row.cycle, row.cycle_started_at) == ("open", 2, world.clock())
        assert row.assignee_id == agent.id
        assert world.actions(row_id)[-1] == "reopened"
        assert row.sla_due_at is not None
    else:
        assert (row.status, row.cycle, row.unanswered_since) == ("resolved", 1, None)
        assert world.actions(row_id)[-1] == "thanked"


def test_a_message_that_arrived_while_the_agent_resolved_is_not_lost(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    said = world.clock()
    world.clock.step(minutes=5)
    world.inbox.resolve(token, row_id)
    world.message(row_id, "Wacht, nog iets", said_at=said)  # said before, stored after
    world.route()
    assert world.row(row_id).status == "open"


def test_a_message_the_agent_had_seen_does_not_reopen_when_it_is_routed_late(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.message(row_id, "en nog iets")
    world.inbox.resolve(token, row_id, version=world.row(row_id).version)
    world.route()
    assert world.row(row_id).status == "resolved"


def test_a_message_nobody_had_seen_reopens_what_was_resolved_without_looking(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.message(row_id, "en nog iets")
    world.inbox.resolve(token, row_id)
    world.route()
    assert world.row(row_id).status == "open"


@pytest.mark.parametrize("step", ["tag", "note", "assign", "undo"])
def test_no_step_between_storing_and_routing_hides_what_the_customer_wrote(world: World, step: str) -> None:
    agent = world.person()
    row_id, token = world.conversation(), world.token(agent)
    tagged = world.inbox.add_tag(token, row_id, "spoed")
    world.inbox.claim(token, row_id)
    world.inbox.wait_for_customer(token, row_id)
    world.message(row_id, "Hier is mijn klantnummer")  # stored, and nobody has routed it yet
    if step == "tag":
        world.inbox.add_tag(token, row_id, "klantnummer")
    elif step == "note":
        world.inbox.add_note(token, row_id, "let op")
    elif step == "assign":
        world.inbox.assign(token, row_id, None)
    else:
        assert tagged.event_id is not None
        world.inbox.undo(token, tagged.event_id)
    world.route()
    assert world.row(row_id).status == "open"
    assert "customer_wrote" in world.actions(row_id)


def test_an_old_message_found_late_does_not_reopen(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.inbox.resolve(token, row_id)
    world.message(row_id, "van vorig jaar", said_at=world.clock() - timedelta(days=300), old=True)
    world.route()
    assert world.row(row_id).status == "resolved"


def test_spam_stays_spam(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.inbox.mark_spam(token, row_id)
    world.message(row_id, "buy now")
    world.route()
    assert world.row(row_id).status == "spam"


def test_the_customer_ends_waiting_and_snoozing(world: World) -> None:
    token = world.token(world.person())
    waits, snoozes = world.conversation(), world.conversation()
    world.inbox.claim(token, waits)
    world.inbox.answered_by_hand(token, waits)
    world.inbox.wait_for_customer(token, waits)
    world.inbox.snooze(token, snoozes, until=world.clock() + timedelta(days=2))
    world.clock.step(minutes=1)
    for row_id in (waits, snoozes):
        world.message(row_id, "Hier is het ordernummer")
    world.route()
    for row_id in (waits, snoozes):
        row = world.row(row_id)
        assert (row.status, row.cycle, row.snoozed_until) == ("open", 1, None)
        assert world.actions(row_id)[-1] == "customer_wrote"
    assert world.row(waits).sla_due_at == world.clock() + timedelta(hours=1)


def test_it_does_not_go_back_to_somebody_who_left(world: World) -> None:
    agent, admin = world.person(), world.token(world.person(Role.ADMINISTRATOR))
    row_id = world.conversation()
    world.inbox.claim(world.token(agent), row_id)
    world.inbox.resolve(world.token(agent), row_id)
    world.inbox.people.set_active(admin, agent.id, active=False)
    world.message(row_id, "Toch niet opgelost")
    world.route()
    assert world.row(row_id).assignee_id is None


def test_an_answer_that_comes_back_from_the_platform_counts_as_first_response(world: World) -> None:
    row_id = world.conversation()
    world.clock.step(minutes=30)
    world.message(row_id, "Hallo, we kijken ernaar", direction="outbound")
    world.clock.step(minutes=5)
    world.route()
    last = world.events(row_id)[-1]
    assert (last.action, last.wall_s, last.actor_type) == ("answered", 1800, "source")
    assert last.after["facts"]["first"] is True
    world.inbox.resolve(world.token(world.person()), row_id)
    assert world.row(row_id).status_reason is None


def test_open_work_that_a_merge_brought_into_a_closed_one_is_not_lost(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.inbox.resolve(token, row_id)
    with world.store.write() as conn:
        conn.execute(
            event.insert().values(
                id=world.store.new_id(),
                at=world.clock(),
                actor_type="source",
                object_type="conversation",
                object_id=str(row_id),
                action="merged",
                before={"conversation_id": 5, "status": "new"},
            )
        )
        conn.execute(conversation.update().where(conversation.c.id == row_id).values(routing_pending=True))
    world.route()
    assert world.row(row_id).status == "open"


def test_the_clock_wakes_what_was_snoozed_and_frees_what_was_left(world: World) -> None:
    token = world.token(world.person())
    snoozed, left = world.conversation(), world.conversation()
    world.inbox.snooze(token, snoozed, until=world.clock() + timedelta(minutes=30))
    world.inbox.claim(token, left)
    world.clock.step(minutes=29)
    ticked = tick(world.store, SETTINGS, world.clock())
    assert (ticked.woken, ticked.lapsed) == (0, 1)
    world.clock.step(minutes=1)
    assert tick(world.store, SETTINGS, world.clock()).woken == 1
    assert world.row(snoozed).status == "open"
    assert world.events(snoozed)[-1].actor_type == "clock"
    assert tick(world.store, SETTINGS, world.clock()) == type(ticked)()


def test_a_conversation_that_cannot_be_routed_stops_none_of_the_others_and_is_logged_once(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due, "_told", set())
    before = [world.conversation(routed=False) for _ in range(3)]
    broken = world.conversation(routed=False, status="not a status")
    after = [world.conversation(routed=False) for _ in range(3)]
    world.route()
    world.route()
    assert [world.row(one).team_id for one in before + after] == ["webcare"] * 6
    assert world.row(broken).routing_pending
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        f"routing conversation {broken} failed; it is tried again at every look"
    ]


def test_without_teams_everything_still_works(world: World) -> None:
    from inbox.settings import InboxSettings

    row_id = world.conversation(routed=False)
    route_pending(world.store, InboxSettings(), world.clock())
    row = world.row(row_id)
    assert (row.status, row.team_id, row.sla_due_at) == ("new", None, None)


MOVES = ("message", "thanks", "answer", "claim", "resolve", "wait", "snooze", "ignore", "step", "old")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(MOVES), max_size=8))
def test_routing_twice_changes_nothing(world: World, moves: list[str]) -> None:
    from inbox.errors import InboxError

    row_id, token = world.conversation(routed=False), world.token(world.person())
    for move in moves:
        try:
            if move in {"message", "thanks", "answer", "old"}:
                world.message(
                    row_id,
                    "bedankt" if move == "thanks" else "het is stuk",
                    old=move == "old",
                    direction="outbound" if move == "answer" else "inbound",
                )
            elif move == "step":
                world.clock.step(hours=1)
                world.route()
            elif move == "claim":
                world.inbox.claim(token, row_id)
            elif move == "resolve":
                world.inbox.resolve(token, row_id)
            elif move == "wait":
                world.inbox.wait_for_customer(token, row_id)
            elif move == "snooze":
                world.inbox.snooze(token, row_id, until=world.clock() + timedelta(hours=5))
            else:
                world.inbox.ignore(token, row_id, reason="noise")
        except InboxError:
            continue
    world.route()
    before, events = world.row(row_id), len(world.events(row_id))
    with world.store.write() as conn:  # as if the worker died before its commit was seen
        conn.execute(conversation.update().where(conversation.c.id == row_id).values(routing_pending=True))
    world.route()
    assert world.row(row_id) == before
    assert len(world.events(row_id)) == events
    if "message" in moves and moves.index("message") == len(moves) - 1:
        assert before.is_open
    with world.store.read() as conn:
        assert conn.execute(select(user_account.c.id)).first() is not None
