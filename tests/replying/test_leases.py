"""Several workers, and workers that were thought dead: one of them sends, and only its word counts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Action, ActionResult
from connectors.discourse import Discourse, DiscourseOptions
from connectors.errors import AuthExpired
from connectors.requests import HttpRequest, Response
from store import outbox
from store.outbox import Came, Outcome
from tests.replying.house import House
from tests.replying.platforms import Forum

ON_THE_FORUM = pytest.mark.parametrize("server", [Forum], indirect=True)


def take(house: House, owner: str) -> list[Any]:
    now = house.clock()
    until = now + timedelta(minutes=3)
    return outbox.take(house.store, owner=owner, now=now, until=until, without_sources=())


@ON_THE_FORUM
async def test_of_many_workers_at_once_one_gets_the_answer(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(seconds=10)
    with ThreadPoolExecutor(6) as workers:
        taken = list(workers.map(lambda worker: take(house, f"worker {worker}"), range(6)))
    assert sorted(len(rows) for rows in taken) == [0, 0, 0, 0, 0, 1]


@ON_THE_FORUM
async def test_what_a_worker_says_that_was_thought_dead_changes_nothing(house: House) -> None:
    token, number = house.agent(), await house.question()
    outbox_id = house.send(token, number).params["outbox_id"]
    house.clock.step(seconds=10)
    (slow,) = take(house, "slow")
    house.clock.step(minutes=4)
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    for came in (Came.REFUSED, Came.LATER, Came.UNKNOWN, Came.DONE, Came.HELD):
        house.settling.record(slow.id, "slow", Outcome(came, house.clock(), "Late", "too late"))
    assert (slow.id, house.of(token, number).state) == (outbox_id, "sent")
    assert len(house.answers(number)) == 1


@ON_THE_FORUM
async def test_an_answer_to_a_source_that_is_gone_fails_in_words(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.source = house.source.model_copy(update={"id": "another"})
    house.restart()
    house.clock.step(seconds=10)
    await house.work()
    assert "no longer configured" in (house.of(token, number).trouble or "")


RENEWAL = ("GET", "/latest.json")


class Expiring(Discourse):
    """A forum whose login runs out and can be renewed."""

    renewed = False

    def acted(self, action: Action, response: Response) -> ActionResult:
        if not self.renewed:
            msg = "the login ran out"
            raise AuthExpired(msg)
        return super().acted(action, response)

    def refresh(self) -> HttpRequest:
        return HttpRequest("http://127.0.0.1/latest.json")

    def refreshed(self, response: Response) -> None:  # noqa: ARG002
        self.renewed = True


@ON_THE_FORUM
async def test_a_login_that_ran_out_is_renewed_once_and_the_answer_goes_out(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    made = Expiring(DiscourseOptions.model_validate(house.source.options))
    house.restart(make=lambda _: made)
    house.server.fates = ["refused"]  # what the forum does with a login that ran out: nothing
    house.clock.step(seconds=10)
    before = house.server.asked.count(RENEWAL)
    await house.work()
    assert house.server.asked.count(RENEWAL) - before == 1
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1
