"""What browsers tell of a component, as the server hears it: known numbers are skipped, steps redraw together."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.runtime.scriptrunner import RerunData, RerunException

from screens import components
from screens.components import outbox

PART = "part"


class Heard:
    """A session that hears, and what was done in it. Steps redraw the fragments named in their value."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
        self.done: list[tuple[str, Any]] = []
        self.session: dict[str, Any] = {}
        if monkeypatch is not None:
            monkeypatch.setattr(st, "session_state", self.session)

    def tell(self, told: object) -> list[str] | None:
        """Fragments that are drawn again; empty for the whole page, None when nothing was asked for."""
        self.session[PART] = SimpleNamespace(told=told)
        try:
            outbox.hear(PART, {"act": lambda: self._do("act"), "pick": lambda: self._do("pick"), "fail": self._fail})
        except RerunException as asked:
            return asked.rerun_data.fragment_id_queue
        return None

    def _do(self, event: str) -> None:
        sent = components.sent(PART, event)
        self.done.append((event, sent.get("id")))
        if "draws" in sent:
            raise RerunException(RerunData(fragment_id_queue=list(sent["draws"])))

    def _fail(self) -> None:
        self.done.append(("fail", None))
        raise ZeroDivisionError


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    return Heard(monkeypatch)


def step(n: int, event: str = "act", **value: object) -> dict[str, object]:
    return {"n": n, "event": event, "value": {"id": n, **value}}


def test_steps_are_done_in_their_order_and_each_reads_its_own_value(heard: Heard) -> None:
    assert heard.tell([step(1), step(2, "pick"), step(3)]) is None
    assert heard.done == [("act", 1), ("pick", 2), ("act", 3)]
    assert outbox.heard() == {PART: 3}


def test_a_step_that_is_told_again_is_not_done_again(heard: Heard) -> None:
    heard.tell([step(1)])
    heard.tell([step(1), step(2)])
    heard.tell([step(2)])
    assert heard.done == [("act", 1), ("act", 2)]


@pytest.mark.parametrize(
    ("draws", "drawn"),
    [
        ([["list"]], ["list"]),
        ([["detail"], ["list", "detail"]], ["list", "detail"]),
        ([["list", "detail"], ["nav", "list"]], ["nav", "list", "detail"]),
        ([["list"], []], []),  # one asked for the whole page
        ([["list"], None], []),  # one did not say what it changed
    ],
)
def test_what_any_of_the_steps_changed_is_drawn_again(
    heard: Heard, draws: list[list[str] | None], drawn: list[str]
) -> None:
    told = [step(n, **({} if parts is None else {"draws": parts})) for n, parts in enumerate(draws, 1)]
    assert heard.tell(told) == drawn


def test_a_step_that_fails_is_not_done_again_and_those_after_it_are(heard: Heard) -> None:
    told = [step(1), step(2, "fail"), step(3)]
    with pytest.raises(ZeroDivisionError):
        heard.tell(told)
    heard.tell(told)
    assert [event for event, _id in heard.done] == ["act", "fail", "act"]


def test_a_step_that_is_unknown_is_passed_over(heard: Heard) -> None:
    heard.tell([step(1, "gone"), step(2)])
    assert heard.done == [("act", 2)]


def test_outside_a_step_nothing_was_sent(heard: Heard) -> None:
    heard.tell([step(1)])
    assert components.sent(PART, "act") == {}


@given(some.recursive(some.none() | some.booleans() | some.integers() | some.text(), some.lists, max_leaves=8))
def test_what_is_not_ours_is_not_done(told: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        heard = Heard(patch)
        assert heard.tell(told) is None
        assert heard.done == []


@given(some.data())
def test_whatever_is_replaced_on_the_way_each_step_is_done_once_in_its_order(data: some.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        heard, waiting = Heard(patch), list[dict[str, object]]()
        for n in range(1, 12):
            waiting.append(step(n))
            if data.draw(some.booleans(), label="arrives"):
                heard.tell(list(waiting))
            if data.draw(some.booleans(), label="is drawn"):
                waiting = [one for one in waiting if one["n"] > outbox.heard().get(PART, 0)]  # type: ignore[operator]
        heard.tell(waiting)
        assert heard.done == [("act", n) for n in range(1, 12)]
