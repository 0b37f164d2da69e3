"""Teams made on screen: beside those of the configuration, everywhere, at once, and what is due follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event as listen
from sqlalchemy import select

from inbox.desk import Desk
from inbox.errors import BadInput, NotAllowed, NotFound
from inbox.permissions import Role
from inbox.teams import promise_for
from inbox.workspace.recompute import recompute
from inbox.workspace.views import DayView, TeamInput
from store.engine import Store, open_store
from store.schema import event
from tests.inbox.conftest import SETTINGS, World

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVENING = TeamInput("Avondploeg  Zuid", hours="mon-fri 17:00-22:00", holidays="nl", first_response_s=1800)


@pytest.fixture
def token(world: World) -> str:
    return world.token(world.person(Role.ADMINISTRATOR))


def _recompute(world: World, **options: Any) -> int:
    return recompute(world.store, SETTINGS, world.clock(), **options)


def test_a_team_made_on_screen_stands_beside_those_of_the_configuration(world: World, token: str) -> None:
    team_id = world.inbox.workspace.add_team(token, EVENING)
    assert team_id == "avondploeg-zuid"
    assert [(one.id, one.declared) for one in world.inbox.workspace.teams(token)] == [
        ("webcare", True),
        ("night", True),
        ("avondploeg-zuid", False),
    ]
    assert ("avondploeg-zuid", "Avondploeg Zuid") in [
        (one.value, one.label) for one in world.inbox.choices(token).teams
    ]
    found = world.conversation()
    world.inbox.assign_team(token, found, team_id)
    # Tuesday 11:00 local: the evening shift begins at 17:00.
    assert world.row(found).sla_due_at == datetime(2026, 3, 10, 17, 30, tzinfo=AMSTERDAM)
    assert world.inbox.workspace.add_team(token, EVENING) == "avondploeg-zuid-2"


def test_only_who_manages_settings_sees_and_changes_teams(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    for act in (
        lambda: world.inbox.workspace.teams(lead),
        lambda: world.inbox.workspace.add_team(lead, EVENING),
        lambda: world.inbox.workspace.set_day(lead, "webcare", date(2026, 3, 10)),
        lambda: world.inbox.workspace.preview(lead, EVENING),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_team_of_the_configuration_is_changed_there_but_its_days_here(world: World, token: str) -> None:
    with pytest.raises(BadInput, match="configuration"):
        world.inbox.workspace.change_team(token, "webcare", EVENING)
    found = world.conversation()
    assert world.row(found).sla_due_at == datetime(2026, 3, 10, 12, 0, tzinfo=AMSTERDAM)
    world.inbox.workspace.set_day(token, "webcare", date(2026, 3, 10), name="Verhuizing")
    assert promise_for(world.desk.settings, "webcare").calendar.is_open(world.clock()) is False
    assert _recompute(world) == 1
    assert world.row(found).sla_due_at == datetime(2026, 3, 11, 10, 0, tzinfo=AMSTERDAM)
    world.inbox.workspace.set_day(token, "webcare", date(2026, 3, 10), hours="13:00-15:00")
    assert _recompute(world) == 1
    assert world.row(found).sla_due_at == datetime(2026, 3, 10, 14, 0, tzinfo=AMSTERDAM)
    world.inbox.workspace.remove_day(token, "webcare", date(2026, 3, 10))
    assert _recompute(world) == 1
    assert world.row(found).sla_due_at == datetime(2026, 3, 10, 12, 0, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    "wanted",
    [
        TeamInput(""),
        TeamInput("x" * 101),
        TeamInput("A", hours="maandag"),
        TeamInput("A", hours="mon 17:00-09:00"),
        TeamInput("A", holidays="XX"),
        TeamInput("A", timezone="Mars/Base"),
        TeamInput("A", first_response_s=5),
        TeamInput("A", resolution_s=10**9),
    ],
)
def test_what_cannot_be_used_is_refused_with_words(world: World, token: str, wanted: TeamInput) -> None:
    with pytest.raises(BadInput) as told:
        world.inbox.workspace.add_team(token, wanted)
    assert len(str(told.value)) > 20
    with pytest.raises(BadInput):
        world.inbox.workspace.set_day(token, "webcare", date(2026, 1, 1), hours="later")
    with pytest.raises(NotFound):
        world.inbox.workspace.set_day(token, "nobody", date(2026, 1, 1))


def test_a_changed_promise_moves_what_is_due_in_bounded_stretches(world: World, token: str) -> None:
    team_id = world.inbox.workspace.add_team(token, TeamInput("Dag", hours="24/7", first_response_s=3600))
    found = [world.conversation(team_id=team_id) for _ in range(5)]
    closed = world.conversation(team_id=team_id)
    world.inbox.ignore(token, closed, reason="not_about_us")
    while _recompute(world):
        pass
    version = world.row(found[0]).version
    world.inbox.workspace.change_team(token, team_id, TeamInput("Dag", hours="24/7", first_response_s=1800))
    assert [_recompute(world, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert {world.row(one).sla_due_at for one in found} == {world.clock() + timedelta(minutes=30)}
    assert world.row(closed).sla_due_at is None
    assert world.row(found[0]).version == version


def test_what_was_answered_keeps_the_calendar_that_was_valid_then(
    world: World, token: str, later: Callable[..., datetime]
) -> None:
    team_id = world.inbox.workspace.add_team(token, TeamInput("Dag", hours="24/7", first_response_s=3600))
    found = world.conversation(team_id=team_id)
    later(minutes=20)
    world.inbox.answered_by_hand(token, found)
    world.inbox.workspace.change_team(token, team_id, TeamInput("Dag", hours="sun 10:00-11:00", first_response_s=3600))
    _recompute(world)
    (answer,) = [one for one in world.events(found) if one.action == "answered_by_hand"]
    assert answer.business_s == 20 * 60


def test_a_team_with_people_or_open_work_is_not_put_away(world: World, token: str) -> None:
    team_id = world.inbox.workspace.add_team(token, EVENING)
    found = world.conversation(team_id=team_id)
    with pytest.raises(BadInput, match="1 open"):
        world.inbox.workspace.archive_team(token, team_id)
    world.inbox.assign_team(token, found, "webcare")
    world.inbox.workspace.archive_team(token, team_id)
    assert team_id not in {one.id for one in world.inbox.workspace.teams(token)}
    with pytest.raises(NotFound):
        world.inbox.workspace.archive_team(token, team_id)


def test_the_example_says_when_a_message_of_friday_is_due(world: World, token: str) -> None:
    office = TeamInput("Kantoor", first_response_s=1800)
    shown = world.inbox.workspace.preview(token, office)
    assert shown is not None
    assert shown.said_at == datetime(2026, 3, 13, 16, 45, tzinfo=AMSTERDAM)
    assert shown.due_at == datetime(2026, 3, 16, 9, 15, tzinfo=AMSTERDAM)
    closed = world.inbox.workspace.preview(token, office, days=(DayView(date(2026, 3, 16), "", "Vrij"),))
    assert closed is not None
    assert closed.due_at == datetime(2026, 3, 17, 9, 15, tzinfo=AMSTERDAM)
    assert world.inbox.workspace.preview(token, TeamInput("Kantoor")) is None


def test_every_change_is_written_down_with_what_was_before(world: World, token: str) -> None:
    team_id = world.inbox.workspace.add_team(token, EVENING)
    world.inbox.workspace.change_team(token, team_id, TeamInput("Avondploeg Zuid", first_response_s=1800))
    with world.store.read() as conn:
        rows = conn.execute(select(event).where(event.c.object_type == "team").order_by(event.c.id)).all()
    assert [row.action for row in rows] == ["team_added", "team_changed"]
    assert rows[1].before["hours"] == "mon-fri 17:00-22:00"


def test_teams_are_not_read_anew_at_every_step(world: World, token: str, later: Callable[..., datetime]) -> None:
    world.inbox.workspace.add_team(token, EVENING)
    assert len(world.desk.settings.teams) == 3
    asked: list[str] = []
    with world.store.read() as conn:
        listen.listen(conn.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement))
    for _ in range(50):
        assert len(world.desk.settings.teams) == 3
    assert asked == []
    later(seconds=3)
    assert len(world.desk.settings.teams) == 3
    assert len([one for one in asked if "setting" in one]) == 1
    assert not [one for one in asked if "FROM team" in one]


def test_another_process_knows_of_a_change_within_two_seconds(
    world: World, token: str, later: Callable[..., datetime]
) -> None:
    elsewhere: Store = open_store(str(world.store.url), clock=world.clock)
    try:
        desk = Desk(elsewhere, SETTINGS, world.clock)
        assert len(desk.settings.teams) == 2
        world.inbox.workspace.add_team(token, EVENING)
        later(seconds=2)
        assert len(desk.settings.teams) == 3
    finally:
        elsewhere.close()
