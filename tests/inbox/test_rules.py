"""Rules at work on both engines: routing, crashes, taking back, dry run, runs over open work, history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as listening
from sqlalchemy import select

from inbox.errors import BadInput, ClaimedByOther, NotAllowed, NotFound, UndoRefused
from inbox.permissions import Role
from inbox.rules.language import written
from inbox.rules.views import Drift, Progress
from inbox.views import Done
from store.schema import conversation_tag, event, rule
from tests.inbox.conftest import World

Later = Callable[..., datetime]
LOST = {"all_of": [{"test": "text", "query": "kwijt"}]}
FORUM = {"all_of": [{"test": "one_of", "field": "source", "values": ["forum"]}]}


def add(world: World, name: str = "Kwijt", conditions: dict[str, Any] = LOST, **parts: Any) -> int:
    """A rule kept by a lead."""
    parts.setdefault("actions", {"tags": ["kwijt"], "priority": 0})
    lead = world.token(world.person(Role.LEAD, name="Lieke"))
    return world.inbox.rules.save(lead, written(name=name, conditions=conditions, **parts))


def tags(world: World, conversation_id: int) -> set[str]:
    with world.store.read() as conn:
        c = conversation_tag.c
        return set(conn.execute(select(c.tag).where(c.conversation_id == conversation_id)).scalars())


def ruled(world: World, conversation_id: int) -> list[Any]:
    return [one for one in world.events(conversation_id) if one.action == "ruled"]


# --- routing --------------------------------------------------------------------------------------------------------


def test_a_rule_acts_when_a_conversation_comes_in_with_one_event_that_names_it(world: World) -> None:
    number = add(world)
    row_id = world.conversation("Mijn pakket is kwijt")
    assert (world.row(row_id).priority, tags(world, row_id)) == (0, {"kwijt"})
    (hit,) = ruled(world, row_id)
    assert (hit.actor_type, hit.actor_id) == ("rule", number)
    assert hit.after["facts"]["because"] == [["text", "kwijt"]]
    shown = world.inbox.detail(world.token(world.person()), row_id).events[-1]
    assert (shown.actor, shown.actor_type) == (None, "rule")
    assert shown.text == "Rule Kwijt: tag kwijt, priority risk."
    assert shown.params["rule_id"] == number


def test_what_does_not_fit_is_left_alone(world: World) -> None:
    add(world)
    row_id = world.conversation("Een compliment!")
    assert world.actions(row_id) == ["routed"]


def test_a_rule_for_the_first_message_lets_later_ones_pass_and_one_for_every_message_does_not(world: World) -> None:
    add(world, "eerste", actions={"tags": ["eerste"]})
    add(world, "elk", actions={"tags": ["elk"]}, moment="every")
    row_id = world.conversation("Hallo")
    world.message(row_id, "mijn pakket is kwijt")
    world.route()
    assert tags(world, row_id) == {"elk"}
    world.message(row_id, "nog steeds kwijt")
    world.route()
    assert len(ruled(world, row_id)) == 1


def test_every_new_message_is_judged_once_even_when_an_agent_acted_before_it_was_routed(world: World) -> None:
    add(world, actions={"priority": 0}, moment="every")
    row_id, token = world.conversation("Hallo"), world.token(world.person())
    world.message(row_id, "pakket kwijt")
    world.inbox.set_priority(token, row_id, 4)
    world.route()
    assert world.row(row_id).priority == 0
    world.inbox.set_priority(token, row_id, 4)
    world.message(row_id, "bedankt alvast")
    world.route()
    assert world.row(row_id).priority == 4


def test_rules_are_asked_in_order_and_one_that_stops_ends_the_walk(world: World) -> None:
    add(world, "eerst", actions={"tags": ["a"]})
    stops = add(world, "stopt", actions={}, stop=True)
    add(world, "nooit", actions={"tags": ["b"]})
    assert tags(world, world.conversation()) == {"a"}
    lead = world.token(world.person(Role.LEAD))
    world.inbox.rules.switch(lead, stops, on=False)
    assert tags(world, world.conversation()) == {"a", "b"}
    world.inbox.rules.switch(lead, stops, on=True)
    world.inbox.rules.move(lead, stops, by=-1)
    assert tags(world, world.conversation()) == set()


def test_when_rules_contradict_the_last_one_decides(world: World) -> None:
    add(world, "hoog", actions={"priority": 0})
    add(world, "laag", actions={"priority": 4})
    row_id = world.conversation()
    assert world.row(row_id).priority == 4
    assert [one.after["facts"]["rule"] for one in ruled(world, row_id)] == ["laag"]


def test_a_team_given_by_a_rule_decides_when_it_is_due(world: World) -> None:
    add(world, actions={"team_id": "night"})
    row = world.row(world.conversation())
    assert (row.team_id, row.sla_due_at) == ("night", world.clock() + timedelta(minutes=30))


@pytest.mark.parametrize(("move", "reason"), [("spam", None), ("resolved", "no_answer_needed"), ("ignored", "ruis")])
def test_a_rule_closes_what_is_new_without_counting_as_a_person(world: World, move: str, reason: str | None) -> None:
    add(world, actions={"move": move, "reason": reason if move == "ignored" else None})
    row = world.row(world.conversation())
    assert (row.status, row.status_reason, row.is_open, row.sla_due_at) == (move, reason, False, None)
    assert row.assignee_id is None


def test_a_rule_does_not_close_what_an_agent_has_in_hand(world: World) -> None:
    add(world, actions={"move": "spam", "tags": ["verdacht"]}, moment="every")
    row_id, token = world.conversation("Hallo"), world.token(world.person())
    world.inbox.claim(token, row_id)
    world.message(row_id, "alles kwijt")
    world.route()
    assert (world.row(row_id).status, tags(world, row_id)) == ("open", {"verdacht"})


def test_closed_and_archived_conversations_are_left_alone(world: World) -> None:
    add(world, moment="every")
    old = world.conversation(status="archived", said_at=world.clock() - timedelta(days=30), old=True)
    assert world.actions(old) == ["routed"]
    row_id, token = world.conversation("Hallo"), world.token(world.person())
    world.inbox.mark_spam(token, row_id)
    world.message(row_id, "kwijt")
    world.route()
    assert ruled(world, row_id) == []


def test_rules_without_the_switch_or_archived_do_nothing_and_their_hits_stay(world: World) -> None:
    number = add(world)
    row_id = world.conversation()
    lead = world.token(world.person(Role.LEAD))
    world.inbox.rules.archive(lead, number)
    assert tags(world, world.conversation()) == set()
    assert tags(world, row_id) == {"kwijt"}
    assert world.inbox.rules.listing(lead) == ()
    with pytest.raises(NotFound):
        world.inbox.rules.open(lead, number)


def test_a_rule_that_cannot_be_read_is_inactive_with_its_reason_and_stops_nothing(world: World) -> None:
    broken, strange = add(world, "kapot"), add(world, "vreemd")
    add(world, "heel", actions={"tags": ["heel"]})
    with world.store.write() as conn:
        text = {"all_of": [{"test": "text", "query": "(kwijt"}], "any_of": []}
        conn.execute(rule.update().where(rule.c.id == broken).values(conditions=text))
        later = world.clock() + timedelta(seconds=1)
        future = {"all_of": [{"test": "moon_phase"}]}
        conn.execute(rule.update().where(rule.c.id == strange).values(conditions=future, updated_at=later))
    assert tags(world, world.conversation()) == {"heel"}
    one, two, three = world.inbox.rules.listing(world.token(world.person()))
    assert one.problem is not None
    assert "parenthesis" in str(one.problem)
    assert two.problem is not None
    assert "another version" in str(two.problem)
    assert (one.works, two.works, three.works) == (False, False, True)


def test_first_contact_and_opening_hours_are_looked_up_when_a_rule_asks(world: World) -> None:
    add(world, "nieuw", {"all_of": [{"test": "is", "what": "first_contact"}]}, actions={"tags": ["nieuw"]})
    add(world, "nacht", {"all_of": [{"test": "is", "what": "open_hours", "yes": False}]}, actions={"tags": ["nacht"]})
    assert tags(world, world.conversation()) == {"nieuw"}
    world.clock.step(hours=10)
    assert tags(world, world.conversation()) == {"nieuw", "nacht"}


# --- crashes --------------------------------------------------------------------------------------------------------


class _Crash(Exception):  # noqa: N818
    pass


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 60), st.lists(st.sampled_from(("kwijt", "hallo", "stuk en kwijt")), min_size=1, max_size=3))
def test_a_crash_anywhere_leaves_nothing_half_done_and_the_next_run_ends_the_same(
    world: World, at: int, texts: list[str]
) -> None:
    with world.store.write() as conn:
        conn.execute(rule.delete())
    add(world, "a", actions={"tags": ["a"], "priority": 0}, moment="every")
    add(world, "b", {"all_of": [{"test": "text", "query": "stuk"}]}, actions={"why": "complaint"}, moment="every")
    add(world, "c", FORUM, actions={"tags": ["c"]})

    def come_in() -> int:
        row_id = world.conversation(texts[0], routed=False)
        for text in texts[1:]:
            world.message(row_id, text)
        return row_id

    whole = come_in()
    world.route()
    broken = come_in()
    left = [at]

    def crash(*_args: Any) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise _Crash

    listening.listen(world.store.engine, "before_cursor_execute", crash)
    try:
        world.route()
        crashed = False
    except _Crash:
        crashed = True
    finally:
        listening.remove(world.store.engine, "before_cursor_execute", crash)
    assert (world.actions(broken) == []) is crashed
    world.route()
    world.route()

    def end(row_id: int) -> tuple[Any, ...]:
        row = world.row(row_id)
        told = [(one.action, one.actor_type, one.actor_id) for one in world.events(row_id)]
        return row.priority, row.why, row.status, row.version, tags(world, row_id), told

    assert end(broken) == end(whole)
    hits = [(one.actor_id, one.after["facts"]["mention_id"]) for one in ruled(world, broken)]
    assert len(hits) == len(set(hits))


# --- taking back ----------------------------------------------------------------------------------------------------


def test_an_agent_takes_back_what_a_rule_did_long_after_and_the_rule_stays_away(world: World, later: Later) -> None:
    add(world, actions={"move": "spam", "tags": ["ruis"], "priority": 4}, moment="every")
    row_id, token = world.conversation(), world.token(world.person(name="Ayla"))
    (hit,) = ruled(world, row_id)
    later(hours=3)
    done: Done = world.inbox.rules.take_back(token, hit.id)
    row = world.row(row_id)
    assert (row.status, row.priority, row.is_open, tags(world, row_id)) == ("new", 2, True, set())
    assert row.sla_due_at is not None
    assert done.code == "rule_undone"
    with pytest.raises(UndoRefused, match="already"):
        world.inbox.rules.take_back(token, hit.id)
    world.message(row_id, "echt kwijt")
    world.route()
    assert (world.row(row_id).status, tags(world, row_id)) == ("new", set())
    lines = world.inbox.detail(token, row_id).events
    assert [one.undone for one in lines if one.code == "ruled"] == [True]
    assert lines[-1].text == "Ayla took back what rule Kwijt did."


def test_what_people_changed_since_stays_when_a_rule_is_taken_back(world: World) -> None:
    add(world, actions={"priority": 0, "why": "complaint"})
    row_id, token = world.conversation(), world.token(world.person())
    world.inbox.set_priority(token, row_id, 1)
    world.inbox.claim(token, row_id)
    world.inbox.rules.take_back(token, ruled(world, row_id)[0].id)
    row = world.row(row_id)
    assert (row.priority, row.why, row.status) == (1, None, "open")


def test_what_a_colleague_has_is_not_taken_back_under_them(world: World) -> None:
    add(world)
    row_id = world.conversation()
    world.inbox.claim(world.token(world.person()), row_id)
    with pytest.raises(ClaimedByOther):
        world.inbox.rules.take_back(world.token(world.person()), ruled(world, row_id)[0].id)


def test_spam_of_a_rule_can_be_called_no_spam_by_hand(world: World) -> None:
    add(world, actions={"move": "spam"})
    row_id = world.conversation()
    world.inbox.not_spam(world.token(world.person()), row_id)
    assert world.row(row_id).status == "new"


# --- dry run --------------------------------------------------------------------------------------------------------


def test_a_dry_run_counts_and_shows_what_would_happen_and_changes_nothing(world: World, later: Later) -> None:
    old = world.conversation("heel oud en kwijt")
    later(days=40)
    for _ in range(3):
        world.conversation("pakket kwijt")
    done = world.conversation("kwijt maar al laag", priority=0)
    world.conversation("iets anders")
    before = [world.row(one).version for one in (old, done)]
    lead = world.token(world.person(Role.LEAD))
    told = world.inbox.rules.dry_run(lead, written(name="x", conditions=LOST, actions={"priority": 0}))
    assert (told.looked_at, told.complete, told.matched, told.changed) == (5, True, 4, 3)
    assert dict(told.per_action) == {"priority": 3}
    assert dict(told.per_source) == {"Own forum": 4}
    assert len(told.examples) == 4
    assert told.examples[0].because[0].found == "kwijt"
    assert [one.changes for one in told.examples].count(False) == 1
    assert [world.row(one).version for one in (old, done)] == before
    longer = world.inbox.rules.dry_run(
        lead, written(name="x", conditions=LOST, actions={"priority": 0}), days=60, limit=3
    )
    assert (longer.looked_at, longer.complete) == (3, False)


def test_a_dry_run_tells_which_other_rules_decide_or_stop_before(world: World) -> None:
    add(world, "stopt", {"all_of": [{"test": "text", "query": "stop"}]}, actions={"tags": ["s"]}, stop=True)
    number = add(world, "midden", actions={"priority": 0})
    add(world, "later", actions={"priority": 4})
    world.conversation("kwijt")
    world.conversation("kwijt stop")
    lead = world.token(world.person(Role.LEAD))
    told = world.inbox.rules.dry_run(
        lead, written(name="midden", conditions=LOST, actions={"priority": 1}), rule_id=number
    )
    assert dict(told.overruled) == {("priority", "later"): 1}
    assert dict(told.unreached) == {"stopt": 1}
    assert (told.matched, told.changed) == (2, 0)


# --- over existing work ---------------------------------------------------------------------------------------------


def _whole(step: Callable[[Progress | None], Progress]) -> Progress:
    progress = step(None)
    while not progress.done:
        progress = step(progress)
    return progress


def test_a_rule_is_run_over_open_work_and_the_run_is_taken_back_as_a_whole(world: World) -> None:
    rows = [world.conversation("pakket kwijt") for _ in range(130)]
    closed, token = world.conversation("ook kwijt"), world.token(world.person())
    world.inbox.resolve(token, closed)
    number = add(world, actions={"tags": ["kwijt"], "priority": 0})
    lead = world.token(world.person(Role.LEAD))
    done = _whole(lambda so_far: world.inbox.rules.apply(lead, number, so_far))
    assert (done.seen, done.total, done.changed) == (130, 130, 130)
    assert all(world.row(one).priority == 0 for one in rows)
    assert tags(world, closed) == set()
    again = _whole(lambda so_far: world.inbox.rules.apply(lead, number, so_far))
    assert again.changed == 0
    with pytest.raises(UndoRefused):
        world.inbox.rules.take_back_run(lead, number)


def test_the_last_run_goes_back_by_inverse_events_and_hits_of_routing_stay(world: World) -> None:
    rows = [world.conversation("pakket kwijt") for _ in range(5)]
    number = add(world, actions={"tags": ["kwijt"], "priority": 0})
    lead = world.token(world.person(Role.LEAD))
    _whole(lambda so_far: world.inbox.rules.apply(lead, number, so_far))
    routed = world.conversation("later ook kwijt")
    world.inbox.set_priority(world.token(world.person()), rows[0], 3)
    assert world.inbox.rules.open(lead, number).run == 5
    back = _whole(lambda so_far: world.inbox.rules.take_back_run(lead, number, so_far))
    assert (back.changed, back.total) == (5, 5)
    assert [world.row(one).priority for one in rows] == [3, 2, 2, 2, 2]
    assert all(tags(world, one) == set() for one in rows)
    assert (world.row(routed).priority, tags(world, routed)) == (0, {"kwijt"})
    assert world.actions(rows[1])[-2:] == ["ruled", "rule_undone"]
    assert world.inbox.rules.open(lead, number).run == 0
    codes = [one.code for one in world.inbox.rules.open(lead, number).versions]
    assert codes == ["rule_run_taken_back", "rule_applied", "rule_made"]


# --- keeping --------------------------------------------------------------------------------------------------------


def test_every_change_of_a_rule_is_kept_with_who_and_before_and_after(world: World) -> None:
    number = add(world)
    lead = world.person(Role.LEAD, name="Noor")
    token = world.token(lead)
    row = world.inbox.rules.open(token, number).row
    changed = written(name="Zoek", conditions=LOST, actions={"priority": 1})
    world.inbox.rules.save(token, changed, rule_id=number, seen=row.updated_at)
    world.inbox.rules.save(token, changed, rule_id=number)  # nothing new, no version
    newest, first = world.inbox.rules.open(token, number).versions
    assert (newest.code, newest.by and newest.by.name, newest.after) == ("rule_changed", "Noor", changed)
    assert newest.before == first.after == row.draft
    with pytest.raises(BadInput, match="since you opened it"):
        world.inbox.rules.save(
            token, written(name="y", conditions=LOST, stop=True), rule_id=number, seen=row.updated_at
        )


def test_agents_read_rules_and_only_those_who_manage_work_change_them(world: World) -> None:
    number = add(world)
    token = world.token(world.person())
    assert [one.name for one in world.inbox.rules.listing(token)] == ["Kwijt"]
    draft = written(name="x", conditions=LOST, stop=True)
    for step in (
        lambda: world.inbox.rules.save(token, draft),
        lambda: world.inbox.rules.move(token, number, by=1),
        lambda: world.inbox.rules.switch(token, number, on=False),
        lambda: world.inbox.rules.archive(token, number),
        lambda: world.inbox.rules.dry_run(token, draft),
        lambda: world.inbox.rules.apply(token, number),
        lambda: world.inbox.rules.take_back_run(token, number),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_work_is_not_given_to_a_team_or_person_that_is_not_there(world: World) -> None:
    for actions in ({"team_id": "nergens"}, {"assignee_id": 12345}):
        with pytest.raises(NotFound):
            add(world, actions=actions)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3)), max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_moving_rules_about_keeps_every_rule_once_in_the_order_that_was_asked(
    world: World, moves: list[tuple[int, int]]
) -> None:
    with world.store.write() as conn:
        conn.execute(rule.delete())
    ids = [add(world, str(number)) for number in range(5)]
    lead = world.token(world.person(Role.LEAD))
    expected = list(ids)
    for which, by in moves:
        at = expected.index(ids[which])
        to = max(0, min(4, at + by))
        expected.insert(to, expected.pop(at))
        world.inbox.rules.move(lead, ids[which], by=by)
    assert [one.id for one in world.inbox.rules.listing(lead)] == expected


def test_hits_are_counted_from_events_and_a_rule_that_fell_silent_is_pointed_out(world: World, later: Later) -> None:
    number = add(world)
    reader = world.person()
    for _ in range(24):
        world.conversation()
        later(hours=12)
    (row,) = world.inbox.rules.listing(world.token(reader))
    assert (row.hits.total, row.hits.month, row.hits.drift) == (24, 24, None)
    assert row.hits.last_at == world.clock() - timedelta(hours=12)
    later(days=8)
    (row,) = world.inbox.rules.listing(world.token(reader))
    assert (row.hits.week, row.hits.drift) == (0, Drift.STOPPED)
    per_day = world.inbox.rules.open(world.token(reader), number).per_day
    assert (len(per_day), sum(per_day), per_day[-1]) == (28, 24, 0)


def test_a_conversation_is_explained_by_what_hit_it_and_what_would_hit_it_now(world: World) -> None:
    number = add(world)
    row_id, token = world.conversation(), world.token(world.person())
    add(world, "nieuw", actions={"why": "complaint"})
    told = world.inbox.rules.explain(token, row_id)
    assert [(one.rule_id, one.rule, one.taken_back) for one in told.hits] == [(number, "Kwijt", False)]
    assert [(one.rule.name, one.changes) for one in told.now] == [("Kwijt", False), ("nieuw", True)]
    world.inbox.rules.take_back(token, told.hits[0].event_id)
    assert world.inbox.rules.explain(token, row_id).hits[0].taken_back
    assert [one.rule.name for one in world.inbox.rules.explain(token, row_id).now] == ["nieuw"]


def test_events_of_rules_are_never_those_of_people(world: World) -> None:
    add(world, actions={"move": "resolved", "tags": ["a"]})
    world.conversation()
    with world.store.read() as conn:
        actors = conn.execute(select(event.c.actor_type).where(event.c.action == "ruled")).scalars().all()
    assert set(actors) == {"rule"}
