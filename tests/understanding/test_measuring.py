"""Shares with their margin, classes, calibration."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understanding.measuring import Judged, Share, macro_f1_interval, measured


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (7, 10, 0.3968, 0.8922), (10, 10, 0.7225, 1.0)],
)
def test_a_share_has_the_interval_of_wilson(hits: int, n: int, low: float, high: float) -> None:
    assert Share(hits, n).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_stays_within_bounds(hits_n: tuple[int, int]) -> None:
    share = Share(*hits_n)
    low, high = share.interval
    assert 0.0 <= low <= share.value + 1e-12
    assert share.value - 1e-12 <= high <= 1.0


def test_a_table_of_answers_by_hand() -> None:
    rows = [("nl", "nl", 0.9), ("nl", "en", 0.6), ("nl", "nl", 0.4), ("en", "en", 0.8), ("en", "de", 0.3)]
    got = measured(
        [
            Judged(truth, said, confidence, confidence >= 0.5, 10 * at + 5)
            for at, (truth, said, confidence) in enumerate(rows)
        ],
        ("nl", "en", "de"),
    )
    assert (got.right.hits, got.right.n) == (3, 5)
    nl, en = got.classes
    assert (nl.name, nl.n, nl.precision.value, nl.recall.value, nl.f1) == (
        "nl",
        3,
        1.0,
        pytest.approx(2 / 3),
        pytest.approx(0.8),
    )
    assert (en.name, en.precision.value, en.recall.value, en.f1) == ("en", 0.5, 0.5, 0.5)
    assert got.macro_f1 == pytest.approx(0.65)
    assert (got.sure.hits, got.right_when_sure.hits) == (3, 2)
    assert got.calibration_error == pytest.approx((0.1 + 0.6 + 0.6 + 0.2 + 0.3) / 5)
    assert [(each.shortest, each.right.n) for each in got.lengths] == [(1, 2), (20, 3)]


def test_without_answers_there_is_nothing_to_say() -> None:
    got = measured([])
    assert (got.right.n, got.macro_f1, got.classes, got.lengths) == (0, 0.0, (), ())
    assert (got.calibration_error, got.calibration_chance, macro_f1_interval([])) == (0.0, 0.0, (0.0, 1.0))


def test_confidences_without_fault_show_the_calibration_error_of_chance() -> None:
    rng = random.Random(8)
    shown, told = [], []
    for _ in range(60):
        told_of = [rng.uniform(0.35, 0.95) for _ in range(200)]
        got = measured(Judged("a", "a" if rng.random() < each else "b", each, sure=True, length=9) for each in told_of)
        shown.append(got.calibration_error)
        told.append(got.calibration_chance)
    assert sum(shown) / 60 == pytest.approx(sum(told) / 60, rel=0.1)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=12))
def test_the_interval_of_macro_f1_is_the_same_every_time_and_a_share(rows: list[tuple[str, str]]) -> None:
    judged = [Judged(truth, said, 0.5, sure=True, length=9) for truth, said in rows]
    low, high = macro_f1_interval(judged)
    assert 0.0 <= low <= high <= 1.0
    assert macro_f1_interval(judged) == (low, high)
    if all(truth == said for truth, said in rows):
        assert (low, high) == (1.0, 1.0)


def test_more_answers_tell_the_macro_f1_more_closely() -> None:
    rows = [Judged(truth, said, 0.5, sure=True, length=9) for truth, said in ("aa", "ab", "bb", "bb", "ba", "aa")]
    spans = [high - low for low, high in (macro_f1_interval(rows * times) for times in (5, 50))]
    assert spans[0] > 2 * spans[1] > 0
    low, high = macro_f1_interval(rows * 50)
    assert low < measured(rows).macro_f1 < high


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcd"), st.floats(0, 1)), max_size=60))
def test_classes_and_lengths_add_up_to_the_whole(rows: list[tuple[str, str, float]]) -> None:
    got = measured(
        Judged(truth, said, confidence, sure=True, length=1 + at) for at, (truth, said, confidence) in enumerate(rows)
    )
    assert sum(each.n for each in got.classes) == sum(each.right.n for each in got.lengths) == got.right.n == len(rows)
    assert sum(each.recall.hits for each in got.classes) == got.right.hits
