"""One action over many: the same result as one by one, refusals told, all of it taken back at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox.bulk.views import MOST, Action, Kind
from inbox.errors import BadInput, InboxError, NotAllowed, UndoRefused
from inbox.permissions import Role
from inbox.views import Filters, View
from tests.inbox.conftest import World

COLUMNS = ("status", "status_reason", "assignee_id", "team_id", "priority", "muted_at", "is_open", "snoozed_until")


def test_what_is_refused_is_told_with_its_reason_and_the_rest_is_done(world: World) -> None:
    me, other = world.person(), world.person(name="Sanne")
    free, held, changed, closed = (world.conversation(author_name=name) for name in ("A", "B", "C", "D"))
    who = world.token(me)
    versions = {number: world.row(number).version for number in (free, held, changed, closed)}
    world.inbox.claim(world.token(other), held)
    world.inbox.set_priority(world.token(other), changed, 0)
    world.inbox.resolve(who, closed)
    done = world.inbox.bulk.apply(who, versions, Action(Kind.RESOLVE))
    assert done.done == (free,)
    assert {(one.conversation_id, one.author_name, one.code) for one in done.refused} == {
        (held, "B", "claimed_by_other"),
        (changed, "C", "changed"),
        (closed, "D", "move_refused"),
    }
    assert "Sanne" in next(str(one.text) for one in done.refused if one.conversation_id == held)
    assert world.row(free).status == "resolved"
    assert world.row(changed).status == "new"


def test_one_undo_takes_all_of_it_back(world: World, later: Callable[..., datetime]) -> None:
    me, other = world.person(), world.person()
    numbers = [world.conversation() for _ in range(3)]
    who = world.token(me)
    before = [world.row(number) for number in numbers]
    done = world.inbox.bulk.apply(who, dict.fromkeys(numbers), Action(Kind.IGNORE, "not_about_us"))
    world.inbox.reopen(world.token(other), numbers[2])
    later(seconds=10)
    back = world.inbox.bulk.undo(who, done.event_ids)
    assert back is not None
    assert set(back.done) == set(numbers[:2])
    assert [one.code for one in back.refused] == ["undo_refused"]
    for number, was in zip(numbers[:2], before, strict=False):
        row = world.row(number)
        assert [getattr(row, name) for name in COLUMNS] == [getattr(was, name) for name in COLUMNS]


def test_a_bulk_action_stays_when_the_time_for_undo_is_over(world: World, later: Callable[..., datetime]) -> None:
    who = world.token(world.person())
    done = world.inbox.bulk.apply(who, {world.conversation(): None}, Action(Kind.TAG, "storing"))
    later(seconds=16)
    with pytest.raises(UndoRefused):
        world.inbox.bulk.undo(who, done.event_ids)


def test_nobody_takes_back_what_a_colleague_did(world: World) -> None:
    mine = world.token(world.person())
    number = world.conversation()
    done = world.inbox.bulk.apply(mine, {number: None}, Action(Kind.SPAM))
    back = world.inbox.bulk.undo(world.token(world.person()), done.event_ids)
    assert back is not None
    assert not back.done
    assert world.row(number).status == "spam"


def test_steps_that_were_no_bulk_action_are_not_taken_back_as_one(world: World) -> None:
    who = world.token(world.person())
    single = world.inbox.resolve(who, world.conversation())
    assert single.event_id is not None
    with pytest.raises(UndoRefused):
        world.inbox.bulk.undo(who, [single.event_id])
    assert world.inbox.bulk.undo(who, []) is None


def test_a_whole_view_is_done_beyond_the_rows_that_were_read(world: World) -> None:
    me = world.person()
    who = world.token(me)
    wanted = [world.conversation(f"storing {number}", routed=False) for number in range(120)]
    world.conversation("iets anders", lang="de", routed=False)
    while world.route():
        pass
    filters = Filters(langs=("nl",))
    assert world.inbox.bulk.count(who, View.NEW, filters) == (120, False)
    done = world.inbox.bulk.apply_to_view(who, View.NEW, Action(Kind.ASSIGN, me.id), filters)
    assert set(done.done) == set(wanted)
    assert not done.more
    again = world.inbox.bulk.apply_to_view(who, View.NEW, Action(Kind.ASSIGN, me.id), filters)
    assert (len(again.done), again.unchanged) == (0, 120)


def test_who_only_reads_does_nothing_in_bulk(world: World) -> None:
    number = world.conversation()
    with pytest.raises(NotAllowed):
        world.inbox.bulk.apply(world.token(world.person(Role.READ_ONLY)), {number: None}, Action(Kind.RESOLVE))


def test_a_value_that_does_not_fit_is_refused_before_anything_happens(world: World) -> None:
    who = world.token(world.person())
    for action in (Action(Kind.IGNORE), Action(Kind.TAG, 3), Action(Kind.SPAM, "x"), Action(Kind.SNOOZE, "tomorrow")):
        with pytest.raises(BadInput):
            world.inbox.bulk.apply(who, {world.conversation(): None}, action)
    with pytest.raises(BadInput):
        world.inbox.bulk.apply(who, dict.fromkeys(range(MOST + 1)), Action(Kind.SPAM))


ACTIONS: dict[str, tuple[Action, Callable[..., Any]]] = {
    "resolve": (Action(Kind.RESOLVE), lambda box, who, one: box.resolve(who, one)),
    "ignore": (Action(Kind.IGNORE, "spam"), lambda box, who, one: box.ignore(who, one, reason="spam")),
    "spam": (Action(Kind.SPAM), lambda box, who, one: box.mark_spam(who, one)),
    "not spam": (Action(Kind.NOT_SPAM), lambda box, who, one: box.not_spam(who, one)),
    "reopen": (Action(Kind.REOPEN), lambda box, who, one: box.reopen(who, one)),
    "nobody": (Action(Kind.ASSIGN), lambda box, who, one: box.assign(who, one, None)),
    "team": (Action(Kind.TEAM, "night"), lambda box, who, one: box.assign_team(who, one, "night")),
    "tag": (Action(Kind.TAG, "Storing"), lambda box, who, one: box.add_tag(who, one, "Storing")),
    "untag": (Action(Kind.UNTAG, "storing"), lambda box, who, one: box.remove_tag(who, one, "storing")),
    "priority": (Action(Kind.PRIORITY, 1), lambda box, who, one: box.set_priority(who, one, 1)),
    "mute": (Action(Kind.MUTE), lambda box, who, one: box.mute(who, one)),
    "unmute": (Action(Kind.UNMUTE), lambda box, who, one: box.mute(who, one, muted=False)),
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.sets(st.integers(0, 3), min_size=1)), max_size=5))
def test_in_bulk_or_one_by_one_gives_the_same(world: World, steps: list[tuple[str, set[int]]]) -> None:
    me = world.token(world.person())
    bulk, single = ([world.conversation() for _ in range(4)] for _side in range(2))
    for name, places in steps:
        action, one_by_one = ACTIONS[name]
        done = world.inbox.bulk.apply(me, {bulk[place]: None for place in places}, action)
        refused = {}
        for place in places:
            try:
                one_by_one(world.inbox, me, single[place])
            except InboxError as problem:
                refused[place] = problem.code
        assert {bulk.index(one.conversation_id): one.code for one in done.refused} == refused
    for left, right in zip(bulk, single, strict=True):
        mine, theirs = world.row(left), world.row(right)
        assert [getattr(mine, name) for name in COLUMNS] == [getattr(theirs, name) for name in COLUMNS]
        assert world.actions(left) == world.actions(right)


def test_snoozing_in_bulk_wakes_as_alone(world: World, later: Callable[..., datetime]) -> None:
    from inbox.clockwork import wake_snoozed

    who = world.token(world.person())
    number = world.conversation()
    until = world.clock() + timedelta(hours=1)
    world.inbox.bulk.apply(who, {number: None}, Action(Kind.SNOOZE, until))
    assert world.row(number).snoozed_until == until
    assert wake_snoozed(world.store, world.desk.settings, later(hours=2)) == 1
