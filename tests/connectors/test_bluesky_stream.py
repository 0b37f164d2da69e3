"""The network's stream: what a batch proves, what a reconnect proves, and how what was missed is searched for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.bluesky.stream import MEMORY, MISSED_US, REWIND_US, fold
from connectors.contract import Interval, Page, Purpose, Task, Window
from connectors.errors import Transient
from connectors.requests import HttpRequest, HttpResponse, StreamBatch, StreamEvent, StreamRequest
from pipeline.collect import Collector
from pipeline.fetch import fetcher_over
from pipeline.http import ClientSettings, PoliteClient
from pipeline.ledger import Ledger
from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.coverage import covered, open_gaps
from store.engine import Store
from store.records import Span
from store.schema import mention
from store.sources import query_states
from tests.conftest import Clock
from tests.connectors import jetstream_contract
from tests.connectors.bluesky_network import Network
from tests.connectors.bluesky_posts import CID, JO, US, kept_login, record, ref, stamp, uri_of
from tests.pipeline.bench import collector, enrolled
from tests.replying.platforms import served

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POST, LIKE = "app.bsky.feed.post", "app.bsky.feed.like"
REV = "3m5yq2kabcd2x"


def micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def event(at: datetime, text: str = "acme", key: str = "3kabc", did: str = JO, **more: Any) -> dict[str, Any]:
    operation = more.pop("operation", "create")
    written = None if operation == "delete" else record(text, at, **more)
    return commit_of(at, written, key, did, operation)


def commit_of(
    at: datetime, written: dict[str, Any] | None, key: str, did: str = JO, operation: str = "create"
) -> dict[str, Any]:
    """One record that is written, changed or, without it, removed."""
    collection = POST if written is None else written["$type"]
    commit: dict[str, Any] = {"rev": REV, "operation": operation, "collection": collection, "rkey": key}
    if written is not None:
        commit |= {"record": written, "cid": CID}
    return held({"did": did, "time_us": micros(at), "kind": "commit", "commit": commit})


def held(frame: dict[str, Any]) -> dict[str, Any]:
    """A frame, held to the stream's lexicon where that is on this machine."""
    if jetstream_contract.checked():
        assert jetstream_contract.frame_misses(frame) == []
    return frame


def connector(*, account: bool = True, **more: Any) -> Bluesky:
    login = {"handle": "acme.example", "app_password": "geheim"} if account else {}
    alone = {"notifications": False, "own_posts": False, "stream": True}
    made = Bluesky(BlueskyOptions.model_validate({**login, **alone, "terms": ["acme", "café noir"], **more}))
    if account:
        made.login_taken(kept_login())
    return made


def task(made: Bluesky, state: dict[str, Any] | None = None, *, purpose: Purpose = Purpose.EXTEND, **more: Any) -> Task:
    (query,) = made.queries(())
    start = more.pop("start", NOW - timedelta(minutes=15))
    return Task("s", query, Window(Interval(start, NOW), purpose=purpose, **more), state or {})


def request(cursor: datetime | None = None) -> StreamRequest:
    asked = connector().plan(task(connector(), {"at": micros(cursor or NOW) + REWIND_US}))
    assert isinstance(asked, StreamRequest)
    return asked


def answered(asked: HttpRequest, body: Any) -> HttpResponse:
    return HttpResponse(asked, 200, {}, orjson.dumps(body), asked.url, NOW)


def batch(*events: Any, opened: datetime = NOW, cursor: datetime | None = None) -> StreamBatch:
    told = tuple(StreamEvent(each if isinstance(each, str) else orjson.dumps(each).decode()) for each in events)
    return StreamBatch(request(cursor), told, opened, opened, NOW + timedelta(hours=1))


def read(*events: Any, state: dict[str, Any] | None = None, made: Bluesky | None = None, **more: Any) -> Page:
    made = made or connector()
    return made.parse(task(made, state), batch(*events, **more))


def after(page: Page) -> dict[str, Any]:
    return dict(page.state or {})


def test_the_stream_is_left_out_of_a_source_that_does_not_want_it_and_replaces_searching() -> None:
    whole = connector(notifications=True, own_posts=True)
    assert [each.id for each in whole.queries(("acme",))] == ["stream"]
    assert [each.id for each in connector(stream=False, terms=["acme"]).queries(())] == ["search:acme"]


