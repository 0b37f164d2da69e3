"""What deliveries of the other platforms tell of a source: pure, and what comes of it in the store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.errors import FormatChanged
from connectors.facebook import Facebook, FacebookOptions
from connectors.instagram import Instagram, InstagramOptions
from connectors.linkedin import LinkedIn
from connectors.linkedin.page import LinkedInOptions
from connectors.threads import Threads, ThreadsOptions
from connectors.tiktok import TikTok
from connectors.tiktok.account import TikTokOptions
from connectors.webhooks import Delivery, Told
from connectors.x import X, XOptions
from pipeline.told import Deliveries
from store import intake
from store.engine import Store
from store.meter_standings import standings
from store.schedule import lease_source, release
from store.schema import source_schedule
from tests.conftest import Clock
from tests.connectors.contracts import contract
from tests.connectors.loopback import listening
from tests.connectors.x.saying import OUR_NAME, US
from tests.connectors.x.site import XSite
from tests.connectors.x.test_server import Connected, source
from tests.pipeline.bench import kept
from tests.replying.house import House

AT = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)


def delivery(told: Any) -> Delivery:
    return Delivery(orjson.dumps(told), AT)


def x(**more: Any) -> X:
    return X(XOptions(account=OUR_NAME, account_id=US, mentions=True, **more))


def threads() -> Threads:
    return Threads(ThreadsOptions(username="acme"))


def tiktok(account: str | None = "open-1") -> TikTok:
    return TikTok(TikTokOptions(business_id=account, username="acme"))


def linkedin() -> LinkedIn:
    return LinkedIn(LinkedInOptions(organization="1234"))


def activity(kind: str, payload: dict[str, Any] | None = None, user: str = US) -> dict[str, Any]:
    return {"data": {"event_type": kind, "filter": {"user_id": user}, "payload": payload or {}}}


def of_threads(field: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "app_id": "123456", "topic": "moderate", "target_id": "78901", "time": 1723226877, "subscription_id": "2",
        "has_uid_field": False, "values": {"value": value, "field": field},
    }  # fmt: skip


def of_tiktok(action: str, account: str = "open-1") -> dict[str, Any]:
    content = f'{{"comment_id":7301234567890123456,"video_id":7291234567890123456,"comment_action":"{action}"}}'
    return {"client_key": "k", "event": "comment.update", "user_openid": account, "content": content}


def of_linkedin(page: str) -> dict[str, Any]:
    return {"notifications": [{"notificationId": 1, "organizationalEntity": page, "action": "COMMENT"}]}


DUE = Told(due=True)


def test_threads_is_read_for_replies_and_mentions_and_forgets_own_posts_that_were_removed() -> None:
    assert threads().told(delivery(of_threads("replies", {"id": "8901234", "username": "jo"}))) == DUE
    assert threads().told(delivery(of_threads("mentions", {"id": "8901234", "username": "jo"}))) == DUE
    told = threads().told(delivery(of_threads("delete", {"id": "5", "username": "Acme"})))
    assert told is not None
    assert (told.due, [each.external_id for each in told.deleted]) == (False, ["5"])
    assert threads().told(delivery(of_threads("delete", {"id": "5", "username": "jo"}))) == Told()
    assert threads().told(delivery({"object": "page", "entry": []})) is None


@pytest.mark.parametrize("kind", ["post.mention.create", "post.reply.create", "post.quote.create", "post.create"])
def test_a_post_that_x_tells_of_is_a_reason_to_look_and_costs_what_a_post_costs(kind: str) -> None:
    told = x().told(delivery(activity(kind, {"id": "1", "text": "hey @acme"})))
    assert told is not None
    assert (told.due, told.spent) == (True, {"usd_day": 0.005, "usd_month": 0.005})
    assert x().told(delivery(activity(kind, user="999"))) is None


def test_x_tells_of_own_posts_that_were_removed_and_of_nothing_when_people_like() -> None:
    told = x().told(delivery(activity("post.delete", {"id": "77", "author_id": US})))
    assert told is not None
    assert ([each.external_id for each in told.deleted], told.due) == (["77"], False)
    assert x().told(delivery(activity("post.delete", {"id": "77", "author_id": "2"}))).deleted == ()  # type: ignore[union-attr]
    assert x().told(delivery(activity("like.create"))) == Told()
    for kind in ("follow.follow", "dm.indicate_typing", "dm.read", "chat.sent"):
        assert x().told(delivery(activity(kind))) == Told()
    told = x().told(delivery(activity("dm.received", {"id": "5"})))
    assert told is not None
    assert (told.due, told.spent) == (True, {"usd_day": 0.01, "usd_month": 0.01})


def test_the_older_envelope_and_the_stream_of_x_are_read_too() -> None:
    assert x().told(delivery({"for_user_id": US, "tweet_create_events": [{"id_str": "1"}]})) == DUE
    assert x().told(delivery({"for_user_id": US, "direct_message_events": [{}]})) == DUE
    assert x().told(delivery({"for_user_id": US, "favorite_events": [{}]})) == Told()
    gone = x().told(delivery({"for_user_id": US, "tweet_delete_events": [{"status": {"id": "5", "user_id": US}}, 7]}))
    assert gone is not None
    assert [each.external_id for each in gone.deleted] == ["5"]
    assert x().told(delivery({"for_user_id": "999", "tweet_create_events": [{}]})) is None
    stream = {"data": {"id": "1", "text": "acme"}, "matching_rules": [{"id": "1", "tag": "brand"}]}
    told = x().told(delivery(stream))
    assert told is not None
    assert told.due
    assert x(search=False).told(delivery(stream)) is None


def test_every_event_that_x_knows_is_understood_or_no_reason_to_look() -> None:
    schema = contract("x-api/openapi-2.167-2026-08-22.json")["components"]["schemas"]
    kinds = schema["ActivityStreamingResponsePayload"]["discriminator"]["mapping"]
    assert {"post.mention.create", "post.delete", "follow.follow"} <= set(kinds)
    for kind in kinds:
        told = x().told(delivery(activity(kind, {"id": "1", "author_id": US})))
        assert told is not None
        assert told.due == (kind.startswith("post.") and kind not in {"post.delete", "post.repost.create"})


def test_the_subscriptions_that_the_documentation_names_are_of_the_platforms_own_kinds() -> None:
    schema = contract("x-api/openapi-2.167-2026-08-22.json")["components"]["schemas"]
    asked = schema["CreateActivitySubscriptionRequest"]["properties"]
    page = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
    named = set(re.findall(r"`((?:post|dm)\.[a-z.]+)`", page))
    assert {"post.mention.create", "dm.received"} <= named
    assert named <= set(asked["event_type"]["enum"])
    assert "webhook_id" in asked


def test_tiktok_is_read_when_a_comment_came_and_forgets_one_that_was_removed() -> None:
    assert tiktok().told(delivery(of_tiktok("insert"))) == DUE
    assert tiktok().told(delivery(of_tiktok("set_to_hidden"))) == DUE
    told = tiktok().told(delivery(of_tiktok("delete")))
    assert told is not None
    assert [each.external_id for each in told.deleted] == ["7301234567890123456"]
    assert tiktok().told(delivery(of_tiktok("insert", "open-2"))) is None
    assert tiktok(None).told(delivery(of_tiktok("insert", "open-2"))) == DUE
    assert tiktok().told(delivery({"event": "video.publish.complete", "user_openid": "open-1"})) == Told()


def test_linkedin_is_read_when_its_page_has_news() -> None:
    assert linkedin().told(delivery(of_linkedin("urn:li:organization:1234"))) == DUE
    assert linkedin().told(delivery(of_linkedin("urn:li:organization:99"))) is None


@pytest.mark.parametrize("connector", [x, tiktok, linkedin, threads])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"7", b'{"data":[]}', b'{"event":7}', b'{"topic":"x"}', b"\xff"])
def test_a_body_that_is_nothing_of_the_platform_says_so(connector: Any, body: bytes) -> None:
    with pytest.raises(FormatChanged):
        connector().told(Delivery(body, AT))


KEYS = st.sampled_from([
    "object", "entry", "id", "changes", "field", "value", "messaging", "item", "verb", "post_id", "comment_id", "media",
    "media_id", "topic", "values", "target_id", "data", "event_type", "filter", "payload", "for_user_id", "event",
    "tweet_delete_events", "status", "matching_rules", "content", "user_openid", "notifications",
    "organizationalEntity",
])  # fmt: skip
WORDS = st.sampled_from(
    ["page", "instagram", "feed", "comment", "remove", "102030405060708", US, "open-1", "", "é", "1"]
)
LEAVES = st.none() | st.booleans() | st.integers(-9, 2**60) | WORDS
BODIES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6))


@given(st.dictionaries(KEYS, BODIES, max_size=6))
def test_no_body_breaks_any_connector(told: dict[str, Any]) -> None:
    facebook = Facebook(FacebookOptions(page="102030405060708"))
    instagram = Instagram(InstagramOptions(account="102030405060708"))
    for connector in (facebook, instagram, threads(), x(), tiktok(), linkedin()):
        try:
            found = connector.told(delivery(told))
        except FormatChanged:
            continue
        assert found is None or all(len(each.id) <= 200 for each in found.ask)


# --- X, over a real store -------------------------------------------------------------------------------------------


@pytest.fixture
def house(store: Store, clock: Clock) -> Iterator[House]:
    site = XSite(clock)
    with listening(site.handle) as url:
        made = House(store, clock, site, url=url, source=source(url))
        made.restart(make=Connected())
        yield made
        made.close()


async def test_what_x_pushed_is_found_by_reading_now_and_stands_in_the_budget(house: House, clock: Clock) -> None:
    named = house.server.ask("wanneer zijn jullie klaar")
    reader = Deliveries(house.collector, [house.source], {"x": ["x"]})
    lease = lease_source(house.store, "x", owner="w", now=clock(), lease=timedelta(minutes=1))
    assert lease is not None
    release(house.store, lease, due_at=clock() + timedelta(minutes=5), pace_s=300, failures=0)
    clock.step(minutes=2)
    intake.take_in(house.store, "x", orjson.dumps(activity("post.mention.create", {"id": named})), now=clock())
    await reader.tick()
    await reader.settled()
    with house.store.read() as conn:
        assert conn.execute(select(source_schedule.c.due_at)).scalar_one() == clock()
        day, _ = sorted(standings(conn, clock(), source_ids=["x"]), key=lambda each: each.name)
    assert Decimal(day.used) / 1_000_000 == Decimal("0.005")
    assert kept(house.store) == []
    await house.collect()
    assert [row.external_id for row in kept(house.store)] == [named]


async def test_an_event_is_paid_once_however_often_it_has_to_wait(house: House, clock: Clock) -> None:
    reader = Deliveries(house.collector, [house.source], {"x": ["x"]})
    lease = lease_source(house.store, "x", owner="w", now=clock(), lease=timedelta(minutes=2))
    assert lease is not None
    intake.take_in(house.store, "x", orjson.dumps(activity("post.reply.create", {"id": "1"})), now=clock())
    for _ in range(5):
        assert await reader.tick() == 1
        await reader.settled()
        clock.step(seconds=5)
    with house.store.read() as conn:
        day, _ = sorted(standings(conn, clock(), source_ids=["x"]), key=lambda each: each.name)
    assert Decimal(day.used) / 1_000_000 == Decimal("0.005")
