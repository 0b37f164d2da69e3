"""The pure decisions of collecting: windows, progress, pace, loops, sentences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Interval, Page, Purpose, Window
from connectors.errors import ConnectorError, FormatChanged, Gone, Transient
from connectors.items import Item, Kind
from connectors.requests import FileRequest, HttpRequest
from pipeline import health
from pipeline.loopguard import LoopGuard
from pipeline.pace import backoff, bounds, next_pace, next_wait, start_delay
from pipeline.progress import Progress
from pipeline.report import percentile
from pipeline.troubles import consequence
from pipeline.windows import KnownGap, Plan, plan_windows
from store.coverage import OpenGap, merge, subtract
from store.records import Span

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LOOKBACK = timedelta(minutes=15)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def span(start: float, end: float) -> Span:
    return Span(ago(start), ago(end))


def plan(
    covered: list[Span], gaps: list[KnownGap] | None = None, *, horizon: timedelta | None = None, days: int = 7
) -> Plan:
    return plan_windows(NOW, covered, gaps or [], lookback=LOOKBACK, horizon=horizon, backfill=timedelta(days=days))


def asked(made: Plan) -> list[tuple[float, float, str | None]]:
    """Windows as minutes ago, with their cursors."""
    return [
        (
            (NOW - window.interval.start).total_seconds() / 60,
            (NOW - window.interval.end).total_seconds() / 60,
            window.cursor,
        )
        for window in made.windows
    ]


def test_a_first_run_reads_back_as_far_as_configured_and_no_further_than_the_platform_reaches() -> None:
    assert asked(plan([], days=1)) == [(1440, 0, None)]
    assert asked(plan([], horizon=timedelta(hours=1))) == [(60, 0, None)]
    assert plan([]).first_run


def test_a_later_run_asks_again_what_the_platform_may_have_shown_late() -> None:
    assert asked(plan([span(600, 5)])) == [(20, 0, None)]


def test_holes_come_after_the_newest_window_newest_first_with_their_cursor_and_the_look_back_below() -> None:
    made = plan(
        [span(600, 500), span(400, 300), span(100, 5)],
        [KnownGap(span(500, 400), cursor="c"), KnownGap(span(700, 600), lost=True)],
    )
    assert asked(made) == [(20, 0, None), (315, 100, None), (515, 400, "c")]
    assert [window.purpose for window in made.windows] == [Purpose.EXTEND, Purpose.HOLE, Purpose.HOLE]


def test_a_hole_that_touches_the_newest_window_is_asked_with_it() -> None:
    assert asked(plan([span(600, 100)], [KnownGap(span(100, 5))])) == [(115, 0, None)]


def test_what_was_not_bought_is_no_part_of_the_newest_window() -> None:
    found = plan([span(600, 100)], [KnownGap(span(100, 5), unbought=True)])
    assert asked(found) == [(20, 0, None), (115, 5, None)]


def test_what_lies_beyond_the_horizon_is_lost_and_not_asked() -> None:
    made = plan([span(600, 500), span(400, 350), span(100, 5)], horizon=timedelta(minutes=380))
    assert made.lost == (span(500, 400),)
    assert asked(made) == [(20, 0, None), (365, 100, None)]
    asleep = plan([span(600, 500)], horizon=timedelta(minutes=60))
    assert asleep.lost == (span(500, 60),)
    assert asked(asleep) == [(60, 0, None)]


minutes = st.integers(0, 1000)
spans = st.lists(
    st.tuples(minutes, minutes).filter(lambda two: two[0] > two[1]).map(lambda two: span(*two)), max_size=6
)


@given(covered=spans, gaps=spans, cursors=st.lists(st.sampled_from([None, "c"]), min_size=6, max_size=6))
def test_every_missing_minute_since_the_beginning_is_asked(
    covered: list[Span], gaps: list[Span], cursors: list[str | None]
) -> None:
    have = merge(covered)
    open_gaps = [
        KnownGap(piece, cursor=cursor)
        for gap, cursor in zip(merge(gaps), cursors, strict=False)
        for piece in subtract(gap, have)
    ]
    made = plan(covered, open_gaps)
    known = merge([*have, *(gap.span for gap in open_gaps)])
    wanted = Span(known[0].start if known else ago(7 * 1440), NOW)
    windows = [Span(window.interval.start, window.interval.end) for window in made.windows]
    if wanted.start < wanted.end:
        assert subtract(wanted, merge([*have, *windows])) == []
    assert made.lost == ()


@given(
    newest_first=st.booleans(),
    covered=spans,
    cuts=st.lists(st.integers(1, 599), max_size=8, unique=True),
    stop_after=st.integers(0, 8),
)
def test_a_chain_broken_off_anywhere_leaves_the_rest_of_its_window_as_a_gap(
    newest_first: bool, covered: list[Span], cuts: list[int], stop_after: int
) -> None:
    window = Window(Interval(ago(600), NOW))
    progress = Progress(window, covered=merge(covered))
    edges = [0, *sorted(cuts), 600]
    pieces = [Interval(ago(high), ago(low)) for low, high in pairwise(edges)]
    pieces = pieces if newest_first else pieces[::-1]
    proven = []
    request = HttpRequest("http://x")
    for number, piece in enumerate(pieces[:stop_after]):
        last = number == len(pieces) - 1
        committed = progress.advance(Page(covered=piece, next=None if last else request, cursor=f"c{number}"))
        if committed is not None:
            proven.append(committed)
            assert Span(window.interval.start, window.interval.end).start <= committed.start
    gaps = progress.open_gaps("error", "")
    left = subtract(Span(window.interval.start, window.interval.end), merge([*covered, *proven]))
    assert [gap.span for gap in gaps] == left
    finished = stop_after >= len(pieces)
    if finished:
        assert gaps == ()
    elif subtract(Span(ago(600), NOW), merge(covered)):
        if newest_first:
            assert gaps  # the look-back below may be unread, so the seam is open
        if stop_after and gaps and newest_first:
            assert sum(gap.cursor is not None for gap in gaps) == 1


def test_pace_follows_how_much_was_known_and_never_falls_behind_what_was_configured() -> None:
    limits = bounds(timedelta(minutes=15))
    assert (limits.floor, limits.every) == (225, 900)
    assert next_pace(900, 0.1, limits) == 450
    assert next_pace(250, 0.0, limits) == 225
    assert next_pace(450, 0.5, limits) == 450
    assert next_pace(450, 0.9, limits) == 675
    assert next_pace(800, None, limits) == 900
    assert next_wait(900, wish=timedelta(days=7), limits=limits) == timedelta(hours=1)
    assert next_wait(900, wish=timedelta(minutes=1), limits=limits) == timedelta(minutes=15)


@given(failures=st.integers(1, 10_000), jitter=st.floats(0, 1))
def test_back_off_stays_between_half_of_five_minutes_and_a_day(failures: int, jitter: float) -> None:
    wait = backoff(failures, jitter)
    assert timedelta(minutes=2.5) <= wait <= timedelta(hours=24)
    assert backoff(failures + 1, jitter) >= wait


def test_start_up_is_spread_evenly_and_the_same_each_time() -> None:
    delays = [start_delay(f"source-{n}", timedelta(minutes=10)) for n in range(1000)]
    assert delays == [start_delay(f"source-{n}", timedelta(minutes=10)) for n in range(1000)]
    thirds = [
        sum(timedelta(minutes=10) * n / 3 <= d < timedelta(minutes=10) * (n + 1) / 3 for d in delays) for n in range(3)
    ]
    assert min(thirds) > 250


def test_a_repeated_request_and_a_repeated_page_are_loops_but_empty_pages_are_not() -> None:
    guard = LoopGuard()
    one, two = HttpRequest("http://x", params=(("page", "1"),)), HttpRequest("http://x", params=(("page", "2"),))
    guard.asking(one)
    guard.got(Page(next=two))
    guard.asking(two)
    guard.got(Page(next=one))
    with pytest.raises(FormatChanged, match="already read"):
        guard.asking(one)
    item = Item("a", Kind.POST, text="x")
    guard.got(Page(items=(item,), next=one))
    with pytest.raises(FormatChanged, match="same page twice"):
        guard.got(Page(items=(item,), next=two))


def test_two_files_with_the_same_rows_are_no_loop() -> None:
    guard = LoopGuard()
    item = Item("a", Kind.POST, text="x")
    guard.got(Page(items=(item,), next=FileRequest("drop", done=frozenset({"1"}))))
    guard.got(Page(items=(item,), next=FileRequest("drop", done=frozenset({"1", "2"}))))


def test_a_platforms_wish_lengthens_the_back_off_and_never_beyond_a_day() -> None:
    assert consequence(Transient("x", retry_after_s=3600), now=NOW).not_before == NOW + timedelta(hours=1)
    assert consequence(Transient("x", retry_after_s=1e9), now=NOW).not_before == NOW + timedelta(days=1)
    assert consequence(ConnectorError("odd"), now=NOW).health == "trouble"


def test_times_are_told_in_the_readers_zone_with_the_date_when_it_is_another_day() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    told = health.of_trouble(
        consequence(Gone("the feed is gone (410)"), now=NOW), platform="feeds", since=NOW, now=NOW, zone=zone
    )
    assert told.text == "it seems gone: the feed is gone (410); asking again at 19:00 to be sure"
    assert health.local_time(NOW + timedelta(days=1), NOW, zone) == "2026-03-11 13:00"


def test_what_is_not_read_is_told_in_one_figure_and_what_was_lost_first_and_once() -> None:
    def gap(reason: str, hours: int, found: datetime = NOW, text: str = "") -> OpenGap:
        return OpenGap(1, Span(NOW - timedelta(hours=hours), NOW), reason, None, text, found)

    assert health.of_gaps([], since=NOW) == health.OK
    waiting = [gap("budget", 2), gap("budget", 1)]
    said = health.of_gaps(waiting, since=NOW)
    assert said.text == "3 h not read yet because of the page limit; reading goes on at the next run"
    lost = gap("lost", 48, text="older than the platform shows")
    assert health.of_gaps([*waiting, lost], since=NOW).text == (
        "2 d can no longer be read from the platform (older than the platform shows)"
    )
    assert health.of_gaps([*waiting, lost], since=NOW + timedelta(seconds=1)) == said
    assert health.worst([health.OK, said]) == said
    assert health.worst([said, told := health.Sentence("login", "AuthDead", {"text": "x"})]) == told


def test_percentiles_are_nearest_rank() -> None:
    assert percentile([], 0.5) is None
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.95) == 95
