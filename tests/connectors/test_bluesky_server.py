"""The real collector, client and store against a server of the network on loopback, answers held to the lexicons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.contract import Action, ActionKind, Target
from connectors.errors import AuthDead, BadRequest, Forbidden
from connectors.items import Item, Kind
from connectors.requests import HttpRequest, HttpResponse, Request
from pipeline.collect import Collector
from pipeline.ledger import Ledger
from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.coverage import covered, open_gaps
from store.engine import Store
from store.schema import author, mention
from tests.conftest import Clock
from tests.connectors.bluesky_network import Network
from tests.connectors.bluesky_posts import CID, JO, US, ref, uri_of
from tests.connectors.driver import perform
from tests.connectors.lexicons import answer_misses, request_misses
from tests.pipeline.bench import collector, enrolled
from tests.replying.platforms import served


@dataclass
class Bench:
    """A source of one network, and the collector that reads it."""

    network: Network
    store: Store
    source: SourceSettings
    collector: Collector
    clock: Clock

    async def collect(self) -> RunReport:
        self.clock.step(minutes=5)
        return await self.collector.collect(self.source)

    def kept(self) -> dict[str, Any]:
        with self.store.read() as conn:
            return {row.external_id: row for row in conn.execute(select(mention))}


def made(url: str, **more: Any) -> Bluesky:
    base = {"handle": "acme.example", "app_password": "geheim", "service": url, "appview": url}
    return Bluesky(BlueskyOptions.model_validate({**base, **more}))


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def network(clock: Clock) -> Network:
    return Network(clock)


@pytest.fixture
def url(network: Network) -> Iterator[str]:
    with served(network) as address:
        yield address


@pytest.fixture
async def bench(network: Network, url: str, store: Store, clock: Clock) -> AsyncIterator[Bench]:
    ledger = Ledger(store)
    source = SourceSettings(id="bluesky", connector="bluesky", every=timedelta(minutes=5))
    enrolled(store, clock(), source)
    connector = made(url)
    yield Bench(network, store, source, collector(ledger, clock, connector=lambda _: connector), clock)
    ledger.close()
    for name, query, body, (status, _, said) in network.answered:
        if status == 200:
            assert not answer_misses(name, said), name
        asked = HttpRequest(
            f"{url}/xrpc/{name}",
            method="GET" if body is None and "refresh" not in name else "POST",
            params=tuple((key, value) for key, values in query.items() for value in values),
            json=body,
        )
        assert not request_misses(asked), name


async def test_three_pages_of_a_word_are_read_once_and_then_only_what_is_new(bench: Bench) -> None:
    bench.network.page = 20
    for number in range(45):
        bench.network.post(f"acme {number}", at=bench.clock() - timedelta(minutes=number))
    report = await bench.collect()
    assert not report.failed
    assert len(bench.kept()) == 45
    bench.network.post("nog eens acme")
    report = await bench.collect()
    assert sum(each.tally.new for each in report.queries) == 1
    assert len(covered(bench.store, "bluesky", "search:acme")) == 1
    assert not open_gaps(bench.store, "bluesky", "search:acme")


async def test_what_answers_us_comes_in_without_a_word_of_ours_and_hangs_below_our_post(bench: Bench) -> None:
    ours = bench.network.post("Vandaag is er onderhoud", US)
    answer = bench.network.post("hoe lang duurt dat?", to=ours)
    await bench.collect()
    kept = bench.kept()
    assert kept[ours].direction == "outbound"
    assert kept[answer].conversation_id == kept[ours].conversation_id
    with bench.store.read() as conn:
        writer = conn.execute(select(author).where(author.c.id == kept[answer].author_id)).one()
    assert (writer.external_id, writer.handle) == (JO, "jo.example")


async def test_a_session_is_begun_renewed_with_a_rotated_token_and_begun_anew(bench: Bench) -> None:
    assert not (await bench.collect()).failed
    assert bench.network.made == 1
    bench.clock.step(hours=2)
    assert not (await bench.collect()).failed
    assert bench.network.renewal == "renewal-2"
    bench.network.renewal = "spent by somebody else"
    bench.clock.step(hours=3)
    assert not (await bench.collect()).failed  # the app password begins another one at once
    assert bench.network.made == 3


async def test_a_revoked_app_password_asks_for_a_person(bench: Bench) -> None:
    bench.network.password = "another"
    report = await bench.collect()
    assert {each.trouble.error_class for each in report.queries if each.trouble} == {"AuthDead"}
    assert "app password" in report.health.text
    assert "geheim" not in report.health.text


async def test_a_limit_is_waited_out_until_the_instant_it_names_and_nothing_is_lost(bench: Bench) -> None:
    bench.network.page = 20
    await bench.collect()
    for number in range(45):
        bench.network.post(f"acme {number}", at=bench.clock())
    bench.network.left = 1
    report = await bench.collect()
    (limited,) = [each for each in report.queries if each.trouble is not None]
    assert limited.trouble is not None
    assert limited.trouble.error_class == "RateLimited"
    assert limited.trouble.not_before == bench.network.resets_at
    bench.clock.step(minutes=4)
    await bench.collect()
    assert len(bench.kept()) == 45


async def test_a_removed_post_is_told_by_a_recheck_of_many_and_the_others_stand(bench: Bench, url: str) -> None:
    posts = [bench.network.post(f"acme {number}") for number in range(3)]
    await bench.collect()
    bench.network.remove(posts[1])
    connector = made(url)
    targets = [Target(each) for each in posts]
    result = connector.rechecked(targets, perform(connector.recheck(targets), bench.clock()))
    assert [each.external_id for each in result.deleted] == [posts[1]]
    assert {each.external_id for each in result.items} == {posts[0], posts[2]}


def logged_in(url: str, clock: Clock) -> Bluesky:
    connector = made(url)
    begun = connector.refresh()
    assert begun is not None
    connector.refreshed(perform(begun, clock()))
    return connector


def acted(connector: Bluesky, action: Action, clock: Clock) -> Any:
    request: Request | None = connector.act(action)
    items: list[Item] = []
    while request is not None:
        result = connector.acted(action, perform(request, clock()))
        items += result.items
        request = result.next
    return result, items


def wish(kind: ActionKind, uri: str, clock: Clock, **more: Any) -> Action:
    extra = {"cid": CID, "root": None, "lang": "nl", **more.pop("extra", {})}
    return Action(kind, uri, "a wish", author_handle="jo.example", at=clock(), extra=extra, **more)


def test_a_thread_of_twenty_levels_is_read_whole_with_its_links(network: Network, url: str, clock: Clock) -> None:
    above = [network.post("de eerste")]
    for number in range(20):
        above.append(network.post(f"nummer {number}", to=above[-1]))
    below = network.post("daaronder", to=above[-1])
    connector = logged_in(url, clock)
    result, items = acted(connector, wish(ActionKind.FETCH_THREAD, above[-1], clock), clock)
    assert [each.external_id for each in items] == [*above[:-1], below]
    assert result.parent == above[-2]
    assert all(each.thread_external_id == above[0] for each in items)


def test_a_removed_parent_leaves_the_rest_of_the_thread(network: Network, url: str, clock: Clock) -> None:
    gone = network.post("weg")
    question = network.post("hier", to=gone)
    network.post("dank", to=question)
    network.remove(gone)
    _, items = acted(logged_in(url, clock), wish(ActionKind.FETCH_THREAD, question, clock), clock)
    assert [each.text for each in items] == ["dank"]
    network.remove(question)
    assert acted(logged_in(url, clock), wish(ActionKind.FETCH_THREAD, question, clock), clock)[1] == []


def test_likes_and_removals_may_be_repeated(network: Network, url: str, clock: Clock) -> None:
    question, ours = network.post("acme is top"), network.post("dank", US)
    connector = logged_in(url, clock)
    for _ in range(2):
        acted(connector, wish(ActionKind.LIKE, question, clock), clock)
        result, _ = acted(connector, wish(ActionKind.DELETE_OWN, ours, clock), clock)
        assert [each.external_id for each in result.deleted] == [ours]
    assert network.view(question)["likeCount"] == 1
    assert ours not in network.records


def test_what_is_not_ours_can_be_neither_taken_back_nor_hidden(network: Network, url: str, clock: Clock) -> None:
    theirs = network.post("acme is top")
    connector = logged_in(url, clock)
    with pytest.raises(Forbidden, match="connected account"):
        connector.act(wish(ActionKind.DELETE_OWN, theirs, clock))
    with pytest.raises(Forbidden, match="below our own posts"):
        connector.act(wish(ActionKind.HIDE, theirs, clock, extra={"root": ref(theirs)}))


@pytest.mark.parametrize("text", [None, "  ", "x" * 301, "👩‍👩‍👧" * 301, "\u0301" * 1501])
def test_a_reply_that_is_empty_or_too_long_is_refused_before_anything_is_asked(
    network: Network, url: str, clock: Clock, text: str | None
) -> None:
    connector = logged_in(url, clock)
    asked = len(network.asked)
    with pytest.raises(BadRequest, match=r"empty|takes 300 and 3000"):
        connector.act(wish(ActionKind.REPLY, uri_of("3kabc"), clock, text=text))
    assert len(network.asked) == asked


def test_three_hundred_families_fit_when_their_bytes_do(network: Network, url: str, clock: Clock) -> None:
    question = network.post("acme?")
    reply = wish(ActionKind.REPLY, question, clock, text="👩‍👩‍👧" * 160)
    _, (sent,) = acted(logged_in(url, clock), reply, clock)
    assert (sent.kind, sent.is_own, sent.parent_external_id) == (Kind.COMMENT, True, question)


def test_an_answer_to_an_answer_names_the_root_of_the_thread(network: Network, url: str, clock: Clock) -> None:
    root = network.post("acme?")
    question = network.post("en nu?", to=root)
    reply = wish(ActionKind.REPLY, question, clock, text="Wij kijken", extra={"root": ref(root)})
    _, (sent,) = acted(logged_in(url, clock), reply, clock)
    assert (sent.thread_external_id, sent.parent_external_id) == (root, question)
    assert sent.lang_hint == "nl"


def test_a_full_gate_and_an_item_without_its_version_say_so(network: Network, url: str, clock: Clock) -> None:
    ours = network.post("onderhoud", US)
    rude = network.post("stom", to=ours)
    hide = wish(ActionKind.HIDE, rude, clock, extra={"root": ref(ours)})
    connector = logged_in(url, clock)
    acted(connector, hide, clock)
    acted(connector, hide, clock)
    gate = f"at://{US}/app.bsky.feed.threadgate/{ours.rsplit('/', 1)[1]}"
    assert network.records[gate]["hiddenReplies"] == [rude]
    network.records[gate]["hiddenReplies"] = [f"{rude}x"] * 300
    with pytest.raises(BadRequest, match="hides 300 answers already"):
        acted(connector, hide, clock)
    with pytest.raises(BadRequest, match="without its version"):
        connector.act(wish(ActionKind.LIKE, rude, clock, extra={"cid": None}))


def test_without_an_account_nothing_is_written_but_everybody_may_recheck(clock: Clock) -> None:
    connector = Bluesky(BlueskyOptions())
    with pytest.raises(AuthDead):
        connector.act(wish(ActionKind.LIKE, uri_of("3kabc"), clock))
    request = connector.act(wish(ActionKind.RECHECK, uri_of("3kabc"), clock))
    assert isinstance(request, HttpRequest)
    assert request.url.startswith("https://public.api.bsky.app/")
    assert "Authorization" not in request.headers
    said = HttpResponse(request, 200, {}, b'{"error": "InternalServerError", "message": "x"}', request.url, clock())
    with pytest.raises(Exception, match="trouble"):
        connector.acted(wish(ActionKind.RECHECK, uri_of("3kabc"), clock), said)
