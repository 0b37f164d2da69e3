"""Whatever happens to a conversation, its facts are what a slow look at its events, minute by minute, says."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from inbox import clockwork
from inbox.errors import InboxError
from inbox.views import Done
from store import kpi_facts
from tests.inbox.conftest import World

_MINUTE = timedelta(minutes=1)
_WAITS = {"new", "open", "waiting_internal"}
_ANSWERS = {"answered", "answered_by_hand", "reply_sent"}


class _Walk:
    """Steps by chance on one conversation, at whole minutes; what is refused is left."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.rng = world, random.Random(seed)
        self.row_id = world.conversation()
        self.begun_at = world.clock()
        self.last: Done | None = None
        self.agent = world.person()

    def go(self, steps: int) -> None:
        inbox = self.world.inbox
        own: list[Callable[[str], Done]] = [
            lambda token: inbox.claim(token, self.row_id),
            lambda token: inbox.release(token, self.row_id),
            lambda token: inbox.answered_by_hand(token, self.row_id),
            lambda token: inbox.answered_by_hand(token, self.row_id),
            lambda token: inbox.resolve(token, self.row_id),
            lambda token: inbox.resolve(token, self.row_id),
            lambda token: inbox.reopen(token, self.row_id),
            lambda token: inbox.wait_for_customer(token, self.row_id),
            lambda token: inbox.wait_internally(token, self.row_id),
            lambda token: inbox.mark_spam(token, self.row_id),
            lambda token: inbox.not_spam(token, self.row_id),
            lambda token: inbox.ignore(token, self.row_id, reason="niets voor ons"),
            lambda token: inbox.assign_team(token, self.row_id, self.rng.choice(("webcare", "night"))),
            lambda token: inbox.snooze(token, self.row_id, until=self.world.clock() + timedelta(hours=1)),
            lambda token: inbox.undo(token, (self.last and self.last.event_id) or 0),
            lambda token: inbox.undo(token, (self.last and self.last.event_id) or 0),
        ]
        token = ""
        for number in range(steps):
            if number % 8 == 0:
                token = self.world.token(self.agent)
            if self.rng.random() < 0.25:
                self.world.message(self.row_id, "Het is nog steeds stuk")
                self.world.route()
            else:
                with suppress(InboxError):
                    self.last = self.rng.choice(own)(token)
            if self.rng.random() < 0.75:
                self.world.clock.step(minutes=self.rng.randrange(1, 90))
                clockwork.tick(self.world.store, self.world.desk.settings, self.world.clock())


def _standing(events: list[Any]) -> list[Any]:
    gone = {one.undo_of for one in events if one.undo_of is not None}
    return [one for one in events if one.undo_of is None and one.id not in gone]


def _looked_at(events: list[Any], begun_at: datetime) -> dict[str, list[float]]:
    """Minute by minute."""
    standing = _standing(events)
    found: dict[str, list[float]] = {"resolution": [], "waiting": [], "first_response": [], "reopened": []}
    cycle_began, answered = {1: begun_at}, set()
    for place, one in enumerate(standing):
        before, after = one.before or {}, one.after or {}
        if "cycle" in before:
            cycle_began[after["cycle"]] = datetime.fromisoformat(after["cycle_started_at"])
            if before.get("status") == "resolved":
                found["reopened"].append(0.0)
        if one.action in _ANSWERS and one.cycle not in answered:
            answered.add(one.cycle)
            found["first_response"].append((one.at - cycle_began[one.cycle]) / _MINUTE)
        if "status" in before and after["status"] == "resolved":
            minutes, waited, began = 0, 0, cycle_began[one.cycle]
            while began + minutes * _MINUTE < one.at:
                moment = began + minutes * _MINUTE
                moves = [each for each in standing[:place] if each.at <= moment and "status" in (each.before or {})]
                status = moves[-1].after["status"] if moves else "new"
                waited += status in _WAITS
                minutes += 1
            found["resolution"].append(float(minutes))
            found["waiting"].append(float(waited))
    return {kind: sorted(values) for kind, values in found.items()}


@pytest.mark.parametrize("engine_name", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_facts_equal_a_slow_look_at_the_events_whatever_happens(world: World) -> None:
    resolved = 0
    for seed in range(8):
        walk = _Walk(world, seed)
        walk.go(40)
        with world.store.read() as conn:
            facts = kpi_facts.of_conversation(conn, walk.row_id)
        told = {
            kind: sorted((one.wall_s or 0.0) / 60 if kind != "reopened" else 0.0 for one in facts if one.kind == kind)
            for kind in ("resolution", "waiting", "first_response", "reopened")
        }
        assert told == _looked_at(world.events(walk.row_id), walk.begun_at), seed
        resolved += len(told["resolution"])
    assert resolved > 10
