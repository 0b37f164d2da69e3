"""Who says the same: listed, closed and answered together, and one of them taken out for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from inbox.bulk.views import Action, Kind
from inbox.errors import BadInput, ClaimedByOther, NotAllowed, UndoRefused
from inbox.permissions import Role
from store import schema
from store.ingest import commit_page
from store.records import AuthorRecord
from tests.inbox.conftest import World
from tests.store.copying import OTHER, SAID, folded, saying
from tests.store.making import page

ABLE = {"can_reply": True, "length_unit": "code_points", "visibilities": ["public"]}
DEAF = {"why_not_reply": "Reading only: there is no key for writing."}


@dataclass
class Group:
    """A world with a message and who repeats it: folded away, said to the brand, and said where nobody can answer."""

    world: World

    def bring(self, *records: Any) -> None:
        commit_page(self.world.store, page(*records, fetched_at=self.world.clock(), timezone="Europe/Amsterdam"))
        self.world.route()

    def said(self, external_id: str, text: str = SAID, **values: Any) -> Any:
        made = {"published_at": self.world.clock(), "capabilities": ABLE, "author": person(external_id), **values}
        return saying(external_id, text, **made)

    def talk(self, external_id: str) -> int:
        with self.world.store.read() as conn:
            query = select(schema.mention.c.conversation_id).where(schema.mention.c.external_id == external_id)
            return int(conn.execute(query).scalar_one())

    def mention(self, external_id: str) -> int:
        with self.world.store.read() as conn:
            query = select(schema.mention.c.id).where(schema.mention.c.external_id == external_id)
            return int(conn.execute(query).scalar_one())


def person(name: str) -> AuthorRecord:
    return AuthorRecord(name, "forum", name=f"Kees {name}", followers=1_000)


@pytest.fixture
def group(world: World) -> Group:
    made = Group(world)
    made.bring(made.said("1"))
    made.bring(
        made.said("2", f"RT @kees: {SAID}", url="https://www.elders.example/2"),
        made.said("3", f"Help! {SAID}", flags=("addressed",)),
        made.said("4", capabilities=DEAF, flags=("addressed",), views=70),
    )
    return made


def test_a_conversation_lists_who_says_the_same_and_a_copy_leads_back(world: World, group: Group) -> None:
    who = world.token(world.person())
    found = world.inbox.detail(who, group.talk("1"))
    assert found.card.n_duplicates == 3
    rows = {one.author_name: one for one in found.copies}
    assert [rows[f"Kees {n}"].status for n in "234"] == ["archived", "new", "new"]
    assert (rows["Kees 2"].site, rows["Kees 2"].reach) == ("elders.example", 1_000)
    assert (rows["Kees 4"].reach, rows["Kees 4"].can_reply) == (70, False)
    assert rows["Kees 4"].why_not == "Reading only: there is no key for writing."
    back = world.inbox.detail(who, group.talk("3")).repeats
    assert back is not None
    assert (back.conversation_id, back.author_name) == (group.talk("1"), "Kees 1")
    assert found.repeats is None


def test_all_of_them_are_closed_with_one_decision_and_one_undo(world: World, group: Group) -> None:
    who = world.token(world.person())
    done = world.inbox.copies.close(who, group.talk("1"), {}, Action(Kind.IGNORE, "news_only"))
    assert set(done.done) == {group.talk("1"), group.talk("3"), group.talk("4")}
    assert [world.row(group.talk(n)).status for n in "1234"] == ["ignored", "archived", "ignored", "ignored"]
    back = world.inbox.bulk.undo(who, done.event_ids)
    assert back is not None
    assert [world.row(group.talk(n)).status for n in "1234"] == ["new", "archived", "new", "new"]


def test_what_holds_more_than_the_copy_is_not_closed_with_it(world: World, group: Group) -> None:
    group.bring(group.said("5", OTHER, parent_external_id="3", flags=("addressed",)))
    done = world.inbox.copies.close(world.token(world.person()), group.talk("1"), {}, Action(Kind.RESOLVE))
    assert [(one.conversation_id, one.code) for one in done.refused] == [(group.talk("3"), "more_in_it")]
    assert world.row(group.talk("3")).is_open


def test_together_they_are_only_closed(world: World, group: Group) -> None:
    with pytest.raises(BadInput):
        world.inbox.copies.close(world.token(world.person()), group.talk("1"), {}, Action(Kind.MUTE))


def test_each_is_answered_by_name_and_who_cannot_be_is_told_why(world: World, group: Group) -> None:
    who = world.token(world.person())
    wanted = {group.talk(n): world.row(group.talk(n)).version for n in "1234"}
    done = world.inbox.copies.answer(who, group.talk("1"), wanted, text="Dag {name}, we kijken ernaar.")
    assert set(done.done) == {group.talk(n) for n in "123"}
    assert [(one.conversation_id, one.code) for one in done.refused] == [(group.talk("4"), "cannot_reply")]
    texts = {n: [one.text for one in world.inbox.replies.of(who, group.talk(n))] for n in "123"}
    assert texts == {n: [f"Dag Kees {n}, we kijken ernaar."] for n in "123"}
    assert world.row(group.talk("2")).is_open
    again = world.inbox.copies.answer(who, group.talk("1"), dict.fromkeys(wanted), text="Dag {name}, we kijken ernaar.")
    assert (again.done, again.unchanged) == ((), 3)
    back = world.inbox.bulk.undo(who, done.event_ids)
    assert back is not None
    assert {one.state for n in "123" for one in world.inbox.replies.of(who, group.talk(n))} == {"cancelled"}


def test_a_customer_who_wrote_since_is_not_answered_over(world: World, group: Group) -> None:
    who = world.token(world.person())
    wanted = {group.talk(n): world.row(group.talk(n)).version for n in "13"}
    group.bring(group.said("5", OTHER, parent_external_id="3", flags=("addressed",)))
    done = world.inbox.copies.answer(who, group.talk("1"), wanted, text="We kijken ernaar.")
    assert done.done == (group.talk("1"),)
    assert [one.code for one in done.refused] == ["customer_wrote_again"]


def test_only_who_says_the_same_is_answered(world: World, group: Group) -> None:
    other = world.conversation("iets heel anders")
    with pytest.raises(BadInput):
        world.inbox.copies.answer(world.token(world.person()), group.talk("1"), {other: None}, text="Hallo")


@pytest.mark.parametrize("number", ["2", "3"])
def test_one_that_is_different_leaves_for_good_and_comes_back_with_undo(
    world: World, group: Group, number: str
) -> None:
    who = world.token(world.person())
    before = world.row(group.talk(number)).status
    done = world.inbox.copies.take_out(who, group.mention(number))
    world.route()
    assert folded(world.store)[number] is None
    assert world.row(group.talk(number)).status == "new"
    assert world.inbox.detail(who, group.talk("1")).card.n_duplicates == 2
    assert "unfolded" in world.actions(group.talk(number))
    assert world.inbox.copies.take_out(who, group.mention(number)).event_id is None
    assert done.event_id is not None
    world.inbox.undo(who, done.event_id)
    assert folded(world.store)[number] == "1"
    assert world.row(group.talk(number)).status == before
    assert not world.row(group.talk(number)).routing_pending
    world.inbox.copies.take_out(who, group.mention(number))
    group.bring(group.said(number, f"{SAID}!", published_at=world.clock()))
    assert folded(world.store)[number] is None


def test_what_was_taken_out_stays_out_when_the_time_for_undo_is_over(
    world: World, group: Group, later: Callable[..., datetime]
) -> None:
    who = world.token(world.person())
    done = world.inbox.copies.take_out(who, group.mention("2"))
    later(seconds=16)
    assert done.event_id is not None
    with pytest.raises(UndoRefused):
        world.inbox.undo(who, done.event_id)


def test_roles_and_claims_are_checked(world: World, group: Group) -> None:
    reader = world.token(world.person(Role.ANALYST))
    with pytest.raises(NotAllowed):
        world.inbox.copies.take_out(reader, group.mention("2"))
    with pytest.raises(NotAllowed):
        world.inbox.copies.close(reader, group.talk("1"), {}, Action(Kind.RESOLVE))
    with pytest.raises(NotAllowed):
        world.inbox.copies.answer(reader, group.talk("1"), {}, text="Hallo")
    world.inbox.claim(world.token(world.person()), group.talk("3"))
    with pytest.raises(ClaimedByOther):
        world.inbox.copies.take_out(world.token(world.person()), group.mention("3"))
