"""A day on each platform, with its limits: never over them, never refused as announced, and the ledger is exact."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select

from connectors.conformance import FakePlatform
from connectors.contract import Connector
from pipeline.settings import SourceSettings
from store.coverage import covered, open_gaps
from store.engine import Store
from store.records import Span
from store.schema import mention
from tests.conftest import Clock
from tests.connectors.test_conformance_facebook import Visitors
from tests.connectors.test_conformance_instagram import Tags
from tests.connectors.test_conformance_mastodon import HashtagInstance
from tests.connectors.test_conformance_threads import Search
from tests.days.busy import Busy, BusyBluesky, BusyLinkedIn, BusyReddit, BusyYouTube, busy, transport, written
from tests.days.limits import Daily, Limit, Percentages, Window, epoch, iso, seconds_left
from tests.pipeline.bought import Market

pytestmark = pytest.mark.slow

DAY = datetime(2026, 11, 20, tzinfo=UTC)
PACIFIC = "America/Los_Angeles"
MANY = 100_000
_MARK = re.compile(r"\bu(\d{5,})\b")


@dataclass(frozen=True)
class Platform:
    """One platform of the table.

    Attributes:
        kind: its fake.
        limit: its limit, in its own spelling. The numbers are low enough to be reached: at the platforms' own, a
            hundred thousand posts a day are read without one.
        meters: options that hold the limit, where only our own account keeps to it.
        zone: of its day.
    """

    kind: type[FakePlatform]
    limit: Callable[[], Limit]
    meters: tuple[str, ...] = ()
    zone: str = "UTC"


def units(path: str) -> str:
    """YouTube counts searches in a bucket of their own, and nothing for logins."""
    return "searches" if path.endswith("/search") else "units" if "/youtube/" in path else "free"


HOUR = timedelta(hours=1)
PLATFORMS = {
    "mastodon": Platform(HashtagInstance, lambda: Window(most=8, length=HOUR, spelling=iso)),
    "bluesky": Platform(BusyBluesky, lambda: Window(most=4, length=HOUR, spelling=epoch)),
    "reddit": Platform(BusyReddit, lambda: Window(most=8, length=HOUR, spelling=seconds_left)),
    "facebook": Platform(Visitors, lambda: Percentages(most=8)),
    "instagram": Platform(Tags, lambda: Percentages(most=8)),
    "threads": Platform(Search, lambda: Daily(most={"calls": 60}), ("searches_a_day",)),
    "youtube": Platform(
        BusyYouTube,
        lambda: Daily(most={"units": 60, "searches": 100}, zone=PACIFIC, kind_of=units),
        ("units_per_day",),
        zone=PACIFIC,
    ),
    "linkedin": Platform(BusyLinkedIn, lambda: Daily(most={"calls": 50}), ("calls_per_day",)),
}
METERED = [name for name, row in PLATFORMS.items() if row.meters]
ANNOUNCED = [name for name, row in PLATFORMS.items() if not row.meters]


@dataclass
class Day:
    """A day lived through."""

    market: Market
    platform: Busy
    limit: Limit
    connector: Connector[Any]

    def kept(self) -> set[int]:
        with self.market.store.read() as conn:
            texts = conn.execute(select(mention.c.text)).scalars()
            return {int(found[1]) for text in texts if (found := _MARK.search(text or ""))}

    def proving(self) -> list[str]:
        ids = [query.id for query in self.connector.queries(("acme",))]
        named = self.platform.proving
        return [key for key in ids if named is None or key in named]

    def unbought(self, query: str) -> list[Span]:
        return [gap.span for gap in open_gaps(self.market.store, "day", query) if gap.reason == "quota"]

    def inside(self, spans: list[Span]) -> set[int]:
        """Numbers of what was said in some stretches; numbers follow time."""
        said = self.platform.utterances
        found: set[int] = set()
        for span in spans:
            first = bisect_left(said, span.start, key=lambda each: each.at)
            found.update(range(first + 1, bisect_left(said, span.end, key=lambda each: each.at) + 1))
        return found

    def spans(self, query: str, *, missing: bool = False) -> list[Span]:
        store = self.market.store
        return [gap.span for gap in open_gaps(store, "day", query)] if missing else covered(store, "day", query)


class Wire:
    """What the market plugs in."""

    def __init__(self, platform: Busy, limit: Limit, clock: Clock) -> None:
        self._parts = (platform, limit, clock)

    def transport(self) -> httpx.AsyncBaseTransport:
        return transport(*self._parts)


def live(name: str, store: Store, start: datetime, end: datetime, posts: int) -> Day:
    """Live from one instant to another, while so many posts are written."""
    row, clock = PLATFORMS[name], Clock(start)
    platform, limit = busy(row.kind)(), row.limit()
    platform.coming = written(start, end - start, posts)
    platform.pass_time(start)
    connector = platform.connector()
    if isinstance(limit, Daily):
        most = next(iter(limit.most.values()))
        connector = type(connector)(connector.options.model_copy(update=dict.fromkeys(row.meters, most)))
        platform_login(connector, platform)
    source = SourceSettings(
        id="day", connector=name, every=timedelta(minutes=15), match="all", backfill=timedelta(minutes=5)
    )
    market = Market(store, clock, Wire(platform, limit, clock), source, make_connector=lambda _: connector)
    market.run_until(end)
    return Day(market, platform, limit, connector)


def platform_login(connector: Connector[Any], platform: Busy) -> None:
    """Give a connector with other options the login that the fake's own has."""
    kept = platform.connector().login_to_keep()
    if kept is not None:
        connector.login_taken(kept)


