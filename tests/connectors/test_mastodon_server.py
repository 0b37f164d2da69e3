"""Against a stateful server of the Mastodon API, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.conformance import MemoryCollector, OtherSide
from connectors.contract import Action, ActionKind, Connector, Interval, Task, Window
from connectors.errors import AuthDead, BadRequest, Forbidden
from connectors.items import Item, Kind, Visibility
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.requests import HttpRequest, HttpResponse, Request
from pipeline.http.client import PoliteClient
from tests.connectors.contracts import every_call_built
from tests.connectors.driver import CLIENT, perform
from tests.connectors.mastodon_contract import answer_misses, request_misses
from tests.connectors.mastodon_posts import credentials, status

pytestmark = pytest.mark.slow  # the server takes ten seconds of processor time to start
mock = pytest.importorskip("mastodon_mock.testing", reason="mastodon-mock is not installed")

ADDED = frozenset({"attribution_domains", "quote_approval_policy"})
"""Where the server departs from the contract: fields it has beside an account's and a post's. Nothing else does."""


@dataclass
class RealServer(OtherSide):
    """The collector's other side is a server on loopback."""

    url: str = ""
    instance: dict[str, Any] | None = None

    def connector(self) -> Connector[Any]:
        return Mastodon(MastodonOptions.model_validate({"instances": [{"url": self.url, **(self.instance or {})}]}))

    def answer(self, request: Request) -> HttpResponse:
        return perform(request, self.now)


@pytest.fixture(scope="module")
def running() -> Iterator[Any]:
    with mock.MockServer() as server:
        yield server


@pytest.fixture
def server(running: Any) -> Any:
    """The server as it was seeded: alice is our account, bob and carol write to us."""
    CLIENT.post(f"{running.base_url}/api/v1/_mock/reset").raise_for_status()
    return running


def platform(server: Any, **instance: Any) -> RealServer:
    return RealServer(now=datetime.now(UTC) + timedelta(seconds=5), url=server.base_url, instance=instance)


def post(server: Any, who: str, text: str, **more: Any) -> dict[str, Any]:
    answer = CLIENT.post(
        f"{server.base_url}/api/v1/statuses",
        json={"status": text, **more},
        headers={"Authorization": f"Bearer {who}_token"},
    )
    answer.raise_for_status()
    read: dict[str, Any] = answer.json()
    return read


def collect(side: RealServer) -> MemoryCollector:
    collector = MemoryCollector(side)
    collector.run()
    return collector


def reply(item: Item, key: str, text: str = "Wij kijken ernaar") -> Action:
    return Action(
        ActionKind.REPLY,
        item.external_id,
        key,
        author_handle=item.author.handle if item.author else None,
        text=text,
        visibility=item.visibility,
        extra=item.extra,
    )


def test_a_hashtag_of_two_pages_is_read_once_and_then_only_what_is_new(server: Any) -> None:
    for number in range(45):
        post(server, "bob", f"bericht {number} #storing")
    side = platform(server, hashtags=["#storing"])
    collector = collect(side)
    assert len(collector.items) == 45
    post(server, "bob", "nog een #storing")
    side.now += timedelta(minutes=5)
    collector.run()
    assert collector.new == 1
    assert collector.ledgers[next(iter(collector.ledgers))].state["knows_min_id"] is True
    side.now += timedelta(minutes=5)
    collector.run()
    assert collector.new == 0


def test_mentions_are_addressed_to_us_and_hang_under_our_own_post(server: Any) -> None:
    ours = post(server, "alice", "Vandaag is er onderhoud")
    question = post(server, "bob", "@alice hoe lang duurt dat?", in_reply_to_id=ours["id"])
    collector = collect(platform(server, token="alice_token", notifications=True))
    found = collector.items[question["uri"], ""]
    assert found.addressed
    assert not found.is_own
    assert found.parent_external_id == ours["uri"]
    assert found.thread_external_id == ours["uri"]
    assert collector.items[ours["uri"], ""].is_own


def test_a_direct_mention_is_private_and_answered_directly(server: Any) -> None:
    post(server, "bob", "@alice mijn klantnummer is 123", visibility="direct")
    side = platform(server, token="alice_token", notifications=True)
    (item,) = collect(side).items.values()
    assert (item.visibility, item.kind) == (Visibility.PRIVATE, Kind.MESSAGE)
    connector, wish = side.connector(), reply(item, "one")
    (sent,) = connector.acted(wish, side.answer(connector.act(wish))).items
    assert sent.visibility is Visibility.PRIVATE


def test_a_reply_sent_twice_with_one_key_exists_once_and_is_ours(server: Any) -> None:
    question = post(server, "bob", "@alice de app doet het niet #storing")
    side = platform(server, token="alice_token", notifications=True)
    (item,) = collect(side).items.values()
    connector, wish = side.connector(), reply(item, "a-key-of-this-wish")
    first = connector.acted(wish, side.answer(connector.act(wish)))
    again = connector.acted(wish, side.answer(connector.act(wish)))
    assert [each.external_id for each in first.items] == [each.external_id for each in again.items]
    (sent,) = first.items
    assert sent.is_own
    assert sent.parent_external_id == question["uri"]
    context = CLIENT.get(f"{server.base_url}/api/v1/statuses/{question['id']}/context").json()
    assert len(context["descendants"]) == 1
    assert "@bob" in CLIENT.get(f"{server.base_url}/api/v1/statuses/{sent.extra['status_id']}").text


