"""Figures that can be believed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.errors import NotAllowed
from inbox.kpis import KPIS, percentile
from inbox.permissions import Role
from inbox.views import KpiValue
from tests.inbox.conftest import World

DOCS = Path(__file__).parents[2] / "docs"


def figures(world: World, team_id: str | None = None) -> dict[str, KpiValue]:
    token, now = world.token(world.person(Role.ANALYST)), world.clock()
    found = world.inbox.kpis(token, since=now - timedelta(days=7), until=now + timedelta(hours=1), team_id=team_id)
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
        world.inbox.kpis(world.token(world.person(Role.READ_ONLY)), since=now, until=now)


@given(st.lists(st.floats(0, 1e9), min_size=1), st.floats(0, 1))
def test_a_percentile_lies_between_its_neighbours(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found is not None
    assert ordered[0] <= found <= ordered[-1] or found == pytest.approx(ordered[-1])
    assert percentile(ordered, 0) == ordered[0]
    assert percentile(ordered, 1) == ordered[-1]


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 0.5) is None
