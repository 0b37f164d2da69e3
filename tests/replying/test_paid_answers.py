"""Answers that cost something: counted like what is read, never sacrificed to it, and never sent above the limit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.contract import Action, ActionKind, ActionResult, Connector, Meter, Options, Period
from connectors.discourse.connector import Discourse
from connectors.requests import HttpRequest, Request, Response
from pipeline.settings import SourceSettings
from store.meter_standings import MeterStanding, standings
from store.meters import MICRO, settle
from store.records import MeterCharge
from tests.replying.house import House
from tests.replying.platforms import Forum

pytestmark = pytest.mark.parametrize("server", [Forum], indirect=True)


class PaidForum(Discourse):
    """The forum, if it took up to 20 cents for an answer and 10 for showing a thread."""

    def meters(self) -> tuple[Meter, ...]:
        return (Meter("usd", "USD", 1.0, Period.DAY, "UTC"),)

    def act(self, action: Action) -> Request:
        request = super().act(action)
        assert isinstance(request, HttpRequest)
        return replace(request, price={"usd": 0.2 if action.kind is ActionKind.REPLY else 0.1})

    def acted(self, action: Action, response: Response) -> ActionResult:
        result = super().acted(action, response)
        return replace(result, spent={"usd": 0.015}) if action.kind is ActionKind.REPLY else result


def paid(source: SourceSettings) -> Connector[Options]:
    return PaidForum(PaidForum.options_type.model_validate(source.options))


async def asked(house: House) -> tuple[str, int]:
    house.restart(make=paid)
    return house.agent(), await house.question()


def already_used(house: House, usd: float) -> None:
    day = house.clock().date()
    settle(house.store, house.source.id, [MeterCharge("usd", day, used=int(usd * MICRO), calls=1)])


def meter(house: House) -> MeterStanding:
    with house.store.read() as conn:
        (found,) = standings(conn, house.clock())
    return found


async def test_an_answer_is_charged_what_it_really_cost(house: House) -> None:
    token, number = await asked(house)
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert (meter(house).used, meter(house).held) == (15_000, 0)


async def test_an_answer_goes_out_where_reading_had_to_stop(house: House) -> None:
    token, number = await asked(house)
    already_used(house, 0.8)  # 10 cents more and reading stops; the answer may cost 20
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "sent"


async def test_an_answer_above_the_limit_waits_for_the_next_day_and_goes_out_then(house: House) -> None:
    token, number = await asked(house)
    already_used(house, 0.9)
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    assert house.server.ours() == []
    view = house.of(token, number)
    assert (view.state, view.trouble) == ("queued", "0.90 of 1 USD a day used")
    house.clock.step(timedelta(hours=13, minutes=59))
    await house.work()
    assert (house.of(house.agent(), number).state, len(house.server.ours())) == ("sent", 1)


async def test_an_answer_that_never_left_costs_nothing(house: House) -> None:
    token, number = await asked(house)
    house.server.fates = ["unreachable"]
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    assert (meter(house).used, house.of(token, number).state) == (0, "queued")


async def test_an_answer_of_which_nothing_is_known_counts_as_its_whole_price(house: House) -> None:
    token, number = await asked(house)
    house.server.fates = ["garbled"]
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    assert (meter(house).used, meter(house).held) == (200_000, 0)
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert len(house.server.ours()) == 1
    assert meter(house).used == 300_000, "looking for it cost the price of a thread"


async def test_what_is_only_read_leaves_the_part_for_answers_alone(house: House) -> None:
    token, number = await asked(house)
    already_used(house, 0.85)
    house.inbox.replies.recheck(token, house.row(number).first_mention_id)
    await house.work()
    assert meter(house).used == 850_000
