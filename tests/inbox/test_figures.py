"""Figures that can be believed."""

from __future__ import annotations

import itertools
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from inbox import recall
from inbox.errors import BadInput, NotAllowed
from inbox.kpis.catalogue import KPIS
from inbox.kpis.views import MASKED, Asked, By
from inbox.measuring import snapshots
from inbox.permissions import Role
from inbox.settings import TeamSettings
from inbox.views import KpiValue
from tests.inbox.conftest import SETTINGS, World

DOCS = Path(__file__).parents[2] / "docs"


def figures(world: World, team_id: str | None = None) -> dict[str, KpiValue]:
    token, now = world.token(world.person(Role.ANALYST)), world.clock()
    asked = Asked(now - timedelta(days=7), now + timedelta(hours=1), () if team_id is None else (team_id,))
    found = world.inbox.figures.values(token, asked)
    return {one.id: one for one in found}


@pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)
def test_every_registered_figure_is_documented_with_its_definition(kpi: object) -> None:
    text = " ".join((DOCS / "kpis.md").read_text(encoding="utf-8").split())
    assert f"`{kpi.id}`" in text  # type: ignore[attr-defined]
    assert kpi.definition in text  # type: ignore[attr-defined]


def test_an_empty_workspace_has_figures_without_numbers(world: World) -> None:
    found = figures(world)
    assert set(found) == {kpi.id for kpi in KPIS}
    assert found["backlog"].value == 0
    assert found["relevance_rate"].value is None
    assert found["first_response_time"].value is None
    assert found["oldest_open"].value is None


def test_first_response_and_resolution_add_up_from_events(world: World) -> None:
    token = world.token(world.person())
    for minutes in (10, 20, 60):
        row_id = world.conversation()
        world.clock.step(minutes=minutes)
        world.inbox.answered_by_hand(token, row_id)
        world.inbox.answered_by_hand(token, row_id)  # a second answer is no first response
        world.inbox.resolve(token, row_id)
    world.inbox.resolve(token, world.conversation())  # needed no answer
    waits = world.conversation()
    found = figures(world)
    first = found["first_response_time"]
    assert (first.n, first.value, first.mean) == (3, 1200.0, 1800.0)
    assert first.p90 == pytest.approx(3120)
    assert (first.n_open, first.oldest_open_at) == (1, world.row(waits).unanswered_since)
    resolution = found["resolution_time"]
    assert (resolution.n, resolution.left_out, resolution.value) == (3, 1, 1200.0)
    assert found["backlog"].n == 1
    assert figures(world, "night")["first_response_time"].n == 0
    assert figures(world, "webcare")["first_response_time"].n == 3


