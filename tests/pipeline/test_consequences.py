"""What follows from each error, seen in the store: back-off per query, health in words, quarantine, and no loss."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Row

from pipeline.collect import Collector
from pipeline.fetch import Fetcher
from pipeline.ledger import Ledger
from pipeline.replay import remap, retry_quarantine
from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.coverage import covered, open_gaps
from store.engine import Store
from store.quarantine import list_quarantine
from store.sources import query_states
from tests.conftest import Clock
from tests.pipeline.bench import client, collector, enrolled, kept, source
from tests.pipeline.fake_platform import FakeConnector, Platform, Post, serve
from tests.source_rows import source_rows

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
UNTIL = datetime(2026, 3, 10, 12, 5, tzinfo=UTC)


@dataclass
class World:
    """A platform on loopback, and a collector that reads it into a fresh store."""

    clock: Clock
    platform: Platform
    store: Store
    collector: Collector
    feed: SourceSettings

    async def run(self) -> RunReport:
        self.clock.step(seconds=1)
        return await self.collector.collect(self.feed)

    def health(self) -> Row[Any]:
        return next(row for row in source_rows(self.store) if row.id == self.feed.id)

    def post(self, post_id: str, **changes: object) -> Post:
        at = self.clock() - timedelta(minutes=1)
        self.platform.posts.append(Post(post_id, at, at, **changes))  # type: ignore[arg-type]
        return self.platform.posts[-1]


@pytest.fixture
def engine_name() -> str:
    """Consequences are decided above the store; its own suite runs on both engines."""
    return "sqlite"


@pytest.fixture
async def world(store: Store, clock: Clock) -> AsyncIterator[World]:
    clock.now = NOON
    platform = Platform(now=clock)
    ledger = Ledger(store)
    async with serve(platform) as url, client(clock) as polite:
        feed = source(url, options={"channels": ("main", "other")}, backfill=timedelta(hours=2))
        enrolled(store, NOON, feed)
        yield World(clock, platform, store, collector(ledger, clock, fetcher=Fetcher(polite)), feed)
    ledger.close()


@pytest.mark.parametrize(
    ("status", "word", "error_class", "health", "says", "not_before"),
    [
        (400, "slow", "RateLimited", "waiting", "fake asks us to wait until 12:05", UNTIL),
        (503, "", "Transient", "trouble", "server trouble since 12:00, retrying at 12:05", None),
        (403, "forbidden", "Forbidden", "refused", "needs an approval", NOON + timedelta(days=1)),
        (400, "refused", "BadRequest", "refused", "our query is refused: the word is too short", None),
        (410, "gone", "Gone", "trouble", "it seems gone", NOON + timedelta(hours=6)),
        (418, "what", "FormatChanged", "trouble", "no longer look as expected (1 answer set aside)", None),
        (500, "bug", "Transient", "trouble", "server trouble", None),
    ],
)
async def test_one_troubled_query_waits_in_plain_words_and_the_other_goes_on(
    world: World, *, status: int, word: str, error_class: str, health: str, says: str, not_before: datetime | None
) -> None:
    world.post("a", channel="other")
    world.platform.fault(status, {"error": word})
    report = await world.run()
    state = query_states(world.store, "fake")["main"]
    assert state.error_class == error_class
    assert state.not_before is not None
    if not_before is not None:
        assert abs(state.not_before - not_before) < timedelta(seconds=5)
    row = world.health()
    assert (row.health, row.error_class) == (health, error_class)
    assert says in row.health_text
    assert row.health_text.startswith("main: ")
    assert [mention.external_id for mention in kept(world.store)] == ["a"]
    assert not report.failed
    asked = len(world.platform.asked)
    again = await world.run()
    assert again.skipped == ("main",)
    assert len(world.platform.asked) == asked + 1


@pytest.mark.parametrize(("word", "health"), [("slow host", "waiting"), ("budget", "waiting"), ("revoked", "login")])
async def test_what_holds_for_the_whole_source_ends_its_run(world: World, word: str, health: str) -> None:
    world.platform.fault(400, {"error": word})
    report = await world.run()
    assert [query.query_id for query in report.queries] == ["main"]
    assert report.not_before is not None
    assert world.health().health == health


async def test_a_query_that_answers_again_clears_its_trouble(world: World) -> None:
    world.platform.fault(503)
    await world.run()
    world.clock.step(minutes=6)
    world.post("a")
    await world.run()
    assert world.health().health == "ok"
    assert query_states(world.store, "fake")["main"].failures == 0
    assert [mention.external_id for mention in kept(world.store)] == ["a"]


async def test_a_channel_is_given_up_only_when_it_was_gone_three_times(world: World) -> None:
    seen = []
    for _ in range(3):
        world.platform.fault(410, {"error": "gone"})
        await world.run()
        seen.append(world.health().health)
        world.clock.step(hours=7)
    assert seen == ["trouble", "trouble", "gone"]
    assert (await world.run()).skipped == ("main",)


async def test_an_expired_login_is_renewed_once_and_reading_goes_on(world: World) -> None:
    world.platform.token = "old-token"
    world.feed = source(world.feed.options["url"], options={"token": "old-token"})
    world.post("a")
    await world.run()
    world.platform.token = "another"  # what we hold is refused from now on
    world.platform.fault(401, {"error": "expired"})
    world.clock.step(minutes=5)
    world.post("b")
    report = await world.run()
    assert report.queries[0].trouble is None
    assert [mention.external_id for mention in kept(world.store)] == ["a", "b"]


async def test_a_login_that_stays_expired_asks_for_a_person_and_restarting_tries_again(world: World) -> None:
    world.platform.fault(401, {"error": "expired"})
    world.platform.fault(401, {"error": "expired"})
    await world.run()
    assert world.health().health == "login"
    assert world.health().health_text.startswith("main: log in again")
    assert "main" in (await world.run()).skipped
    report = await world.collector.collect(world.feed, fresh=True)
    assert report.skipped == ()
    assert world.health().health == "ok"


async def test_an_answer_that_is_no_answer_is_kept_once_and_can_be_read_after_a_repair(world: World) -> None:
    world.feed = source(world.feed.options["url"])
    truth = orjson.dumps({"posts": [{"id": "a", "at": NOON.isoformat(), "text": "acme"}], "next": None})
    for _ in range(2):
        world.platform.fault(200, b"<html>log in</html>")
        await world.run()
        world.clock.step(hours=1)
    world.platform.fault(418, truth)  # today's connector takes it for an error
    await world.run()
    rows = list_quarantine(world.store)
    assert [row.whole_answer for row in rows] == [True, True]
    report = await retry_quarantine(world.collector, [world.feed])
    assert (report.read, report.failed) == (0, 2)
    connector = world.collector.connector(world.feed)
    connector._judge = lambda _: None  # type: ignore[attr-defined]  # the repair
    report = await retry_quarantine(world.collector, [world.feed])
    assert (report.read, report.new, report.failed) == (1, 1, 1)
    assert [mention.external_id for mention in kept(world.store)] == ["a"]
    assert len(list_quarantine(world.store)) == 1


async def test_poisoned_items_go_to_quarantine_and_the_rest_of_their_page_is_stored(world: World) -> None:
    world.post("a")
    world.post("b", poison="reject")
    world.post("c", poison="enrich")
    world.post("d")
    report = await world.run()
    assert [mention.external_id for mention in kept(world.store)] == ["a", "d"]
    assert report.total("quarantined") == 2
    waiting = list_quarantine(world.store)
    assert sorted((row.external_id, row.whole_answer) for row in waiting if row.external_id) == [("b", False)]
    assert len(covered(world.store, "fake", "main")) == 1
    await world.run()
    assert len(list_quarantine(world.store)) == 2


async def test_a_repaired_connector_reads_quarantined_items_without_doubling(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.post("b", poison="reject")
    await world.run()
    true_read = FakeConnector.reparse

    def repaired(self: FakeConnector, raw: dict[str, object], namespace: str | None, query: object) -> object:
        return true_read(self, {**raw, "poison": ""}, namespace, query)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeConnector, "reparse", repaired)
    for new in (1, 0):
        report = await retry_quarantine(world.collector, [world.feed])
        assert report.new == new
    await world.run()
    assert [mention.external_id for mention in kept(world.store)] == ["b"]


async def test_remap_repairs_a_mapping_mistake_from_the_kept_payload(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.post("a", text="acme is goed")
    await world.run()
    true_read = FakeConnector.reparse

    def repaired(self: FakeConnector, raw: dict[str, object], namespace: str | None, query: object) -> object:
        return true_read(self, {**raw, "text": f"{raw['text']}!"}, namespace, query)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeConnector, "reparse", repaired)
    report = await remap(world.collector, [world.feed])
    assert (report.read, report.new, report.changed, report.failed) == (1, 0, 1, 0)
    assert [mention.text for mention in kept(world.store)] == ["acme is goed!"]


async def test_a_chain_that_runs_in_a_circle_stops_and_keeps_what_was_committed(world: World) -> None:
    for number in range(12):
        world.post(f"p{number:02}")
    page = {
        "posts": [{"id": "x", "at": (NOON - timedelta(minutes=5)).isoformat(), "text": "acme"}],
        "next": "2026-03-10T11:00:00+00:00|x",
    }
    for _ in range(3):
        world.platform.fault(200, page)
    await world.run()
    state = query_states(world.store, "fake")["main"]
    assert state.error_class == "FormatChanged"
    assert "same page twice" in world.health().health_text or "already read" in world.health().health_text
    assert [mention.external_id for mention in kept(world.store)] == ["x"]
    assert open_gaps(world.store, "fake", "main")[0].reason == "error"


async def test_the_page_budget_leaves_a_gap_that_later_runs_fill(world: World) -> None:
    world.feed = source(world.feed.options["url"], max_pages=2, backfill=timedelta(hours=2))
    for number in range(23):
        world.post(f"p{number:02}")
    report = await world.run()
    assert report.again_soon
    assert [gap.reason for gap in open_gaps(world.store, "fake", "main")] == ["budget"]
    assert world.health().health == "ok"
    assert "because of the page limit" in world.health().health_text
    for _ in range(8):
        world.clock.step(minutes=10)
        await world.run()
    assert open_gaps(world.store, "fake", "main") == []
    assert world.health().health_text == ""
    assert len(kept(world.store)) == 23


async def test_an_unchanged_answer_is_not_read_again_and_still_extends_the_coverage(world: World) -> None:
    world.feed = source(world.feed.options["url"])
    world.platform.etags = True
    world.post("a")
    await world.run()
    before = covered(world.store, "fake", "main")[-1].end
    world.clock.step(minutes=5)
    report = await world.run()
    assert covered(world.store, "fake", "main")[-1].end > before
    assert report.total("new") == 0


async def test_a_secret_of_the_options_stands_nowhere_in_the_store(world: World) -> None:
    secret = "s3cret-token-of-ours"
    world.platform.token = secret
    world.feed = source(world.feed.options["url"], options={"token": secret})
    world.platform.fault(418, {"error": f"bad token {secret}"})
    await world.run()
    assert secret not in world.health().health_text
    assert secret not in str(list_quarantine(world.store))
