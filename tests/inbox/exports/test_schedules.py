"""Scheduled exports: every period once, in the workspace's calendar, made for whoever made the schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inbox import people
from inbox.errors import BadInput, BadSearch, NotAllowed, NotFound
from inbox.export_jobs import background
from inbox.export_jobs.views import Destination, JobState, ScheduleView, Wanted
from inbox.permissions import Role
from inbox.views import CurrentUser, Filters
from inbox.whole_periods import Every
from store.schema import outgoing_mail, user_account
from tests.inbox.conftest import World
from tests.inbox.exports.conftest import Furnish, work

DAILY: dict[str, Any] = {"name": "Daily for analysts", "wanted": Wanted(), "every": Every.DAY, "hour": 6}


def only(world: World, person: CurrentUser) -> ScheduleView:
    (schedule,) = world.inbox.exports.schedules(world.token(person))
    return schedule


def tick(world: World) -> int:
    return background.tick(world.store, world.desk.declared, world.clock())


def test_yesterday_is_exported_every_morning_and_nothing_falls_between_two_days(furnish: Furnish) -> None:
    world = furnish()  # Tuesday 10 March 2026, 11:00 in Amsterdam
    person = world.person(Role.ANALYST)
    token = world.token(person)
    world.inbox.exports.schedule(token, **DAILY)
    assert only(world, person).next.name == "2026-03-10"
    assert only(world, person).next_at == datetime(2026, 3, 11, 5, tzinfo=UTC)
    late = datetime(2026, 3, 10, 22, 59, tzinfo=UTC)  # 23:59 in Amsterdam
    world.conversation(text="een minuut voor middernacht", said_at=late)
    world.conversation(text="de volgende dag", said_at=datetime(2026, 3, 10, 23, tzinfo=UTC))
    assert tick(world) == 0
    world.clock.step(hours=20)
    assert tick(world) == 1
    assert tick(world) == 0
    work(world)
    (run,) = only(world, person).last
    assert (run.state, run.rows, run.name) == (JobState.DONE, 1, "daily-for-analysts-2026-03-10.jsonl")
    assert b"een minuut voor middernacht" in world.inbox.exports.fetch(world.token(person), run.id).path.read_bytes()
    world.clock.step(hours=24)
    assert tick(world) == 1
    work(world)
    assert [(one.period.name, one.rows) for one in only(world, person).last if one.period] == [
        ("2026-03-11", 1),
        ("2026-03-10", 1),
    ]


def test_what_was_missed_while_no_worker_ran_is_made_up_for(furnish: Furnish) -> None:
    world = furnish()
    person = world.person(Role.ANALYST)
    token = world.token(person)
    world.inbox.exports.schedule(token, **DAILY)
    world.clock.step(days=4)
    assert tick(world) == 4
    assert [one.period.name for one in only(world, person).last if one.period][-1] == "2026-03-10"


@pytest.mark.parametrize(
    ("every", "name", "at"),
    [
        (Every.WEEK, "2026-W11", datetime(2026, 3, 16, 7, tzinfo=UTC)),
        (Every.MONTH, "2026-03", datetime(2026, 4, 1, 6, tzinfo=UTC)),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first(furnish: Furnish, every: Every, name: str, at: datetime) -> None:
    world = furnish()
    person = world.person(Role.ANALYST)
    token = world.token(person)
    world.inbox.exports.schedule(token, **DAILY | {"every": every, "hour": 8})
    schedule = only(world, person)
    assert (schedule.next.name, schedule.next_at) == (name, at)


def test_its_days_are_the_periods_and_its_search_stays(furnish: Furnish) -> None:
    world = furnish()
    person = world.person(Role.ANALYST)
    token = world.token(person)
    asked = Wanted(filters=Filters(search="pakket", since=world.clock(), until=world.clock()))
    world.inbox.exports.schedule(token, **DAILY | {"wanted": asked})
    filters = only(world, person).wanted.filters
    assert (filters.search, filters.since, filters.until) == ("pakket", None, None)


UNFIT: tuple[tuple[dict[str, Any], type[Exception]], ...] = (
    ({"name": ""}, BadInput),
    ({"name": "\u0000\u202e"}, BadInput),
    ({"name": "x" * 100_000}, BadInput),
    ({"hour": 24}, BadInput),
    ({"hour": -1}, BadInput),
    ({"wanted": Wanted(filters=Filters(search='"open'))}, BadSearch),
    ({"destination": Destination.STORE, "place": "nowhere"}, BadInput),
    ({"destination": Destination.FOLDER, "place": "../up"}, BadInput),
    ({"destination": Destination.FOLDER, "place": "/etc"}, BadInput),
    ({"destination": Destination.FOLDER, "place": "a/../../up"}, BadInput),
    ({"destination": Destination.FOLDER, "place": "a\\..\\..\\up"}, BadInput),
    ({"destination": Destination.FOLDER, "place": "a\x00b"}, BadInput),
    ({"destination": Destination.FOLDER, "place": "x" * 100_000}, BadInput),
    ({"destination": Destination.FOLDER, "place": "a/" * 50}, BadInput),
)


def test_what_cannot_be_scheduled_is_refused(furnish: Furnish, tmp_path: Path) -> None:
    world = furnish(below=tmp_path / "out", stores={"lake": "Data lake"})
    token = world.token(world.person(Role.ANALYST))
    for given, refusal in UNFIT:
        with pytest.raises(refusal):
            world.inbox.exports.schedule(token, **DAILY | given)
    assert world.inbox.exports.schedules(token) == ()


def test_a_folder_needs_one_that_is_configured_and_names_are_not_taken_twice(furnish: Furnish) -> None:
    world = furnish()
    token = world.token(world.person(Role.ANALYST))
    with pytest.raises(BadInput, match="names no folder"):
        world.inbox.exports.schedule(token, **DAILY, destination=Destination.FOLDER, place="x")
    world.inbox.exports.schedule(token, **DAILY)
    with pytest.raises(BadInput, match="is called “daily FOR analysts” already"):
        world.inbox.exports.schedule(token, **DAILY | {"name": "daily FOR analysts"})


def test_a_pause_leaves_out_what_would_come_and_an_end_keeps_what_was_made(furnish: Furnish) -> None:
    world = furnish()
    person = world.person(Role.ANALYST)
    schedule_id = world.inbox.exports.schedule(world.token(person), **DAILY)
    world.inbox.exports.pause(world.token(person), schedule_id, paused=True)
    world.clock.step(days=3)
    assert tick(world) == 0
    world.inbox.exports.pause(world.token(person), schedule_id, paused=False)
    assert tick(world) == 0
    world.clock.step(days=1)
    assert tick(world) == 1
    work(world)
    world.inbox.exports.end(world.token(person), schedule_id)
    assert world.inbox.exports.schedules(world.token(person)) == ()
    (job,) = world.inbox.exports.all(world.token(person)).rows
    assert (job.schedule, job.state) == ("Daily for analysts", JobState.DONE)
    with pytest.raises(NotFound):
        world.inbox.exports.pause(world.token(person), schedule_id, paused=True)


def test_others_leave_it_alone_but_for_leads(furnish: Furnish) -> None:
    world = furnish()
    mine, other = (world.token(world.person(Role.ANALYST)) for _ in range(2))
    schedule_id = world.inbox.exports.schedule(mine, **DAILY)
    with pytest.raises(NotFound):
        world.inbox.exports.end(other, schedule_id)
    with pytest.raises(NotAllowed):
        world.inbox.exports.schedules(world.token(world.person(Role.AGENT)))
    lines = world.inbox.access.record(world.token(world.person(Role.ADMINISTRATOR))).lines
    assert "export_schedule_made" in [line.action for line in lines]
    world.inbox.exports.end(world.token(world.person(Role.LEAD)), schedule_id)


def test_a_scheduled_export_that_failed_is_told_once_by_mail(furnish: Furnish) -> None:
    world = furnish()
    person = world.person(Role.ANALYST)
    with world.store.write() as conn:
        mine = user_account.update().where(user_account.c.id == person.id)
        conn.execute(mine.values(email="jo@shop.example", language="nl"))
    world.inbox.exports.schedule(world.token(person), **DAILY)
    world.clock.step(days=1)
    tick(world)
    people.set_role(world.desk, person.id, Role.AGENT)
    work(world)
    for _ in range(2):
        tick(world)
    with world.store.read() as conn:
        (mail,) = conn.execute(select(outgoing_mail)).all()
    assert (mail.to_address, mail.subject) == ("jo@shop.example", "De export “Daily for analysts” is mislukt")
    assert "2026-03-10" in mail.text


def test_what_waits_to_be_delivered_can_be_fetched_meanwhile(furnish: Furnish, tmp_path: Path) -> None:
    world = furnish(below=tmp_path / "out")
    person = world.person(Role.ANALYST)
    world.inbox.exports.schedule(world.token(person), **DAILY, destination=Destination.FOLDER, place="daily")
    world.clock.step(days=1)
    tick(world)
    work(world)
    (run,) = only(world, person).last
    assert (run.state, run.name) == (JobState.SENDING, "daily-for-analysts-2026-03-10.jsonl")
    assert world.inbox.exports.fetch(world.token(person), run.id).path.is_file()