def test_a_step_that_was_taken_back_does_not_count(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.clock.step(minutes=5)
    done = world.inbox.answered_by_hand(token, row_id)
    world.inbox.undo(token, done.event_id or 0)
    assert figures(world)["first_response_time"].n == 0
    world.clock.step(minutes=5)
    world.inbox.answered_by_hand(token, row_id)
    assert figures(world)["first_response_time"].value == 600


def test_a_new_cycle_has_its_own_first_response(world: World) -> None:
    row_id, token = world.conversation(), world.token(world.person())
    world.clock.step(minutes=10)
    world.inbox.answered_by_hand(token, row_id)
    world.inbox.resolve(token, row_id)
    world.clock.step(hours=5)
    world.message(row_id, "Het is weer stuk")
    world.route()
    world.clock.step(minutes=2)
    world.inbox.answered_by_hand(token, row_id)
    assert (figures(world)["first_response_time"].n, figures(world)["first_response_time"].value) == (2, 360)


def test_relevance_leaves_archived_ones_out(world: World) -> None:
    token = world.token(world.person())
    rows = [world.conversation() for _ in range(4)]
    world.conversation(status="archived", old=True)
    world.inbox.mark_spam(token, rows[0])
    world.inbox.ignore(token, rows[1], reason="not us")
    found = figures(world)["relevance_rate"]
    assert (found.value, found.n, found.left_out) == (0.5, 4, 1)


def test_inflow_by_first_sight_folds_duplicates(world: World) -> None:
    from store.schema import mention

    rows = [world.conversation() for _ in range(3)]
    with world.store.write() as conn:
        conn.execute(mention.update().where(mention.c.conversation_id == rows[0]).values(dup_of=1))
    found = figures(world)["inflow_first_seen"]
    assert (found.value, found.left_out) == (2, 1)


def test_figures_are_not_for_everybody(world: World) -> None:
    now = world.clock()
    with pytest.raises(NotAllowed):
        world.inbox.figures.values(world.token(world.person(Role.READ_ONLY)), Asked(now - timedelta(days=1), now))


def test_a_figure_of_people_is_masked_where_they_are_too_few(world: World) -> None:
    token = world.token(world.person(Role.LEAD, team_id="webcare"))
    agents = [world.person(team_id="webcare") for _ in range(3)]
    for agent in agents:
        world.inbox.answered_by_hand(world.token(agent), world.conversation())
    asked = Asked(world.clock() - timedelta(days=1), world.clock() + timedelta(hours=1))
    ((key, whole),) = world.inbox.figures.split(token, "first_response_time", asked, "agent")
    assert (key, whole.n) == (MASKED, 3)
    alone = replace(asked, user_id=agents[0].id)
    with pytest.raises(BadInput, match="5 or more"):
        world.inbox.figures.values(token, alone)
    world.person(team_id="night")  # the fifth of all, but webcare still has four
    by_agent = dict(world.inbox.figures.split(token, "first_response_time", asked, "agent"))
    assert {key: one.n for key, one in by_agent.items() if one.n} == {str(agent.id): 1 for agent in agents}
    of_team = world.inbox.figures.split(token, "first_response_time", replace(asked, team_ids=("webcare",)), "agent")
    assert [key for key, _one in of_team] == [MASKED]
    found = {one.id: one for one in world.inbox.figures.values(token, alone)}
    assert found["first_response_time"].n == 1
    assert "backlog" not in found


def test_every_figure_can_be_split_and_the_parts_are_the_whole(world: World) -> None:
    token = world.token(world.person())
    for minutes in (10, 20):
        row_id = world.conversation()
        world.clock.step(minutes=minutes)
        world.inbox.answered_by_hand(token, row_id)
        world.inbox.resolve(token, row_id)
    world.conversation()
    snapshots.snapshot(world.store, world.clock())
    asked = Asked(world.clock() - timedelta(days=1), world.clock() + timedelta(hours=1))
    whole = figures(world)
    for kpi_id, by in itertools.product(whole, get_args(By)):
        if kpi_id != "load" and by != "agent":
            parts = [one for _key, one in world.inbox.figures.split(token, kpi_id, asked, by)]
            assert sum(one.n for one in parts) == whole[kpi_id].n, (kpi_id, by)


def test_what_cannot_be_asked_is_refused_with_a_sentence(world: World) -> None:
    token, now = world.token(world.person()), world.clock()
    asked = Asked(now - timedelta(days=1), now)
    door = world.inbox.figures
    for wrong in (
        lambda: door.values(token, Asked(now, now)),
        lambda: door.values(token, Asked(now, now - timedelta(days=1))),
        lambda: door.values(token, Asked(now.replace(tzinfo=None), now)),
        lambda: door.values(token, Asked(now - timedelta(days=5000), now)),
        lambda: door.split(token, "happiness", asked, "team"),
        lambda: door.split(token, "first_response_time", asked, "moon"),  # type: ignore[arg-type]
        lambda: door.split(token, "load", asked, "day"),
        lambda: door.rows(token, "x" * 100_000, asked),
        lambda: door.rows(token, "first_response_time", asked, "\x00\u202e🧨"),  # type: ignore[arg-type]
    ):
        with pytest.raises(BadInput):
            wrong()
    strange = replace(asked, team_ids=("", "\u202e", "🧨", "z̷̢͓"), source_ids=("a" * 100_000,), brand_ids=('"]',))
    assert {one.n for one in door.values(token, strange)} == {0}


def test_the_backlog_is_kept_once_every_quarter_of_an_hour(world: World) -> None:
    token = world.token(world.person())
    start = world.clock()  # 10:00
    rows = [world.conversation() for _ in range(3)]
    assert snapshots.snapshot(world.store, world.clock())
    world.inbox.resolve(token, rows[0])
    world.clock.step(minutes=14)
    assert not snapshots.snapshot(world.store, world.clock())
    world.clock.step(minutes=2)
    assert snapshots.snapshot(world.store, world.clock())
    world.clock.step(minutes=40)
    view = world.inbox.figures.backlog(token, Asked(start, world.clock()))
    assert [(one.at - start, one.n_open, one.by_team) for one in view.snapshots] == [
        (timedelta(0), 3, {"webcare": 3}),
        (timedelta(minutes=15), 2, {"webcare": 2}),
    ]
    assert (view.live.n_open, view.live.by_status["new"], view.live.unanswered) == (2, 2, 2)
    past = {one.id: one for one in world.inbox.figures.values(token, Asked(start, start + timedelta(minutes=15)))}
    assert past["backlog"].value == 3  # as it stood then, not as it stands now


def answered_after_ten_and_twenty_minutes(world: World) -> tuple[str, Asked]:
    """Two that were answered and one that waits for 15 minutes; somebody's session, and what asks for them."""
    token, since = world.token(world.person()), world.clock()
    for minutes in (10, 20):
        row_id = world.conversation()
        world.clock.step(minutes=minutes)
        world.inbox.answered_by_hand(token, row_id)
    world.conversation()
    world.clock.step(minutes=15)
    return token, Asked(since, world.clock())


def test_what_is_still_open_bends_the_curve(world: World) -> None:
    token, asked = answered_after_ten_and_twenty_minutes(world)
    curve = world.inbox.figures.survival(token, asked)
    # After 10 min 1 of 3 is answered; the open one waits for 15 min, so after 20 min the last one of 1 is.
    assert (curve.n, curve.n_open) == (2, 1)
    assert curve.points == ((600.0, pytest.approx(1 / 3)), (1200.0, pytest.approx(1.0)))


@pytest.mark.parametrize(("within", "counted"), [(599, []), (600, [600]), (86_400, [1200, 600]), (None, [900])])
def test_the_conversations_behind_the_curve_are_those_it_counts(
    world: World, within: float | None, counted: list[float]
) -> None:
    token, asked = answered_after_ten_and_twenty_minutes(world)
    rows, n = world.inbox.figures.begun(token, asked, within=within)
    assert ([row.value for row in rows], n) == (counted, len(counted))
    assert world.inbox.figures.begun(token, asked, within=within, limit=1) == (rows[:1], n)


def test_one_drawing_reads_the_curve_with_its_rows_and_the_backlog_once(world: World) -> None:
    token, asked = answered_after_ten_and_twenty_minutes(world)
    figures = world.inbox.figures

    def both() -> list[object]:
        rows = [figures.begun(token, asked, within=within) for within in (86_400, None)]
        return [figures.survival(token, asked), *rows, figures.backlog(token, asked)]

    def drawing() -> tuple[list[object], int, int]:
        recall.use({})
        first, again = world.n_asked(both), world.n_asked(both)
        return both(), first, again

    apart = both()
    told, first, again = copy_context().run(drawing)
    assert told == apart
    assert again < first < world.n_asked(both)


def test_a_calendar_that_changes_later_changes_no_figure(world: World) -> None:
    token = world.token(world.person())
    row_id = world.conversation(said_at=world.clock() - timedelta(hours=14))  # Monday 21:00 local
    world.inbox.answered_by_hand(token, row_id)  # Tuesday 11:00
    before = figures(world)
    always = SETTINGS.model_copy(update={"teams": (TeamSettings(id="webcare", hours="24/7"),)})
    world.inbox._desk.declared = always
    assert figures(world)["first_response_time"] == before["first_response_time"]
    assert before["first_response_time"].business_value == 7200
    assert figures(world)["sla_met"] == before["sla_met"]


def test_a_missed_deadline_is_noted_once_by_the_clock_and_not_again_by_the_answer(world: World) -> None:
    token, row_id = world.token(world.person()), world.conversation()
    world.clock.step(hours=2)
    assert figures(world)["sla_response_met"].value == 0.0  # before anybody noted it
    assert snapshots.note_missed(world.store, world.desk.settings, world.clock()) == 1
    assert snapshots.note_missed(world.store, world.desk.settings, world.clock()) == 0
    world.inbox.answered_by_hand(token, row_id)
    told = figures(world)["sla_response_met"]
    assert (told.value, told.n) == (0.0, 1)
