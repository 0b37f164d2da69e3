"""Templates and initials on both engines: whose they are, in which order they are offered, what fills them."""

from __future__ import annotations

import pytest

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.writing.views import Scope
from store.schema import brand
from tests.inbox.conftest import World


def names(world: World, token: str, **options: object) -> list[str]:
    return [one.name for one in world.inbox.writing.templates(token, **options)]  # type: ignore[arg-type]


def test_shared_ones_are_made_by_who_manages_the_work_and_used_by_all(world: World) -> None:
    lead, agent = world.token(world.person(Role.LEAD)), world.token(world.person())
    write = world.inbox.writing
    made = write.save_template(lead, None, name="Storing", text="Hoi {first_name}", scope=Scope.SHARED)
    with pytest.raises(NotAllowed):
        write.save_template(agent, None, name="Storing 2", text="Hoi", scope=Scope.SHARED)
    with pytest.raises(NotAllowed):
        write.save_template(agent, made.id, name="Storing", text="anders")
    with pytest.raises(NotAllowed):
        write.archive_template(agent, made.id)
    assert names(world, agent) == ["Storing"]
    assert not write.templates(agent)[0].may_edit
    with pytest.raises(NotAllowed):
        write.templates(world.token(world.person(Role.READ_ONLY)))


def test_personal_ones_are_seen_and_changed_by_their_owner_only(world: World) -> None:
    mine, other = world.token(world.person()), world.token(world.person(Role.ADMINISTRATOR))
    made = world.inbox.writing.save_template(mine, None, name="Groet", text="Fijne dag!")
    assert names(world, mine) == ["Groet"]
    assert names(world, other) == []
    for forbidden in (
        lambda: world.inbox.writing.save_template(other, made.id, name="x", text="y"),
        lambda: world.inbox.writing.archive_template(other, made.id),
        lambda: world.inbox.writing.filled(other, world.conversation(), made.id),
    ):
        with pytest.raises(NotFound):
            forbidden()