def test_posts_with_a_word_of_ours_are_kept_and_the_rest_of_the_network_is_not() -> None:
    upstream, gone = {"seq": 7, "did": JO, "time": stamp(NOW)}, {"active": False, "status": "takendown"}
    page = read(
        event(NOW, "ACME doet het niet", "3k1"),
        event(NOW, "mooi weer", "3k2"),
        event(NOW, "Cafe\u0301  Noir", "3k3"),
        event(NOW, "kijk", "3k4", tags=["acme"]),
        commit_of(NOW, {"$type": LIKE, "subject": ref(uri_of("3k1")), "createdAt": stamp(NOW)}, "3k5"),
        held({"did": JO, "time_us": micros(NOW), "kind": "identity", "identity": {**upstream, "handle": "jo.example"}}),
        held({"did": JO, "time_us": micros(NOW), "kind": "account", "account": {**upstream, "active": True}}),
        held({"did": JO, "time_us": micros(NOW), "kind": "account", "account": {**upstream, **gone}}),
        {"did": JO, "time_us": micros(NOW), "kind": "tomorrow"},
    )
    assert [each.external_id for each in page.items] == [uri_of("3k1"), uri_of("3k3"), uri_of("3k4")]
    assert page.items[0].author is not None
    assert (page.items[0].author.external_id, page.items[0].author.handle) == (JO, None)
    assert page.items[0].capabilities.can_reply
    assert page.rejected == ()


def test_a_word_of_ours_beside_a_video_or_a_picture_of_a_gallery_counts_and_stands_for_a_text() -> None:
    blob = {"$type": "blob", "ref": {"$link": CID}, "mimeType": "image/png", "size": 9}
    shape = {"width": 4, "height": 3}
    picture = {"$type": "app.bsky.embed.gallery#image", "image": blob, "alt": "Storing bij ACME", "aspectRatio": shape}
    gallery = {"$type": "app.bsky.embed.gallery", "items": [picture]}
    video = {"$type": "app.bsky.embed.video", "video": {**blob, "mimeType": "video/mp4"}, "alt": "De monteur van Acme"}
    quoting = {"record": {"$type": "app.bsky.embed.record", "record": ref(uri_of("3k0"))}, "media": gallery}
    page = read(
        event(NOW, "", "3k1", embed=gallery),
        event(NOW, "", "3k2", embed=video),
        event(NOW, "kijk", "3k3", embed={"$type": "app.bsky.embed.recordWithMedia", **quoting}),
        event(NOW, "", "3k4", embed={**video, "alt": "een kat"}),
    )
    assert [(each.external_id, each.text) for each in page.items] == [
        (uri_of("3k1"), "Storing bij ACME"),
        (uri_of("3k2"), "De monteur van Acme"),
        (uri_of("3k3"), "kijk"),
    ]
    assert [each.alt for each in page.items[0].media] == ["Storing bij ACME"]


def test_what_concerns_our_account_is_kept_whatever_its_words() -> None:
    ours, other = ref(uri_of("3kours", US)), ref(uri_of("3kother"))
    whole = {"byteStart": 0, "byteEnd": 3}
    mention_us = {"index": whole, "features": [{"$type": "app.bsky.richtext.facet#mention", "did": US}]}
    quote = {"$type": "app.bsky.embed.record", "record": ours}
    page = read(
        event(NOW, "hoi", "3k1", reply={"root": other, "parent": ours}),
        event(NOW, "hoi", "3k2", facets=[mention_us]),
        event(NOW, "hoi", "3k3", embed=quote),
        event(NOW, "hoi", "3k4", did=US),
        event(NOW, "hoi", "3k5", reply={"root": other, "parent": other}),
    )
    assert [(each.external_id, each.addressed, each.is_own) for each in page.items] == [
        (uri_of("3k1"), True, False),
        (uri_of("3k2"), True, False),
        (uri_of("3k3"), False, False),
        (uri_of("3k4", US), False, True),
    ]


