"""What tells two heaps of texts apart: true signs, chance kept out, the same answer whichever way it is asked."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from understanding.contrast import background, distinctive

COUNTS = st.dictionaries(st.sampled_from([f"w{n}" for n in range(12)]), st.integers(0, 500).map(float), max_size=12)


def test_what_only_one_heap_says_ranks_first_and_what_both_say_alike_nowhere() -> None:
    noise = {"vacature": 30.0, "bestelling": 10.0, "de": 100.0, "en": 160.0}
    kept = {"bestelling": 60.0, "kapot": 40.0, "de": 133.0, "en": 190.0}

    ranked = distinctive(noise, kept, prior=background(noise, kept))

    assert ranked[0].phrase == "vacature"
    assert ranked[0].z > 1.96
    assert {one.phrase for one in ranked[-2:]} == {"bestelling", "kapot"}
    assert abs(next(one for one in ranked if one.phrase == "de").z) < 1.96


def test_once_in_a_small_heap_is_no_proof_but_often_is() -> None:
    noise = {"zeldzaam": 1.0, "vaak": 40.0, "de": 100.0}
    kept = {"de": 100.0, "het": 60.0}

    surety = {one.phrase: one.z for one in distinctive(noise, kept, prior=background(noise, kept))}

    assert surety["zeldzaam"] < 1.96 < surety["vaak"]


def test_what_is_said_too_rarely_is_left_out() -> None:
    ranked = distinctive({"a": 2.0, "b": 3.0}, {"c": 9.0}, prior=background({"a": 1.0}), support=3)

    assert [one.phrase for one in ranked] == ["b", "c"]


def test_nothing_against_nothing_is_nothing() -> None:
    assert distinctive({}, {}, prior={}) == []
    assert background({}, {"a": 0.0}) == {}


def test_a_heap_of_a_single_phrase_has_a_finite_answer() -> None:
    (only,) = distinctive({"a": 5.0}, {}, prior={})

    assert only.z > 0
    assert math.isfinite(only.z)


@given(COUNTS, COUNTS)
def test_asked_the_other_way_round_the_signs_turn_and_nothing_else(a: dict[str, float], b: dict[str, float]) -> None:
    prior = background(a, b)
    there = {one.phrase: one.z for one in distinctive(a, b, prior=prior, support=0)}
    back = {one.phrase: one.z for one in distinctive(b, a, prior=prior, support=0)}

    assert there.keys() == back.keys()
    assert all(math.isclose(there[phrase], -back[phrase], abs_tol=1e-9) for phrase in there)


@given(COUNTS, COUNTS)
def test_the_rank_is_the_formula_of_the_paper(a: dict[str, float], b: dict[str, float]) -> None:
    prior = {phrase: n + 0.1 for phrase, n in background(a, b, strength=50).items()} or {"w0": 1.0, "w1": 1.0}
    alpha = sum(prior.values())
    n_a, n_b = sum(a.values()), sum(b.values())

    for one in distinctive(a, b, prior=prior, support=1):
        y_a, y_b, alpha_w = a.get(one.phrase, 0.0), b.get(one.phrase, 0.0), prior.get(one.phrase, min(prior.values()))
        rest_a, rest_b = n_a + alpha - y_a - alpha_w, n_b + alpha - y_b - alpha_w
        if min(rest_a, rest_b) < 0.5:
            continue
        delta = math.log((y_a + alpha_w) / rest_a) - math.log((y_b + alpha_w) / rest_b)
        z = delta / math.sqrt(1 / (y_a + alpha_w) + 1 / (y_b + alpha_w))
        assert math.isclose(one.z, z, rel_tol=1e-9, abs_tol=1e-9)