def test_those_of_a_team_are_for_that_team(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    world.inbox.writing.save_template(lead, None, name="Nacht", text="x", scope=Scope.TEAM, team_id="night")
    assert names(world, world.token(world.person(team_id="night"))) == ["Nacht"]
    assert names(world, world.token(world.person(team_id="webcare"))) == []
    assert names(world, lead) == ["Nacht"]
    with pytest.raises(BadInput, match="Choose the team"):
        world.inbox.writing.save_template(lead, None, name="x", text="x", scope=Scope.TEAM, team_id="nowhere")


def test_the_language_of_the_conversation_comes_first_then_what_is_used_most(world: World) -> None:
    from inbox.writing import templates

    token = world.token(world.person())
    made = {}
    for name, lang in (("Engels", "en"), ("Zonder", None), ("Nederlands", "nl"), ("Vaak", "nl")):
        made[name] = world.inbox.writing.save_template(token, None, name=name, text=name, lang=lang).id
    templates.count_use(world.desk, made["Vaak"])
    templates.count_use(world.desk, None)
    assert names(world, token, lang="nl") == ["Vaak", "Nederlands", "Zonder", "Engels"]
    offered = world.inbox.writing.offered(token, world.conversation(lang="en"))
    assert offered[0][0].name == "Engels"
    assert world.inbox.writing.templates(token, search="vaak")[0].n_used == 1


def test_a_search_needs_every_word_in_name_or_text(world: World) -> None:
    token = world.token(world.person())
    world.inbox.writing.save_template(token, None, name="Storing glasvezel", text="Wat vervelend!")
    world.inbox.writing.save_template(token, None, name="Verhuizen", text="Gefeliciteerd met je glasvezel")
    assert names(world, token, search="GLASVEZEL") == ["Storing glasvezel", "Verhuizen"]
    assert names(world, token, search="glas vervelend") == ["Storing glasvezel"]


def test_what_was_put_away_is_not_offered_and_can_come_back(world: World) -> None:
    token = world.token(world.person())
    made = world.inbox.writing.save_template(token, None, name="Groet", text="x")
    world.inbox.writing.archive_template(token, made.id)
    assert names(world, token) == []
    assert names(world, token, archived=True) == ["Groet"]
    assert not world.inbox.writing.restore_template(token, made.id).archived
    assert names(world, token) == ["Groet"]


def test_names_are_unique_among_those_in_use_and_texts_are_checked(world: World) -> None:
    token = world.token(world.person())
    made = world.inbox.writing.save_template(token, None, name=" Groet ", text="x", lang="nl")
    with pytest.raises(BadInput, match="already"):
        world.inbox.writing.save_template(token, None, name="groet", text="x", lang="nl")
    world.inbox.writing.save_template(token, None, name="groet", text="x", lang="en")
    assert world.inbox.writing.save_template(token, made.id, name="Groet", text="y", lang="nl").text == "y"
    for name, text, told in (
        ("", "x", "name has 1"), ("n" * 81, "x", "name has 1"), ("n", " ", "has 1 to"), ("n", "x" * 10_001, "has 1 to"),
        ("n", "Hoi {frist_name}", r"no variable \{frist_name\}"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=told):
            world.inbox.writing.save_template(token, None, name=name, text=text)


def test_a_template_is_filled_with_what_is_known_of_the_conversation(world: World) -> None:
    agent = world.person(name="Sanne de Wit")
    token = world.token(agent)
    with world.store.write() as conn:
        conn.execute(brand.insert().values(id="nw", name="Northwind", competitor=False))
    row_id = world.conversation(author_name="Eva de Boer", brand_ids=["nw"], url="https://forum.example/t/1")
    text = "Hoi {first_name} ({name}), {brand} via {source}, {ticket}: {link}. Groet, {agent_name} {initials}"
    made = world.inbox.writing.save_template(token, None, name="Alles", text=text)
    got = world.inbox.writing.filled(token, row_id, made.id)
    assert got.gaps == ("initials",)
    world.inbox.writing.set_initials(token, "^sw")
    got = world.inbox.writing.filled(token, row_id, made.id)
    assert got.text == (
        f"Hoi Eva (Eva de Boer), Northwind via Own forum, {row_id}: https://forum.example/t/1. Groet, Sanne de Wit ^SW"
    )


def test_initials_belong_to_a_person_and_can_be_taken_off(world: World) -> None:
    token = world.token(world.person())
    assert world.inbox.writing.writer(token).initials is None
    assert world.inbox.writing.set_initials(token, "^sw") == "SW"
    assert world.inbox.writing.writer(token).initials == "SW"
    with pytest.raises(BadInput, match="letters"):
        world.inbox.writing.set_initials(token, "<b>")
    assert world.inbox.writing.set_initials(token, "") is None


def test_the_guard_knows_what_was_answered_last(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    assert world.inbox.writing.check(token, row_id, "Dank je wel!").found == ()
    world.message(row_id, "Dank je wel!", direction="outbound")
    assert world.inbox.writing.check(token, row_id, "dank je wel!").to_confirm == {"same_text"}
    world.clock.step(minutes=1)
    done = world.inbox.answered_by_hand(token, row_id, text="We bellen je")
    assert world.inbox.writing.check(token, row_id, "We bellen je").to_confirm == {"same_text"}
    world.inbox.undo(token, done.event_id or 0)
    assert world.inbox.writing.check(token, row_id, "We bellen je").found == ()


def test_a_specialist_and_whoever_is_marked_is_read_first(world: World) -> None:
    from store.schema import user_account

    agent = world.person()
    assert world.inbox.writing.writer(world.token(world.person(Role.SPECIALIST))).needs_approval
    assert not world.inbox.writing.writer(world.token(agent)).needs_approval
    with world.store.write() as conn:
        conn.execute(user_account.update().where(user_account.c.id == agent.id).values(needs_approval=True))
    assert world.inbox.writing.writer(world.token(agent)).needs_approval
