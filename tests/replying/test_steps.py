"""Answers of several calls, and threads of several pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Action, ActionResult
from connectors.items import Item, Kind
from connectors.requests import Response
from pipeline.delivery import MOST_ITEMS, worth_keeping
from pipeline.performing import MOST_CALLS, together
from store.engine import Store
from tests.conftest import Clock
from tests.replying.house import House
from tests.replying.press import PAGE, Press, PressConnector, PressOptions


@pytest.fixture
def house(store: Store, clock: Clock) -> Iterator[House]:
    made = House(store, clock, Press(clock))
    yield made
    made.close()


async def test_an_answer_of_two_calls_is_sent_once_and_stored_as_it_stands_there(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    (post,) = house.server.ours()
    view = house.of(token, number)
    (own,) = house.own()
    assert (view.state, own.external_id, own.url) == ("sent", str(post["id"]), view.url)
    assert [path for method, path in house.server.asked if method == "POST"] == ["/drafts", "/drafts/draft0/publish"]


async def test_a_draft_that_was_never_published_leaves_nothing_visible_and_a_new_one_is_made(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["works", "lost"]
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "unknown"
    assert house.server.ours() == []
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1


async def test_a_limit_met_between_the_two_calls_is_waited_out(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["works", "limited"]
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "queued"
    house.clock.step(seconds=21)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1


async def test_our_answer_is_found_on_a_later_page_of_its_thread(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["works", "unheard"]
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "unknown"
    for n in range(2 * PAGE):
        house.clock.step(seconds=6)
        house.server.ask(f"En {n}? #acme", to=100)
    house.server.unlisted = set(house.server.posts)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1
    assert sum(path == "/thread" for _, path in house.server.asked) > 1


async def test_what_stands_beyond_the_pages_that_are_read_is_not_taken_for_missing(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.server.fates = ["works", "unheard"]
    house.clock.step(seconds=10)
    await house.work()
    for n in range(MOST_CALLS * PAGE + 5):
        house.clock.step(seconds=1)
        house.server.ask(f"En {n}? #acme", to=100)
    house.server.unlisted = set(house.server.posts)
    for _ in range(40):
        house.clock.step(minutes=6)
        await house.work()
    assert house.of(token, number).state == "unknown"
    assert len(house.server.ours()) == 1
    house.server.unlisted = set()
    await house.collect()
    assert house.of(token, number).state == "sent"
    assert len(house.server.ours()) == 1


class _Endless(PressConnector):
    """Wants ever another call."""

    def acted(self, action: Action, response: Response) -> ActionResult:
        del response
        return ActionResult(next=self.act(action))


async def test_a_write_that_never_ends_is_left_off_and_looked_after(house: House) -> None:
    token, number = house.agent(), await house.question()
    house.send(token, number)
    house.restart(make=lambda source: _Endless(PressOptions.model_validate(source.options)))
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "unknown"
    assert sum(method == "POST" for method, _ in house.server.asked) == MOST_CALLS


def _item(number: int, **more: Any) -> Item:
    at = datetime(2026, 3, 10, tzinfo=UTC) + timedelta(minutes=number)
    return Item(str(number), Kind.POST, published_at=at, **more)


def test_answers_of_one_action_count_together() -> None:
    first = ActionResult((_item(1),), parent="0", spent={"USD": 1.0})
    second = ActionResult((_item(2),), held_for_moderation=True, spent={"USD": 0.5, "calls": 1})
    both = together(first, second)
    assert [item.external_id for item in both.items] == ["1", "2"]
    assert (both.parent, both.held_for_moderation) == ("0", True)
    assert both.spent == {"USD": 1.5, "calls": 1}
    assert together(ActionResult(), ActionResult()).spent is None


def test_of_a_long_thread_our_own_posts_and_the_newest_are_kept_whichever_way_it_is_told() -> None:
    thread = [_item(n, is_own=n == 3) for n in range(MOST_ITEMS + 50)]
    wanted = {3, *range(51, MOST_ITEMS + 50)}
    kept = worth_keeping(thread)
    assert [int(item.external_id) for item in kept] == sorted(wanted)
    assert [int(item.external_id) for item in worth_keeping(thread[::-1])] == sorted(wanted, reverse=True)
