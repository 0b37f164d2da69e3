"""Messages that programs push: checked one by one, kept before the answer, read by the worker once."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import func, select

from connectors.contract import Query
from connectors.errors import FormatChanged
from connectors.push import PushConnector, PushedMessage
from connectors.push.connector import PushOptions
from connectors.webhooks import Delivery
from inbox.tokens.scopes import Scope
from pipeline.settings import SourceSettings
from pipeline.told import Deliveries
from store.schema import intake
from store.source_health import totals
from tests.replying.house import House
from tests.store.making import NOW
from tests.web.outside import Outside, Program, refused

GOOD = {"external_id": "r-1", "text": "Mijn pakket is kwijt"}


@pytest.fixture
def shop(outside: Outside) -> Program:
    return outside.program(outside.token(Scope.WRITE_MENTIONS, Scope.READ_MENTIONS, source_ids=("shop",)))


def worker_reads(outside: Outside) -> None:
    """What the worker does within its next second."""

    async def read() -> None:
        source = SourceSettings(id="shop", connector="push", match="all")
        house = House(outside.store, outside.clock, None, url="http://127.0.0.1", source=source)
        reader = Deliveries(house.collector, [source], {"push:shop": ["shop"]})
        await reader.tick()
        await reader.settled()
        house.route()
        house.close()

    asyncio.run(read())


def test_what_is_pushed_is_a_message_of_its_source_once_the_worker_read_it(outside: Outside, shop: Program) -> None:
    said = {
        **GOOD,
        "published_at": "2026-03-10T10:30:00+01:00",
        "author": {"id": "c-7", "name": "Piet"},
        "kind": "review",
        "rating": 2,
        "rating_scale": 5,
        "url": "https://shop.example/reviews/1",
        "tags": ["levering"],
    }
    answer = shop.push(said)
    assert answer.status_code == 202
    assert answer.json() == {
        "source": "shop",
        "accepted": [{"index": 0, "external_id": "r-1"}],
        "rejected": [],
    }
    assert shop.data("/mentions") == []
    worker_reads(outside)
    (row,) = shop.data("/mentions", external_id="r-1")
    assert (row["text"], row["source_id"], row["rating"], row["author_name"]) == (GOOD["text"], "shop", 0.4, "Piet")
    assert row["published_at"] == "2026-03-10T09:30:00Z"
    assert row["conversation_status"] == "new"


def test_the_same_message_again_is_one_and_other_words_are_an_edit(outside: Outside, shop: Program) -> None:
    for text in ("eerst", "eerst", "toen"):
        assert shop.push({"external_id": "r-1", "text": text}).status_code == 202
    worker_reads(outside)
    (row,) = shop.data("/mentions")
    assert (row["text"], row["revision"]) == ("toen", 1)
    with outside.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(intake)).scalar_one() == 2  # the same body came once


def test_bad_messages_are_told_one_by_one_and_do_not_hold_up_the_good(outside: Outside, shop: Program) -> None:
    bad: list[Any] = [
        {"external_id": "r-2"},
        {"external_id": "r-3", "text": "x", "rating": 4},
        {"external_id": "r-4", "text": "x", "published_at": "2031-01-01T00:00:00Z"},
        {"external_id": "r-5", "text": "x", "published_at": "2026-03-10T00:00:00"},
        {"external_id": "r-6", "text": "x", "url": "javascript:alert(1)"},
        {"external_id": "r-7", "text": "x", "sentiment": "positive"},
        {"external_id": "", "text": "x"},
        {"external_id": "a\x00b", "text": "x"},
        {"external_id": "r-8", "text": "x" * 100_001},
        {"text": "x"},
        "no object",
        None,
        17,
        [],
    ]
    told = shop.push(GOOD, *bad, {"external_id": "r-9", "title": "Ook goed"}).json()
    assert [one["external_id"] for one in told["accepted"]] == ["r-1", "r-9"]
    assert [one["index"] for one in told["rejected"]] == list(range(1, len(bad) + 1))
    for one in told["rejected"]:
        assert one["problems"]
        assert all(each["detail"].endswith(".") for each in one["problems"])
    assert "javascript" not in str(told)  # nothing is repeated of what was wrong
    worker_reads(outside)
    assert len(shop.data("/mentions")) == 2


def test_a_push_of_which_nothing_can_be_used_is_refused(outside: Outside, shop: Program) -> None:
    answer = shop.push({"external_id": "1"}, {"external_id": "2", "text": "x", "likes": -1})
    assert "None of these" in refused(answer, 422)
    assert [one["at"].split(".")[:2] for one in answer.json()["problems"]] == [["mentions", "0"], ["mentions", "1"]]
    with outside.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(intake)).scalar_one() == 0


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "😀" * 500, "Z̸̡͝a̴l̵g̶o̷" * 500, "\u202e\u2066عربي\u2069", "日本語 русский αβγ", "a\x00b"]
)
def test_any_text_is_taken_and_read_in_time(outside: Outside, shop: Program, text: str) -> None:
    assert shop.push({"external_id": "r-1", "text": text}).json()["accepted"]
    worker_reads(outside)
    (row,) = shop.data("/mentions")
    assert row["text"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {"Content-Type": "application/json"}, 400),
        (b"{", {"Content-Type": "application/json"}, 400),
        (b"\xff\xfe", {"Content-Type": "application/json"}, 400),
        (b'{"mentions": [{"external_id": "\\ud800", "text": "x"}]}', {"Content-Type": "application/json"}, 400),
        (b"[" * 5_000 + b"]" * 5_000, {"Content-Type": "application/json"}, 400),
        (b"[]", {"Content-Type": "application/json"}, 422),
        (b'{"mentions": []}', {"Content-Type": "application/json"}, 422),
        (b'{"mentions": {}}', {"Content-Type": "application/json"}, 422),
        (b'{"mentions": [], "more": 1}', {"Content-Type": "application/json"}, 422),
        (b'{"mentions": [' + b"1," * 500 + b"1]}", {"Content-Type": "application/json"}, 422),
        (b" " * 4_000_001, {"Content-Type": "application/json"}, 413),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {}, 415),
    ],
)
def test_a_body_that_is_no_push_is_refused_in_words(
    outside: Outside, shop: Program, body: bytes, headers: dict[str, str], status: int
) -> None:
    refused(shop.ask("POST", "/api/v1/mentions", content=body, headers=headers), status)
    with outside.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(intake)).scalar_one() == 0


def test_a_token_writes_to_its_own_sources_only_and_only_where_pushing_is_meant(
    outside: Outside, shop: Program
) -> None:
    assert shop.push(GOOD, source="shop").status_code == 202
    assert "may not write" in refused(shop.push(GOOD, source="forum"), 403)
    elsewhere = outside.program(outside.token(Scope.WRITE_MENTIONS, source_ids=("forum",)))
    assert "connector: push" in refused(elsewhere.push(GOOD), 409)


def test_health_of_a_source_that_is_pushed_to_tells_when_it_last_was(outside: Outside, shop: Program) -> None:
    shop.push(GOOD)
    outside.clock.step(seconds=2)
    worker_reads(outside)
    (told,) = [one for one in shop.data("/sources") if one["id"] == "shop"]
    assert (told["health"], told["stored"]) == ("ok", 1)
    assert told["last_item_at"] == "2026-03-10T10:00:02Z"
    with outside.store.read() as conn:
        assert totals(conn)["shop"].stored == 1


messages = st.fixed_dictionaries(
    {"external_id": st.text(min_size=1, max_size=600)},
    optional={
        "text": st.text(max_size=50),
        "html": st.text(max_size=50),
        "title": st.text(max_size=20),
        "rating": st.one_of(st.floats(allow_nan=False), st.integers()),
        "rating_scale": st.one_of(st.floats(allow_nan=False), st.integers()),
        "url": st.one_of(st.just("https://shop.example/1"), st.text(max_size=20)),
        "lang": st.one_of(st.just("nl"), st.text(max_size=8)),
        "published_at": st.one_of(st.datetimes(timezones=st.timezones()).map(str), st.text(max_size=10)),
        "tags": st.lists(st.text(max_size=10), max_size=3),
        "author": st.one_of(st.none(), st.fixed_dictionaries({"id": st.text(max_size=5)})),
        "visibility": st.sampled_from(["public", "private", "secret"]),
    },
)


@given(st.lists(messages, max_size=5))
def test_whatever_is_accepted_is_read_by_the_connector(given_messages: list[dict[str, Any]]) -> None:
    """The check at the door and the reading behind it are one, so that a 202 never ends in quarantine."""
    kept = []
    for each in given_messages:
        try:
            made = PushedMessage.model_validate_json(orjson.dumps(each), context={"now": NOW})
        except (ValidationError, orjson.JSONEncodeError):
            continue
        kept.append(made.model_dump(mode="json", exclude_defaults=True))
    told = PushConnector(PushOptions()).told(Delivery(orjson.dumps({"source": "shop", "mentions": kept}), NOW))
    assert told.page is not None
    assert not told.page.rejected
    assert [item.external_id for item in told.page.items] == [one["external_id"] for one in kept]


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"source": 1, "mentions": []}', b'{"source": "a", "mentions": 1}'])
def test_a_delivery_that_is_no_push_is_told(body: bytes) -> None:
    with pytest.raises(FormatChanged):
        PushConnector(PushOptions()).told(Delivery(body, NOW))


def test_a_message_is_read_again_from_what_is_kept_of_it() -> None:
    connector = PushConnector(PushOptions())
    body = b'{"source": "shop", "mentions": [{"external_id": "1", "text": "Hoi"}]}'
    page = connector.told(Delivery(body, NOW)).page
    assert page is not None
    (item,) = page.items
    assert connector.reparse(item.raw, item.namespace, Query("webhook", "pushed")) == item
