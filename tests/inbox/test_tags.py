"""Tags as a vocabulary, on both engines: describing, renaming, joining, retiring, offering, deleting."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.rules.language import written
from inbox.tags import renaming
from inbox.tags.views import Renaming, TagRow
from store.schema import conversation_tag, event, saved_view
from tests.inbox.conftest import World


def lead(world: World) -> str:
    return world.token(world.person(Role.LEAD))


def tagged(world: World, *names: str) -> int:
    row_id, token = world.conversation(), world.token(world.person())
    for name in names:
        world.inbox.add_tag(token, row_id, name)
    return row_id


def tags(world: World, conversation_id: int) -> set[str]:
    with world.store.read() as conn:
        c = conversation_tag.c
        return set(conn.execute(select(c.tag).where(c.conversation_id == conversation_id)).scalars())


def listed(world: World) -> dict[str, TagRow]:
    return {one.tag: one for one in world.inbox.tags.listing(lead(world))}


def whole(world: World, told: Renaming) -> int:
    while not told.done:
        told = world.inbox.tags.go_on(lead(world), told)
    return told.n


def test_tags_are_counted_with_what_the_team_agreed_about_them(world: World) -> None:
    tagged(world, "levering")
    closed = tagged(world, "levering", "klacht")
    world.inbox.resolve(world.token(world.person()), closed)
    assert (
        world.inbox.tags.describe(lead(world), " #Levering ", description="Te laat of kwijt", colour="red")
        == "levering"
    )
    found = listed(world)
    assert (found["levering"].n, found["levering"].n_open, found["levering"].colour) == (2, 1, "red")
    assert (found["klacht"].n, found["klacht"].n_open, found["klacht"].created_at) == (1, 0, None)
    for bad in ({"colour": "pink"}, {"description": "x" * 501}):
        with pytest.raises(BadInput):
            world.inbox.tags.describe(lead(world), "levering", **bad)  # type: ignore[arg-type]


def test_a_renamed_tag_changes_everywhere_with_one_event(world: World) -> None:
    rows = [tagged(world, "pakje") for _ in range(3)]
    world.inbox.tags.describe(lead(world), "pakje", description="iets kwijt", colour="blue")
    rules = world.inbox.rules
    conditions = {"all_of": [{"test": "one_of", "field": "source", "values": ["x"]}]}
    rules.save(lead(world), written(name="r", conditions=conditions, actions={"tags": ["pakje", "b"]}))
    now = world.clock()
    view = {"id": 5, "name": "v", "base": "all", "filters": {"tags": ["pakje"]}, "position": 0, "created_by": 1}
    with world.store.write() as conn:
        conn.execute(saved_view.insert().values(**view, created_at=now, updated_at=now))
    assert whole(world, world.inbox.tags.rename(lead(world), "pakje", "pakket")) == 3
    assert all(tags(world, one) == {"pakket"} for one in rows)
    found = listed(world)
    assert "pakje" not in found
    assert (found["pakket"].description, found["pakket"].n_rules) == ("iets kwijt", 1)
    (row,) = rules.listing(lead(world))
    assert row.draft is not None
    assert row.draft.actions.tags == ("pakket", "b")
    with world.store.read() as conn:
        assert conn.execute(select(saved_view.c.filters)).scalar_one()["tags"] == ["pakket"]
        told = conn.execute(select(event.c.action).where(event.c.object_type == "tag")).scalars().all()
    assert told == ["tag_made", "tag_renamed"]


def test_a_tag_is_not_renamed_onto_another_one_but_joined_to_it(world: World) -> None:
    both, one = tagged(world, "a", "b"), tagged(world, "a")
    with pytest.raises(BadInput, match="Join"):
        world.inbox.tags.rename(lead(world), "a", "b")
    whole(world, world.inbox.tags.join(lead(world), "a", "b"))
    assert tags(world, both) == tags(world, one) == {"b"}
    with pytest.raises(NotFound):
        world.inbox.tags.join(lead(world), "a", "b")
    with pytest.raises(NotFound):
        world.inbox.tags.join(lead(world), "b", "nergens")
    with pytest.raises(BadInput):
        world.inbox.tags.join(lead(world), "b", "B")


def test_a_long_renaming_goes_in_stretches_and_what_was_broken_off_is_finished_by_joining(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renaming, "_PER_TRANSACTION", 2)
    monkeypatch.setattr(renaming, "_TRANSACTIONS", 1)
    rows = [tagged(world, "oud") for _ in range(7)]
    first = world.inbox.tags.rename(lead(world), "oud", "nieuw")
    assert (first.n, first.left, first.done) == (2, 5, False)
    assert whole(world, world.inbox.tags.go_on(lead(world), first)) == 7
    tagged(world, "oud")
    with pytest.raises(BadInput, match="Join"):
        world.inbox.tags.rename(lead(world), "oud", "nieuw")
    assert whole(world, world.inbox.tags.join(lead(world), "oud", "nieuw")) == 1
    assert all(tags(world, one) == {"nieuw"} for one in rows)
    with world.store.read() as conn:
        wanted = select(event.c.action).where(event.c.object_type == "tag").order_by(event.c.id)
        assert conn.execute(wanted).scalars().all() == ["tag_renamed", "tag_joined"]


def test_a_retired_tag_is_offered_no_more_and_stays_where_it_is(world: World) -> None:
    row_id = tagged(world, "oud")
    world.inbox.tags.retire(lead(world), "oud")
    token = world.token(world.person())
    assert tags(world, row_id) == {"oud"}
    assert [one.value for one in world.inbox.choices(token).tags] == []
    world.inbox.tags.retire(lead(world), "oud", retired=False)
    world.clock.step(seconds=11)  # menus are kept ten seconds
    assert [one.value for one in world.inbox.choices(token).tags] == ["oud"]


def test_menus_know_the_colour_and_the_meaning_of_a_tag(world: World) -> None:
    world.inbox.tags.describe(lead(world), "laat", description="Te laat bezorgd", colour="red")
    assert world.inbox.choices(world.token(world.person())).tag_words["laat"] == ("red", "Te laat bezorgd")


def test_only_a_tag_that_nothing_uses_is_deleted(world: World) -> None:
    row_id = tagged(world, "gebruikt")
    world.inbox.tags.describe(lead(world), "gebruikt")
    with pytest.raises(BadInput, match="in use"):
        world.inbox.tags.delete(lead(world), "gebruikt")
    world.inbox.remove_tag(world.token(world.person()), row_id, "gebruikt")
    world.inbox.tags.delete(lead(world), "gebruikt")
    assert listed(world) == {}
    with pytest.raises(NotFound):
        world.inbox.tags.delete(lead(world), "gebruikt")


def test_agents_read_the_vocabulary_and_only_those_who_manage_work_change_it(world: World) -> None:
    token = world.token(world.person())
    assert world.inbox.tags.listing(token) == ()
    for step in (
        lambda: world.inbox.tags.describe(token, "a"),
        lambda: world.inbox.tags.rename(token, "a", "b"),
        lambda: world.inbox.tags.join(token, "a", "b"),
        lambda: world.inbox.tags.retire(token, "a"),
        lambda: world.inbox.tags.delete(token, "a"),
    ):
        with pytest.raises(NotAllowed):
            step()
