"""Saved views: who sees and changes them, what they keep, and badges that tell exactly what the list holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.saved_views import documents
from inbox.saved_views.views import Audience
from inbox.views import EVERYTHING, Filters, View
from tests.inbox.conftest import World

NIGHT = Filters(search="storing OR kapot", langs=("nl",), priorities=(0, 1), assignee_id=5, team_id="night")


def names(world: World, token: str) -> list[str]:
    return [view.name for view in world.inbox.saved_views.all(token)]


def test_each_sees_their_own_their_teams_and_everybodys(world: World) -> None:
    lead = world.token(world.person(Role.LEAD, team_id="night"))
    colleague, stranger = world.token(world.person(team_id="night")), world.token(world.person(team_id="webcare"))
    door = world.inbox.saved_views
    door.create(lead, name="Alles", base=View.ALL, audience=Audience.EVERYBODY)
    door.create(lead, name="Nacht", base=View.NEW, audience=Audience.TEAM)
    door.create(lead, name="Van mij", base=View.MINE)
    assert names(world, lead) == ["Van mij", "Nacht", "Alles"]
    assert names(world, colleague) == ["Nacht", "Alles"]
    assert names(world, stranger) == ["Alles"]
    assert [view.mine for view in door.all(colleague)] == [False, False]
    assert all(view.mine for view in door.all(lead))


def test_views_for_others_are_the_leads(world: World) -> None:
    agent, lead = world.token(world.person()), world.token(world.person(Role.LEAD))
    door = world.inbox.saved_views
    for audience in (Audience.TEAM, Audience.EVERYBODY):
        with pytest.raises(NotAllowed):
            door.create(agent, name="x", base=View.NEW, audience=audience)
    with pytest.raises(BadInput):
        door.create(lead, name="x", base=View.NEW, audience=Audience.TEAM)
    shared = door.create(lead, name="Gedeeld", base=View.NEW, audience=Audience.EVERYBODY)
    own = door.create(lead, name="Eigen", base=View.NEW)
    with pytest.raises(NotAllowed):
        door.rename(agent, shared.id, "anders")
    with pytest.raises(NotFound):
        door.delete(agent, own.id)
    assert door.create(world.token(world.person(Role.READ_ONLY)), name="Lezen", base=View.ALL).mine


def test_renaming_changing_moving_and_deleting(world: World) -> None:
    who = world.token(world.person())
    door = world.inbox.saved_views
    first, second, third = (door.create(who, name=name, base=View.NEW) for name in ("a", "b", "c"))
    door.rename(who, second.id, "  B   two ")
    door.change(who, first.id, base=View.ALL, filters=NIGHT)
    door.move(who, third.id, by=-2)
    assert [(view.name, view.base, view.filters) for view in door.all(who)] == [
        ("c", View.NEW, EVERYTHING),
        ("a", View.ALL, NIGHT),
        ("B two", View.NEW, EVERYTHING),
    ]
    door.move(who, third.id, by=99)
    door.delete(who, first.id)
    assert names(world, who) == ["B two", "c"]


def test_a_name_is_given_once_and_is_sensible(world: World) -> None:
    who = world.token(world.person())
    door = world.inbox.saved_views
    door.create(who, name="Storing", base=View.NEW)
    for name in ("storing", "", " \n ", "x" * 61):
        with pytest.raises(BadInput):
            door.create(who, name=name, base=View.NEW)
    other = door.create(who, name="Anders", base=View.NEW)
    with pytest.raises(BadInput):
        door.rename(who, other.id, "STORING")


def test_a_shared_view_of_mine_is_the_readers_own(world: World) -> None:
    lead, agent = world.person(Role.LEAD), world.person()
    world.inbox.assign(world.token(lead), world.conversation(), agent.id)
    door = world.inbox.saved_views
    door.create(world.token(lead), name="Mijn", base=View.MINE, audience=Audience.EVERYBODY)
    assert [one.n for one in door.badges(world.token(agent)).saved] == [1]
    assert [one.n for one in door.badges(world.token(lead)).saved] == [0]


def test_a_search_that_cannot_be_read_any_more_has_no_badge(world: World) -> None:
    who = world.token(world.person())
    world.inbox.saved_views.create(who, name="x", base=View.NEW, filters=Filters(search='"half'))
    assert [one.n for one in world.inbox.saved_views.badges(who).saved] == [None]


def test_the_standing_badges_are_those_of_the_inbox(world: World) -> None:
    me = world.person()
    who = world.token(me)
    for status in ("new", "open", "snoozed", "resolved", "archived"):
        world.conversation(status=status, assignee_id=me.id)
    assert world.inbox.saved_views.badges(who).standing == world.inbox.counts(who)


INSTANTS = st.none() | st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WORDS = st.lists(st.sampled_from(["nl", "de", "post", "vip", "é☂"]), max_size=2, unique=True).map(tuple)
FILTERS = st.builds(
    Filters,
    search=st.sampled_from(["", "storing", '"a b" OR c']),
    source_ids=WORDS,
    langs=WORDS,
    kinds=WORDS,
    whys=WORDS,
    tags=WORDS,
    priorities=st.lists(st.integers(0, 4), max_size=2).map(tuple),
    team_id=st.none() | st.just("night"),
    assignee_id=st.none() | st.integers(1, 1 << 50),
    unanswered=st.booleans(),
    since=INSTANTS,
    until=INSTANTS,
)


@given(FILTERS)
def test_what_is_kept_is_read_back(filters: Filters) -> None:
    assert documents.filters_of(documents.document(filters)) == filters


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(Filters.__slots__)), inner),
        max_leaves=8,
    )
)
def test_whatever_stands_in_the_store_opens(kept: Any) -> None:
    assert isinstance(documents.filters_of(kept), Filters)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_badge_is_the_length_of_its_list(world: World, data: st.DataObject) -> None:
    me = world.person(Role.LEAD)
    who = world.token(me)
    for number in range(6):
        row = world.conversation(
            data.draw(st.sampled_from(["storing in huis", "router kapot", "mooie app"])),
            status=data.draw(st.sampled_from(["new", "open", "waiting_customer", "resolved", "spam", "archived"])),
            lang=data.draw(st.sampled_from(["nl", "de"])),
            priority=number % 5,
            assignee_id=data.draw(st.sampled_from([None, me.id])),
        )
        if data.draw(st.booleans()):
            world.inbox.add_tag(who, row, "vip")
    door = world.inbox.saved_views
    for number in range(4):
        filters = replace(
            EVERYTHING,
            search=data.draw(st.sampled_from(["", "", "storing", "NOT kapot"])),
            langs=data.draw(st.sampled_from([(), ("nl",), ("nl", "de")])),
            statuses=data.draw(st.sampled_from([(), ("new",), ("open", "resolved"), ("spam",)])),
            priorities=data.draw(st.sampled_from([(), (0, 1), (3,)])),
            tags=data.draw(st.sampled_from([(), ("vip",)])),
            assignee_id=data.draw(st.sampled_from([None, me.id, 7])),
        )
        door.create(who, name=str(number), base=data.draw(st.sampled_from(list(View))), filters=filters)
    views = door.all(who)
    counted = {one.id: (one.n, one.capped) for one in door.badges(who, views).saved}
    for view in views:
        assert counted[view.id] == (len(world.inbox.listing(who, view.base, view.filters, limit=500).cards), False)
    for view in views:
        door.delete(who, view.id)
