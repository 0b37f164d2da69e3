"""Deliveries that wait, are refused, or cannot be read: none is lost, and none holds up another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.replay import retry_quarantine
from pipeline.settings import SourceSettings
from pipeline.told import Deliveries
from store.engine import Store
from store.quarantine import list_quarantine
from store.schedule import lease_source, release
from store.schema import query_state
from tests.conftest import Clock
from tests.connectors.facebook_page import PAGE, FacebookPage
from tests.connectors.meta_fake import error
from tests.connectors.meta_server import Refused, served
from tests.webhooks.place import Place, comment_told, opened
from tests.webhooks.street import push, told_of


async def test_many_pushes_ask_for_one_reading_and_never_press_the_platform(facebook: Place) -> None:
    facebook.polled()
    for number in range(30):
        value = {"item": "post", "verb": "add", "post_id": str(number)}
        assert push(facebook.url, told_of("page", PAGE, facebook.house.clock(), ("feed", value))).status_code == 200
    await facebook.read()
    first = facebook.house.clock()
    assert facebook.due_at() == first
    facebook.house.clock.step(seconds=2)
    facebook.polled()
    value = {"item": "post", "verb": "add", "post_id": "late"}
    await facebook.push(told_of("page", PAGE, facebook.house.clock(), ("feed", value)))
    assert facebook.due_at() > facebook.house.clock()  # twenty seconds between two
    facebook.house.clock.step(seconds=20)
    await facebook.read()
    assert facebook.due_at() == facebook.house.clock()


async def test_a_push_during_a_reading_leads_to_another_one_behind_it(facebook: Place) -> None:
    now = facebook.house.clock()
    minute = facebook.house.clock().replace(minute=now.minute + 2) - now
    lease = lease_source(facebook.house.store, "fb", owner="w", now=now, lease=minute)
    assert lease is not None
    value = {"item": "post", "verb": "add", "post_id": "1"}
    await facebook.push(told_of("page", PAGE, facebook.house.clock(), ("feed", value)))
    assert facebook.outcomes() == ["waiting"]
    facebook.house.clock.step(seconds=5)
    later = facebook.house.clock() + minute
    release(facebook.house.store, lease, due_at=later, pace_s=300, failures=0)
    await facebook.read()
    assert (facebook.outcomes(), facebook.due_at()) == (["read"], facebook.house.clock())


async def test_a_source_that_waits_after_failures_is_not_hurried(facebook: Place) -> None:
    now = facebook.house.clock()
    lease = lease_source(facebook.house.store, "fb", owner="w", now=now, lease=now - now)
    assert lease is not None
    later = now.replace(minute=now.minute + 30)
    release(facebook.house.store, lease, due_at=later, pace_s=300, failures=3)
    await facebook.push(told_of("page", PAGE, now, ("feed", {"item": "post", "verb": "add", "post_id": "1"})))
    assert (facebook.outcomes(), facebook.due_at()) == (["read"], later)


async def test_a_limit_lets_the_delivery_wait_and_nothing_is_lost(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Hoeveel?")
    facebook.platform.faults = [(400, {}, error(80001, "There have been too many calls", None))]
    facebook.platform.usage = (100, 12)
    await facebook.push(comment_told(facebook, post, comment))
    assert (facebook.texts(), facebook.outcomes()) == ({}, ["waiting"])
    facebook.platform.usage = None
    facebook.house.clock.step(minutes=11)
    assert await facebook.read() == 0
    facebook.house.clock.step(minutes=2)
    assert await facebook.read() == 1
    assert (list(facebook.texts().values()), facebook.outcomes()) == (["Hoeveel?"], ["read"])


@dataclass
class Scarce(FacebookPage):
    """Answers so many questions, and then asks to wait."""

    allowed: int = 3

    def read(self, path: str, params: dict[str, str]) -> Any:
        if self.allowed == 0:
            raise Refused(80001, "There have been too many calls to this page")
        self.allowed -= 1
        return super().read(path, params)


@pytest.fixture
def scarce(store: Store, clock: Clock) -> Iterator[Place]:
    page = Scarce(clock)
    with served(page) as url:
        options = {"page": PAGE, "token": "very-secret", "url": url}
        source = SourceSettings(id="fb", connector="facebook", match="all", options=options)
        yield from opened(store, clock, page, source, url)


async def test_a_large_delivery_comes_to_its_end_however_few_calls_a_platform_allows_at_once(scarce: Place) -> None:
    post = scarce.platform.post("Tarief")
    told = comment_told(scarce, post, scarce.platform.comment(post, "Vraag 0"))
    for number in range(1, 8):
        more = comment_told(scarce, post, scarce.platform.comment(post, f"Vraag {number}"))
        told["entry"][0]["changes"] += more["entry"][0]["changes"]
    await scarce.push(told)
    for _ in range(2):
        assert scarce.outcomes() == ["waiting"]
        scarce.platform.allowed = 3
        scarce.house.clock.step(hours=1, minutes=1)
        await scarce.read()
    assert scarce.outcomes() == ["read"]
    assert sorted(scarce.texts().values()) == [f"Vraag {number}" for number in range(8)]
    assert len(scarce.platform.asked) == 8 + 2  # each is asked for once; two questions were refused


async def test_a_dead_login_sets_the_delivery_aside_after_two_days_and_it_can_be_tried_again(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Hoeveel?")
    good, facebook.platform.token = facebook.platform.token, "another"
    await facebook.push(comment_told(facebook, post, comment))
    for _ in range(3):
        facebook.house.clock.step(hours=25)
        await facebook.read()
    (row,) = list_quarantine(facebook.house.store)
    assert (facebook.outcomes(), row.source_id, row.query_id) == (["unread"], "fb", "webhook")
    assert "log in again" in row.error
    assert "Error" not in row.error
    facebook.platform.token = good
    report = await retry_quarantine(facebook.house.collector, [facebook.house.source])
    assert report.read == 1
    await facebook.read()
    assert (list(facebook.texts().values()), facebook.outcomes()) == (["Hoeveel?"], ["read"])
    assert list_quarantine(facebook.house.store) == []


@pytest.mark.parametrize("body", [b"no json", b"[]", b"{}", b'{"object":"page"}', b'{"object":"page","entry":{}}'])
async def test_what_cannot_be_read_is_set_aside_with_its_bytes_and_stops_nothing(facebook: Place, body: bytes) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Hoeveel?")
    assert push(facebook.url, body).status_code == 200
    await facebook.push(comment_told(facebook, post, comment))
    assert list(facebook.texts().values()) == ["Hoeveel?"]
    (row,) = list_quarantine(facebook.house.store)
    assert (row.source_id, facebook.outcomes()) == ("fb", ["unread", "read"])


@pytest.mark.parametrize(
    "told",
    [
        {"object": "page", "entry": []},
        {"object": "page", "entry": [None, 7, "x"]},
        {"object": "page", "entry": [{"id": "999", "changes": [{"field": "feed", "value": {"item": "comment"}}]}]},
        {"object": "whatsapp_business_account", "entry": [{"id": PAGE}]},
        {"object": "instagram", "entry": [{"id": PAGE, "changes": []}]},
        {"topic": "moderate", "values": {"field": "replies", "value": {}}},
    ],
)
async def test_what_is_about_somebody_else_leads_to_nothing(facebook: Place, told: dict[str, Any]) -> None:
    facebook.polled()
    due = facebook.due_at()
    await facebook.push(told)
    assert (facebook.outcomes(), facebook.due_at(), facebook.platform.asked) == (["nobody"], due, [])
    assert list_quarantine(facebook.house.store) == []


async def test_a_worker_that_does_not_know_the_webhook_leaves_its_deliveries_to_one_that_does(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Hoeveel?")
    stranger = Deliveries(facebook.house.collector, [facebook.house.source], {"another": ["fb"]})
    assert push(facebook.url, comment_told(facebook, post, comment)).status_code == 200
    assert await stranger.tick() == 1
    await stranger.settled()
    assert facebook.outcomes() == ["waiting"]
    facebook.house.clock.step(minutes=2)
    await facebook.read()
    assert (list(facebook.texts().values()), facebook.outcomes()) == (["Hoeveel?"], ["read"])


async def test_unknown_fields_and_words_are_no_trouble(facebook: Place) -> None:
    value = {"item": "hologram", "verb": "teleport", "post_id": None, "comment_id": 7, "from": None, "new": [{}]}
    told = told_of("page", PAGE, facebook.house.clock(), ("feed", value), ("aura", {"x": 1}))
    told["entry"][0] |= {"changed_fields": ["a"], "time": "yesterday", "messaging": [None]}
    await facebook.push(told)
    assert facebook.outcomes() == ["read"]


async def test_a_thing_that_the_platform_refuses_does_not_hold_up_the_others(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    first, second = (facebook.platform.comment(post, text) for text in ("Een", "Twee"))
    facebook.platform.faults = [(400, {}, error(100, "(#100) Tried accessing nonexisting field", None))]
    told = comment_told(facebook, post, first)
    told["entry"] += comment_told(facebook, post, second)["entry"]
    await facebook.push(told)
    assert list(facebook.texts().values()) == ["Twee"]
    assert len(list_quarantine(facebook.house.store)) == 1


async def test_a_thing_that_we_may_not_see_waits_without_holding_up_the_others(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    first, second = (facebook.platform.comment(post, text) for text in ("Een", "Twee"))
    facebook.platform.faults = [(403, {}, error(10, "(#10) This endpoint requires a permission", None))]
    told = comment_told(facebook, post, first)
    told["entry"] += comment_told(facebook, post, second)["entry"]
    await facebook.push(told)
    assert (list(facebook.texts().values()), facebook.outcomes()) == (["Twee"], ["waiting"])
    facebook.house.clock.step(hours=1, minutes=1)
    await facebook.read()
    assert (sorted(facebook.texts().values()), facebook.outcomes()) == (["Een", "Twee"], ["read"])


async def test_what_was_told_claims_nothing_as_covered(facebook: Place) -> None:
    post = facebook.platform.post("Tarief")
    comment = facebook.platform.comment(post, "Hoeveel?")
    await facebook.push(comment_told(facebook, post, comment))
    with facebook.house.store.read() as conn:
        assert list(conn.execute(select(query_state.c.query_id))) == []
    assert facebook.outcomes() == ["read"]
