"""Spikes without a store: what is usual, when a window fires, when it would have, and what drives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understanding.spikes.baseline import WEEKS, Basis, Series, hour_of
from understanding.spikes.driving import drivers
from understanding.spikes.judging import By, Condition, Moment, at_least, fired, judged
from understanding.spikes.silence import at_most, silent, silent_ones, together

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
LONG_AGO = NOW - 12 * WEEK

HOURS = st.integers(0, 24 * 7 * 12).map(lambda n: LONG_AGO + n * HOUR)
COUNTS = st.dictionaries(HOURS, st.integers(0, 40), max_size=60)
CONDITIONS = st.builds(
    Condition,
    by=st.sampled_from((By.COUNT, By.PERCENT, By.DEVIATION)),
    value=st.floats(0.5, 500, allow_nan=False),
    window_h=st.sampled_from((1, 3, 24)),
    minimum=st.integers(1, 30),
    cool_down_h=st.integers(1, 48),
)


def steady(per_hour: int, *, weeks: int = 10, until: datetime = NOW) -> dict[datetime, int]:
    """So many messages in every hour of so many weeks."""
    return {until - step * HOUR: per_hour for step in range(weeks * 168)}


@given(COUNTS, st.sampled_from((1, 3, 24)), st.integers(0, 24 * 7 * 13))
def test_a_window_is_the_sum_of_its_hours(counts: dict[datetime, int], window_h: int, step: int) -> None:
    series, last = Series(counts, AMSTERDAM), LONG_AGO + step * HOUR
    hours = [last - back * HOUR for back in range(window_h)]
    assert series.window(last, window_h) == sum(counts.get(hour, 0) for hour in hours)


@given(COUNTS, st.sampled_from((1, 3, 24)), st.integers(1, 1_000_000))
def test_what_is_usual_is_told_from_what_was_before_alone(counts: dict[datetime, int], window_h: int, n: int) -> None:
    counts = {LONG_AGO: 1, **counts}
    later = {**counts, NOW: n, NOW + HOUR: n}
    assert Series(counts, AMSTERDAM).expected(NOW, window_h) == Series(later, AMSTERDAM).expected(NOW, window_h)


@given(st.integers(1, WEEKS), st.integers(0, 100_000))
@settings(deadline=None, max_examples=25)
def test_one_strange_week_moves_nothing(week: int, n: int) -> None:
    usual = Series(steady(20), AMSTERDAM).expected(NOW, 1)
    strange = Series({**steady(20), NOW - week * WEEK: n}, AMSTERDAM).expected(NOW, 1)
    assert usual is not None
    assert strange is not None
    assert strange.mean == usual.mean == 20


@pytest.mark.parametrize("after", [datetime(2026, 3, 31, 7, tzinfo=UTC), datetime(2026, 10, 27, 8, tzinfo=UTC)])
def test_the_same_hour_on_the_wall_counts_over_a_change_of_the_clock(after: datetime) -> None:
    """Every Tuesday from nine to ten local time thirty messages, else two."""
    counts: dict[datetime, int] = {}
    for step in range(24 * 7 * 10):
        hour = after - step * HOUR
        local = hour.astimezone(AMSTERDAM)
        counts[hour] = 30 if (local.weekday(), local.hour) == (1, 9) else 2
    expected = Series(counts, AMSTERDAM).expected(after, 1)
    assert after.astimezone(AMSTERDAM).hour == 9
    assert expected is not None
    assert (expected.mean, expected.n, expected.basis) == (30, WEEKS, Basis.HOUR_OF_WEEK)


@pytest.mark.parametrize(
    ("days", "basis"),
    [
        (70, Basis.HOUR_OF_WEEK),
        (24, Basis.HOUR_OF_WEEK),
        (16, Basis.HOURS_BESIDE),
        (13, Basis.KIND_OF_DAY),
        (4, Basis.ANY_DAY),
        (2, None),
        (0, None),
    ],
)
def test_a_short_history_is_told_from_hours_beside_then_other_days_then_not(days: int, basis: Basis | None) -> None:
    counts = {NOW - step * HOUR: 5 for step in range(1, days * 24)}
    expected = Series(counts, AMSTERDAM).expected(NOW, 1)
    assert (expected.basis if expected is not None else None) == basis


def test_nothing_said_before_the_first_message_is_no_zero() -> None:
    counts = steady(5, weeks=9)
    late = Series({hour: n for hour, n in counts.items() if hour > NOW - 4 * WEEK}, AMSTERDAM)
    found = late.expected(NOW, 1)
    assert found is not None
    assert found.mean == 5
    since = Series(counts, AMSTERDAM, since=NOW - 2 * timedelta(days=1))
    assert since.expected(NOW, 1) is None


def test_rare_messages_scatter_as_chance_does_though_their_median_does_not() -> None:
    counts = {LONG_AGO: 1} | {NOW - week * WEEK: 2 for week in (2, 5)}
    expected = Series(counts, AMSTERDAM).expected(NOW, 1)
    assert expected is not None
    assert expected.mean == 0
    assert expected.sd >= 1
    condition = Condition(By.DEVIATION, 4, minimum=1)
    assert judged(Series({**counts, NOW: 3}, AMSTERDAM), condition, NOW) is None
    assert judged(Series({**counts, NOW: 9}, AMSTERDAM), condition, NOW) is not None


@given(st.integers(0, 300), CONDITIONS.filter(lambda one: one.by is not By.COUNT))
@settings(max_examples=15, deadline=None)
def test_what_is_always_the_same_never_fires(per_hour: int, condition: Condition) -> None:
    series = Series(steady(per_hour), AMSTERDAM)
    assert fired(series, condition, first=NOW - timedelta(days=2), last=NOW) == []


@given(COUNTS, CONDITIONS, st.integers(1, 5_000))
@settings(deadline=None)
def test_more_messages_never_stop_a_rule_from_firing(counts: dict[datetime, int], condition: Condition, n: int) -> None:
    before = judged(Series(counts, AMSTERDAM), condition, NOW)
    after = judged(Series({**counts, NOW: counts.get(NOW, 0) + n}, AMSTERDAM), condition, NOW)
    assert before is None or after is not None


@given(COUNTS, CONDITIONS)
@settings(deadline=None, max_examples=40)
def test_looking_back_gives_what_looking_every_hour_gave(counts: dict[datetime, int], condition: Condition) -> None:
    """As the worker does: the running hour and the one before it, with the hour that fired last."""
    first, last = LONG_AGO + 10 * WEEK, LONG_AGO + 10 * WEEK + 60 * HOUR
    back = fired(Series(counts, AMSTERDAM), condition, first=first, last=last)
    live, before, now = [], None, first
    while now <= last:
        series = Series({hour: n for hour, n in counts.items() if hour <= now}, AMSTERDAM)
        start = max(first, now - HOUR)
        for moment in fired(series, condition, first=start, last=now, before=before):
            live.append(moment.hour)
            before = moment.hour
        now += HOUR
    assert live == [moment.hour for moment in back]


@given(COUNTS, CONDITIONS)
@settings(deadline=None, max_examples=40)
def test_a_rule_that_fired_is_quiet_until_it_has_cooled_down(counts: dict[datetime, int], condition: Condition) -> None:
    found = fired(Series(counts, AMSTERDAM), condition, first=LONG_AGO, last=NOW)
    pauses = [later.hour - sooner.hour for sooner, later in pairwise(found)]
    assert all(pause >= timedelta(hours=condition.cool_down_h) for pause in pauses)
    assert all(moment.n >= max(moment.at_least, condition.minimum) for moment in found)


def test_a_young_hour_fires_as_soon_as_its_number_is_reached_and_not_sooner() -> None:
    condition = Condition(By.PERCENT, 100, minimum=1)
    for so_far, fires in ((19, False), (39, False), (40, True)):
        series = Series({**steady(20), NOW: so_far}, AMSTERDAM)
        assert bool(fired(series, condition, first=NOW, last=NOW)) is fires


def test_a_rule_looks_at_the_hours_it_is_for_alone() -> None:
    series = Series({**steady(2), NOW: 500, NOW - 5 * HOUR: 500}, AMSTERDAM)
    condition = Condition(By.COUNT, 100)
    found = fired(series, condition, first=NOW - 9 * HOUR, last=NOW, counts=lambda hour: hour < NOW)
    assert [moment.hour for moment in found] == [NOW - 5 * HOUR]


def test_without_history_only_a_rule_by_count_fires() -> None:
    series = Series({NOW: 5_000}, AMSTERDAM)
    assert at_least(Condition(By.DEVIATION, 4), None) is None
    assert judged(series, Condition(By.DEVIATION, 4), NOW) is None
    assert judged(series, Condition(By.PERCENT, 50), NOW) is None
    assert judged(series, Condition(By.COUNT, 100), NOW) is not None


def test_hours_are_those_of_utc() -> None:
    assert hour_of(datetime(2026, 3, 10, 11, 59, 59, tzinfo=AMSTERDAM)) == datetime(2026, 3, 10, 10, tzinfo=UTC)


# What drives it


def test_what_makes_up_more_of_the_window_than_of_before_drives_it() -> None:
    now = {"link": {"https://news.example/a": 60}, "word": {"storing": 55, "de": 90}, "source": {"reddit": 50, "x": 50}}
    before = {"word": {"storing": 2, "de": 270}, "source": {"reddit": 150, "x": 150}}
    found = drivers(now, before, of=100, of_before=300)
    assert [(one.trait, one.key) for one in found] == [("link", "https://news.example/a"), ("word", "storing")]
    assert found[0].explains == pytest.approx(0.6)


def test_what_few_say_or_what_was_said_as_much_before_drives_nothing() -> None:
    assert drivers({"word": {"storing": 2}}, {}, of=4, of_before=300) == []
    assert drivers({"word": {"storing": 40}}, {"word": {"storing": 120}}, of=100, of_before=300) == []
    assert drivers({"word": {}}, {}, of=0, of_before=0) == []


@given(
    st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=8),
    st.dictionaries(st.text(max_size=3), st.integers(0, 300), max_size=8),
)
def test_a_driver_is_always_more_than_before(now: dict[str, int], before: dict[str, int]) -> None:
    for one in drivers({"word": now}, {"word": before}, of=50, of_before=300):
        assert one.n / one.of > one.n_before / one.of_before
        assert 0 < one.explains <= 1


# --- silence --------------------------------------------------------------------------------------------------------

QUIET = st.builds(
    Condition,
    by=st.just(By.SILENCE),
    value=st.floats(0.5, 10, allow_nan=False),
    window_h=st.sampled_from((1, 3, 24)),
    minimum=st.integers(1, 30),
)


@given(COUNTS, QUIET, HOURS)
@settings(deadline=None, max_examples=50)
def test_silence_is_as_far_below_the_usual_as_was_asked(
    counts: dict[datetime, int], condition: Condition, hour: datetime
) -> None:
    series = Series({**steady(8), **counts}, AMSTERDAM)
    n, expected = series.window(hour, condition.window_h), series.expected(hour, condition.window_h)
    usual = expected is not None and expected.mean >= condition.minimum
    below = usual and n - 1e-9 <= expected.mean - condition.value * expected.sd  # type: ignore[union-attr]
    found = silent(series, condition, hour)
    assert (found is not None) is below
    assert found is None or (found.n, found.expected) == (n, expected)
    assert judged(series, condition, hour) is None


@pytest.mark.parametrize(("per_hour", "silent_from"), [(0, None), (4, None), (16, 2), (100, 67)])
def test_where_little_is_usual_nothing_is_silent(per_hour: int, silent_from: int | None) -> None:
    expected = Series(steady(per_hour), AMSTERDAM).expected(NOW, 1)
    assert at_most(Condition(By.SILENCE, 3.0, minimum=1), expected) == silent_from


def test_only_the_source_that_brings_nothing_is_silent_and_a_dead_one_stays_so() -> None:
    day = 24
    dead = {hour: n for hour, n in steady(20).items() if hour < NOW - day * HOUR}
    series = {"dead": Series(dead, AMSTERDAM), "well": Series(steady(20), AMSTERDAM), "new": Series({}, AMSTERDAM)}
    condition = Condition(By.SILENCE, 3.0, window_h=3)
    found = silent_ones(series, condition, NOW - HOUR)
    assert list(found) == ["dead"]
    assert silent_ones(series, condition, NOW - (day + 2) * HOUR) == {}


def test_several_silences_are_told_as_one() -> None:
    one = silent(Series({**steady(20), NOW: 0}, AMSTERDAM), Condition(By.SILENCE, 3.0), NOW)
    assert one is not None
    assert one.expected is not None
    both = together(NOW, [one, one])
    assert (both.n, both.at_least) == (2 * one.n, 2 * one.at_least)
    assert both.expected is not None
    assert both.expected.mean == 2 * one.expected.mean
    assert both.expected.sd == pytest.approx(one.expected.sd * 2**0.5)
    assert together(NOW, []) == Moment(NOW, 0, 0, None)