def test_a_removal_is_definite_and_a_change_brings_the_new_text() -> None:
    page = read(event(NOW, operation="delete"), event(NOW, "acme, opgelost", "3k2", operation="update"))
    assert [each.external_id for each in page.deleted] == [uri_of("3kabc")]
    assert page.items[0].edited_at == NOW


@pytest.mark.parametrize(
    "broken",
    [
        "{cut off",
        "5",
        {"did": JO},
        {"did": JO, "time_us": "soon"},
        {
            **event(NOW),
            "commit": {"operation": "create", "collection": POST, "rkey": "", "record": record("acme", NOW)},
        },
    ],
)
def test_an_event_that_cannot_be_read_is_set_aside_and_the_rest_is_read(broken: Any) -> None:
    page = read(broken, event(NOW))
    assert len(page.items) == 1
    assert len(page.rejected) == 1


def test_silence_proves_nothing() -> None:
    page = read()
    assert (page.covered, page.state) == (None, None)


def test_a_batch_proves_the_time_from_the_last_event_before_it_to_its_own_last() -> None:
    first = read(event(NOW), event(NOW + timedelta(seconds=5)))
    assert first.covered == Interval(NOW, NOW + timedelta(seconds=5))
    second = read(event(NOW + timedelta(seconds=9)), state=after(first))
    assert second.covered == Interval(NOW + timedelta(seconds=5), NOW + timedelta(seconds=9))


def test_a_reconnect_that_goes_on_where_it_was_left_proves_the_time_between() -> None:
    first = read(event(NOW), event(NOW + timedelta(seconds=5)))
    again = NOW + timedelta(minutes=40)
    replayed = [event(NOW + timedelta(seconds=second)) for second in (1, 5, 1800)]
    second = read(*replayed, state=after(first), opened=again, cursor=NOW)
    assert second.covered == Interval(NOW + timedelta(seconds=5), NOW + timedelta(seconds=1800))


def test_a_reconnect_that_begins_later_than_asked_proves_only_what_it_shows_and_a_search_comes_first() -> None:
    made, first = connector(), read(event(NOW), event(NOW + timedelta(seconds=5)))
    late = NOW + timedelta(minutes=30)
    page = read(event(late), event(late + timedelta(seconds=3)), state=after(first), opened=late, cursor=NOW)
    assert page.covered == Interval(late, late + timedelta(seconds=3))
    assert page.gaps == ()
    with pytest.raises(Transient, match="search fills"):
        read(event(late + timedelta(seconds=9)), state=after(page), opened=late, cursor=NOW)
    search = made.plan(task(made, after(page)))
    assert isinstance(search, HttpRequest)
    assert search.url.endswith("app.bsky.feed.searchPosts")


def test_what_was_missed_without_an_account_to_search_with_is_told_as_lost() -> None:
    made, first = connector(account=False), read(event(NOW), event(NOW + timedelta(seconds=5)))
    late = NOW + timedelta(minutes=30)
    page = read(event(late), state=after(first), made=made, opened=late, cursor=NOW)
    assert [gap.interval for gap in page.gaps] == [Interval(NOW + timedelta(seconds=5), late)]
    read(event(late + timedelta(seconds=3)), state=after(page), made=made, opened=late, cursor=NOW)


def test_a_server_whose_clock_is_ahead_does_not_prove_the_future() -> None:
    page = read(event(NOW), event(NOW + timedelta(days=3)))
    assert page.covered == Interval(NOW, NOW + timedelta(hours=1))


def test_the_stream_is_asked_from_a_little_before_the_last_event() -> None:
    made = connector()
    asked = made.plan(task(made, {"at": micros(NOW)}))
    assert isinstance(asked, StreamRequest)
    assert dict(asked.params) == {"wantedCollections": POST, "cursor": str(micros(NOW) - REWIND_US)}
    assert asked.url == "wss://jetstream2.us-east.bsky.network/subscribe"


@pytest.mark.parametrize("state", [{}, {"at": micros(NOW - MEMORY) - 1}, {"at": micros(NOW), "missed": True}])
def test_where_the_stream_does_not_reach_a_search_comes_first(state: dict[str, Any]) -> None:
    made = connector()
    assert isinstance(made.plan(task(made, state)), HttpRequest)
    unknown = connector(account=False)
    assert isinstance(unknown.plan(task(unknown, state)), StreamRequest)


