"""What one shift leaves for the next."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from store.schema import event
from tests.inbox.conftest import World


def test_a_note_stands_for_its_team_and_everybody_until_it_is_done(world: World) -> None:
    early, late = world.token(world.person(team_id="webcare")), world.token(world.person(team_id="webcare"))
    night = world.token(world.person(team_id="night"))
    world.inbox.hand_over.write(early, "Storing in Almere", team_id="webcare")
    world.inbox.hand_over.write(early, "Morgen geen koffie")
    assert [one.text for one in world.inbox.hand_over.standing(late)] == ["Morgen geen koffie", "Storing in Almere"]
    assert [one.text for one in world.inbox.hand_over.standing(night)] == ["Morgen geen koffie"]
    (_coffee, outage) = world.inbox.hand_over.standing(late)
    world.inbox.hand_over.done(late, outage.id)
    assert len(world.inbox.hand_over.standing(early)) == 1
    (_first, ended) = world.inbox.hand_over.earlier(early)
    assert (ended.text, ended.done_at) == ("Storing in Almere", world.clock())
    assert ended.done_by is not None
    with pytest.raises(NotFound):
        world.inbox.hand_over.done(late, outage.id)


def test_only_the_writer_and_those_who_lead_change_a_note(world: World) -> None:
    mine, other = world.token(world.person()), world.token(world.person())
    note_id = world.inbox.hand_over.write(mine, "Bel Piet")
    assert [one.may_edit for one in world.inbox.hand_over.standing(other)] == [False]
    with pytest.raises(NotAllowed):
        world.inbox.hand_over.edit(other, note_id, "Bel Jan")
    world.inbox.hand_over.edit(mine, note_id, "Bel Piet om tien uur")
    world.inbox.hand_over.edit(world.token(world.person(Role.LEAD)), note_id, "Bel Piet om elf uur")
    assert world.inbox.hand_over.standing(other)[0].text == "Bel Piet om elf uur"
    with world.store.read() as conn:
        actions = conn.execute(
            select(event.c.action).where(event.c.object_type == "hand_over").order_by(event.c.id)
        ).scalars()
        assert list(actions) == ["hand_over_written", "hand_over_edited", "hand_over_edited"]


def test_an_empty_note_and_an_unknown_team_are_refused_and_readers_write_none(world: World) -> None:
    token = world.token(world.person())
    with pytest.raises(BadInput):
        world.inbox.hand_over.write(token, " ")
    with pytest.raises(BadInput):
        world.inbox.hand_over.write(token, "Hoi", team_id="nobody")
    with pytest.raises(NotAllowed):
        world.inbox.hand_over.write(world.token(world.person(Role.READ_ONLY)), "Hoi")
