"""When a broken stream is entered again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import AuthDead, BadRequest, BudgetExhausted, Forbidden, RateLimited, Transient
from connectors.requests import Reconnect
from pipeline.rejoining import Rejoining

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BROKE = Transient("it broke")


def waits(error: Exception, times: int, *, refused: bool = False) -> list[float | None]:
    rejoining = Rejoining(Reconnect())
    return [rejoining.wait(error, NOW, refused=refused) for _ in range(times)]  # type: ignore[arg-type]


def test_breaks_wait_a_step_longer_each_and_trouble_twice_as_long() -> None:
    assert waits(BROKE, 3) == [0.25, 0.5, 0.75]
    assert waits(BROKE, 100)[-1] == 16
    assert waits(BROKE, 8, refused=True) == [5, 10, 20, 40, 80, 160, 320, 320]
    assert waits(Transient("busy", retry_after_s=60), 2, refused=True) == [60, 60]
    assert waits(RateLimited("too many"), 3, refused=True) == [60, 120, 240]


def test_an_instant_that_the_platform_names_is_kept_to() -> None:
    assert waits(RateLimited("too many", until=NOW + timedelta(minutes=9)), 2) == [541, 541]


@pytest.mark.parametrize("error", [AuthDead(""), Forbidden(""), BadRequest(""), BudgetExhausted("")])
def test_coming_back_does_not_help_where_somebody_has_to_act(error: Exception) -> None:
    assert waits(error, 1) == [None]


def test_a_stream_without_a_rule_is_not_entered_again() -> None:
    assert Rejoining(None).wait(BROKE, NOW, refused=False) is None


@given(st.lists(st.sampled_from(["broke", "refused", "limited", "heard"]), max_size=40))
def test_no_wait_is_ever_negative_or_beyond_its_bound_and_a_sign_of_life_begins_anew(ends: list[str]) -> None:
    rejoining, rule = Rejoining(Reconnect()), Reconnect()
    for end in ends:
        if end == "heard":
            rejoining.heard()
            continue
        error = RateLimited("") if end == "limited" else BROKE
        wait = rejoining.wait(error, NOW, refused=end != "broke")
        assert wait is not None
        assert wait > 0
        assert wait <= {"broke": rule.longest_step, "refused": rule.longest_trouble}.get(end, float("inf"))
    rejoining.heard()
    assert rejoining.wait(BROKE, NOW, refused=False) == rule.step
