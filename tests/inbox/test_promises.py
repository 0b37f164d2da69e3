"""What was promised to a customer: recognised, confirmed, reminded of, kept or broken, taken back, counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.business_time import ALWAYS, Calendar, parse_hours
from inbox.clockwork import tick
from inbox.errors import BadInput, MoveRefused, NotAllowed, NotFound, UndoRefused
from inbox.kpis.views import Asked
from inbox.permissions import Role
from inbox.promises.reminding import LEAD, TeamDays, remind_at
from inbox.promises.views import PromiseView
from inbox.views import KpiValue, View
from store.schema import promise
from tests.inbox.conftest import World

# Tuesday 2026-03-10 11:00 in Amsterdam; the team works 09:00-17:00.
DUE = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
SAID = "Dank voor uw bericht. We komen er vandaag vóór 17:00 op terug."


def clock(world: World) -> None:
    tick(world.store, world.desk.settings, world.clock())


def only(world: World, token: str, row_id: int) -> PromiseView:
    (found,) = world.inbox.promises.of(token, row_id)
    return found


def answered(world: World, text: str = SAID) -> tuple[str, int, PromiseView]:
    token, row_id = world.token(world.person(team_id="webcare")), world.conversation()
    world.inbox.answered_by_hand(token, row_id, text=text)
    return token, row_id, only(world, token, row_id)


def figure(world: World, team_id: str | None = None) -> KpiValue:
    token, now = world.token(world.person(Role.ANALYST)), world.clock()
    week = timedelta(days=7)
    found = world.inbox.figures.values(token, Asked(now - week, now + week, () if team_id is None else (team_id,)))
    return next(one for one in found if one.id == "promises_kept")


def test_a_promise_in_an_answer_is_suggested_with_its_words_and_moment(world: World) -> None:
    token, row_id, found = answered(world)
    assert (found.text, found.due_at, found.state) == (
        "We komen er vandaag vóór 17:00 op terug",
        DUE,
        "suggested",
    )
    assert not found.waiting
    assert world.row(row_id).promise_due_at is None
    assert world.actions(row_id)[-2:] == ["promise_suggested", "answered_by_hand"]
    assert world.inbox.counts(token)  # a suggestion is not in the view of promises
    assert not world.inbox.listing(token, View.PROMISES).cards


def test_an_answer_without_a_moment_promises_nothing(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    world.inbox.answered_by_hand(token, row_id, text="We hebben uw pakket gisteren verzonden. Fijne dag!")
    assert world.inbox.promises.of(token, row_id) == ()


def test_a_confirmed_promise_decides_when_the_conversation_is_due_and_stands_in_its_view(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    row = world.row(row_id)
    assert (row.promise_due_at, row.sla_due_at) == (DUE, DUE)
    (card,) = world.inbox.listing(token, View.PROMISES).cards
    assert (card.id, card.promise_due_at) == (row_id, DUE)
    assert {one.view: one.n for one in world.inbox.counts(token)}[View.PROMISES] == 1


def test_a_suggestion_can_be_confirmed_with_another_moment(world: World) -> None:
    token, row_id, found = answered(world)
    other = DUE + timedelta(days=2)
    world.inbox.promises.confirm(token, found.id, due_at=other)
    assert only(world, token, row_id).due_at == other
    with pytest.raises(MoveRefused):
        world.inbox.promises.confirm(token, found.id)


def test_an_answer_in_time_keeps_a_promise(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    world.clock.now = DUE
    world.inbox.answered_by_hand(token, row_id, text="Het is opgelost.")
    kept = only(world, token, row_id)
    assert (kept.state, kept.closed_at, kept.waiting) == ("kept", DUE, False)
    assert world.row(row_id).promise_due_at is None
    assert figure(world).value == 1.0


def test_an_answer_after_the_moment_makes_it_good_and_does_not_keep_it(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    world.clock.now = DUE + timedelta(seconds=1)
    clock(world)
    late = only(world, token, row_id)
    assert (late.state, late.late, late.waiting) == ("broken", True, True)
    assert world.row(row_id).promise_due_at == DUE  # the customer still waits
    world.inbox.answered_by_hand(token, row_id, text="Het is opgelost.")
    good = only(world, token, row_id)
    assert (good.state, good.waiting) == ("broken", False)
    assert world.row(row_id).promise_due_at is None
    assert (figure(world).value, figure(world).n) == (0.0, 1)


def test_an_answer_given_in_time_and_recorded_after_the_clock_looked_keeps_it(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    world.clock.now = DUE + timedelta(minutes=5)
    clock(world)
    world.inbox.answered_by_hand(token, row_id, text="Opgelost.", at=DUE - timedelta(minutes=1))
    assert only(world, token, row_id).state == "kept"


def test_an_answer_recorded_late_keeps_nothing_that_was_promised_after_it(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    world.clock.step(hours=1)
    world.inbox.promises.make(token, row_id, text="terugbellen", due_at=DUE)
    world.inbox.answered_by_hand(token, row_id, text="Hoi", at=world.clock() - timedelta(minutes=30))
    assert only(world, token, row_id).state == "open"


def test_the_clock_brings_a_conversation_back_two_hours_of_the_team_before(world: World) -> None:
    token, row_id, found = answered(world)
    due = DUE + timedelta(days=1)
    world.inbox.promises.confirm(token, found.id, due_at=due)
    world.inbox.wait_for_customer(token, row_id)
    assert world.row(row_id).sla_due_at is None  # nobody is measured while the customer is to write
    world.clock.now = due - LEAD - timedelta(seconds=1)
    clock(world)
    assert world.row(row_id).status == "waiting_customer"
    world.clock.now = due - LEAD
    clock(world)
    row = world.row(row_id)
    assert (row.status, row.sla_due_at) == ("open", due)
    assert row.assignee_id is not None
    clock(world)
    assert world.actions(row_id).count("promise_reminded") == 1


@pytest.mark.parametrize("how", ["snooze", "resolve", "wait_internally"])
def test_a_reminder_wakes_what_sleeps_and_opens_what_was_closed(world: World, how: str) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    more = {"until": world.clock() + timedelta(days=30)} if how == "snooze" else {}
    getattr(world.inbox, how)(token, row_id, **more)
    world.clock.now = DUE - timedelta(minutes=1)
    clock(world)
    row = world.row(row_id)
    assert (row.status, row.is_open, row.sla_due_at) == ("open", True, DUE)
    assert row.cycle == (2 if how == "resolve" else 1)


def test_a_reminder_goes_to_the_team_when_its_agent_is_away(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    world.inbox.wait_for_customer(token, row_id)
    world.inbox.availability.away(token)
    world.clock.now = DUE - timedelta(minutes=1)
    clock(world)
    assert world.row(row_id).assignee_id is None


def test_spam_is_not_opened_by_a_promise(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    world.inbox.mark_spam(token, row_id)
    world.clock.now = DUE + timedelta(minutes=1)
    clock(world)
    assert world.row(row_id).status == "spam"
    assert only(world, token, row_id).state == "broken"


def test_a_suggestion_that_nobody_confirmed_is_dropped_at_its_moment_and_left_out(world: World) -> None:
    token, row_id, _found = answered(world)
    world.clock.now = DUE + timedelta(seconds=1)
    clock(world)
    assert only(world, token, row_id).state == "dropped"
    told = figure(world)
    assert (told.value, told.n, told.left_out) == (None, 0, 1)


def test_an_answer_drops_an_older_suggestion(world: World) -> None:
    token, row_id, _found = answered(world)
    world.clock.step(hours=1)
    world.inbox.answered_by_hand(token, row_id, text="Het is al opgelost.")
    assert only(world, token, row_id).state == "dropped"


def test_a_promise_by_hand_is_open_at_once_and_can_be_moved_kept_and_dropped(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    world.inbox.promises.make(token, row_id, text="  we bellen\nmorgen ", due_at=DUE)
    made = only(world, token, row_id)
    assert (made.text, made.state, made.waiting) == ("we bellen morgen", "open", True)
    world.inbox.promises.move(token, made.id, due_at=DUE + timedelta(hours=1))
    assert world.row(row_id).promise_due_at == DUE + timedelta(hours=1)
    world.inbox.promises.keep(token, made.id)
    assert only(world, token, row_id).state == "kept"
    with pytest.raises(MoveRefused, match="kept already"):
        world.inbox.promises.drop(token, made.id)
    world.inbox.promises.make(token, row_id, text="mailen", due_at=DUE)
    world.inbox.promises.drop(token, world.inbox.promises.of(token, row_id)[0].id)
    assert world.row(row_id).promise_due_at is None
    assert figure(world).n == 1  # the dropped one counts nowhere


def test_a_broken_promise_stays_broken_whatever_is_pressed(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    world.inbox.promises.make(token, row_id, text="bellen", due_at=DUE)
    made = only(world, token, row_id)
    world.clock.now = DUE + timedelta(minutes=1)
    with pytest.raises(MoveRefused, match="past its moment"):
        world.inbox.promises.drop(token, made.id)
    world.inbox.promises.keep(token, made.id)
    assert (only(world, token, row_id).state, only(world, token, row_id).waiting) == ("broken", False)
    with pytest.raises(MoveRefused):
        world.inbox.promises.keep(token, made.id)


@pytest.mark.parametrize("bad", ["naive", "past", "far"])
def test_a_moment_must_lie_ahead_within_a_year(world: World, bad: str) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    now = world.clock()
    due = {"naive": now.replace(tzinfo=None) + timedelta(hours=1), "past": now, "far": now + timedelta(days=400)}[bad]
    with pytest.raises(BadInput):
        world.inbox.promises.make(token, row_id, text="bellen", due_at=due)
    with pytest.raises(BadInput):
        world.inbox.promises.make(token, row_id, text=" ", due_at=now + timedelta(hours=1))


def test_who_only_reads_changes_no_promise_and_an_unknown_one_is_not_found(world: World) -> None:
    token, row_id, found = answered(world)
    reader = world.token(world.person(Role.READ_ONLY))
    assert world.inbox.promises.of(reader, row_id)
    with pytest.raises(NotAllowed):
        world.inbox.promises.confirm(reader, found.id)
    with pytest.raises(NotFound):
        world.inbox.promises.confirm(token, 12345)


def test_taking_an_answer_back_takes_its_promises_back_and_reopens_those_it_kept(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    before = world.row(row_id)
    done = world.inbox.answered_by_hand(token, row_id, text="Opgelost; u hoort vrijdag van ons hoe verder.")
    assert [one.state for one in world.inbox.promises.of(token, row_id)] == ["suggested", "kept"]
    world.inbox.undo(token, done.event_id or 0)
    assert only(world, token, row_id).state == "open"
    after = world.row(row_id)
    assert (after.promise_due_at, after.sla_due_at) == (before.promise_due_at, before.sla_due_at)


@pytest.mark.parametrize("step", ["make", "confirm", "move", "keep", "drop"])
def test_every_step_on_a_promise_can_be_taken_back(world: World, step: str) -> None:
    token, row_id, found = answered(world)
    if step != "confirm":
        world.inbox.promises.confirm(token, found.id)
    before, row = world.inbox.promises.of(token, row_id), world.row(row_id)
    door: Any = world.inbox.promises
    done = {
        "make": lambda: door.make(token, row_id, text="bellen", due_at=DUE - timedelta(hours=2)),
        "confirm": lambda: door.confirm(token, found.id),
        "move": lambda: door.move(token, found.id, due_at=DUE + timedelta(days=1)),
        "keep": lambda: door.keep(token, found.id),
        "drop": lambda: door.drop(token, found.id),
    }[step]()
    assert world.inbox.promises.of(token, row_id) != before
    world.inbox.undo(token, done.event_id or 0)
    assert world.inbox.promises.of(token, row_id) == before
    now = world.row(row_id)
    assert (now.promise_due_at, now.sla_due_at) == (row.promise_due_at, row.sla_due_at)
    with pytest.raises(UndoRefused):
        world.inbox.undo(token, done.event_id or 0)


def test_an_answer_seen_on_the_platform_keeps_and_promises_too(world: World) -> None:
    token, row_id, found = answered(world)
    world.inbox.promises.confirm(token, found.id)
    world.clock.step(hours=2)
    world.message(row_id, "U hoort uiterlijk vrijdag van ons.", direction="outbound")
    world.route()
    assert [one.state for one in world.inbox.promises.of(token, row_id)] == ["suggested", "kept"]


def test_the_figure_counts_what_fell_due_in_the_period_and_tells_what_still_runs(world: World) -> None:
    token = world.token(world.person())
    for hours, kept in ((1, True), (2, False), (48, None)):
        row_id = world.conversation()
        world.inbox.promises.make(token, row_id, text="bellen", due_at=world.clock() + timedelta(hours=hours))
        if kept:
            world.inbox.promises.keep(token, world.inbox.promises.of(token, row_id)[0].id)
    world.clock.step(hours=3)
    told = figure(world)  # before the clock looked: what is past its moment was not kept all the same
    assert (told.value, told.n, told.n_open) == (0.5, 2, 1)
    clock(world)
    assert figure(world).value == 0.5
    assert figure(world, "webcare").n == 2
    assert figure(world, "night").n == 0


def test_the_view_of_promises_begins_with_those_past_their_moment(world: World) -> None:
    token = world.token(world.person())
    rows = [world.conversation() for _ in range(3)]
    for row_id, hours in zip(rows, (30, 1, 5), strict=True):
        world.inbox.promises.make(token, row_id, text="bellen", due_at=world.clock() + timedelta(hours=hours))
    world.inbox.resolve(token, rows[0])
    world.clock.step(hours=2)
    clock(world)
    page = world.inbox.listing(token, View.PROMISES, limit=2)
    rest = world.inbox.listing(token, View.PROMISES, limit=2, cursor=page.next_cursor)
    assert [card.id for card in (*page.cards, *rest.cards)] == [rows[1], rows[2], rows[0]]
    assert rest.next_cursor is None


def test_a_text_can_be_looked_at_before_it_is_sent(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    (found,) = world.inbox.promises.preview(token, row_id, SAID)
    assert (SAID[found.start : found.end], found.due_at) == ("We komen er vandaag vóór 17:00 op terug", DUE)
    with world.store.read() as conn:
        assert conn.execute(select(promise)).first() is None


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.timedeltas(timedelta(minutes=1), timedelta(days=40)), st.booleans())
def test_a_reminder_lies_between_the_promise_and_its_moment(said: datetime, ahead: timedelta, always: bool) -> None:
    calendar = Calendar() if always else Calendar(parse_hours("mon-fri 09:00-17:00"))
    due = said + ahead
    at = remind_at(said, due, calendar)
    assert said <= at <= due
    if always:
        assert due - at <= min(LEAD, ahead * 0.2) + timedelta(seconds=1)
    else:
        assert calendar.between(at, due) <= LEAD.total_seconds() + 1


def test_a_promise_for_monday_morning_comes_back_on_friday() -> None:
    calendar = Calendar(parse_hours("mon-fri 09:00-17:00"))
    friday, monday = datetime(2026, 3, 13, 10, tzinfo=UTC), datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    assert remind_at(friday, monday, calendar).date() == friday.date()
    assert calendar.between(remind_at(friday, monday, calendar), monday) == pytest.approx(5400, abs=1)


def test_working_days_of_a_team_that_never_closes_are_monday_to_friday() -> None:
    days = TeamDays(Calendar(ALWAYS))
    assert [days.is_working(date(2026, 3, day)) for day in range(9, 16)] == [True] * 5 + [False] * 2
    weekend = TeamDays(Calendar(parse_hours("sat-sun 10:00-16:00")))
    assert weekend.is_working(date(2026, 3, 14))
    assert weekend.closing(date(2026, 3, 9)) is None
