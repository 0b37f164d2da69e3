"""Claims, moves, assignment, notes: what agents do, on both engines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inbox import claims
from inbox.errors import BadInput, Changed, ClaimedByOther, MoveRefused, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.views import View
from tests.inbox.conftest import World


def test_claiming_opens_a_new_one_and_makes_it_mine(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    done = world.inbox.claim(world.token(agent), row_id)
    row = world.row(row_id)
    assert (row.status, row.assignee_id, row.claimed_by) == ("open", agent.id, agent.id)
    assert row.claimed_until == world.clock() + timedelta(minutes=10)
    assert done.version == row.version
    assert world.actions(row_id) == ["routed", "claimed"]


def test_a_second_agent_is_told_who_has_it_and_until_when(world: World) -> None:
    jo, sam, row_id = world.person(name="Jo"), world.person(), world.conversation()
    world.inbox.claim(world.token(jo), row_id)
    with pytest.raises(ClaimedByOther, match="Jo has this") as refused:
        world.inbox.claim(world.token(sam), row_id)
    assert refused.value.until == world.clock() + timedelta(minutes=10)
    with pytest.raises(ClaimedByOther):
        world.inbox.resolve(world.token(sam), row_id)


def test_a_lead_may_take_over_and_an_agent_may_not(world: World) -> None:
    jo, lead, row_id = world.person(name="Jo"), world.person(Role.LEAD), world.conversation()
    world.inbox.claim(world.token(jo), row_id)
    with pytest.raises(NotAllowed):
        world.inbox.claim(world.token(world.person()), row_id, take_over=True)
    world.inbox.claim(world.token(lead), row_id, take_over=True)
    assert world.row(row_id).assignee_id == lead.id
    assert world.actions(row_id)[-1] == "taken_over"


def test_a_claim_lapses_without_work_and_the_item_is_new_again(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    world.inbox.claim(world.token(agent), row_id)
    world.clock.step(minutes=10)
    assert claims.lapse(world.desk, row_id)
    row = world.row(row_id)
    assert (row.status, row.assignee_id, row.claimed_by) == ("new", None, None)
    assert world.events(row_id)[-1].actor_type == "clock"
    assert not claims.lapse(world.desk, row_id)


def test_a_lapsed_claim_with_work_done_stays_open_with_its_assignee(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    token = world.token(agent)
    world.inbox.claim(token, row_id)
    world.inbox.add_note(token, row_id, "called the shop")
    world.clock.step(minutes=11)
    assert claims.lapse(world.desk, row_id)
    row = world.row(row_id)
    assert (row.status, row.assignee_id, row.claimed_by) == ("open", agent.id, None)


def test_activity_renews_a_claim_and_a_lapsed_one_is_not_renewed(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    token = world.token(agent)
    version = world.inbox.claim(token, row_id).version
    world.clock.step(minutes=9)
    assert world.inbox.keep(token, row_id)
    assert world.row(row_id).version == version
    world.clock.step(minutes=9)
    world.inbox.add_tag(token, row_id, "late")
    assert world.row(row_id).claimed_until == world.clock() + timedelta(minutes=10)
    world.clock.step(minutes=10)
    assert not world.inbox.keep(token, row_id)
    other = world.token(world.person())
    world.inbox.claim(other, row_id)
    assert not world.inbox.keep(token, row_id)


def test_releasing_makes_it_new_and_is_quiet_when_nobody_has_it(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    token = world.token(agent)
    world.inbox.claim(token, row_id)
    world.inbox.release(token, row_id)
    assert world.row(row_id).status == "new"
    assert world.inbox.release(token, row_id).event_id is None


def test_next_comes_in_the_order_of_the_product(world: World) -> None:
    now = world.clock()
    later = world.conversation(text="due later", team_id="webcare", said_at=now)
    world.conversation(text="no promise", team_id="none", priority=0)
    urgent = world.conversation(text="due later but urgent", team_id="webcare", said_at=now, priority=0)
    overdue = world.conversation(text="overdue", team_id="webcare", said_at=now - timedelta(hours=20))
    token = world.token(world.person())
    order = [world.inbox.next_for_me(token).conversation_id for _ in range(3)]  # type: ignore[union-attr]
    assert order == [overdue, urgent, later]


def test_next_gives_nothing_of_other_people_and_other_teams(world: World) -> None:
    night = world.person(team_id="night")
    world.conversation(team_id="webcare")
    other = world.conversation(team_id="night")
    world.inbox.assign(world.token(world.person(Role.LEAD)), other, world.person().id)
    assert world.inbox.next_for_me(world.token(night)) is None
    mine = world.conversation(team_id="night")
    done = world.inbox.next_for_me(world.token(night))
    assert done is not None
    assert done.conversation_id == mine
    assert world.inbox.next_for_me(world.token(night)) is None


def test_next_gives_back_what_is_assigned_to_me(world: World) -> None:
    agent, row_id = world.person(), world.conversation()
    world.inbox.assign(world.token(world.person(Role.LEAD)), row_id, agent.id)
    for view in (View.MINE, View.ALL):
        done = world.inbox.next_for_me(world.token(agent), view=view)
        assert done is not None
        assert done.conversation_id == row_id
        world.inbox.release(world.token(agent), row_id)
        world.inbox.assign(world.token(agent), row_id, agent.id)


@pytest.mark.parametrize("view", [View.NEW, View.UNASSIGNED, View.OVERDUE, View.URGENT])
def test_next_can_be_narrowed_to_a_view(world: World, view: View) -> None:
    world.conversation(priority=4)
    wanted = world.conversation(priority=0, said_at=world.clock() - timedelta(days=3))
    done = world.inbox.next_for_me(world.token(world.person()), view=view)
    assert done is not None
    assert done.conversation_id == wanted


def test_there_is_no_next_one_among_the_resolved(world: World) -> None:
    with pytest.raises(BadInput):
        world.inbox.next_for_me(world.token(world.person()), view=View.RESOLVED)


def test_resolving_tells_how_long_it_took_in_both_times(world: World) -> None:
    row_id = world.conversation(said_at=world.clock() - timedelta(hours=20))  # Monday 15:00 local, two hours left
    token = world.token(world.person())
    world.inbox.claim(token, row_id)
    world.inbox.resolve(token, row_id)
    row, event = world.row(row_id), world.events(row_id)[-1]
    assert (row.status, row.is_open, row.status_reason, row.claimed_by) == ("resolved", False, "no_answer_needed", None)
    assert row.sla_due_at is None
    assert event.wall_s == 20 * 3600
    assert event.business_s == 4 * 3600


def test_ignoring_without_a_reason_is_refused_and_changes_nothing(world: World) -> None:
    row_id = world.conversation()
    before = world.row(row_id)
    with pytest.raises(MoveRefused):
        world.inbox.ignore(world.token(world.person()), row_id, reason=" ")
    assert world.row(row_id) == before


def test_every_way_through_the_states_works_from_the_facade(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    inbox = world.inbox
    inbox.mark_spam(token, row_id)
    inbox.not_spam(token, row_id)
    inbox.claim(token, row_id)
    inbox.wait_for_customer(token, row_id)
    assert world.row(row_id).sla_due_at is None
    inbox.reopen(token, row_id)
    inbox.wait_internally(token, row_id, reason="ask the shop")
    inbox.reopen(token, row_id)
    inbox.snooze(token, row_id, until=world.clock() + timedelta(hours=2))
    assert world.row(row_id).snoozed_until is not None
    inbox.reopen(token, row_id)
    assert world.row(row_id).snoozed_until is None
    inbox.ignore(token, row_id, reason="not about us")
    inbox.reopen(token, row_id)
    row = world.row(row_id)
    assert (row.status, row.cycle) == ("open", 2)


def test_a_specialist_may_hand_back_what_waits_for_a_colleague_and_nothing_else(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    expert = world.token(world.person(Role.SPECIALIST))
    with pytest.raises(NotAllowed):
        world.inbox.claim(expert, row_id)
    with pytest.raises(NotAllowed):
        world.inbox.reopen(expert, row_id)
    world.inbox.claim(token, row_id)
    world.inbox.wait_internally(token, row_id)
    world.inbox.add_note(expert, row_id, "the part is in stock")
    world.inbox.reopen(expert, row_id)
    assert world.row(row_id).status == "open"


def test_a_snooze_needs_a_moment_in_the_future(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    for until in (world.clock(), world.clock() + timedelta(days=400), world.clock().replace(tzinfo=None)):
        with pytest.raises(BadInput):
            world.inbox.snooze(token, row_id, until=until)


def test_an_action_on_what_somebody_changed_since_is_refused_and_says_what(world: World) -> None:
    row_id = world.conversation()
    jo, sam = world.token(world.person(name="Jo")), world.token(world.person())
    version = world.row(row_id).version
    world.inbox.set_priority(jo, row_id, 0)
    with pytest.raises(Changed, match="Jo set the priority to risk") as refused:
        world.inbox.resolve(sam, row_id, version=version)
    world.inbox.resolve(sam, row_id, version=refused.value.version)


def test_the_customer_writing_meanwhile_is_a_change(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    version = world.inbox.claim(token, row_id).version
    world.message(row_id, "en nog iets")
    with pytest.raises(Changed, match="a message came in"):
        world.inbox.resolve(token, row_id, version=version)


def test_ones_own_steps_in_another_tab_are_no_conflict(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    version = world.inbox.claim(token, row_id).version
    world.inbox.add_tag(token, row_id, "refund")
    world.inbox.set_why(token, row_id, "complaint")
    world.inbox.resolve(token, row_id, version=version)


def test_assigning_ends_the_claim_so_that_the_other_can_take_it(world: World) -> None:
    row_id, jo, sam = world.conversation(), world.person(), world.person(name="Sam")
    world.inbox.claim(world.token(jo), row_id)
    world.inbox.assign(world.token(jo), row_id, sam.id)
    world.inbox.claim(world.token(sam), row_id)
    assert world.row(row_id).assignee_id == sam.id
    world.inbox.release(world.token(sam), row_id)
    world.inbox.assign(world.token(jo), row_id, None)
    assert world.row(row_id).assignee_id is None


def test_work_is_only_given_to_people_who_work_and_are_there(world: World) -> None:
    row_id, lead = world.conversation(), world.token(world.person(Role.ADMINISTRATOR))
    with pytest.raises(BadInput):
        world.inbox.assign(lead, row_id, world.person(Role.READ_ONLY).id)
    gone = world.person()
    world.inbox.people.set_active(lead, gone.id, active=False)
    with pytest.raises(NotFound):
        world.inbox.assign(lead, row_id, gone.id)
    with pytest.raises(NotFound):
        world.inbox.assign_team(lead, row_id, "nowhere")


def test_another_team_means_another_due_time(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    before = world.row(row_id).sla_due_at
    world.inbox.assign_team(token, row_id, "night")
    assert world.row(row_id).sla_due_at == before - timedelta(minutes=30)


def test_tags_are_cleaned_and_kept_once(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.inbox.add_tag(token, row_id, "  #Late   Delivery ")
    assert world.inbox.add_tag(token, row_id, "late delivery").event_id is None
    assert world.inbox.detail(token, row_id).card.tags == ("late delivery",)
    world.inbox.remove_tag(token, row_id, "LATE DELIVERY")
    assert world.inbox.detail(token, row_id).card.tags == ()
    for bad in ("", " # ", "x" * 51):
        with pytest.raises(BadInput):
            world.inbox.add_tag(token, row_id, bad)


def test_priority_and_why_take_known_values_only(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.inbox.set_why(token, row_id, "idea")
    world.inbox.set_priority(token, row_id, 4)
    assert (world.row(row_id).why, world.row(row_id).priority) == ("idea", 4)
    assert world.inbox.set_priority(token, row_id, 4).event_id is None
    with pytest.raises(BadInput):
        world.inbox.set_priority(token, row_id, 5)
    with pytest.raises(BadInput):
        world.inbox.set_why(token, row_id, "whim")


def test_a_closed_conversation_is_not_claimed_or_assigned(world: World) -> None:
    row_id, agent = world.conversation(), world.person()
    token = world.token(agent)
    world.inbox.resolve(token, row_id)
    with pytest.raises(MoveRefused, match="Reopen"):
        world.inbox.claim(token, row_id)
    with pytest.raises(MoveRefused, match="Reopen"):
        world.inbox.assign(token, row_id, agent.id)


def test_what_is_not_there_is_said_so(world: World) -> None:
    token = world.token(world.person())
    with pytest.raises(NotFound):
        world.inbox.claim(token, 1)
    with pytest.raises(NotFound):
        world.inbox.detail(token, 1)


def test_answering_by_hand_stops_the_clock_and_is_timed_from_the_customers_message(world: World) -> None:
    row_id = world.conversation(said_at=world.clock() - timedelta(minutes=50))
    token = world.token(world.person())
    assert world.row(row_id).sla_due_at == world.clock() + timedelta(minutes=10)
    world.inbox.answered_by_hand(token, row_id, at=world.clock() - timedelta(minutes=5), text="We look into it")
    row, event = world.row(row_id), world.events(row_id)[-1]
    assert row.unanswered_since is None
    assert row.sla_due_at > world.clock() + timedelta(hours=1)  # only the resolution is still promised
    assert (event.action, event.wall_s, event.business_s) == ("answered_by_hand", 45 * 60, 45 * 60)
    assert event.after["facts"]["first"] is True
    world.inbox.answered_by_hand(token, row_id)
    assert world.events(row_id)[-1].after["facts"]["first"] is False
    world.inbox.resolve(token, row_id)
    assert world.row(row_id).status_reason is None


def test_an_answer_cannot_be_given_in_the_future_or_before_the_question(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    for at in (world.clock() + timedelta(minutes=2), world.clock() - timedelta(minutes=1)):
        with pytest.raises(BadInput):
            world.inbox.answered_by_hand(token, row_id, at=at)
