"""A muted thread: new messages leave it as it is, until somebody opens it or takes the mute off."""

from __future__ import annotations

import pytest

from inbox.errors import ClaimedByOther
from inbox.states import Inbound, Status, on_inbound
from tests.conftest import Clock
from tests.inbox.conftest import World


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_no_message_moves_what_is_muted(status: str, clock: Clock) -> None:
    said = [Inbound(clock(), mere_thanks=False)]
    assert on_inbound(status, closed_at=None, messages=said, muted=True) is None


def test_a_muted_conversation_stays_closed_when_the_customer_writes(world: World) -> None:
    who = world.token(world.person())
    number = world.conversation()
    world.inbox.resolve(who, number)
    world.inbox.mute(who, number)
    world.message(number, "En nog iets: het werkt nog steeds niet!")
    world.route()
    row = world.row(number)
    assert (row.status, row.unanswered_since) == ("resolved", None)
    assert world.actions(number)[-1] == "wrote_muted"
    world.inbox.mute(who, number, muted=False)
    world.message(number, "Hallo?")
    world.route()
    assert world.row(number).status == "open"


def test_what_waits_for_the_customer_goes_on_waiting_when_muted(world: World) -> None:
    who = world.token(world.person())
    number = world.conversation()
    world.inbox.claim(who, number)
    world.inbox.wait_for_customer(who, number)
    world.inbox.mute(who, number)
    world.message(number, "Nog een bericht")
    world.route()
    assert world.row(number).status == "waiting_customer"


def test_opening_by_hand_takes_the_mute_off(world: World) -> None:
    who = world.token(world.person())
    number = world.conversation()
    world.inbox.resolve(who, number)
    world.inbox.mute(who, number)
    world.inbox.reopen(who, number)
    assert world.row(number).muted_at is None


def test_muting_is_undone_and_said_in_the_timeline(world: World) -> None:
    me = world.person(name="Daan")
    who = world.token(me)
    number = world.conversation()
    done = world.inbox.mute(who, number)
    assert world.inbox.detail(who, number).events[-1].text == "Daan muted it: new messages do not open it."
    assert world.inbox.detail(who, number).card.muted_at is not None
    assert done.event_id is not None
    world.inbox.undo(who, done.event_id)
    assert world.row(number).muted_at is None
    assert world.inbox.mute(who, number, muted=False).event_id is None


def test_what_a_colleague_works_on_is_not_muted(world: World) -> None:
    number = world.conversation()
    world.inbox.claim(world.token(world.person()), number)
    with pytest.raises(ClaimedByOther):
        world.inbox.mute(world.token(world.person()), number)
