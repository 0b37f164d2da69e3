"""A day on a misbehaving platform: bursts, late items, crashes, page budgets, edits, deletes. 0 lost, 0 doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.fetch import Fetcher
from store.coverage import open_gaps
from store.engine import Store, open_store
from tests.conftest import Clock, PostgresDatabases, SqliteDatabases
from tests.pipeline.bench import CrashError, CrashingLedger, client, collector, enrolled, kept, source
from tests.pipeline.fake_platform import FakeConnector, Platform, Post, transport

DAWN = datetime(2026, 3, 10, tzinfo=UTC)
LOOKBACK = FakeConnector.lookback


@dataclass(frozen=True)
class Day:
    """What happens: posts, when we poll (minutes), how many pages a run may ask, at which commits we die."""

    posts: list[Post]
    polls: list[int]
    max_pages: int
    page_size: int
    before: frozenset[int]
    after: frozenset[int]


@st.composite
def days(draw: st.DrawFn, *, most: int) -> Day:
    """Quiet hours and bursts over six hours, a fifth of the items late by up to the look-back."""
    minutes = st.integers(0, 6 * 60)
    moments: list[timedelta] = []
    for _ in range(draw(st.integers(1, 4))):
        start = draw(minutes)
        gap = draw(st.sampled_from([0, 1, 20, 90]))  # seconds between two items of a burst; 0: all in one second
        moments += [
            timedelta(minutes=start, seconds=gap * n + draw(st.integers(0, 1)))
            for n in range(draw(st.integers(1, most)))
        ]
    posts = []
    for number, moment in enumerate(moments):
        published = DAWN + moment
        late = draw(st.sampled_from([0, 0, 0, 0, 60, 300, 899, 900]))
        visible = published + timedelta(seconds=late)
        after = published + timedelta(seconds=draw(st.integers(late, 900)))
        fate = draw(st.sampled_from(["stays"] * 6 + ["edited", "deleted"]))
        posts.append(
            Post(
                id=f"p{number:04}",
                published=published,
                visible=visible,
                edited=after if fate == "edited" else None,
                deleted=after if fate == "deleted" else None,
            )
        )
    polls = sorted(draw(st.sets(st.integers(1, 7 * 60), min_size=1, max_size=10)))
    return Day(
        posts=posts,
        polls=polls,
        max_pages=draw(st.sampled_from([1, 2, 3, 50])),
        page_size=draw(st.sampled_from([1, 2, 5])),
        before=draw(st.frozensets(st.integers(0, 60), max_size=8)),
        after=draw(st.frozensets(st.integers(0, 60), max_size=8)),
    )


def live_through(store: Store, day: Day) -> Platform:
    """Poll through the day, dying where the day says; then poll on until nothing is left to read."""
    clock = Clock(DAWN)
    platform = Platform(now=clock, posts=day.posts, page_size=day.page_size)
    feed = source(max_pages=day.max_pages, backfill=timedelta(hours=8))
    enrolled(store, DAWN, feed)
    polite = client(clock, transport(platform))
    ledger = CrashingLedger(store, before=day.before, after=day.after)

    def run(ledger: CrashingLedger) -> None:
        reborn = collector(ledger, clock, fetcher=Fetcher(polite))  # a process that died remembers nothing
        try:
            asyncio.run(reborn.collect(feed))
        except CrashError:
            return

    try:
        for minute in day.polls:
            clock.now = DAWN + timedelta(minutes=minute)
            run(ledger)
    finally:
        ledger.close()
    sound = CrashingLedger(store)
    try:
        clock.now = DAWN + timedelta(hours=7, minutes=30)
        for _ in range(3 * len(day.posts) + 20):
            clock.step(seconds=1)
            run(sound)
            if not open_gaps(store, "fake", "main"):
                break
    finally:
        sound.close()
    assert open_gaps(store, "fake", "main") == []
    return platform


def check(store: Store, day: Day) -> None:
    """Nothing lost, nothing doubled, edits and deletes known."""
    rows = kept(store)
    counted = Counter(row.external_id for row in rows)
    assert [post_id for post_id, times in counted.items() if times > 1] == []
    lasting = {post.id for post in day.posts if post.deleted is None}
    assert lasting - set(counted) == set()
    by_id = {row.external_id: row for row in rows}
    assert [p.id for p in day.posts if p.edited and not by_id[p.id].text.endswith("(edited)")] == []
    assert [p.id for p in day.posts if p.deleted and p.id in by_id and by_id[p.id].deleted_at is None] == []


def live_and_check(make_url: Callable[[], str], drop: Callable[[str], None], day: Day) -> None:
    url = make_url()
    store = open_store(url)
    try:
        live_through(store, day)
        check(store, day)
    finally:
        store.close()
        drop(url)


QUICK = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking days takes longer than reading one
)


@QUICK
@given(day=days(most=12))
def test_a_day_of_bursts_crashes_and_late_items_loses_and_doubles_nothing_on_sqlite(
    sqlite_databases: SqliteDatabases, day: Day
) -> None:
    live_and_check(sqlite_databases.migrated, sqlite_databases.drop, day)


@settings(QUICK, max_examples=2)
@given(day=days(most=8))
def test_a_day_of_bursts_crashes_and_late_items_loses_and_doubles_nothing_on_postgresql(
    postgres_databases: PostgresDatabases, day: Day
) -> None:
    live_and_check(postgres_databases.migrated, postgres_databases.drop, day)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@settings(QUICK, max_examples=80)
@given(day=days(most=40))
def test_many_days_lose_and_double_nothing(sqlite_databases: SqliteDatabases, day: Day) -> None:
    live_and_check(sqlite_databases.migrated, sqlite_databases.drop, day)


@pytest.mark.slow
def test_a_crash_before_and_after_every_single_commit_loses_nothing(sqlite_databases: SqliteDatabases) -> None:
    posts = [
        Post(f"p{n:03}", DAWN + timedelta(minutes=60 + n // 3), DAWN + timedelta(minutes=60 + n // 3 + (n % 4) * 5))
        for n in range(30)
    ]
    for index in range(24):
        for before, after in ((frozenset({index}), frozenset()), (frozenset(), frozenset({index}))):
            day = Day(posts, [62, 66, 70, 77, 83, 90], 3, 4, before, after)
            live_and_check(sqlite_databases.migrated, sqlite_databases.drop, day)
