"""Adding up: figures do not depend on order or on how time is cut, and equal slow ways to say the same."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.kpis.catalogue import KPIS, Kpi, named
from inbox.kpis.splitting import grouped, key_of
from inbox.kpis.tally import Case, percentile, survival, tally
from inbox.measuring import clocks, facts
from inbox.measuring.kinds import Kind

START = datetime(2026, 3, 28, tzinfo=UTC)
seconds = st.floats(0, 1e7, allow_nan=False)
cases = st.builds(
    Case,
    st.integers(1, 50),
    st.sampled_from([None, "webcare", "night"]),
    st.sampled_from(["forum", "web"]),
    st.sampled_from([None, 7, 8]),
    st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda delta: START + delta),
    wall_s=st.none() | seconds,
    business_s=st.none() | seconds,
    hit=st.booleans(),
    n=st.integers(0, 3),
    value=st.none() | st.integers(-2, 2).map(float),
    left_out=st.sampled_from([None, None, None, "by_rule"]),
)
lists = st.lists(cases, max_size=30)
kpis = st.sampled_from(KPIS)


@given(kpis, lists, st.randoms(use_true_random=False))
def test_a_figure_does_not_depend_on_the_order_in_which_things_came(
    kpi: Kpi, found: list[Case], rng: random.Random
) -> None:
    shuffled = found.copy()
    rng.shuffle(shuffled)
    assert tally(kpi, shuffled) == tally(kpi, found)


@given(kpis, lists, st.lists(st.timedeltas(timedelta(0), timedelta(days=3)), max_size=4))
def test_counts_and_sums_of_a_period_are_those_of_its_parts_added_up(
    kpi: Kpi, found: list[Case], cuts: list[timedelta]
) -> None:
    edges = sorted({START, *(START + cut for cut in cuts), START + timedelta(days=4)})
    parts = [
        tally(kpi, [case for case in found if since <= case.at < until]) for since, until in itertools.pairwise(edges)
    ]
    whole = tally(kpi, found)
    assert sum(part.n for part in parts) == whole.n
    assert sum(part.left_out for part in parts) == whole.left_out
    if kpi.unit in {"seconds", "points"}:
        assert sum((part.mean or 0.0) * part.n for part in parts) == pytest.approx((whole.mean or 0.0) * whole.n)
    elif kpi.unit == "share" and all(part.n for part in parts):
        hits = sum(case.hit for case in found if case.left_out is None)
        assert sum((part.value or 0.0) * part.n for part in parts) == pytest.approx(hits)


@given(lists)
def test_durations_equal_what_the_standard_library_makes_of_them(found: list[Case]) -> None:
    told = tally(named("first_response_time"), found)
    wall = [case.wall_s for case in found if case.left_out is None and case.wall_s is not None]
    assert told.n == len(wall)
    assert told.n + told.left_out == sum(case.n if case.left_out else 1 for case in found)
    if wall:
        assert told.value == pytest.approx(statistics.median(wall))
        assert told.mean == pytest.approx(statistics.fmean(wall))
    if len(wall) > 1:
        assert told.p90 == pytest.approx(statistics.quantiles(wall, n=10, method="inclusive")[-1])


@given(lists, st.sampled_from(["team", "source", "agent", "hour", "weekday", "day", "week"]))
def test_a_split_leaves_nothing_out_and_tells_nothing_twice(found: list[Case], by: str) -> None:
    split = grouped(found, key_of(by, ZoneInfo("Europe/Amsterdam")))  # type: ignore[arg-type]
    assert sorted(map(repr, (case for group in split.values() for case in group))) == sorted(map(repr, found))


def test_hours_and_days_are_local_also_where_the_clock_goes_forward() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    at = Case(1, None, "", None, datetime(2026, 3, 29, 1, 30, tzinfo=UTC))  # 03:30 in summer time
    assert [key_of(by, zone)(at) for by in ("hour", "weekday", "day", "week")] == ["03", "6", "2026-03-29", "2026-W13"]


@given(st.lists(st.integers(0, 40), max_size=20), st.lists(st.integers(0, 40), max_size=20))
def test_the_curve_equals_the_product_written_out_time_by_time(answered: list[int], waiting: list[int]) -> None:
    curve = survival(answered, waiting)
    assert [at for at, _share in curve] == sorted(set(answered))
    for at, share in curve:
        left = 1.0
        for moment in range(at + 1):
            at_risk = sum(each >= moment for each in [*answered, *waiting])
            if at_risk:
                left *= 1 - answered.count(moment) / at_risk
        assert share == pytest.approx(1 - left)
    shares = [share for _at, share in curve]
    assert shares == sorted(shares)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=20))
def test_without_open_ones_the_curve_is_the_share_answered_by_then(answered: list[int]) -> None:
    for at, share in survival(answered, ()):
        assert share == pytest.approx(sum(each <= at for each in answered) / len(answered))


@given(st.lists(st.integers(0, 1200), max_size=15), st.booleans())
def test_time_at_work_is_what_stands_within_five_minutes_after_a_sign_of_activity(gaps: list[int], own: bool) -> None:
    now = START
    row = SimpleNamespace(claimed_by=7, claimed_at=now, active_at=now, active_s=0.0)
    signs = [0]
    for each in gaps:
        now += timedelta(seconds=each)
        signs.append(signs[-1] + each)
        vars(row).update(clocks.activity(row, now))
    ended = now + timedelta(seconds=100)
    made = list(facts.of_claim(row, {"claimed_by": None}, doer_id=7 if own else None, now=ended))
    if own:
        signs.append(signs[-1] + 100)
    # Second by second: it counts when somebody gave a sign less than five minutes before, and gives another one later.
    naive = sum(any(sign <= second < sign + 300 for sign in signs) for second in range(signs[-1]))
    assert math.fsum(one.wall_s or 0.0 for one in made) == naive
    assert all(one.kind is Kind.HANDLE and one.user_id == 7 for one in made)


@given(st.lists(seconds, min_size=1), st.floats(0, 1))
def test_a_percentile_lies_between_its_neighbours(values: list[float], share: float) -> None:
    ordered = sorted(values)
    found = percentile(ordered, share)
    assert found is not None
    assert ordered[0] <= found <= ordered[-1] or found == pytest.approx(ordered[-1])
    assert percentile(ordered, 0) == ordered[0]
    assert percentile(ordered, 1) == ordered[-1]


def test_a_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 0.5) is None