def test_a_thread_is_fetched_with_its_links(server: Any) -> None:
    root = post(server, "bob", "eerste #storing")
    middle = post(server, "carol", "@bob tweede #storing", in_reply_to_id=root["id"])
    last = post(server, "bob", "@carol derde", in_reply_to_id=middle["id"])
    side = platform(server, token="alice_token", hashtags=["storing"])
    item = collect(side).items[middle["uri"], ""]
    wish = Action(ActionKind.FETCH_THREAD, item.external_id, "t", extra=item.extra)
    connector = side.connector()
    found = {each.external_id: each for each in connector.acted(wish, side.answer(connector.act(wish))).items}
    assert set(found) == {root["uri"], last["uri"]}
    assert found[last["uri"]].parent_external_id == middle["uri"]
    assert found[last["uri"]].thread_external_id == root["uri"]


def test_a_removed_post_is_told_by_a_recheck_and_our_own_can_be_taken_back(server: Any) -> None:
    post(server, "alice", "verkeerde #storing")
    side = platform(server, token="alice_token", hashtags=["storing"])
    (item,) = collect(side).items.values()
    assert item.is_own
    connector = side.connector()
    for kind in (ActionKind.LIKE, ActionKind.DELETE_OWN, ActionKind.RECHECK):
        wish = Action(kind, item.external_id, "k", extra=item.extra)
        result = connector.acted(wish, side.answer(connector.act(wish)))
    assert [each.external_id for each in result.deleted] == [item.external_id]


def test_a_wrong_token_asks_for_a_person(server: Any) -> None:
    with pytest.raises(AuthDead, match="log in again"):
        collect(platform(server, token="revoked", notifications=True))


def test_an_edit_is_read_again_under_the_same_identity(server: Any) -> None:
    first = post(server, "bob", "prijs is 10 #storing")
    side = platform(server, hashtags=["storing"])
    collector = collect(side)
    CLIENT.put(
        f"{server.base_url}/api/v1/statuses/{first['id']}",
        json={"status": "prijs is 12 #storing"},
        headers={"Authorization": "Bearer bob_token"},
    ).raise_for_status()
    side.now += timedelta(minutes=5)
    collector.run()
    (item,) = collector.items.values()
    assert "12" in (item.html or "")
    assert item.edited_at is not None


def test_our_requests_and_the_servers_answers_keep_to_the_platforms_contract(server: Any) -> None:
    ours = post(server, "alice", "onderhoud #storing")
    post(server, "bob", "@alice #storing hoe lang?", in_reply_to_id=ours["id"])
    side = platform(server, token="alice_token", notifications=True, hashtags=["storing"], terms=["storing"])
    with every_call_built("mastodon/acting.py", "mastodon/lines.py", by=frozenset({"request", "ask"})):
        with suppress(Forbidden):  # the mock's search does not know from:me: it counts as one without full-text search
            collect(side)
        item = collect(platform(server, token="alice_token", notifications=True)).items
        wishes = [
            Action(kind, each.external_id, "k", author_handle="bob", text="dank", extra=each.extra)
            for each in item.values()
            for kind in ActionKind
            if kind is not ActionKind.HIDE
        ]
        requests = [*side.asked, searched(side), *(side.connector().act(wish) for wish in wishes)]
    assert len(requests) > 8
    for request in requests:
        assert isinstance(request, HttpRequest)
        assert request_misses(request) == []
        answer = side.answer(request)
        assert answer_misses(request, answer.status, _without(ADDED, orjson.loads(answer.body))) == []


def _without(names: frozenset[str], body: Any) -> Any:
    if isinstance(body, list):
        return [_without(names, each) for each in body]
    if isinstance(body, dict):
        return {name: _without(names, each) for name, each in body.items() if name not in names}
    return body


def searched(side: RealServer) -> Any:
    """The search itself, which comes once an instance was seen to find our own posts."""
    connector = side.connector()
    query = next(each for each in connector.queries(()) if each.params["kind"] == "search")
    task = Task("s", query, Window(Interval(side.now - timedelta(days=1), side.now)))
    us = credentials("alice", "home.example")
    known: list[Any] = [us, {"accounts": [], "hashtags": [], "statuses": [status("1", us)]}]
    request = connector.plan(task)
    for body in known:
        assert isinstance(request, HttpRequest)
        page = connector.parse(task, side.json(request, body))
        assert page.next is not None
        request = page.next
    return request


def test_the_instance_that_is_no_longer_configured_is_named(server: Any) -> None:
    side = platform(server, hashtags=["storing"])
    with pytest.raises(BadRequest, match=r"gone\.example"):
        side.connector().act(Action(ActionKind.RECHECK, "x", "k", extra={"instance": "gone.example"}))


async def test_the_one_polite_client_reaches_an_instance_that_the_source_names(server: Any) -> None:
    side = platform(server, hashtags=["storing"])
    post(server, "bob", "een #storing")
    connector = side.connector()
    task = Task("s", connector.queries(())[0], Window(Interval(side.now - timedelta(days=1), side.now)))
    request = connector.plan(task)
    assert isinstance(request, HttpRequest)
    async with PoliteClient() as client:
        answer = await client.fetch(request, private_hosts=connector.hosts())
    assert len(connector.parse(task, answer).items) == 1