def test_a_hole_is_read_target_by_target_and_goes_on_where_it_broke_off() -> None:
    made = connector(notifications=True)
    cursor = '[1,"2026-11-22T11:58:00.001Z",null]'
    hole = task(made, {"at": micros(NOW)}, purpose=Purpose.HOLE, cursor=cursor)
    asked = made.plan(hole)
    assert isinstance(asked, HttpRequest)
    assert dict(asked.params)["q"] == '"café noir"'
    assert dict(asked.params)["until"] == "2026-11-22T11:58:00.001Z"
    page = made.parse(hole, answered(asked, {"posts": []}))
    assert page.covered is None
    assert isinstance(page.next, HttpRequest)
    assert page.next.url.endswith("listNotifications")
    page = made.parse(hole, answered(page.next, {"notifications": []}))
    assert (page.next, page.covered) == (None, hole.window.interval)


def test_words_are_compared_without_case_accents_and_runs_of_space() -> None:
    assert fold("CAFÉ \n Noir") == fold("cafe\u0301 noir") == "cafe noir"


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.lists(st.integers(1, 5), max_size=30))
def test_however_the_stream_is_cut_the_same_stretch_is_proven_without_holes(steps: list[int], cuts: list[int]) -> None:
    at, events = NOW, []
    for step in steps:
        at += timedelta(milliseconds=step)
        events.append(event(at))
    state: dict[str, Any] = {}
    proven: list[Interval] = []
    while events:
        size = cuts.pop() if cuts else len(events)
        page = read(*events[:size], state=state)
        events, state = events[size:], after(page)
        proven += [page.covered] if page.covered else []
    assert all(left.end == right.start for left, right in pairwise(proven))
    if proven:
        assert (proven[0].start, proven[-1].end) == (NOW + timedelta(milliseconds=steps[0]), at)


@dataclass
class Jetstream:
    """A stream that remembers its events, from an instant on, and closes when it has told them."""

    events: list[dict[str, Any]] = field(default_factory=list)
    remembers_from: int = 0
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    async def tell(self, socket: Any) -> None:
        query = parse_qs(urlsplit(socket.request.path).query)
        self.asked.append(query)
        if jetstream_contract.checked():
            assert jetstream_contract.params_misses(urlsplit(socket.request.path).query) == []
        cursor = max(int(query.get("cursor", [str(10**18)])[0]), self.remembers_from)
        for each in self.events:
            if each["time_us"] >= cursor:
                await socket.send(orjson.dumps(held(each)).decode())


@dataclass
class Bench:
    """The real collector with a real socket, and a network to search."""

    stream: Jetstream
    network: Network
    store: Store
    source: SourceSettings
    collector: Collector
    clock: Clock

    def says(self, text: str, did: str = JO, *, to: str | None = None) -> str:
        """Something is posted: search shows it, and the stream tells it."""
        self.clock.step(seconds=10)
        uri = self.network.post(text, did, to=to)
        self.stream.events.append(commit_of(self.clock(), self.network.records[uri], uri.rsplit("/", 1)[1], did))
        return uri

    async def collect(self) -> RunReport:
        self.clock.step(seconds=10)
        return await self.collector.collect(self.source, fresh=True)

    def kept(self) -> dict[str, Any]:
        with self.store.read() as conn:
            return {row.external_id: row for row in conn.execute(select(mention))}

    def covered(self) -> list[Span]:
        return list(covered(self.store, "bluesky", "stream"))

    def streamed(self) -> bool:
        return "opened" in (query_states(self.store, "bluesky")["stream"].state or {})


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def network(clock: Clock) -> Iterator[tuple[Network, str]]:
    made = Network(clock)
    with served(made) as url:
        yield made, url


