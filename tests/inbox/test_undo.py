"""Ten seconds to take a step back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox import steps
from inbox.errors import InboxError, UndoRefused
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.views import Done
from tests.inbox.conftest import World

Step = Callable[[Inbox, str, int, World], Done]
STEPS: dict[str, Step] = {
    "claim": lambda inbox, token, row_id, _: inbox.claim(token, row_id),
    "release": lambda inbox, token, row_id, _: inbox.release(token, row_id),
    "resolve": lambda inbox, token, row_id, _: inbox.resolve(token, row_id),
    "ignore": lambda inbox, token, row_id, _: inbox.ignore(token, row_id, reason="noise"),
    "spam": lambda inbox, token, row_id, _: inbox.mark_spam(token, row_id),
    "not_spam": lambda inbox, token, row_id, _: inbox.not_spam(token, row_id),
    "wait": lambda inbox, token, row_id, _: inbox.wait_for_customer(token, row_id),
    "internal": lambda inbox, token, row_id, _: inbox.wait_internally(token, row_id),
    "snooze": lambda inbox, token, row_id, world: inbox.snooze(token, row_id, until=world.clock() + timedelta(hours=1)),
    "reopen": lambda inbox, token, row_id, _: inbox.reopen(token, row_id),
    "priority": lambda inbox, token, row_id, _: inbox.set_priority(token, row_id, 1),
    "why": lambda inbox, token, row_id, _: inbox.set_why(token, row_id, "idea"),
    "tag": lambda inbox, token, row_id, _: inbox.add_tag(token, row_id, "a"),
    "untag": lambda inbox, token, row_id, _: inbox.remove_tag(token, row_id, "a"),
    "note": lambda inbox, token, row_id, _: inbox.add_note(token, row_id, "n"),
    "team": lambda inbox, token, row_id, _: inbox.assign_team(token, row_id, "night"),
    "nobody": lambda inbox, token, row_id, _: inbox.assign(token, row_id, None),
    "answer": lambda inbox, token, row_id, _: inbox.answered_by_hand(token, row_id),
}


def picture(world: World, token: str, row_id: int) -> tuple[object, ...]:
    """Everything that work can change, but for the version and when a claim ends."""
    row = world.row(row_id)._asdict()
    for moving in ("version", "claimed_until"):
        row.pop(moving)
    detail = world.inbox.detail(token, row_id)
    return (row, detail.card.tags, [note.text for note in detail.notes])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=7))
def test_any_step_after_any_others_can_be_taken_back_completely(world: World, names: list[str]) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    for name in names:
        before = picture(world, token, row_id)
        try:
            done = STEPS[name](world.inbox, token, row_id, world)
        except InboxError:
            assert picture(world, token, row_id) == before
            continue
        if done.event_id is None:
            continue
        undone = world.inbox.undo(token, done.event_id)
        assert picture(world, token, row_id) == before
        assert undone.version == done.version + 1
        STEPS[name](world.inbox, token, row_id, world)


def test_undo_is_an_event_that_names_what_it_takes_back(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    done = world.inbox.resolve(token, row_id)
    world.inbox.undo(token, done.event_id or 0)
    last = world.events(row_id)[-1]
    assert (last.action, last.undo_of) == ("undone", done.event_id)
    shown = world.inbox.detail(token, row_id).events
    assert [one.undone for one in shown] == [False, True, False]


def test_undo_is_offered_for_ten_seconds_and_five_later_it_is_too_late(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    done = world.inbox.resolve(token, row_id)
    assert done.undo_until == world.clock() + timedelta(seconds=10)
    world.clock.step(seconds=15)
    again = world.inbox.undo(token, done.event_id or 0)
    done = world.inbox.resolve(token, row_id)
    world.clock.step(seconds=15.01)
    with pytest.raises(UndoRefused, match="10 seconds"):
        world.inbox.undo(token, done.event_id or 0)
    with pytest.raises(UndoRefused):
        world.inbox.undo(token, again.event_id or 0)


def test_a_step_is_taken_back_once(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    done = world.inbox.set_priority(token, row_id, 0)
    world.inbox.undo(token, done.event_id or 0)
    with pytest.raises(UndoRefused, match="already"):
        world.inbox.undo(token, done.event_id or 0)


def test_nobody_takes_back_what_somebody_else_did(world: World) -> None:
    row_id = world.conversation()
    done = world.inbox.resolve(world.token(world.person()), row_id)
    with pytest.raises(UndoRefused, match="own"):
        world.inbox.undo(world.token(world.person(Role.LEAD)), done.event_id or 0)


def test_a_rule_that_changed_it_since_is_told_by_its_name(world: World) -> None:
    row_id, jo = world.conversation(), world.token(world.person())
    done = world.inbox.set_priority(jo, row_id, 1)
    step = steps.Step("ruled", {"priority": 0}, facts={"rule": "Boze klanten", "rule_id": 1})
    with world.store.write() as conn:
        steps.write(world.desk, conn, steps.load(conn, row_id), steps.RULE, step, now=world.clock())
    with pytest.raises(UndoRefused, match="changed since by the rule Boze klanten"):
        world.inbox.undo(jo, done.event_id or 0)


def test_what_somebody_else_changed_since_stays(world: World) -> None:
    row_id, jo, sam = world.conversation(), world.token(world.person()), world.token(world.person(name="Sam"))
    done = world.inbox.set_priority(jo, row_id, 0)
    world.inbox.set_priority(sam, row_id, 2)
    with pytest.raises(UndoRefused, match="changed since by Sam"):
        world.inbox.undo(jo, done.event_id or 0)
    assert world.row(row_id).priority == 2


def test_a_resolve_is_not_taken_back_under_a_customer_who_wrote_meanwhile(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    done = world.inbox.resolve(token, row_id)
    world.message(row_id, "Het is nog steeds stuk")
    world.route()
    with pytest.raises(UndoRefused):
        world.inbox.undo(token, done.event_id or 0)
    assert world.row(row_id).cycle == 2


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=3, max_size=12))
def test_any_step_can_be_taken_back_at_depth(world: World, names: list[str]) -> None:
    test_any_step_after_any_others_can_be_taken_back_completely.hypothesis.inner_test(world, names)  # type: ignore[attr-defined]