def hold(day: Day, start: datetime) -> set[int]:
    """No refusal that was known beforehand; what is claimed is there; what is missing is said to be."""
    assert day.limit.refused == 0
    kept = day.kept()
    for query in day.proving():
        spans, gaps = day.spans(query), day.spans(query, missing=True)
        assert sorted(day.inside(spans) - kept)[:3] == []
        whole = sorted([*spans, *gaps], key=lambda span: span.start)
        assert whole[0].start <= start
        for before, after in pairwise(whole):
            assert before.end >= after.start, "a stretch that is neither covered nor said to be missing"
        assert whole[-1].end >= day.market.clock() - HOUR
    return kept


def waited(day: Day) -> bool:
    """Whether the limit was reached."""
    return any(
        query.trouble is not None and query.trouble.error_class == "RateLimited"
        for report in day.market.reports
        for query in report.queries
    )


def announced(name: str, store: Store, hours: int, posts: int) -> None:
    day = live(name, store, DAY, DAY + timedelta(hours=hours), posts)
    assert waited(day)
    hold(day, DAY)


def metered(name: str, store: Store, midnight: datetime, hours: int, posts: int) -> None:
    """A day that ends at a midnight of the platform's own, and the first minutes of the next one."""
    row, start, after = PLATFORMS[name], midnight - timedelta(hours=hours), timedelta(minutes=25)
    day = live(name, store, start, midnight + after, posts)
    assert isinstance(day.limit, Daily)
    kind, most = next(iter(day.limit.most.items()))
    today = (midnight - HOUR).astimezone(ZoneInfo(row.zone)).date()
    assert 0.8 * most <= day.limit.used[today, kind] <= most
    assert 0 < day.limit.used[today + timedelta(days=1), kind] <= most
    kept = hold(day, start)
    assert any(day.unbought(query) for query in day.proving())
    for query in day.proving():
        gaps = day.spans(query, missing=True)
        told = Span(start, max(gap.end for gap in gaps))
        missing = day.inside([told]) - kept
        assert missing or posts < MANY, "of a few, those that were not bought may stand on the next day's first page"
        assert missing <= day.inside(gaps)


@pytest.mark.parametrize("name", ANNOUNCED)
def test_a_limit_that_is_announced_is_never_run_into_and_the_ledger_is_exact(name: str, store: Store) -> None:
    announced(name, store, 3, 500)


@pytest.mark.parametrize("name", METERED)
def test_a_limit_that_nobody_announces_is_kept_to_and_the_ledger_says_what_was_not_bought(
    name: str, store: Store
) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=ZoneInfo(PLATFORMS[name].zone)).astimezone(UTC)
    metered(name, store, midnight, 6, 800)


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 8), 23), ((2026, 11, 1), 25)])
def test_the_day_of_youtubes_quota_is_california_s_also_when_its_clocks_are_changed(
    store: Store, day: tuple[int, int, int], hours: int
) -> None:
    first = datetime(*day, tzinfo=ZoneInfo(PACIFIC)).astimezone(UTC)
    midnight = (datetime(*day, tzinfo=ZoneInfo(PACIFIC)) + timedelta(days=1)).astimezone(UTC)
    assert midnight - first == timedelta(hours=hours)
    metered("youtube", store, midnight, hours, 500)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", PLATFORMS)
def test_a_day_of_a_hundred_thousand_posts(name: str, store: Store) -> None:
    if name in ANNOUNCED:
        announced(name, store, 24, MANY)
        return
    midnight = datetime(2026, 11, 21, tzinfo=ZoneInfo(PLATFORMS[name].zone)).astimezone(UTC)
    metered(name, store, midnight, 24, MANY)