@pytest.fixture
async def bench(network: tuple[Network, str], store: Store, clock: Clock) -> AsyncIterator[Bench]:
    stream, ledger = Jetstream(), Ledger(store)
    source = SourceSettings(id="bluesky", connector="bluesky", every=timedelta(minutes=5))
    enrolled(store, clock(), source)
    async with websockets.serve(stream.tell, "127.0.0.1", 0) as server:
        socket = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        options = {"handle": "acme.example", "app_password": "geheim", "stream": True, "jetstream": socket}
        options |= {"service": network[1], "appview": network[1]}
        connector = Bluesky(BlueskyOptions.model_validate(options))
        settings = ClientSettings(tries=1, allow_private_hosts=frozenset({"127.0.0.1"}))
        async with PoliteClient(settings, clock=clock) as client:
            made = collector(ledger, clock, connector=lambda _: connector, fetcher=fetcher_over(client, clock))
            yield Bench(stream, network[0], store, source, made, clock)
    ledger.close()


async def test_the_first_stretch_is_searched_then_the_stream_is_entered_and_nothing_falls_between(bench: Bench) -> None:
    before = bench.says("acme van vroeger")
    assert not (await bench.collect()).failed
    assert set(bench.kept()) == {before}
    assert not bench.streamed()
    between, other = bench.says("acme ertussen"), bench.says("mooi weer")
    await bench.collect()
    assert bench.streamed()
    assert set(bench.kept()) == {before, between}
    assert other not in bench.kept()
    (span,) = bench.covered()
    assert span.end == bench.clock() - timedelta(seconds=10)


async def test_what_answers_us_comes_in_by_the_stream_and_what_was_missed_by_notifications(bench: Bench) -> None:
    ours = bench.says("Vandaag is er onderhoud", US)
    early = bench.says("hoe lang?", to=ours)
    await bench.collect()
    late = bench.says("en nu?", to=ours)
    await bench.collect()
    kept = bench.kept()
    assert bench.streamed()
    assert {ours, early, late} == set(kept)
    assert len({each.conversation_id for each in kept.values()}) == 1
    assert kept[ours].direction == "outbound"


async def test_an_outage_that_the_stream_remembers_is_replayed_and_a_removal_scrubs(bench: Bench) -> None:
    first = bench.says("acme eerst")
    await bench.collect()
    bench.says("acme erna")
    await bench.collect()
    bench.clock.step(hours=20)
    missed = bench.says("acme in de stilte")
    bench.stream.events.append(event(bench.clock(), key=first.rsplit("/", 1)[1], operation="delete"))
    await bench.collect()
    kept = bench.kept()
    assert missed in kept
    assert kept[first].deleted_at is not None
    assert not kept[first].text
    assert len(bench.covered()) == 1
    assert not open_gaps(bench.store, "bluesky", "stream")


async def test_an_outage_longer_than_the_streams_memory_is_searched_and_the_stream_entered_again(bench: Bench) -> None:
    bench.says("acme eerst")
    await bench.collect()
    bench.says("acme erna")
    await bench.collect()
    asked = len(bench.stream.asked)
    bench.clock.step(hours=40)
    missed = bench.says("acme in de stilte")
    bench.stream.events.clear()
    bench.clock.step(hours=2)
    await bench.collect()
    assert len(bench.stream.asked) == asked
    assert missed in bench.kept()
    later = bench.says("acme nu")
    await bench.collect()
    assert later in bench.kept()
    assert len(bench.covered()) == 1
    assert not open_gaps(bench.store, "bluesky", "stream")


@pytest.mark.parametrize("away", [timedelta(minutes=9), timedelta(hours=9)])
async def test_a_stream_that_silently_began_later_leaves_no_hole(bench: Bench, away: timedelta) -> None:
    bench.says("acme eerst")
    await bench.collect()
    bench.says("acme erna")
    await bench.collect()
    missed = bench.says("acme gemist")
    bench.clock.step(away)
    later = bench.says("acme later")
    bench.stream.remembers_from = micros(bench.clock())
    assert away > timedelta(microseconds=MISSED_US)
    await bench.collect()
    assert missed not in bench.kept()
    assert "missed" in (query_states(bench.store, "bluesky")["stream"].state or {})
    last = bench.says("acme nu")
    for _ in range(2):
        await bench.collect()
    assert {missed, later, last} <= set(bench.kept())
    assert len(bench.covered()) == 1
    assert not open_gaps(bench.store, "bluesky", "stream")
