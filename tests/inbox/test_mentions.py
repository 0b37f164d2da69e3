"""Naming a colleague in a note: who is meant, the view, seen when opened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.errors import BadInput, ClaimedByOther
from inbox.mentions.parse import Nameable, named
from inbox.permissions import Role
from inbox.views import View
from store.schema import note_mention
from tests.inbox.conftest import World

PEOPLE = (
    Nameable(1, "anne", "Anne de Vries"),
    Nameable(2, "bo@shop.example", "Bo"),
    Nameable(3, "jan.b", "Jan Bakker"),
    Nameable(4, "jan.k", "Jan Kok"),
    Nameable(5, "an", "Àn Ng"),
)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@anne kijk jij?", [1]),
        ("Vraag @Anne de Vries even", [1]),
        ("@ANNE, en @jan.b!", [1, 3]),
        ("(@bo@shop.example)", [2]),
        ("@Bo.", [2]),
        ("@jan is er twee keer", []),
        ("@Jan Kok weet het", [4]),
        ("mail anne@anne.example", []),
        ("@annebel", []),
        ("@an-na", []),
        ("@an", [5]),
        ("@@anne", []),
        ("@", []),
        ("@nobody", []),
        ("@anne @anne", [1, 1]),
    ],
)
def test_who_is_named(text: str, ids: list[int]) -> None:
    assert [one.user_id for one in named(text, PEOPLE)] == ids


@given(st.text(alphabet=st.sampled_from("@anebo. jAkd\U0001f600"), max_size=60))
def test_every_stretch_begins_with_an_at_and_none_overlap(text: str) -> None:
    at = 0
    for one in named(text, PEOPLE):
        assert text[one.start] == "@"
        assert at <= one.start < one.end <= len(text)
        at = one.end


def test_a_note_that_names_somebody_is_in_their_view_until_it_is_seen(world: World) -> None:
    writer, named_one = world.person(), world.person(Role.SPECIALIST, name="Iris Prins")
    token, theirs = world.token(writer), world.token(named_one)
    older, newer = world.conversation(), world.conversation()
    for row_id in (newer, older):
        world.inbox.add_note(token, row_id, f"@{named_one.login} en @{writer.login}: wat vinden jullie?")
        world.clock.step(minutes=1)
    assert world.inbox.mentions.count(theirs) == 2
    assert world.inbox.mentions.count(token) == 0  # who names themselves is not told
    assert world.inbox.mentions.seen(theirs, older)
    assert not world.inbox.mentions.seen(theirs, older)
    assert [card.id for card in world.inbox.listing(theirs, View.MENTIONS).cards] == [newer, older]
    assert {one.view: one.n for one in world.inbox.counts(theirs)}[View.MENTIONS] == 1


def test_a_note_that_is_taken_back_names_nobody(world: World) -> None:
    token, other = world.token(world.person()), world.person()
    done = world.inbox.add_note(token, world.conversation(), f"@{other.login}?")
    assert done.params["named"] == [other.name]
    world.inbox.undo(token, done.event_id or 0)
    assert world.inbox.mentions.count(world.token(other)) == 0
    with world.store.read() as conn:
        assert conn.execute(select(note_mention)).first() is None


def test_people_to_name_are_those_who_can_answer_with_a_note(world: World) -> None:
    me, agent, reader = world.person(), world.person(), world.person(Role.READ_ONLY)
    ids = {one.id for one in world.inbox.mentions.people(world.token(me))}
    assert agent.id in ids
    assert not ids & {me.id, reader.id}
    world.inbox.availability.away(world.token(agent))
    assert not next(one for one in world.inbox.mentions.people(world.token(me)) if one.id == agent.id).available


def test_asking_a_colleague_waits_for_them_and_leaves_the_note(world: World) -> None:
    token, other, row_id = world.token(world.person()), world.person(), world.conversation()
    world.inbox.claim(token, row_id)
    with pytest.raises(BadInput):
        world.inbox.mentions.ask(token, row_id, "  ")
    done = world.inbox.mentions.ask(token, row_id, f"@{other.login} klopt dit?")
    assert (world.row(row_id).status, world.row(row_id).n_notes) == ("waiting_internal", 1)
    assert world.inbox.mentions.count(world.token(other)) == 1
    world.inbox.undo(token, done.event_id or 0)
    assert (world.row(row_id).status, world.row(row_id).n_notes) == ("open", 1)


def test_what_a_colleague_has_cannot_be_asked_about_and_no_note_is_left(world: World) -> None:
    row_id, other = world.conversation(), world.token(world.person())
    world.inbox.claim(other, row_id)
    with pytest.raises(ClaimedByOther):
        world.inbox.mentions.ask(world.token(world.person()), row_id, "klopt dit?")
    assert world.row(row_id).n_notes == 0
