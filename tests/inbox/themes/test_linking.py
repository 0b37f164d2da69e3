"""Linking conversations to themes, on both engines: by hand, chip, query, bulk and merge; counters stay true."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.bulk.views import Action, Kind
from inbox.errors import BadInput, BadSearch, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.saved_views.views import Audience
from inbox.themes import backlog, merging
from inbox.themes.linking import Suggested
from inbox.themes.views import Draft, ThemesOf
from inbox.views import Filters, View
from store import lists, theming
from store.schema import conversation, conversation_theme, event, theme, theme_day
from store.theme_counts import check_theme_counts, rebuild_theme_counts
from tests.inbox.conftest import SETTINGS, World


@pytest.fixture
def lead(world: World) -> str:
    return world.token(world.person(Role.LEAD))


@pytest.fixture
def late(world: World, lead: str) -> int:
    return world.inbox.themes.make(lead, Draft("Late levering", query='"te laat" OR levering*'))


@pytest.fixture
def app(world: World, lead: str) -> int:
    return world.inbox.themes.make(lead, Draft("App", examples=("de app crasht", "inloggen lukt niet")))


def linked(world: World, conversation_id: int) -> set[int]:
    with world.store.read() as conn:
        return set(theming.themes_of(conn, [conversation_id]).get(conversation_id, ()))


def main_theme(world: World, conversation_id: int) -> int | None:
    with world.store.read() as conn:
        found: int | None = conn.execute(
            select(conversation.c.theme_id).where(conversation.c.id == conversation_id)
        ).scalar()
        return found


def counted(world: World, theme_id: int) -> int:
    assert check_theme_counts(world.store) == []
    with world.store.read() as conn:
        c = theme_day.c
        rows = conn.execute(select(c.n).where(c.theme_id == theme_id, c.brand_id == ""))
        return sum(rows.scalars())


def actions_of(world: World, conversation_id: int) -> list[str]:
    with world.store.read() as conn:
        c = event.c
        found = conn.execute(select(c.action).where(c.object_id == str(conversation_id)).order_by(c.id))
        return [one for one in found.scalars() if one.startswith("theme") or one == "undone"]


def test_a_link_by_hand_shows_on_the_card_counts_once_and_can_be_taken_back(world: World, app: int) -> None:
    row_id, token = world.conversation("ik kan er niet in", brand_ids=["acme"]), world.token(world.person())
    done = world.inbox.themes.link(token, row_id, app)
    again = world.inbox.themes.link(token, row_id, app)
    assert again.event_id is None
    assert counted(world, app) == 1
    (card,) = world.inbox.listing(token, View.ALL, Filters(theme_ids=(app,))).cards
    assert (card.id, card.theme) == (row_id, "App")
    assert world.inbox.detail(token, row_id).card.theme == "App"
    assert done.event_id is not None
    world.inbox.undo(token, done.event_id)
    assert linked(world, row_id) == set()
    assert (main_theme(world, row_id), counted(world, app)) == (None, 0)
    assert world.inbox.listing(token, View.ALL, Filters(theme_ids=(app,))).cards == ()
    assert actions_of(world, row_id) == ["theme_linked", "undone"]


def test_a_common_theme_is_met_along_the_walk_and_a_rare_one_looked_up(
    world: World, app: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.token(world.person())
    rows = [world.conversation("x", said_at=world.clock() - timedelta(minutes=n)) for n in range(6)]
    for number in rows[::2]:
        world.inbox.themes.link(token, number, app)

    def shown(view: View) -> list[int]:
        return [one.id for one in world.inbox.listing(token, view, Filters(theme_ids=(app,))).cards]

    looked_up = {view: shown(view) for view in (View.ALL, View.NEW, View.MINE)}
    assert looked_up[View.ALL] == rows[::2]
    monkeypatch.setattr(lists, "GATHERED", 0)
    assert {view: shown(view) for view in looked_up} == looked_up


def test_a_conversation_raises_several_themes_and_the_first_stands_on_its_card(
    world: World, app: int, late: int
) -> None:
    row_id, token = world.conversation("iets"), world.token(world.person())
    world.inbox.themes.link(token, row_id, app)
    world.clock.step(seconds=1)
    world.inbox.themes.link(token, row_id, late)
    assert main_theme(world, row_id) == app
    taken = world.inbox.themes.unlink(token, row_id, app)
    assert (main_theme(world, row_id), linked(world, row_id)) == (late, {late})
    assert taken.event_id is not None
    world.inbox.undo(token, taken.event_id)
    assert linked(world, row_id) == {app, late}
    assert (counted(world, app), counted(world, late)) == (1, 1)


def test_new_messages_are_linked_by_the_query_and_what_was_removed_stays_off(world: World, late: int) -> None:
    token = world.token(world.person())
    row_id = world.conversation("Mijn pakket is te laat")
    assert linked(world, row_id) == {late}
    assert world.inbox.listing(token, View.ALL).cards[0].theme == "Late levering"
    world.inbox.themes.unlink(token, row_id, late)
    world.message(row_id, "De levering is alweer te laat!")
    world.route()
    assert linked(world, row_id) == set()
    other = world.conversation("Leuke winkel")
    assert linked(world, other) == set()
    world.message(other, "Maar de levering duurt lang")
    world.route()
    world.route()
    assert linked(world, other) == {late}
    assert counted(world, late) == 1
    assert actions_of(world, other) == ["theme_linked"]


def test_a_theme_counts_on_the_day_of_the_message_that_raised_it(world: World, late: int) -> None:
    said = world.clock() - timedelta(days=9)
    row_id = world.conversation("levering te laat", said_at=said)
    with world.store.read() as conn:
        link = theming.link_of(conn, late, row_id)
    assert link is not None
    assert link.day == said.date()


def test_suggestions_are_accepted_or_declined_and_both_are_kept(world: World, late: int, lead: str) -> None:
    row_id = world.conversation("Mijn pakket is kwijt")
    world.inbox.themes.change(lead, late, Draft("Late levering", query="pakket"), version=1)
    token = world.token(world.person())
    found = world.inbox.themes.of(token, row_id)
    (chip,) = found.suggested
    assert (chip.id, chip.name, chip.because) == (late, "Late levering", ("pakket",))
    declined = world.inbox.themes.decline(token, row_id, late, suggested=Suggested(chip.confidence, 1))
    assert world.inbox.themes.of(token, row_id) == ThemesOf()
    assert declined.event_id is not None
    world.inbox.undo(token, declined.event_id)
    assert world.inbox.themes.of(token, row_id).suggested
    world.inbox.themes.link(token, row_id, late, suggested=Suggested(chip.confidence, 1))
    assert [one.id for one in world.inbox.themes.of(token, row_id).linked] == [late]
    assert world.inbox.themes.opened(token, late).verdicts == {"accepted": 1}


def test_many_conversations_are_linked_at_once_and_taken_back_at_once(world: World, app: int) -> None:
    rows = [world.conversation("hallo") for _ in range(5)]
    token = world.token(world.person())
    done = world.inbox.bulk.apply(token, dict.fromkeys(rows), Action(Kind.THEME, app))
    assert (len(done.done), counted(world, app)) == (5, 5)
    back = world.inbox.bulk.undo(token, done.event_ids)
    assert back is not None
    assert (len(back.done), counted(world, app)) == (5, 0)
    refused = world.inbox.bulk.apply(token, dict.fromkeys(rows), Action(Kind.THEME, 404))
    assert {one.code for one in refused.refused} == {"not_found"}


def test_merging_moves_every_conversation_once_and_keeps_the_history(
    world: World, app: int, late: int, lead: str
) -> None:
    rows = [world.conversation("iets") for _ in range(4)]
    for number in rows:
        world.inbox.themes.link(lead, number, app)
    world.inbox.themes.link(lead, rows[0], late)
    view = world.inbox.saved_views.create(
        lead,
        name="App",
        base=View.ALL,
        filters=Filters(theme_ids=(app,)),
        audience=Audience.ME,
    )
    told = world.inbox.themes.merge(lead, app, late)
    assert (told.n, told.done) == (4, True)
    assert (counted(world, app), counted(world, late)) == (0, 4)
    assert {main_theme(world, number) for number in rows} == {late}
    assert actions_of(world, rows[1]) == ["theme_linked"]
    assert next(one for one in world.inbox.saved_views.all(lead) if one.id == view.id).filters.theme_ids == (late,)
    # Who still thinks of the old one links to the one that took over, and so does an undo.
    other = world.conversation("nog een")
    world.inbox.themes.link(lead, other, app)
    assert linked(world, other) == {late}
    with pytest.raises(BadInput):
        world.inbox.themes.merge(lead, late, late)
    with pytest.raises(BadInput):
        world.inbox.themes.merge(lead, app, late)
    with pytest.raises(BadInput):
        world.inbox.themes.archive(lead, app, archived=False)


def test_the_worker_finishes_a_merge_that_was_broken_off(
    world: World, app: int, late: int, lead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [world.conversation("iets") for _ in range(5)]
    for number in rows:
        world.inbox.themes.link(lead, number, app)
    monkeypatch.setattr(merging, "PER_TRANSACTION", 2)
    monkeypatch.setattr(merging, "_TRANSACTIONS", 1)
    told = world.inbox.themes.merge(lead, app, late)
    assert (told.n, told.left, told.done) == (2, 3, False)
    assert merging.finish(world.store) == 3
    assert (counted(world, app), counted(world, late)) == (0, 5)
    assert merging.finish(world.store) == 0


def test_a_query_is_held_against_older_conversations_once_in_stretches(
    world: World, lead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [world.conversation(f"storing nummer {n}") for n in range(7)]
    world.conversation("niets aan de hand")
    storing = world.inbox.themes.make(lead, Draft("Storing", query="storing"))
    world.inbox.themes.link(lead, rows[3], storing)
    world.inbox.themes.unlink(lead, rows[3], storing)
    monkeypatch.setattr(backlog, "PER_TRANSACTION", 2)
    world.inbox.themes.apply(lead, storing, days=30)
    assert backlog.apply_waiting(world.store, SETTINGS, world.clock(), most=1) == 2
    (row,) = [one for one in world.inbox.themes.listing(lead) if one.id == storing]
    assert row.applying is not None
    assert row.applying.n == 2
    assert 0 <= row.applying.done <= 1
    assert backlog.apply_waiting(world.store, SETTINGS, world.clock()) == 4, "all but the one that was taken off"
    assert counted(world, storing) == 6
    (row,) = [one for one in world.inbox.themes.listing(lead) if one.id == storing]
    assert row.applying is None
    assert backlog.apply_waiting(world.store, SETTINGS, world.clock()) == 0


def test_what_cannot_be_a_theme_is_refused_in_words(world: World, late: int, lead: str) -> None:
    make = world.inbox.themes.make
    for bad in (
        Draft(""),
        Draft("x" * 81),
        Draft("late LEVERING"),
        Draft("x", query="NOT gratis"),
        Draft("x", examples=("a",) * 6),
    ):
        with pytest.raises(BadInput):
            make(lead, bad)
    with pytest.raises(BadSearch):
        make(lead, Draft("x", query='"open'))
    with pytest.raises(NotFound):
        make(lead, Draft("x", owner_id=1))
    with pytest.raises(BadInput):
        world.inbox.themes.change(lead, late, Draft("Ander"), version=7)
    with pytest.raises(BadInput):
        world.inbox.themes.apply(lead, late, days=0)
    world.inbox.themes.archive(lead, late)
    with pytest.raises(BadInput):
        world.inbox.themes.link(lead, world.conversation("hoi"), late)
    world.inbox.themes.archive(lead, late, archived=False)
    with pytest.raises(NotFound):
        world.inbox.themes.opened(lead, 404)


def test_reading_is_for_all_linking_for_agents_and_changing_for_leads(world: World, late: int) -> None:
    row_id = world.conversation("hoi")
    agent, reader = world.token(world.person()), world.token(world.person(Role.READ_ONLY))
    themes = world.inbox.themes
    assert themes.names(reader)
    for refused in (
        lambda: themes.link(reader, row_id, late),
        lambda: themes.make(reader, Draft("x")),
        lambda: themes.change(agent, late, Draft("x"), version=1),
        lambda: themes.archive(agent, late),
        lambda: themes.merge(agent, late, late),
        lambda: themes.apply(agent, late, days=3),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert themes.make(agent, Draft("Nieuw idee"))


def test_counters_are_rebuilt_from_the_links(world: World, app: int) -> None:
    token = world.token(world.person())
    for _ in range(3):
        world.inbox.themes.link(token, world.conversation("x", brand_ids=["a", "b"]), app)
    with world.store.write() as conn:
        conn.execute(theme_day.update().values(n=theme_day.c.n + 1))
    assert len(check_theme_counts(world.store)) == 3
    rebuild_theme_counts(world.store)
    assert counted(world, app) == 3
    with world.store.read() as conn:
        assert len(conn.execute(select(conversation_theme)).all()) == 3
        assert {row.version for row in conn.execute(select(theme))} == {1}
