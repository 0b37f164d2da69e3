"""Who is available, what they are offered, and how much they have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.availability.load import cells, share
from inbox.availability.offering import PATIENCE, Item, Kept, kept_from, may_offer
from inbox.availability.state import back_at, is_available, keeps_work
from inbox.availability.views import NothingNext
from inbox.business_time import Calendar, parse_hours
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.queue import item_of
from inbox.views import CurrentUser, View
from store.cards import cards_by_id
from store.offered import KeptBack, offered
from store.people import PersonRow
from store.schema import conversation, event, presence, rollup_hour_all, user_account
from store.thread import tags_of
from tests.inbox.conftest import World

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
TEAM = Calendar(parse_hours("mon-fri 09:00-17:00"), AMSTERDAM)
TUESDAY = datetime(2026, 3, 10, 10, tzinfo=UTC)


def person(**values: object) -> PersonRow:
    row = {
        "id": 1, "login": "x", "name": "X", "role": "agent", "team_id": None, "skills": (), "hours": None,
        "most_open": None, "availability": "available", "away_until": None,
    }  # fmt: skip
    return PersonRow(**{**row, **values})  # type: ignore[arg-type]


def skilled(world: World, *skills: str, most_open: int | None = None) -> tuple[CurrentUser, str]:
    somebody = world.person()
    lead = world.token(world.person(Role.LEAD))
    world.inbox.availability.plan(lead, somebody.id, hours=None, skills=skills, most_open=most_open)
    return somebody, world.token(somebody)


def test_away_until_an_instant_ends_by_itself(world: World) -> None:
    token = world.token(world.person())
    until = world.clock() + timedelta(hours=1)
    assert world.inbox.availability.away(token, until=until)
    assert not world.inbox.availability.away(token, until=until)
    assert world.inbox.availability.own(token).away_until == until
    world.clock.step(hours=1)
    assert not world.inbox.availability.own(token).away


def test_every_change_is_recorded_with_who_did_it(world: World) -> None:
    somebody, lead = world.person(), world.person(Role.LEAD)
    world.inbox.availability.away(world.token(somebody))
    world.inbox.availability.set_for(world.token(lead), somebody.id, away=False)
    world.inbox.availability.plan(
        world.token(lead), somebody.id, hours="mon 9:00-12:00", skills=["LANG:de"], most_open=3
    )
    with world.store.read() as conn:
        rows = conn.execute(
            select(event.c.action, event.c.actor_id)
            .where(event.c.object_type == "user", event.c.object_id == str(somebody.id))
            .order_by(event.c.id)
        ).all()
    told = [tuple(row) for row in rows if row.action in {"away", "available", "planned"}]
    assert told == [("away", somebody.id), ("available", lead.id), ("planned", lead.id)]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"skills": ["german"]}, "lang:de"),
        ({"hours": "whenever"}, "mon-fri"),
        ({"most_open": -1}, "limit"),
    ],
)
def test_a_plan_that_cannot_be_used_says_what_to_write(world: World, bad: dict[str, object], says: str) -> None:
    lead, somebody = world.token(world.person(Role.LEAD)), world.person()
    plan = {"hours": None, "skills": [], "most_open": None, **bad}
    with pytest.raises(BadInput, match=says):
        world.inbox.availability.plan(lead, somebody.id, **plan)  # type: ignore[arg-type]


def test_plans_and_the_state_of_others_are_for_those_who_lead(world: World) -> None:
    somebody, agent = world.person(), world.token(world.person())
    for act in (
        lambda: world.inbox.availability.people(agent),
        lambda: world.inbox.availability.teams(agent),
        lambda: world.inbox.availability.set_for(agent, somebody.id, away=True),
        lambda: world.inbox.availability.plan(agent, somebody.id, hours=None, skills=[], most_open=None),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotFound):
        world.inbox.availability.set_for(world.token(world.person(Role.LEAD)), 1, away=True)


def test_who_leads_sees_who_is_there_and_how_much_they_have(world: World) -> None:
    lead = world.token(world.person(Role.LEAD, name="Lea", team_id="webcare"))
    busy = world.person(name="Bo", team_id="webcare")
    off = world.person(name="Cas", team_id="webcare")
    away = world.person(name="Ali", team_id="night")
    world.inbox.availability.plan(lead, busy.id, hours=None, skills=[], most_open=3)
    world.inbox.availability.plan(lead, off.id, hours="wed 09:00-12:00", skills=["tag:billing"], most_open=None)
    world.inbox.availability.away(world.token(away))
    for _ in range(2):
        world.inbox.claim(world.token(busy), world.conversation())
    world.conversation()
    with world.store.write() as conn:
        row = {"user_id": busy.id, "tab": "t", "conversation_id": 1, "state": "viewing", "at": world.clock()}
        conn.execute(presence.insert().values(**row))
    found = {one.name: one for one in world.inbox.availability.people(lead)}
    assert [one.name for one in world.inbox.availability.people(lead)] == ["Bo", "Lea", "Cas", "Ali"]
    assert {name: one.state for name, one in found.items()} == {
        "Bo": "available", "Lea": "available", "Cas": "off", "Ali": "away",
    }  # fmt: skip
    assert (found["Bo"].n_open, found["Bo"].free, found["Bo"].here, found["Lea"].here) == (2, 1, True, False)
    webcare = next(one for one in world.inbox.availability.teams(lead) if one.id == "webcare")
    assert (webcare.n_people, webcare.n_available, webcare.n_open, webcare.waiting) == (3, 2, 2, 1)
    assert (webcare.open_now, webcare.free) == (True, None)


def test_a_reopened_conversation_returns_to_its_agent_unless_they_are_away(world: World) -> None:
    for away, stays in ((False, True), (True, False)):
        somebody = world.person()
        token, row_id = world.token(somebody), world.conversation()
        world.inbox.claim(token, row_id)
        world.inbox.resolve(token, row_id)
        if away:
            world.inbox.availability.away(token)
        world.clock.step(minutes=5)
        world.message(row_id, "Het is nog steeds niet opgelost, wat nu?")
        world.route()
        assert (world.row(row_id).assignee_id == somebody.id) is stays


def test_work_waits_for_an_agent_who_is_back_within_four_hours_of_the_team() -> None:
    assert keeps_work(person(), TUESDAY, TEAM)
    assert not keeps_work(person(availability="away"), TUESDAY, TEAM)
    assert keeps_work(person(availability="away", away_until=TUESDAY + timedelta(hours=1)), TUESDAY, TEAM)
    assert not keeps_work(person(availability="away", away_until=TUESDAY + timedelta(days=7)), TUESDAY, TEAM)
    # At night a person with hours of their own is not there, but begins with the team.
    night = TUESDAY.replace(hour=22)
    mine = person(hours="mon-fri 09:00-17:00")
    assert not is_available(mine, night, TEAM)
    assert keeps_work(mine, night, TEAM)
    assert back_at(mine, night, TEAM) == datetime(2026, 3, 11, 8, tzinfo=UTC)
    assert not keeps_work(person(hours="fri 09:00-17:00"), TUESDAY, TEAM)


def test_who_lacks_a_skill_is_offered_it_only_when_it_is_overdue(world: World) -> None:
    _other, german = skilled(world, "lang:de")
    plain = world.token(world.person())
    first = world.conversation(lang="de")
    world.clock.step(minutes=1)
    second = world.conversation(lang="nl")
    done = world.inbox.next_for_me(plain)
    assert done is not None
    assert done.conversation_id == second
    assert world.inbox.next_for_me(plain, view=View.UNASSIGNED) is None
    assert world.inbox.next_for_me(plain, view=View.NEW) is None
    world.clock.step(minutes=30)
    assert world.inbox.next_for_me(plain, view=View.UNASSIGNED) is None  # a colleague who has it is there
    world.clock.step(minutes=31)  # promised within the hour
    late = world.inbox.next_for_me(plain, view=View.UNASSIGNED)
    assert late is not None
    assert late.conversation_id == first
    world.inbox.release(plain, first)
    assert world.inbox.next_for_me(german) is not None


@pytest.mark.parametrize("skill", ["lang:de", "platform:mastodon", "tag:billing", "brand:x"])
def test_each_kind_of_skill_is_kept_for_those_who_have_it_and_let_go_when_nobody_is_there(
    world: World, skill: str
) -> None:
    _other, able = skilled(world, skill)
    plain = world.token(world.person())
    row_id = world.conversation(
        lang="de" if skill == "lang:de" else "nl",
        platform="mastodon" if skill == "platform:mastodon" else "discourse",
        brand_ids=["x"] if skill == "brand:x" else [],
    )
    if skill == "tag:billing":
        world.inbox.add_tag(plain, row_id, "billing")
    assert world.inbox.next_for_me(plain) is None
    assert world.inbox.why_nothing_next(plain).skills
    world.inbox.availability.away(able)
    assert world.inbox.next_for_me(plain) is None  # not yet
    world.clock.step(PATIENCE)
    assert world.inbox.next_for_me(plain) is not None


def test_nothing_waits_when_nothing_waits(world: World) -> None:
    _somebody, token = skilled(world, most_open=1)
    skilled(world, "lang:de")
    assert world.inbox.next_for_me(token) is None
    assert world.inbox.why_nothing_next(token) == NothingNext()
    with pytest.raises(BadInput):
        world.inbox.why_nothing_next(token, view=View.SNOOZED)


def test_a_full_desk_is_offered_only_what_stands_on_it(world: World) -> None:
    somebody, token = skilled(world, most_open=1)
    mine = world.conversation(assignee_id=somebody.id)
    world.conversation()
    assert world.inbox.availability.own(token).full
    done = world.inbox.next_for_me(token)
    assert done is not None
    assert done.conversation_id == mine
    assert world.inbox.next_for_me(token) is None or world.row(mine).claimed_by == somebody.id
    assert world.inbox.next_for_me(token, view=View.UNASSIGNED) is None
    assert world.inbox.why_nothing_next(token, view=View.UNASSIGNED) == NothingNext(full=1)
    world.inbox.resolve(token, mine)
    assert world.inbox.next_for_me(token) is not None


SKILLS = st.frozensets(st.sampled_from(["lang:de", "lang:nl", "platform:p", "tag:t", "brand:b"]), max_size=4)


@given(
    st.lists(SKILLS, min_size=1, max_size=6),
    st.sets(st.integers(0, 5)),
    SKILLS,
    st.integers(0, 60),
    st.integers(-60, 60),
)
def test_what_nobody_has_is_kept_from_nobody_and_what_is_overdue_neither(
    skills: list[frozenset[str]], available: set[int], wants: frozenset[str], waited: int, due: int
) -> None:
    people = [person(id=number, skills=tuple(sorted(own))) for number, own in enumerate(skills)]
    item = Item(wants, TUESDAY + timedelta(minutes=due), TUESDAY - timedelta(minutes=waited))
    for one in people:
        kept = kept_from(one.id, people, available)
        assert not (kept.always | kept.a_while) & set(one.skills)
        assert not kept.always & kept.a_while
        offer = may_offer(item, kept, TUESDAY)
        if due < 0 or not wants & frozenset().union(*skills) or wants <= set(one.skills):
            assert offer
    # Somebody who is there and has every skill that anybody has is offered everything: nothing is stuck.
    assert may_offer(
        item, kept_from(9, [*people, person(id=9, skills=tuple(frozenset().union(*skills)))], {9}), TUESDAY
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(always=SKILLS, a_while=SKILLS)
def test_the_store_keeps_back_exactly_what_the_decision_keeps_back(
    world: World, always: frozenset[str], a_while: frozenset[str]
) -> None:
    now = world.clock()
    with world.store.read() as conn:
        empty = conn.execute(select(conversation.c.id).limit(1)).first() is None
    if empty:
        token = world.token(world.person())
        for lang, platform, brands, tag, age in (
            ("de", "p", ["b"], "t", 0), ("nl", "p", [], None, 20), ("nl", "q", ["b", "c"], None, 0),
            ("de", "q", [], None, 16), ("fr", "q", [], "t", 5), ("fr", "q", [], None, 90),
        ):  # fmt: skip
            said = now - timedelta(minutes=age)
            row_id = world.conversation(lang=lang, platform=platform, brand_ids=brands, said_at=said)
            if tag:
                world.inbox.add_tag(token, row_id, tag)
    with world.store.read() as conn:
        ids = list(conn.execute(select(conversation.c.id)).scalars())
        back = KeptBack(always, a_while - always, now - PATIENCE, now)
        found = set(conn.execute(select(conversation.c.id).where(offered(back))).scalars())
        rows, tags = cards_by_id(conn, ids), tags_of(conn, ids)
    kept = Kept(always, a_while - always)
    assert found == {row_id for row_id in ids if may_offer(item_of(rows[row_id], tags.get(row_id, ())), kept, now)}


def test_load_sets_inflow_against_people_planned_and_masks_small_groups(world: World) -> None:
    lead = world.token(world.person(Role.LEAD, team_id="webcare"))
    with world.store.write() as conn:
        for day, n in ((2, 4), (3, 2)):  # Monday and Tuesday of the week before, 10:00 local
            hour = datetime(2026, 3, day, 9, tzinfo=UTC)
            conn.execute(rollup_hour_all.insert().values(brand_id="", hour=hour, n=n))
    told = world.inbox.availability.load(lead, days=14, team_id="webcare")
    by = {(cell.weekday, cell.hour): cell for cell in told.cells}
    assert (by[0, 10].inflow, by[1, 10].inflow, by[2, 10].inflow) == (2.0, 1.0, 0.0)
    assert all(cell.people is None for cell in told.cells)
    for _ in range(4):
        world.person(team_id="webcare")
    told = world.inbox.availability.load(lead, days=14, team_id="webcare")
    by = {(cell.weekday, cell.hour): cell for cell in told.cells}
    assert (by[0, 10].people, by[0, 20].people, told.n_people, told.n) == (5.0, 0.0, 5, 6)
    with pytest.raises(BadInput):
        world.inbox.availability.load(lead, days=3)


@given(st.integers(0, 6), st.lists(st.tuples(st.integers(0, 500), st.integers(0, 50)), max_size=20))
def test_load_tells_all_hours_and_loses_nothing(weekday: int, came: list[tuple[int, int]]) -> None:
    first = date(2026, 3, 2) + timedelta(days=weekday)
    start = datetime.combine(first, datetime.min.time(), AMSTERDAM)
    hours = [(start + timedelta(hours=number), n) for number, n in came]
    last = first + timedelta(days=20)
    found = cells(hours, [parse_hours("mon-fri 09:00-17:00")], first=first, last=last, zone=AMSTERDAM, smallest_group=1)
    assert len(found) == 168
    assert sum(cell.inflow for cell in found) * 3 == pytest.approx(sum(n for _hour, n in hours))
    assert sum(cell.people or 0 for cell in found) == 40


def test_a_quarter_of_an_hour_planned_is_a_quarter() -> None:
    plan = parse_hours("mon 09:45-10:00, mon 10:00-10:30")
    assert (share(plan, 0, 9), share(plan, 0, 10), share(plan, 1, 9)) == (0.25, 0.5, 0.0)


def test_the_table_of_people_keeps_what_was_planned(world: World) -> None:
    somebody, _token = skilled(world, " lang:DE ", "lang:de", "tag:Late Delivery")
    with world.store.read() as conn:
        row = conn.execute(select(user_account.c.skills).where(user_account.c.id == somebody.id)).one()
    assert row.skills == ["lang:de", "tag:late delivery"]
